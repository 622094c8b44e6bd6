/* Sockets, from create to delete, and what is asked of them. Connections come
 * by tcp_connect.c and tcp_accept.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "board.h"
#include "endpoint.h"
#include "net_worker.h"
#include "port_table.h"
#include "secure.h"
#include "tcp_close.h"
#include "tcp_io.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- life ----------------------------------------------------------------- */

/* With the lock held, and all users gone. */
static void unbind(struct endpoint *ep)
{
    if (ep->bound_fd >= 0)
        close(ep->bound_fd);
    ep->bound_fd = -1;
    ep->bound = false;
    ep->bound_port = 0;
}

/* What was malloced for start_tls is ours in any case. */
static void end_tls(struct endpoint *ep, bool touch_tls)
{
    if (ep->tls != NULL && (touch_tls || ep->tls == ep->own_tls))
        (void)wiced_tls_deinit_context(ep->tls);
    if (ep->own_tls != NULL && ep->own_tls != ep->tls)
        (void)wiced_tls_deinit_context(ep->own_tls);
    free(ep->own_tls);
    ep->own_tls = NULL;
    ep->tls = NULL;
}

/* With the lock held, which is free meanwhile. */
static void end(struct endpoint *ep, bool touch_tls)
{
    endpoint_forget(ep);
    endpoint_claim(ep);
    (void)tcp_close(ep, touch_tls);
    end_tls(ep, touch_tls);
    unbind(ep);
    if (ep->port != NULL)
        port_table_let_go(ep->port);
    net_worker_drop(ep);
    endpoint_destroy(ep);
}

wiced_result_t wiced_tcp_create_socket(wiced_tcp_socket_t *socket,
                                       wiced_interface_t interface)
{
    if (socket == NULL)
        return WICED_BADARG;
    endpoint_lock();

    /* Never deleted, and its struct is made another socket now, or was the
     * stack's until then: what it pointed to is not to be touched. */
    struct endpoint *old = endpoint_find_at(socket);
    if (old != NULL) {
        old->close_ms = 0;
        end(old, false);
    }
    struct endpoint *ep = endpoint_create(socket, interface);
    endpoint_unlock();
    return ep != NULL ? WICED_SUCCESS : WICED_OUT_OF_HEAP_SPACE;
}

wiced_result_t wiced_tcp_delete_socket(wiced_tcp_socket_t *socket)
{
    if (socket == NULL)
        return WICED_BADARG;
    endpoint_lock();
    struct endpoint *ep = endpoint_find(socket);
    if (ep != NULL)
        end(ep, true);
    endpoint_unlock();
    return ep != NULL ? WICED_SUCCESS : WICED_TCPIP_INVALID_SOCKET;
}

wiced_result_t wiced_tcp_disconnect(wiced_tcp_socket_t *socket)
{
    struct endpoint *ep;
    wiced_result_t result = tcp_link_check(socket);

    if (result == WICED_SUCCESS)
        result = endpoint_enter_claimed(socket, &ep);
    if (result != WICED_SUCCESS)
        return result;
    result = tcp_close(ep, true);
    unbind(ep);
    if (ep->state == WICED_SOCKET_LISTEN && ep->callbacks.connect != NULL)
        net_worker_watch_port(ep->port); /* who may have looked meanwhile */
    endpoint_leave_claimed(ep);
    return result;
}

/* --- what is asked -------------------------------------------------------- */

wiced_result_t wiced_tcp_server_peer(wiced_tcp_socket_t *socket,
                                     wiced_ip_address_t *address,
                                     uint16_t *port)
{
    struct endpoint *ep;

    if (socket == NULL || address == NULL || port == NULL)
        return WICED_BADARG;

    wiced_result_t result = endpoint_enter(socket, &ep);
    if (result != WICED_SUCCESS)
        return result;
    *address = ep->peer.address;
    *port = ep->peer.port;
    endpoint_leave(ep);
    return WICED_SUCCESS;
}

/* What the peer has done to the connection. */
static wiced_socket_state_t connection_state(int fd)
{
    struct tcp_info info;
    socklen_t len = sizeof info;

    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
        return WICED_SOCKET_ERROR;
    switch (info.tcpi_state) {
    case TCP_ESTABLISHED:
        return WICED_SOCKET_CONNECTED;
    case TCP_CLOSE:
        return WICED_SOCKET_CLOSED;
    default:
        return WICED_SOCKET_CLOSING;
    }
}

wiced_result_t wiced_tcp_get_socket_state(wiced_tcp_socket_t *socket,
                                          wiced_socket_state_t *socket_state)
{
    wiced_result_t result = WICED_SUCCESS;

    if (socket == NULL || socket_state == NULL)
        return WICED_BADARG;
    endpoint_lock();
    const struct endpoint *ep = endpoint_find(socket);
    if (ep == NULL)
        result = WICED_TCPIP_INVALID_SOCKET;
    else if (ep->claimed && ep->posix.fd >= 0)
        *socket_state = WICED_SOCKET_CLOSING;
    else if (ep->state == WICED_SOCKET_CONNECTED)
        *socket_state = connection_state(ep->posix.fd);
    else
        *socket_state = ep->state;
    endpoint_unlock();
    return result;
}
