/* several_connections.c - a server of five connections at a time, by the SDK's
 * own server object.
 *
 * Unlike WWEP's own rule a connection stays open here for any number of
 * requests, a packet each, until the client ends it. On the console the letter
 * s shows who is connected.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "wiced.h"

#include "../../06a/03_server/command.h"
#include "../../06a/03_server/database.h"

#define SERVER_PORT 27708
#define CONNECTIONS 5

static const wiced_ip_setting_t address = {
    INITIALISER_IPV4_ADDRESS(.ip_address, MAKE_IPV4_ADDRESS(198, 51, 100, 3)),
    INITIALISER_IPV4_ADDRESS(.netmask, MAKE_IPV4_ADDRESS(255, 255, 255, 0)),
    INITIALISER_IPV4_ADDRESS(.gateway, MAKE_IPV4_ADDRESS(198, 51, 100, 1)),
};

static const char *const state_names[] = {
    "closed",       "closing", "connecting", "connected",
    "data pending", "waiting", "error",
};

static wiced_tcp_server_t server;

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
    return wiced_tcp_server_accept(&server, socket);
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
    WPRINT_APP_INFO(("-> %s\n", reply));
    return send_text(socket, reply);
}

static wiced_result_t on_disconnect(wiced_tcp_socket_t *socket, void *arg)
{
    UNUSED_PARAMETER(arg);
    return wiced_tcp_server_disconnect_socket(&server, socket);
}

static void print_socket(wiced_tcp_socket_t *socket)
{
    wiced_socket_state_t state;
    uint32_t ip;

    wiced_tcp_get_socket_state(socket, &state);
    WPRINT_APP_INFO(("%s", state_names[state]));
    if (state == WICED_SOCKET_CONNECTED) {
        ip = socket->socket.nx_tcp_socket_connect_ip.nxd_ip_address.v4;
        WPRINT_APP_INFO((", %d.%d.%d.%d:%u", (int)(ip >> 24),
                         (int)(ip >> 16 & 0xFF), (int)(ip >> 8 & 0xFF),
                         (int)(ip & 0xFF),
                         socket->socket.nx_tcp_socket_connect_port));
    }
    WPRINT_APP_INFO(("\n"));
}

static void print_all(void)
{
    linked_list_node_t *node = NULL;

    linked_list_get_front_node(&server.socket_list, &node);
    for (; node != NULL; node = node->next)
        print_socket(&((wiced_tcp_server_socket_t *)node->data)->socket);
    WPRINT_APP_INFO(("%d registers\n", (int)database_count()));
}

void application_start(void)
{
    wiced_result_t result;
    uint32_t count = 1;
    char letter;

    wiced_init();
    while (wiced_network_up(WICED_STA_INTERFACE, WICED_USE_STATIC_IP,
                            &address) != WICED_SUCCESS)
        ;
    database_init();
    result = wiced_tcp_server_start(&server, WICED_STA_INTERFACE, SERVER_PORT,
                                    CONNECTIONS, on_connect, on_receive,
                                    on_disconnect, NULL);
    if (result != WICED_SUCCESS) {
        WPRINT_APP_INFO(("Port %d is not free: %d\n", SERVER_PORT, result));
        return;
    }
    WPRINT_APP_INFO(("Listening on %d\n", SERVER_PORT));
    while (WICED_TRUE)
        if (wiced_uart_receive_bytes(STDIO_UART, &letter, &count,
                                     WICED_NEVER_TIMEOUT) == WICED_SUCCESS &&
            letter == 's')
            print_all();
}
