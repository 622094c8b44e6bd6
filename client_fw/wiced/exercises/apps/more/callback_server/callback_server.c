/* callback_server.c - a server of one connection that is called back, instead
 * of waiting: the program has no thread of its own for it.
 *
 * Flow: create, callbacks, listen. A connection: accept. A packet: receive,
 * answer, disconnect. The end: listen again.
 *
 * A request that comes in two packets is two requests here: packets are what
 * the network makes of the bytes. The stream of exercise 3 puts them together.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "wiced.h"

#include "../../06a/03_server/command.h"
#include "../../06a/03_server/database.h"

#define SERVER_PORT 27708

static const wiced_ip_setting_t address = {
    INITIALISER_IPV4_ADDRESS(.ip_address, MAKE_IPV4_ADDRESS(198, 51, 100, 3)),
    INITIALISER_IPV4_ADDRESS(.netmask, MAKE_IPV4_ADDRESS(255, 255, 255, 0)),
    INITIALISER_IPV4_ADDRESS(.gateway, MAKE_IPV4_ADDRESS(198, 51, 100, 1)),
};

static wiced_tcp_socket_t server;

static wiced_result_t send_text(wiced_tcp_socket_t *socket, const char *text)
{
    wiced_packet_t *packet;
    uint8_t *data;
    uint16_t space;
    wiced_result_t result;

    result =
        wiced_packet_create_tcp(socket, strlen(text), &packet, &data, &space);
    if (result != WICED_SUCCESS)
        return result;
    memcpy(data, text, strlen(text));
    wiced_packet_set_data_end(packet, data + strlen(text));
    result = wiced_tcp_send_packet(socket, packet);
    if (result != WICED_SUCCESS)
        wiced_packet_delete(packet);
    return result;
}

static wiced_result_t on_connect(wiced_tcp_socket_t *socket, void *arg)
{
    UNUSED_PARAMETER(arg);
    return wiced_tcp_accept(socket);
}

static wiced_result_t on_receive(wiced_tcp_socket_t *socket, void *arg)
{
    wiced_packet_t *packet;
    uint8_t *data;
    uint16_t len, total;
    char reply[COMMAND_REPLY_MAX];
    wiced_result_t result;

    UNUSED_PARAMETER(arg);
    result = wiced_tcp_receive(socket, &packet, WICED_NO_WAIT);
    if (result != WICED_SUCCESS)
        return result;
    wiced_packet_get_data(packet, 0, &data, &len, &total);
    command_answer((const char *)data, len, reply);
    wiced_packet_delete(packet);
    result = send_text(socket, reply);
    WPRINT_APP_INFO(("-> %s (%d)\n", reply, result));
    return wiced_tcp_disconnect(socket);
}

static wiced_result_t on_disconnect(wiced_tcp_socket_t *socket, void *arg)
{
    UNUSED_PARAMETER(arg);
    wiced_tcp_disconnect(socket);
    return wiced_tcp_listen(socket, SERVER_PORT);
}

void application_start(void)
{
    wiced_result_t result;

    wiced_init();
    while (wiced_network_up(WICED_STA_INTERFACE, WICED_USE_STATIC_IP,
                            &address) != WICED_SUCCESS)
        ;
    database_init();
    wiced_tcp_create_socket(&server, WICED_STA_INTERFACE);
    wiced_tcp_register_callbacks(&server, on_connect, on_receive, on_disconnect,
                                 NULL);
    result = wiced_tcp_listen(&server, SERVER_PORT);
    if (result == WICED_SUCCESS)
        WPRINT_APP_INFO(("Listening on %d\n", SERVER_PORT));
    else
        WPRINT_APP_INFO(("Port %d is not free: %d\n", SERVER_PORT, result));
}
