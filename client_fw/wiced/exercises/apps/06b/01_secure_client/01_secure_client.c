/* 01_secure_client.c - chapter 6B, exercise 1: a client over TLS.
 *
 * As exercise 2 of chapter 6A, but that the board trusts the certificate in its
 * configuration table (DCT), and no server that has another. The letter b on
 * the console is a press of the button, too; ? is help.
 *
 * Flow: certificate out of the DCT, trusted roots; for each press create, bind,
 * context, enable, connect, stream, write, flush, read, context's end, stream's
 * end, delete.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "wiced.h"
#include "wiced_tls.h"

#define SERVER_NAME    "wwep.ww101.cypress.com"
#define SERVER_ADDRESS MAKE_IPV4_ADDRESS(198, 51, 100, 3)
#define SERVER_PORT    40508
#define DNS_MS         5000
#define CONNECT_MS     2000
#define REPLY_MS       500
#define LED_REGISTER   0x05
#define REQUEST_MAX    12 /* W, 4, 2 and 4 digits, and a NUL */
#define REPLY_LEN      11
#define CLIENT_STACK   10000

static wiced_semaphore_t pressed;
static wiced_thread_t client_thread;
static wiced_ip_address_t server;
static unsigned device;

static void on_button(void *arg)
{
    UNUSED_PARAMETER(arg);
    wiced_rtos_set_semaphore(&pressed);
}

/* Without a certificate in the DCT nothing is trusted, and so nothing is
 * verified: the connection is encrypted, and may be with anybody. */
static void trust_certificate(void)
{
    platform_dct_security_t *dct;
    wiced_result_t result;

    result = wiced_dct_read_lock((void **)&dct, WICED_FALSE,
                                 DCT_SECURITY_SECTION, 0, sizeof *dct);
    if (result != WICED_SUCCESS) {
        WPRINT_APP_INFO(("The DCT can not be read: %d\n", result));
        return;
    }
    WPRINT_APP_INFO(
        ("Certificate of %d bytes\n", (int)strlen(dct->certificate)));
    result = wiced_tls_init_root_ca_certificates(dct->certificate,
                                                 strlen(dct->certificate));
    if (result != WICED_SUCCESS)
        WPRINT_APP_INFO(("It can not be trusted: %d\n", result));
    wiced_dct_read_unlock(dct, WICED_FALSE);
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
        WPRINT_APP_INFO(("%s -> %s\n", request, reply));
    else
        WPRINT_APP_INFO(("%s -> no reply: %d\n", request, result));
    wiced_tls_deinit_context(context);
    wiced_tcp_stream_deinit(&stream);
}

static void send_state(int state)
{
    wiced_tls_context_t context;
    wiced_tcp_socket_t socket;
    wiced_result_t result;
    char request[REQUEST_MAX];

    sprintf(request, "W%04X%02X%04X", device, LED_REGISTER, state);
    result = wiced_tcp_create_socket(&socket, WICED_STA_INTERFACE);
    if (result != WICED_SUCCESS) {
        WPRINT_APP_INFO(("No socket: %d\n", result));
        return;
    }
    wiced_tcp_bind(&socket, WICED_ANY_PORT);
    result = wiced_tls_init_context(&context, NULL, NULL);
    if (result == WICED_SUCCESS)
        result = wiced_tcp_enable_tls(&socket, &context);
    if (result == WICED_SUCCESS)
        result = wiced_tcp_connect(&socket, &server, SERVER_PORT, CONNECT_MS);
    if (result == WICED_SUCCESS)
        exchange(&socket, &context, request);
    else
        WPRINT_APP_INFO(("No connection: %d\n", result));
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

/* For ever: the console's letters. */
static void read_console(void)
{
    char letter;
    uint32_t count = 1;

    while (WICED_TRUE) {
        if (wiced_uart_receive_bytes(STDIO_UART, &letter, &count,
                                     WICED_NEVER_TIMEOUT) != WICED_SUCCESS)
            continue;
        if (letter == 'b')
            wiced_rtos_set_semaphore(&pressed);
        else if (letter == '?')
            WPRINT_APP_INFO(("b: as the button; ?: this help\n"));
    }
}

void application_start(void)
{
    wiced_mac_t mac;

    wiced_init();
    wiced_network_up(WICED_STA_INTERFACE, WICED_USE_EXTERNAL_DHCP_SERVER, NULL);
    trust_certificate();
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
    read_console();
}
