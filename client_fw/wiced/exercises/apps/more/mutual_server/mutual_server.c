/* mutual_server.c - a server that lets in the boards of its class alone.
 *
 * As exercise 2 of chapter 6B, but that it has roots, too, out of a resource.
 * They are what makes a server ask for the client's certificate: whose does not
 * lead to one of them, or who has none, is refused in the handshake.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "wiced.h"
#include "wiced_tls.h"

#include "../../06a/03_server/command.h"
#include "../../06a/03_server/database.h"
#include "resources.h"

#define SERVER_PORT     40508
#define READ_MS         100 /* for each packet of a request */
#define SERVER_STACK    16384
#define CERTIFICATE_MAX 4096

static const wiced_ip_setting_t address = {
    INITIALISER_IPV4_ADDRESS(.ip_address, MAKE_IPV4_ADDRESS(198, 51, 100, 3)),
    INITIALISER_IPV4_ADDRESS(.netmask, MAKE_IPV4_ADDRESS(255, 255, 255, 0)),
    INITIALISER_IPV4_ADDRESS(.gateway, MAKE_IPV4_ADDRESS(198, 51, 100, 1)),
};

static wiced_thread_t server_thread;
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

static wiced_result_t trust_class(void)
{
    const resource_hnd_t *resource = &resources_certificates_DIR_ca_pem;
    const char *certificate;
    uint32_t size;
    wiced_result_t result;

    result = resource_get_readonly_buffer(resource, 0, CERTIFICATE_MAX, &size,
                                          (const void **)&certificate);
    if (result != RESOURCE_SUCCESS)
        return result;
    result = wiced_tls_init_root_ca_certificates(certificate, size);
    resource_free_readonly_buffer(resource, certificate);
    return result;
}

static void serve(wiced_tcp_socket_t *socket, wiced_tcp_stream_t *stream)
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
    WPRINT_APP_INFO(("Secure, port %d -> %s\n", port, reply));
}

static void server_main(wiced_thread_arg_t arg)
{
    wiced_tls_context_t context;
    wiced_tcp_socket_t socket;
    wiced_tcp_stream_t stream;
    wiced_result_t result;

    UNUSED_PARAMETER(arg);
    wiced_tcp_create_socket(&socket, WICED_STA_INTERFACE);
    result = wiced_tcp_listen(&socket, SERVER_PORT);
    if (result != WICED_SUCCESS) {
        WPRINT_APP_INFO(("Port %d is not free: %d\n", SERVER_PORT, result));
        return;
    }
    result = take_identity();
    if (result == WICED_SUCCESS)
        result = trust_class();
    if (result != WICED_SUCCESS) {
        WPRINT_APP_INFO(("No identity, or no roots: %d\n", result));
        return;
    }
    WPRINT_APP_INFO(("Listening on %d\n", SERVER_PORT));
    while (WICED_TRUE) {
        wiced_tls_init_context(&context, &identity, NULL);
        wiced_tcp_enable_tls(&socket, &context);
        wiced_tcp_stream_init(&stream, &socket);
        result = wiced_tcp_accept(&socket);
        if (result == WICED_TLS_ERROR)
            WPRINT_APP_INFO(("Refused: %d\n", result));
        if (result != WICED_SUCCESS)
            continue; /* nobody has come, or TLS has failed */
        serve(&socket, &stream);
        wiced_tcp_disconnect(&socket);
        wiced_tls_deinit_context(&context);
        wiced_tcp_stream_deinit(&stream);
    }
}

void application_start(void)
{
    wiced_init();
    while (wiced_network_up(WICED_STA_INTERFACE, WICED_USE_STATIC_IP,
                            &address) != WICED_SUCCESS)
        ;
    database_init();
    wiced_rtos_create_thread(&server_thread, WICED_DEFAULT_LIBRARY_PRIORITY,
                             "server", server_main, SERVER_STACK, NULL);
}
