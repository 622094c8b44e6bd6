/* A server's way to its connections: one socket is the one that listens, and
 * then the connection.
 *
 * Happy path, in a loop: listen -> accept closes the connection that was,
 * listens again, waits, takes the next one from the port's queue, and shakes
 * hands -> the program serves it.
 * Happy path, with a connect callback: listen -> the networking worker takes
 * the connection, and calls -> accept makes it the program's.
 * Failures: nobody comes -> 7014, and the socket listens on; TLS fails -> the
 * TCP connection is there until the next accept, disconnect or delete; another
 * thread disconnects or deletes the socket -> 7010.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "endpoint.h"
#include "net_worker.h"
#include "port_table.h"
#include "tcp_close.h"
#include "tcp_tls.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#define PAUSE_MS 100u /* when the system has no files left */

/* --- listening ------------------------------------------------------------ */

/* With the lock held, and the endpoint claimed. */
static wiced_result_t move_to_port(struct endpoint *ep, uint16_t number)
{
    struct tcp_port *port;
    wiced_result_t result;

    if (ep->port != NULL && ep->port->number == number)
        return WICED_SUCCESS;
    result = port_table_open(number, &port);
    if (result != WICED_SUCCESS)
        return result;
    if (ep->port != NULL)
        port_table_let_go(ep->port);
    ep->port = port;
    return WICED_SUCCESS;
}

/* The same: the connection that was there ends. */
static void listen_again(struct endpoint *ep)
{
    (void)tcp_close(ep, true);
    ep->state = WICED_SOCKET_LISTEN;
    if (ep->callbacks.connect != NULL)
        net_worker_watch_port(ep->port);
}

wiced_result_t wiced_tcp_listen(wiced_tcp_socket_t *socket, uint16_t port)
{
    struct endpoint *ep;

    if (port == 0)
        return WICED_BADARG;
    wiced_result_t result = endpoint_enter_claimed(socket, &ep);
    if (result != WICED_SUCCESS)
        return result;
    result = move_to_port(ep, port);
    if (result == WICED_SUCCESS)
        listen_again(ep);
    endpoint_leave_claimed(ep);
    return result;
}

/* --- accepting ------------------------------------------------------------ */

/* It can not be taken now. Returns whether there is time to try again. */
static bool pause_in(const struct endpoint *ep, const struct deadline *deadline)
{
    uint32_t left_ms = deadline_left_ms(deadline);
    const struct deadline again =
        deadline_in(left_ms < PAUSE_MS ? left_ms : PAUSE_MS);

    (void)endpoint_wait(ep, -1, 0, &again);
    return left_ms > 0;
}

/* As a user of a socket in LISTEN. Returns the fd, or -1 and the result. */
static int wait_for_connection(const struct endpoint *ep, uint32_t accept_ms,
                               struct endpoint_peer *peer,
                               wiced_result_t *result)
{
    const struct deadline deadline = deadline_in(accept_ms);

    for (;;) {
        *result = endpoint_wait(ep, ep->port->fd, POLLIN, &deadline);
        if (*result == WICED_TIMEOUT)
            *result = WICED_TCPIP_SOCKET_CLOSED;
        if (*result != WICED_SUCCESS)
            return -1;

        int fd = port_table_accept(ep->port, peer);
        if (fd >= 0)
            return fd;
        if (fd != -EAGAIN && fd != -EINTR && fd != -ECONNABORTED &&
            !pause_in(ep, &deadline)) {
            *result = WICED_TCPIP_SOCKET_CLOSED;
            return -1;
        }
    }
}

/* With the lock held, and the endpoint claimed; it is a use afterwards. */
static wiced_result_t accept_next(struct endpoint *ep)
{
    struct endpoint_peer peer;
    wiced_result_t result;
    uint32_t accept_ms = ep->accept_ms;

    endpoint_claim_to_use(ep);
    endpoint_unlock();
    int fd = wait_for_connection(ep, accept_ms, &peer, &result);
    endpoint_lock();
    if (fd >= 0)
        endpoint_connect(ep, fd, WICED_SOCKET_CONNECTED, &peer);
    else if (ep->callbacks.connect != NULL)
        net_worker_watch_port(ep->port);
    return result;
}

/* Also then, a use afterwards. */
static wiced_result_t accept_loop(struct endpoint *ep)
{
    if (ep->port == NULL) { /* it never listened */
        endpoint_claim_to_use(ep);
        return WICED_ERROR;
    }
    if (ep->state != WICED_SOCKET_LISTEN)
        listen_again(ep);
    return accept_next(ep);
}

/* Of a socket with a connect callback: whether accept has anything to do. */
static bool can_be_accepted(const struct endpoint *ep)
{
    return ep->state == WICED_SOCKET_LISTEN ||
           ep->state == WICED_SOCKET_CONNECTING;
}

static wiced_result_t accept_called_back(struct endpoint *ep)
{
    if (ep->state == WICED_SOCKET_LISTEN)
        return accept_next(ep);

    bool can = can_be_accepted(ep);
    if (can)
        ep->state = WICED_SOCKET_CONNECTED;
    endpoint_claim_to_use(ep);
    return can ? WICED_SUCCESS : WICED_ERROR;
}

/* One that is connected already, or is not to be: its users stay where they
 * are. Then *result is all. */
static bool is_done(wiced_tcp_socket_t *socket, wiced_result_t *result)
{
    wiced_socket_state_t state;

    endpoint_lock();
    const struct endpoint *ep = endpoint_find(socket);
    bool is =
        ep != NULL && ep->callbacks.connect != NULL && !can_be_accepted(ep);
    endpoint_unlock();
    if (is)
        *result = wiced_tcp_get_socket_state(socket, &state) == WICED_SUCCESS &&
                          state == WICED_SOCKET_CONNECTED
                      ? WICED_SUCCESS
                      : WICED_ERROR;
    return is;
}

wiced_result_t wiced_tcp_accept(wiced_tcp_socket_t *socket)
{
    struct endpoint *ep;
    wiced_result_t result;

    if (socket == NULL)
        return WICED_BADARG;
    if (is_done(socket, &result))
        return result;
    result = endpoint_enter_claimed(socket, &ep);
    if (result != WICED_SUCCESS)
        return result;
    result = ep->callbacks.connect != NULL ? accept_called_back(ep)
                                           : accept_loop(ep);
    if (result == WICED_SUCCESS) {
        endpoint_unlock();
        result = tcp_tls_open(ep, WICED_TLS_AS_SERVER,
                              WICED_TLS_DEFAULT_VERIFICATION);
        endpoint_lock();
    }
    endpoint_unuse(ep);
    endpoint_let_go(ep);
    endpoint_unlock();
    return result;
}
