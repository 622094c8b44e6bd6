/* A server of several connections: its sockets share a port, and one of them
 * listens, until all are connected. Who is connected is asked of the sockets,
 * and not counted, so that a callback which ends a connection twice harms
 * nothing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "endpoint.h"
#include "tcp_close.h"

#include <stdlib.h>

/* --- its sockets ---------------------------------------------------------- */

static unsigned count(const wiced_tcp_server_t *server,
                      wiced_socket_state_t state, wiced_tcp_socket_t **first)
{
    unsigned n = 0;

    endpoint_lock();
    for (unsigned i = 0; i < server->max_sockets; i++) {
        wiced_tcp_socket_t *socket = &server->sockets[i].socket;
        const struct endpoint *ep = endpoint_find(socket);

        if (ep == NULL || ep->state != state)
            continue;
        if (n++ == 0)
            *first = socket;
    }
    endpoint_unlock();
    return n;
}

/* Has one socket listen, if there is one without a connection. */
static wiced_result_t see_to_listening(wiced_tcp_server_t *server)
{
    wiced_result_t result = WICED_SUCCESS;
    wiced_tcp_socket_t *socket;

    (void)wiced_rtos_lock_mutex(&server->mutex);
    if (count(server, WICED_SOCKET_LISTEN, &socket) == 0 &&
        count(server, WICED_SOCKET_CLOSED, &socket) > 0)
        result = wiced_tcp_listen(socket, server->port);
    server->active_sockets =
        (uint16_t)count(server, WICED_SOCKET_CONNECTED, &socket);
    (void)wiced_rtos_unlock_mutex(&server->mutex);
    return result;
}

/* --- life ----------------------------------------------------------------- */

static wiced_result_t make_socket(wiced_tcp_server_t *server,
                                  wiced_tcp_server_socket_t *member,
                                  const struct endpoint_callbacks *callbacks)
{
    wiced_result_t result =
        wiced_tcp_create_socket(&member->socket, server->interface);

    if (result == WICED_SUCCESS)
        result = wiced_tcp_register_callbacks(
            &member->socket, callbacks->connect, callbacks->receive,
            callbacks->disconnect, callbacks->arg);
    member->socket_node.data = member;
    if (result == WICED_SUCCESS)
        result = linked_list_insert_node_at_rear(&server->socket_list,
                                                 &member->socket_node);
    return result;
}

static wiced_result_t make_sockets(wiced_tcp_server_t *server,
                                   const struct endpoint_callbacks *callbacks)
{
    wiced_result_t result = linked_list_init(&server->socket_list);

    for (unsigned i = 0; i < server->max_sockets && result == WICED_SUCCESS;
         i++)
        result = make_socket(server, &server->sockets[i], callbacks);
    return result;
}

wiced_result_t wiced_tcp_server_start(
    wiced_tcp_server_t *tcp_server, wiced_interface_t interface, uint16_t port,
    uint16_t max_sockets, wiced_tcp_socket_callback_t connect_callback,
    wiced_tcp_socket_callback_t receive_callback,
    wiced_tcp_socket_callback_t disconnect_callback, void *arg)
{
    const struct endpoint_callbacks callbacks = {
        connect_callback, receive_callback, disconnect_callback, arg};
    wiced_result_t result;

    if (tcp_server == NULL || max_sockets == 0 ||
        max_sockets > WICED_MAXIMUM_NUMBER_OF_SERVER_SOCKETS)
        return WICED_BADARG;
    *tcp_server = (wiced_tcp_server_t){
        .interface = interface, .port = port, .max_sockets = max_sockets};
    result = wiced_rtos_init_mutex(&tcp_server->mutex);
    if (result != WICED_SUCCESS)
        return result;
    tcp_server->sockets = calloc(max_sockets, sizeof *tcp_server->sockets);
    result = tcp_server->sockets != NULL ? make_sockets(tcp_server, &callbacks)
                                         : WICED_OUT_OF_HEAP_SPACE;
    if (result == WICED_SUCCESS)
        result = see_to_listening(tcp_server);
    if (result != WICED_SUCCESS)
        (void)wiced_tcp_server_stop(tcp_server);
    return result;
}

wiced_result_t wiced_tcp_server_stop(wiced_tcp_server_t *tcp_server)
{
    if (tcp_server == NULL)
        return WICED_BADARG;
    for (unsigned i = 0;
         tcp_server->sockets != NULL && i < tcp_server->max_sockets; i++)
        (void)wiced_tcp_delete_socket(&tcp_server->sockets[i].socket);
    (void)linked_list_deinit(&tcp_server->socket_list);
    (void)wiced_rtos_deinit_mutex(&tcp_server->mutex);
    free(tcp_server->sockets);
    tcp_server->sockets = NULL;
    tcp_server->max_sockets = 0;
    tcp_server->active_sockets = 0;
    return WICED_SUCCESS;
}

wiced_result_t wiced_tcp_server_enable_tls(wiced_tcp_server_t *tcp_server,
                                           wiced_tls_identity_t *tls_identity)
{
    if (tcp_server == NULL)
        return WICED_BADARG;
    tcp_server->tls_identity = tls_identity;
    return WICED_SUCCESS;
}

/* --- connections ---------------------------------------------------------- */

wiced_result_t wiced_tcp_server_accept(wiced_tcp_server_t *tcp_server,
                                       wiced_tcp_socket_t *socket)
{
    if (tcp_server == NULL || socket == NULL)
        return WICED_BADARG;
    if (wiced_tcp_accept(socket) != WICED_SUCCESS)
        return wiced_tcp_listen(socket, tcp_server->port);
    return see_to_listening(tcp_server);
}

wiced_result_t wiced_tcp_server_disconnect_socket(
    wiced_tcp_server_t *tcp_server, wiced_tcp_socket_t *socket)
{
    struct endpoint *ep;

    if (tcp_server == NULL || socket == NULL)
        return WICED_BADARG;
    wiced_result_t result = endpoint_enter_claimed(socket, &ep);
    if (result != WICED_SUCCESS)
        return result;
    result = tcp_close(ep, false);
    endpoint_leave_claimed(ep);
    (void)see_to_listening(tcp_server);
    return result;
}
