/* 01_client.c - chapter 6A, exercise 1: a client.
 *
 * Each press of the button changes the LED, and writes its state, 0000 or 0001,
 * into register 05 of this board. What the server says is not waited for.
 *
 * Flow: create, bind, connect, stream, write, flush, stream's end, delete.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "wiced.h"

#define SERVER_NAME    "wwep.ww101.cypress.com"
#define SERVER_ADDRESS MAKE_IPV4_ADDRESS(198, 51, 100, 3)
#define SERVER_PORT    27708
#define DNS_MS         5000
#define CONNECT_MS     2000
#define LED_REGISTER   0x05
#define REQUEST_MAX    12 /* W, 4, 2 and 4 digits, and a NUL */
#define CLIENT_STACK   6200

static wiced_semaphore_t pressed;
static wiced_thread_t client_thread;
static wiced_ip_address_t server;
static unsigned device;

/* In the interrupt: says that there is work, and leaves it to the thread. */
static void on_button(void *arg)
{
    UNUSED_PARAMETER(arg);
    wiced_rtos_set_semaphore(&pressed);
}

static void write_request(wiced_tcp_socket_t *socket, const char *request)
{
    wiced_tcp_stream_t stream;

    wiced_tcp_stream_init(&stream, socket);
    wiced_tcp_stream_write(&stream, request, strlen(request));
    wiced_tcp_stream_flush(&stream);
    wiced_tcp_stream_deinit(&stream);
}

static void send_state(int state)
{
    wiced_tcp_socket_t socket;
    wiced_result_t result;
    char request[REQUEST_MAX];

    sprintf(request, "W%04X%02X%04X", device, LED_REGISTER, state);
    result = wiced_tcp_create_socket(&socket, WICED_STA_INTERFACE);
    if (result != WICED_SUCCESS) {
        WPRINT_APP_INFO(("No socket: %d\n", result));
        return;
    }
    result = wiced_tcp_bind(&socket, WICED_ANY_PORT);
    if (result == WICED_SUCCESS)
        result = wiced_tcp_connect(&socket, &server, SERVER_PORT, CONNECT_MS);
    if (result == WICED_SUCCESS) {
        write_request(&socket, request);
        WPRINT_APP_INFO(("Sent %s\n", request));
    } else {
        WPRINT_APP_INFO(("No connection: %d\n", result));
    }
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

static void find_server(void)
{
    wiced_result_t result;

    result = wiced_hostname_lookup(SERVER_NAME, &server, DNS_MS,
                                   WICED_STA_INTERFACE);
    if (result != WICED_SUCCESS || GET_IPV4_ADDRESS(server) == 0) {
        WPRINT_APP_INFO(
            ("%s has no address: taking its usual one\n", SERVER_NAME));
        SET_IPV4_ADDRESS(server, SERVER_ADDRESS);
    }
}

void application_start(void)
{
    wiced_mac_t mac;

    wiced_init();
    wiced_network_up(WICED_STA_INTERFACE, WICED_USE_EXTERNAL_DHCP_SERVER, NULL);
    find_server();

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
