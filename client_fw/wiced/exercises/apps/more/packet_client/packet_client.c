/* packet_client.c - exercise 2 of chapter 6A once more, by packets instead of a
 * stream: no copies, but the program sees where one packet ends.
 *
 * Flow: create, bind, connect; a packet: create, fill, end, send; receive a
 * packet, look into it, delete it; delete.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "wiced.h"

#define SERVER_NAME    "wwep.ww101.cypress.com"
#define SERVER_ADDRESS MAKE_IPV4_ADDRESS(198, 51, 100, 3)
#define SERVER_PORT    27708
#define DNS_MS         5000
#define CONNECT_MS     2000
#define REPLY_MS       500
#define LED_REGISTER   0x05
#define REQUEST_MAX    12 /* W, 4, 2 and 4 digits, and a NUL */
#define CLIENT_STACK   6200

/* Global on purpose: also where a system has a function of this name. */
wiced_tcp_socket_t socket;

static wiced_semaphore_t pressed;
static wiced_thread_t client_thread;
static wiced_ip_address_t server;
static unsigned device;

static void on_button(void *arg)
{
    UNUSED_PARAMETER(arg);
    wiced_rtos_set_semaphore(&pressed);
}

static wiced_result_t send_request(const char *request)
{
    wiced_packet_t *packet;
    uint8_t *data;
    uint16_t space;
    wiced_result_t result;

    result = wiced_packet_create_tcp(&socket, strlen(request), &packet, &data,
                                     &space);
    if (result != WICED_SUCCESS)
        return result;
    memcpy(data, request, strlen(request));
    wiced_packet_set_data_end(packet, data + strlen(request));
    result = wiced_tcp_send_packet(&socket, packet);
    if (result != WICED_SUCCESS)
        wiced_packet_delete(packet); /* else it is the stack's */
    return result;
}

static void print_reply(const char *request)
{
    wiced_packet_t *packet;
    uint8_t *data;
    uint16_t len, total;
    wiced_result_t result;

    result = wiced_tcp_receive(&socket, &packet, REPLY_MS);
    if (result != WICED_SUCCESS) {
        WPRINT_APP_INFO(("%s -> no reply: %d\n", request, result));
        return;
    }
    wiced_packet_get_data(packet, 0, &data, &len, &total);
    WPRINT_APP_INFO(("%s -> %.*s\n", request, (int)len, (char *)data));
    wiced_packet_delete(packet);
}

static void send_state(int state)
{
    wiced_result_t result;
    char request[REQUEST_MAX];

    sprintf(request, "W%04X%02X%04X", device, LED_REGISTER, state);
    result = wiced_tcp_create_socket(&socket, WICED_STA_INTERFACE);
    if (result != WICED_SUCCESS) {
        WPRINT_APP_INFO(("No socket: %d\n", result));
        return;
    }
    wiced_tcp_bind(&socket, WICED_ANY_PORT);
    result = wiced_tcp_connect(&socket, &server, SERVER_PORT, CONNECT_MS);
    if (result == WICED_SUCCESS)
        result = send_request(request);
    if (result == WICED_SUCCESS)
        print_reply(request);
    else
        WPRINT_APP_INFO(("Not sent: %d\n", result));
    wiced_tcp_delete_socket(&socket);
}

static void client_main(wiced_thread_arg_t arg)
{
    int state = 1;

    UNUSED_PARAMETER(arg);
    while (WICED_TRUE) {
        wiced_rtos_get_semaphore(&pressed, WICED_WAIT_FOREVER);
        state = !state;
        if (state)
            wiced_gpio_output_high(WICED_LED1);
        else
            wiced_gpio_output_low(WICED_LED1);
        send_state(state);
    }
}

void application_start(void)
{
    wiced_mac_t mac;

    wiced_init();
    wiced_network_up(WICED_STA_INTERFACE, WICED_USE_EXTERNAL_DHCP_SERVER, NULL);
    if (wiced_hostname_lookup(SERVER_NAME, &server, DNS_MS,
                              WICED_STA_INTERFACE) != WICED_SUCCESS)
        SET_IPV4_ADDRESS(server, SERVER_ADDRESS);

    /* A board is known by the sum of its MAC address's octets. */
    wiced_wifi_get_mac_address(&mac);
    for (unsigned i = 0; i < sizeof mac.octet; i++)
        device += mac.octet[i];
    WPRINT_APP_INFO(("This is device %04X\n", device));

    wiced_rtos_init_semaphore(&pressed);
    wiced_gpio_input_irq_enable(WICED_BUTTON1, IRQ_TRIGGER_FALLING_EDGE,
                                on_button, NULL);
    wiced_rtos_create_thread(&client_thread, WICED_DEFAULT_LIBRARY_PRIORITY,
                             "client", client_main, CLIENT_STACK, NULL);
}
