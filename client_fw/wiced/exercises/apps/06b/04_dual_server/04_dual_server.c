/* 04_dual_server.c - chapter 6B, exercise 4: a server on both ports.
 *
 * Two threads run the same function, one in the clear and one over TLS, and
 * share the database: what is written at one port is read at the other.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "wiced.h"
#include "wiced_tls.h"

#include "../../06a/03_server/command.h"
#include "../../06a/03_server/database.h"
#include "resources.h"

#define PLAIN_PORT   27708
#define SECURE_PORT  40508
#define READ_MS      100 /* for each packet of a request */
#define PING_MS      60000
#define PING_WAIT_MS 1000
#define PING_STACK   1024
#define SERVER_STACK 16384

static const wiced_ip_setting_t address = {
    INITIALISER_IPV4_ADDRESS(.ip_address, MAKE_IPV4_ADDRESS(198, 51, 100, 3)),
    INITIALISER_IPV4_ADDRESS(.netmask, MAKE_IPV4_ADDRESS(255, 255, 255, 0)),
    INITIALISER_IPV4_ADDRESS(.gateway, MAKE_IPV4_ADDRESS(198, 51, 100, 1)),
};

static wiced_thread_t plain_thread;
static wiced_thread_t secure_thread;
static wiced_thread_t ping_thread;
static wiced_tls_identity_t identity;

static wiced_result_t take_identity(void)
{
    platform_dct_security_t *dct;
    wiced_result_t result;

    result = wiced_dct_read_lock((void **)&dct, WICED_FALSE,
                                 DCT_SECURITY_SECTION, 0, sizeof *dct);
    if (result != WICED_SUCCESS)
        return result;
    result = wiced_tls_init_identity(
        &identity, dct->private_key, strlen(dct->private_key),
        (const uint8_t *)dct->certificate, strlen(dct->certificate));
    wiced_dct_read_unlock(dct, WICED_FALSE); /* the identity has copies */
    return result;
}

static void serve(wiced_tcp_socket_t *socket, wiced_tcp_stream_t *stream,
                  const char *kind)
{
    wiced_ip_address_t peer;
    uint16_t port;
    char request[COMMAND_MAX];
    char reply[COMMAND_REPLY_MAX];
    uint32_t len = 0;

    wiced_tcp_server_peer(socket, &peer, &port);
    wiced_tcp_stream_read_with_count(stream, request, COMMAND_MAX, READ_MS,
                                     &len);
    command_answer(request, len, reply);
    if (reply[0] != '\0') {
        wiced_tcp_stream_write(stream, reply, strlen(reply));
        wiced_tcp_stream_flush(stream);
    }
    WPRINT_APP_INFO(("%s, port %d -> %s\n", kind, port, reply));
}

/* is_secure: a wiced_bool_t. */
static void server_main(wiced_thread_arg_t is_secure)
{
    const char *kind = is_secure ? "TLS" : "TCP";
    uint16_t port = is_secure ? SECURE_PORT : PLAIN_PORT;
    wiced_tls_context_t context;
    wiced_tcp_socket_t socket;
    wiced_tcp_stream_t stream;
    wiced_result_t result;

    wiced_tcp_create_socket(&socket, WICED_STA_INTERFACE);
    result = wiced_tcp_listen(&socket, port);
    if (result != WICED_SUCCESS) {
        WPRINT_APP_INFO(("%s: port %d is not free: %d\n", kind, port, result));
        return;
    }
    WPRINT_APP_INFO(("%s: listening on %d\n", kind, port));
    while (WICED_TRUE) {
        if (is_secure) {
            wiced_tls_init_context(&context, &identity, NULL);
            wiced_tcp_enable_tls(&socket, &context);
        }
        wiced_tcp_stream_init(&stream, &socket);
        if (wiced_tcp_accept(&socket) != WICED_SUCCESS)
            continue; /* nobody has come, or TLS has failed */
        serve(&socket, &stream, kind);
        wiced_tcp_disconnect(&socket);
        if (is_secure)
            wiced_tls_deinit_context(&context);
        wiced_tcp_stream_deinit(&stream);
    }
}

/* Keeps the way to the access point warm. */
static void ping_main(wiced_thread_arg_t arg)
{
    uint32_t elapsed_ms;

    UNUSED_PARAMETER(arg);
    while (WICED_TRUE) {
        wiced_rtos_delay_milliseconds(PING_MS);
        wiced_ping(WICED_STA_INTERFACE, &address.gateway, PING_WAIT_MS,
                   &elapsed_ms);
    }
}

void application_start(void)
{
    wiced_result_t result;

    wiced_init();
    while (wiced_network_up(WICED_STA_INTERFACE, WICED_USE_STATIC_IP,
                            &address) != WICED_SUCCESS)
        ;
    database_init();
    wiced_rtos_create_thread(&ping_thread, WICED_DEFAULT_LIBRARY_PRIORITY,
                             "ping", ping_main, PING_STACK, NULL);
    wiced_rtos_create_thread(&plain_thread, WICED_DEFAULT_LIBRARY_PRIORITY,
                             "plain", server_main, SERVER_STACK,
                             (void *)WICED_FALSE);
    result = take_identity();
    if (result == WICED_SUCCESS)
        wiced_rtos_create_thread(&secure_thread, WICED_DEFAULT_LIBRARY_PRIORITY,
                                 "secure", server_main, SERVER_STACK,
                                 (void *)WICED_TRUE);
    else
        WPRINT_APP_INFO(("TLS: no identity: %d\n", result));
}
