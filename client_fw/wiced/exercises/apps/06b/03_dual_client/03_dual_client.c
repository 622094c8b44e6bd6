/* 03_dual_client.c - chapter 6B, exercise 3: a client with two buttons.
 *
 * Button 1 and LED 1: in the clear. Button 2 and LED 2: over TLS, with the
 * certificate in the DCT as the only one that is trusted. Each has a thread of
 * its own, so that one may wait while the other works.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "wiced.h"
#include "wiced_tls.h"

#define SERVER_NAME    "wwep.ww101.cypress.com"
#define SERVER_ADDRESS MAKE_IPV4_ADDRESS(198, 51, 100, 3)
#define PLAIN_PORT     27708
#define SECURE_PORT    40508
#define DNS_MS         5000
#define CONNECT_MS     2000
#define REPLY_MS       500
#define LED_REGISTER   0x05
#define REQUEST_MAX    12 /* W, 4, 2 and 4 digits, and a NUL */
#define REPLY_LEN      11
#define PLAIN_STACK    6200
#define SECURE_STACK   16384

static wiced_semaphore_t plain_pressed;
static wiced_semaphore_t secure_pressed;
static wiced_thread_t plain_thread;
static wiced_thread_t secure_thread;
static wiced_ip_address_t server;
static unsigned device;

static void on_button(void *semaphore)
{
    wiced_rtos_set_semaphore(semaphore);
}

/* Replaces what was trusted before, each time: the DCT may have changed. */
static wiced_result_t trust_certificate(void)
{
    platform_dct_security_t *dct;
    wiced_result_t result;

    result = wiced_dct_read_lock((void **)&dct, WICED_FALSE,
                                 DCT_SECURITY_SECTION, 0, sizeof *dct);
    if (result != WICED_SUCCESS)
        return result;
    result = wiced_tls_init_root_ca_certificates(dct->certificate,
                                                 strlen(dct->certificate));
    wiced_dct_read_unlock(dct, WICED_FALSE);
    return result;
}

/* context: NULL in the clear. */
static wiced_result_t connect(wiced_tcp_socket_t *socket,
                              wiced_tls_context_t *context)
{
    wiced_result_t result = WICED_SUCCESS;

    if (context != NULL) {
        result = trust_certificate();
        if (result == WICED_SUCCESS)
            result = wiced_tls_init_context(context, NULL, NULL);
        if (result == WICED_SUCCESS)
            result = wiced_tcp_enable_tls(socket, context);
    }
    if (result != WICED_SUCCESS)
        return result;
    return wiced_tcp_connect(socket, &server,
                             context != NULL ? SECURE_PORT : PLAIN_PORT,
                             CONNECT_MS);
}

static void exchange(wiced_tcp_socket_t *socket, wiced_tls_context_t *context,
                     const char *request)
{
    wiced_tcp_stream_t stream;
    wiced_result_t result;
    char reply[REPLY_LEN + 1] = "";

    wiced_tcp_stream_init(&stream, socket);
    wiced_tcp_stream_write(&stream, request, strlen(request));
    wiced_tcp_stream_flush(&stream);
    result = wiced_tcp_stream_read(&stream, reply, REPLY_LEN, REPLY_MS);
    if (result == WICED_SUCCESS || reply[0] == 'X')
        WPRINT_APP_INFO(("%s: %s -> %s\n", context != NULL ? "TLS" : "TCP",
                         request, reply));
    else
        WPRINT_APP_INFO(("%s: %s -> no reply: %d\n",
                         context != NULL ? "TLS" : "TCP", request, result));
    if (context != NULL)
        wiced_tls_deinit_context(context);
    wiced_tcp_stream_deinit(&stream);
}

static void send_state(int state, wiced_tls_context_t *context)
{
    wiced_tcp_socket_t socket;
    wiced_result_t result;
    char request[REQUEST_MAX];

    sprintf(request, "W%04X%02X%04X", device, LED_REGISTER, state);
    result = wiced_tcp_create_socket(&socket, WICED_STA_INTERFACE);
    if (result == WICED_SUCCESS) {
        wiced_tcp_bind(&socket, WICED_ANY_PORT);
        result = connect(&socket, context);
        if (result == WICED_SUCCESS)
            exchange(&socket, context, request);
        wiced_tcp_delete_socket(&socket);
    }
    if (result != WICED_SUCCESS)
        WPRINT_APP_INFO(("%s: no connection: %d\n",
                         context != NULL ? "TLS" : "TCP", result));
}

static void show(wiced_gpio_t led, int state)
{
    if (state)
        wiced_gpio_output_high(led);
    else
        wiced_gpio_output_low(led);
}

static void plain_main(wiced_thread_arg_t arg)
{
    int state = 1;

    UNUSED_PARAMETER(arg);
    while (WICED_TRUE) {
        wiced_rtos_get_semaphore(&plain_pressed, WICED_WAIT_FOREVER);
        state = !state;
        show(WICED_LED1, state);
        send_state(state, NULL);
    }
}

static void secure_main(wiced_thread_arg_t arg)
{
    wiced_tls_context_t context;
    int state = 1;

    UNUSED_PARAMETER(arg);
    while (WICED_TRUE) {
        wiced_rtos_get_semaphore(&secure_pressed, WICED_WAIT_FOREVER);
        state = !state;
        show(WICED_LED2, state);
        send_state(state, &context);
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

    wiced_rtos_init_semaphore(&plain_pressed);
    wiced_rtos_init_semaphore(&secure_pressed);
    wiced_gpio_input_irq_enable(WICED_BUTTON1, IRQ_TRIGGER_FALLING_EDGE,
                                on_button, &plain_pressed);
    wiced_gpio_input_irq_enable(WICED_BUTTON2, IRQ_TRIGGER_FALLING_EDGE,
                                on_button, &secure_pressed);
    wiced_rtos_create_thread(&plain_thread, WICED_DEFAULT_LIBRARY_PRIORITY,
                             "plain", plain_main, PLAIN_STACK, NULL);
    wiced_rtos_create_thread(&secure_thread, WICED_DEFAULT_LIBRARY_PRIORITY,
                             "secure", secure_main, SECURE_STACK, NULL);
}
