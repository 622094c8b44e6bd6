/* Who receives waits in endpoint_wait(), where others can get it out, and only
 * then takes what is there; TLS has a lock around it, so that a program may
 * send while another thread of it waits.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "tcp_io.h"

#include "board.h"
#include "endpoint.h"
#include "packet.h"
#include "secure.h"

#include <poll.h>

/* Whatever else has gone wrong, the connection is none any more. */
static wiced_result_t port_result(int error)
{
    return error == WWEP_PORT_TIMEOUT ? WICED_TIMEOUT
                                      : WICED_TCPIP_SOCKET_CLOSED;
}

uint16_t tcp_space(const wiced_tcp_socket_t *socket)
{
    endpoint_lock();
    const struct endpoint *ep = endpoint_find(socket);
    unsigned space = ep == NULL        ? 0
                     : ep->tls == NULL ? TCP_SEGMENT
                                       : TCP_SEGMENT - TCP_TLS_OVERHEAD;
    endpoint_unlock();
    return (uint16_t)space;
}

wiced_result_t tcp_link_check(const wiced_tcp_socket_t *socket)
{
    wiced_result_t result = WICED_SUCCESS;

    if (socket == NULL)
        return WICED_BADARG;
    endpoint_lock();
    const struct endpoint *ep = endpoint_find(socket);
    if (ep == NULL)
        result = WICED_TCPIP_INVALID_SOCKET;
    else if (!board_is_up(ep->interface))
        result = WICED_NOTUP;
    endpoint_unlock();
    return result;
}

/* --- sending -------------------------------------------------------------- */

static wiced_result_t send_plain(struct endpoint *ep, const uint8_t *bytes,
                                 size_t len)
{
    const struct deadline deadline = deadline_in(WICED_TCP_SEND_TIMEOUT);
    const struct wwep_port *port = &ep->posix.port;

    while (len > 0) {
        int n = port->send(port->ctx, bytes, len, deadline_left_ms(&deadline));

        if (n <= 0)
            return port_result(n);
        bytes += n;
        len -= (size_t)n;
    }
    return WICED_SUCCESS;
}

wiced_result_t tcp_send(const wiced_tcp_socket_t *socket, const uint8_t *bytes,
                        size_t len)
{
    struct endpoint *ep;
    wiced_result_t result = endpoint_enter(socket, &ep);

    if (result != WICED_SUCCESS)
        return result;

    wiced_tls_context_t *tls = endpoint_tls(ep);
    if (tls != NULL) {
        pthread_mutex_lock(&ep->tls_lock);
        result = secure_send(tls, bytes, len, WICED_TCP_SEND_TIMEOUT);
        pthread_mutex_unlock(&ep->tls_lock);
    } else {
        result = send_plain(ep, bytes, len);
    }
    endpoint_leave(ep);
    return result;
}

wiced_result_t wiced_tcp_send_packet(wiced_tcp_socket_t *socket,
                                     wiced_packet_t *packet)
{
    const uint8_t *bytes;
    uint16_t len;
    wiced_result_t result = packet_bytes(packet, &bytes, &len);

    if (result == WICED_SUCCESS)
        result = tcp_send(socket, bytes, len);
    if (result == WICED_SUCCESS)
        (void)wiced_packet_delete(packet);
    return result;
}

wiced_result_t wiced_tcp_send_buffer(wiced_tcp_socket_t *socket,
                                     const void *buffer, uint16_t buffer_length)
{
    const uint8_t *bytes = buffer;
    uint16_t space = tcp_space(socket);
    wiced_result_t result = WICED_SUCCESS;

    if (socket == NULL || (buffer == NULL && buffer_length > 0))
        return WICED_BADARG;
    if (space == 0)
        return WICED_TCPIP_INVALID_SOCKET;
    while (buffer_length > 0 && result == WICED_SUCCESS) {
        uint16_t len = buffer_length < space ? buffer_length : space;

        result = tcp_send(socket, bytes, len);
        bytes += len;
        buffer_length = (uint16_t)(buffer_length - len);
    }
    return result;
}

/* --- receiving ------------------------------------------------------------ */

/* Never waits: the bytes may be another thread's by now. */
static wiced_result_t take_plain(struct endpoint *ep, uint8_t *buf, size_t *got)
{
    const struct wwep_port *port = &ep->posix.port;
    int n = port->recv(port->ctx, buf, TCP_SEGMENT, 0);

    if (n <= 0)
        return port_result(n);
    *got = (size_t)n;
    return WICED_SUCCESS;
}

static wiced_result_t take_record(struct endpoint *ep, wiced_tls_context_t *tls,
                                  uint8_t *buf, size_t *got, uint32_t left_ms)
{
    pthread_mutex_lock(&ep->tls_lock);
    wiced_result_t result = secure_recv(tls, buf, PACKET_MAX, left_ms, got);
    pthread_mutex_unlock(&ep->tls_lock);
    return result;
}

static bool tls_has_more(struct endpoint *ep, wiced_tls_context_t *tls)
{
    pthread_mutex_lock(&ep->tls_lock);
    bool more = !secure_is_open(tls) || secure_has_more(tls);
    pthread_mutex_unlock(&ep->tls_lock);
    return more;
}

static wiced_result_t take(struct endpoint *ep, uint8_t *buf, size_t *got,
                           const struct deadline *deadline)
{
    wiced_tls_context_t *tls = endpoint_tls(ep);
    wiced_result_t result;

    for (;;) {
        /* One that is not open says so by its result. */
        if (tls == NULL || !tls_has_more(ep, tls)) {
            result = endpoint_wait(ep, ep->posix.fd, POLLIN, deadline);
            if (result != WICED_SUCCESS)
                return result;
        }
        uint32_t left_ms = deadline_left_ms(deadline);
        result = tls == NULL ? take_plain(ep, buf, got)
                             : take_record(ep, tls, buf, got, left_ms);
        if (result != WICED_TIMEOUT || left_ms == 0)
            return result;
    }
}

wiced_result_t wiced_tcp_receive(wiced_tcp_socket_t *socket,
                                 wiced_packet_t **packet, uint32_t timeout)
{
    const struct deadline deadline = deadline_in(timeout);
    struct endpoint *ep;
    size_t got = 0;

    if (packet == NULL)
        return WICED_BADARG;
    *packet = NULL;

    wiced_result_t result = endpoint_enter(socket, &ep);
    if (result != WICED_SUCCESS)
        return result;
    wiced_packet_t *fresh = packet_get(WICED_ALLOCATE_PACKET_TIMEOUT);
    if (fresh == NULL) {
        endpoint_leave(ep);
        return WICED_TIMEOUT;
    }
    result = take(ep, packet_room(fresh), &got, &deadline);
    packet_set_len(fresh, (uint16_t)got);
    endpoint_lock();
    if (result == WICED_SUCCESS)
        ep->received++;
    endpoint_unuse(ep);
    endpoint_unlock();
    if (result == WICED_SUCCESS)
        *packet = fresh;
    else
        (void)wiced_packet_delete(fresh);
    return result;
}
