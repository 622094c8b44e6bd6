/* 03_server.c - chapter 6A, exercise 3: a server.
 *
 * Takes one connection after another, and answers its request out of the
 * database.
 *
 * Flow: create, stream, listen; again and again: accept, peer, read, write,
 * flush, disconnect, a new stream.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "wiced.h"

#include "command.h"
#include "database.h"

#define SERVER_PORT  27708
#define READ_MS      100 /* for each packet of a request */
#define PING_MS      60000
#define PING_WAIT_MS 1000
#define PING_STACK   1024
#define SERVER_STACK 6200

static const wiced_ip_setting_t address = {
    INITIALISER_IPV4_ADDRESS(.ip_address, MAKE_IPV4_ADDRESS(198, 51, 100, 3)),
    INITIALISER_IPV4_ADDRESS(.netmask, MAKE_IPV4_ADDRESS(255, 255, 255, 0)),
    INITIALISER_IPV4_ADDRESS(.gateway, MAKE_IPV4_ADDRESS(198, 51, 100, 1)),
};

static wiced_thread_t server_thread;
static wiced_thread_t ping_thread;

static void print_exchange(const wiced_ip_address_t *peer, uint16_t port,
                           const char *request, uint32_t len, const char *reply)
{
    uint32_t ip = GET_IPV4_ADDRESS(*peer);

    WPRINT_APP_INFO(("%d.%d.%d.%d:%d ", (int)(ip >> 24), (int)(ip >> 16 & 0xFF),
                     (int)(ip >> 8 & 0xFF), (int)(ip & 0xFF), port));
    for (uint32_t i = 0; i < len; i++)
        WPRINT_APP_INFO(
            ("%c", request[i] >= ' ' && request[i] <= '~' ? request[i] : '.'));
    WPRINT_APP_INFO((" -> %s\n", reply));
}

static void serve(wiced_tcp_socket_t *socket, wiced_tcp_stream_t *stream)
{
    wiced_ip_address_t peer;
    uint16_t port;
    char request[COMMAND_MAX];
    char reply[COMMAND_REPLY_MAX];
    uint32_t len = 0;

    wiced_tcp_server_peer(socket, &peer, &port);
    /* One byte more than a request has would be one too many; fewer than that
     * come when nothing follows for READ_MS. */
    wiced_tcp_stream_read_with_count(stream, request, COMMAND_MAX, READ_MS,
                                     &len);
    command_answer(request, len, reply);
    if (reply[0] != '\0') {
        wiced_tcp_stream_write(stream, reply, strlen(reply));
        wiced_tcp_stream_flush(stream);
    }
    print_exchange(&peer, port, request, len, reply);
}

static void server_main(wiced_thread_arg_t arg)
{
    wiced_tcp_socket_t socket;
    wiced_tcp_stream_t stream;
    wiced_result_t result;

    UNUSED_PARAMETER(arg);
    wiced_tcp_create_socket(&socket, WICED_STA_INTERFACE);
    wiced_tcp_stream_init(&stream, &socket);
    result = wiced_tcp_listen(&socket, SERVER_PORT);
    if (result != WICED_SUCCESS) {
        WPRINT_APP_INFO(("Port %d is not free: %d\n", SERVER_PORT, result));
        return;
    }
    WPRINT_APP_INFO(("Listening on %d\n", SERVER_PORT));
    while (WICED_TRUE) {
        if (wiced_tcp_accept(&socket) != WICED_SUCCESS)
            continue; /* nobody has come for some seconds */
        serve(&socket, &stream);
        wiced_tcp_disconnect(&socket);
        wiced_tcp_stream_deinit(&stream);
        wiced_tcp_stream_init(&stream, &socket);
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
    wiced_init();
    while (wiced_network_up(WICED_STA_INTERFACE, WICED_USE_STATIC_IP,
                            &address) != WICED_SUCCESS)
        ;
    database_init();
    wiced_rtos_create_thread(&ping_thread, WICED_DEFAULT_LIBRARY_PRIORITY,
                             "ping", ping_main, PING_STACK, NULL);
    wiced_rtos_create_thread(&server_thread, WICED_DEFAULT_LIBRARY_PRIORITY,
                             "server", server_main, SERVER_STACK, NULL);
}
