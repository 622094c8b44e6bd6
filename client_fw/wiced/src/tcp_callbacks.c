/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "endpoint.h"
#include "net_worker.h"
#include "port_table.h"

/* With the lock held. What has come before is looked at, too. */
static void look_after(struct endpoint *ep)
{
    if (ep->state == WICED_SOCKET_CONNECTED && !ep->claimed) {
        net_worker_watch(ep);
        net_worker_look(ep);
    } else if (ep->state == WICED_SOCKET_LISTEN &&
               ep->callbacks.connect != NULL) {
        net_worker_watch_port(ep->port);
    }
}

wiced_result_t wiced_tcp_register_callbacks(
    wiced_tcp_socket_t *socket, wiced_tcp_socket_callback_t connect_callback,
    wiced_tcp_socket_callback_t receive_callback,
    wiced_tcp_socket_callback_t disconnect_callback, void *arg)
{
    wiced_result_t result = WICED_SUCCESS;

    if (socket == NULL)
        return WICED_BADARG;
    endpoint_lock();
    struct endpoint *ep = endpoint_find(socket);
    if (ep == NULL) {
        result = WICED_TCPIP_INVALID_SOCKET;
    } else if (!net_worker_start()) {
        result = WICED_OUT_OF_HEAP_SPACE;
    } else {
        if (connect_callback != NULL)
            socket->callbacks.connect = connect_callback;
        if (receive_callback != NULL)
            socket->callbacks.receive = receive_callback;
        if (disconnect_callback != NULL)
            socket->callbacks.disconnect = disconnect_callback;
        socket->callback_arg = arg;
        ep->callbacks = (struct endpoint_callbacks){
            .connect = socket->callbacks.connect,
            .receive = socket->callbacks.receive,
            .disconnect = socket->callbacks.disconnect,
            .arg = arg};
        look_after(ep);
    }
    endpoint_unlock();
    return result;
}

wiced_result_t wiced_tcp_unregister_callbacks(wiced_tcp_socket_t *socket)
{
    if (socket == NULL)
        return WICED_BADARG;
    endpoint_lock();
    struct endpoint *ep = endpoint_find(socket);
    if (ep != NULL) {
        socket->callbacks.connect = NULL;
        socket->callbacks.receive = NULL;
        socket->callbacks.disconnect = NULL;
        socket->callback_arg = NULL;
        ep->callbacks = (struct endpoint_callbacks){0};
        net_worker_unwatch(ep);
    }
    endpoint_unlock();
    return ep != NULL ? WICED_SUCCESS : WICED_TCPIP_INVALID_SOCKET;
}
