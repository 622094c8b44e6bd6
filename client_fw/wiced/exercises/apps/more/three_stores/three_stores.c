/* three_stores.c - one certificate, out of each of the three places where a
 * program can have it, as the only one that is trusted:
 *
 *   1. the board's configuration table (DCT): one certificate, which may be
 *      changed without a new program;
 *   2. a resource: any number, each by its name;
 *   3. an array of the program's own, which wwep-certs to-c has made.
 *
 * With each it connects to the server, and writes the number of the store into
 * register 05.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "wiced.h"
#include "wiced_tls.h"

#include "../../../resources/certificates/wwep_cert.h"
#include "resources.h"

#define SERVER_NAME     "wwep.ww101.cypress.com"
#define SERVER_ADDRESS  MAKE_IPV4_ADDRESS(198, 51, 100, 3)
#define SERVER_PORT     40508
#define DNS_MS          5000
#define CONNECT_MS      2000
#define REPLY_MS        500
#define STORE_REGISTER  0x05
#define REQUEST_MAX     12 /* W, 4, 2 and 4 digits, and a NUL */
#define REPLY_LEN       11
#define CERTIFICATE_MAX 4096

static wiced_ip_address_t server;
static unsigned device;

static wiced_result_t trust_dct(void)
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

/* There need not be a NUL behind a resource: its size says where it ends. */
static wiced_result_t trust_resource(void)
{
    const resource_hnd_t *resource = &resources_certificates_DIR_wwep_cert_pem;
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

static wiced_result_t trust_array(void)
{
    return wiced_tls_init_root_ca_certificates(wwep_cert_pem,
                                               strlen(wwep_cert_pem));
}

static const struct {
    const char *name;
    wiced_result_t (*trust)(void);
} stores[] = {
    {"DCT", trust_dct}, {"resource", trust_resource}, {"array", trust_array}};

static void exchange(wiced_tcp_socket_t *socket, const char *request,
                     const char *store)
{
    wiced_tcp_stream_t stream;
    wiced_result_t result;
    char reply[REPLY_LEN + 1] = "";

    wiced_tcp_stream_init(&stream, socket);
    wiced_tcp_stream_write(&stream, request, strlen(request));
    wiced_tcp_stream_flush(&stream);
    result = wiced_tcp_stream_read(&stream, reply, REPLY_LEN, REPLY_MS);
    WPRINT_APP_INFO(("%s: %s -> %s (%d)\n", store, request, reply, result));
    wiced_tcp_stream_deinit(&stream);
}

static void send_number(unsigned number, const char *store)
{
    wiced_tls_context_t context;
    wiced_tcp_socket_t socket;
    wiced_result_t result;
    char request[REQUEST_MAX];

    sprintf(request, "W%04X%02X%04X", device, STORE_REGISTER, number);
    wiced_tcp_create_socket(&socket, WICED_STA_INTERFACE);
    wiced_tcp_bind(&socket, WICED_ANY_PORT);
    wiced_tls_init_context(&context, NULL, NULL);
    wiced_tcp_enable_tls(&socket, &context);
    result = wiced_tcp_connect(&socket, &server, SERVER_PORT, CONNECT_MS);
    if (result == WICED_SUCCESS)
        exchange(&socket, request, store);
    else
        WPRINT_APP_INFO(("%s: no connection: %d\n", store, result));
    wiced_tcp_delete_socket(&socket); /* deinitialises the context, too */
}

void application_start(void)
{
    wiced_mac_t mac;
    wiced_result_t result;

    wiced_init();
    wiced_network_up(WICED_STA_INTERFACE, WICED_USE_EXTERNAL_DHCP_SERVER, NULL);
    if (wiced_hostname_lookup(SERVER_NAME, &server, DNS_MS,
                              WICED_STA_INTERFACE) != WICED_SUCCESS)
        SET_IPV4_ADDRESS(server, SERVER_ADDRESS);

    /* A board is known by the sum of its MAC address's octets. */
    wiced_wifi_get_mac_address(&mac);
    for (unsigned i = 0; i < sizeof mac.octet; i++)
        device += mac.octet[i];

    for (unsigned i = 0; i < sizeof stores / sizeof stores[0]; i++) {
        wiced_tls_deinit_root_ca_certificates();
        result = stores[i].trust();
        if (result == WICED_SUCCESS)
            send_number(i + 1, stores[i].name);
        else
            WPRINT_APP_INFO(
                ("%s: no certificate: %d\n", stores[i].name, result));
    }
    WPRINT_APP_INFO(("That was all\n"));
}
