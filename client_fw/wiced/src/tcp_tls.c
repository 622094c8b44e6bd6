/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tcp_tls.h"

#include "net_worker.h"
#include "secure.h"

#include <stdlib.h>

wiced_result_t tcp_tls_open(struct endpoint *ep, wiced_tls_endpoint_type_t type,
                            wiced_tls_certificate_verification_t verification)
{
    wiced_tls_context_t *tls = endpoint_tls(ep);
    wiced_result_t result = WICED_SUCCESS;
    bool more = false;

    if (tls != NULL) {
        pthread_mutex_lock(&ep->tls_lock);
        result = secure_open(tls, type, verification, &ep->posix);
        more = result == WICED_SUCCESS && secure_has_more(tls);
        pthread_mutex_unlock(&ep->tls_lock);
    }
    endpoint_lock();
    ep->tls_up = tls != NULL && result == WICED_SUCCESS;
    /* Also after a failure: who waits for the peer's end learns of it. */
    net_worker_watch(ep);
    if (more)
        net_worker_look(ep);
    endpoint_unlock();
    return result;
}

wiced_result_t wiced_tcp_enable_tls(wiced_tcp_socket_t *socket, void *context)
{
    if (socket == NULL)
        return WICED_BADARG;
    endpoint_lock();
    struct endpoint *ep = endpoint_find(socket);
    if (ep != NULL) {
        ep->tls = context;
        socket->tls_context = context;
    }
    endpoint_unlock();
    return ep != NULL ? WICED_SUCCESS : WICED_TCPIP_INVALID_SOCKET;
}

/* A socket without a context gets one, which trusts what the program does. */
static wiced_result_t give_context(struct endpoint *ep)
{
    wiced_tls_context_t *context = malloc(sizeof *context);

    if (context == NULL)
        return WICED_OUT_OF_HEAP_SPACE;
    wiced_result_t result = wiced_tls_init_context(context, NULL, NULL);
    if (result != WICED_SUCCESS) {
        free(context);
        return result;
    }
    endpoint_lock();
    ep->tls = context;
    ep->own_tls = context;
    if (ep->socket != NULL) {
        ep->socket->tls_context = context;
        ep->socket->context_malloced = WICED_TRUE;
    }
    endpoint_unlock();
    return WICED_SUCCESS;
}

wiced_result_t wiced_tcp_start_tls(
    wiced_tcp_socket_t *socket, wiced_tls_endpoint_type_t type,
    wiced_tls_certificate_verification_t verification)
{
    struct endpoint *ep;
    wiced_result_t result = endpoint_enter(socket, &ep);

    if (result != WICED_SUCCESS)
        return result;
    if (endpoint_tls(ep) == NULL)
        result = give_context(ep);
    if (result == WICED_SUCCESS)
        result = tcp_tls_open(ep, type, verification);
    endpoint_leave(ep);
    return result;
}

wiced_result_t wiced_generic_start_tls_with_ciphers(
    wiced_tls_context_t *tls_context, void *referee,
    wiced_tls_endpoint_type_t type,
    wiced_tls_certificate_verification_t verification,
    const cipher_suite_t *cipher_list[],
    tls_transport_protocol_t transport_protocol)
{
    if (tls_context == NULL || referee == NULL)
        return WICED_BADARG;
    if (cipher_list != NULL || transport_protocol != TLS_TCP_TRANSPORT)
        return WICED_UNSUPPORTED;

    wiced_result_t result = wiced_tcp_enable_tls(referee, tls_context);
    return result == WICED_SUCCESS
               ? wiced_tcp_start_tls(referee, type, verification)
               : result;
}
