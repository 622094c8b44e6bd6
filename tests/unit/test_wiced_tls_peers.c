/* Against wolfSSL itself: what our hello says, and which of several
 * certificates a server shows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "unit.h"
#include "unit_pki.h"
#include "unit_tls_link.h"
#include "unit_wiced_tls.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_MS 5000u

static struct unit_two two;
static wiced_tls_credentials_info_t more; /* as long as the identity is */
static uint8_t buf[4096];

static void make_all(void)
{
    unit_pki_setup(NULL);
}

static void begin_test(void)
{
    unit_two_board(WWEP_TLS_1_2, false);
    unit_two_init(&two);
}

static void end_test(void)
{
    unit_two_deinit(&two);
}

/* --- a client's hello -------------------------------------------------------
 */

/* What a client sends to a server that says nothing. */
static size_t hello_of(struct unit_end *end)
{
    end->limits = (struct secure_limits){20, 20};
    unit_end_open(end);
    ck_assert_int_eq(end->opened, WICED_TLS_HANDSHAKE_TIMEOUT);
    ssize_t len = recv(two.server.connection.fd, buf, sizeof buf, 0);
    ck_assert_int_gt(len, 0);
    return (size_t)len;
}

static void set(wiced_tls_extension_type_t type, const char *text)
{
    wiced_tls_extension_t extension = {.type = type};

    if (type == TLS_EXTENSION_TYPE_SERVER_NAME)
        extension.extension_data.server_name = (uint8_t *)(uintptr_t)text;
    else if (type == TLS_EXTENSION_TYPE_MAX_FRAGMENT_LENGTH)
        extension.extension_data.max_fragment_length = TLS_FRAGMENT_LENGTH_1024;
    else
        extension.extension_data.alpn_protocol_list =
            (uint8_t *)(uintptr_t)text;
    ck_assert_int_eq(wiced_tls_set_extension(&two.client.context, &extension),
                     0);
}

#define HAS(len, bytes) (memmem(buf, len, bytes, sizeof(bytes) - 1) != NULL)

#define SNI             "\0\0\0\x11\0\x0F\0\0\x0Cwwep.example"
#define FRAGMENTS       "\0\x01\0\x01\x02"
#define ALPN            "\0\x10\0\x0E\0\x0C\x02h2\x08http/1.1"

/* peer_cn is none of the server's business. */
START_TEST(hello_without)
{
    two.client.context.peer_cn = "wwep.example";
    size_t len = hello_of(&two.client);
    ck_assert(!HAS(len, "wwep.example"));
    ck_assert(!HAS(len, "http/1.1"));
    ck_assert(!HAS(len, FRAGMENTS));
}
END_TEST

START_TEST(hello_with)
{
    set(TLS_EXTENSION_TYPE_SERVER_NAME, "wwep.example");
    set(TLS_EXTENSION_TYPE_MAX_FRAGMENT_LENGTH, NULL);
    set(TLS_EXTENSION_TYPE_APPLICATION_LAYER_PROTOCOL_NEGOTIATION,
        "h2,http/1.1");
    /* For each handshake of the context, also after a reset. */
    for (int i = 0; i < 2; i++) {
        size_t len = hello_of(&two.client);
        ck_assert(HAS(len, SNI));
        ck_assert(HAS(len, FRAGMENTS));
        ck_assert(HAS(len, ALPN));
        ck_assert_int_eq(wiced_tls_reset_context(&two.client.context), 0);
        unit_two_connect(&two);
    }
}
END_TEST

/* --- a server of wolfSSL's --------------------------------------------------
 */

static struct unit_near near;

static void begin_far(struct unit_far *far)
{
    unit_near_init(&near);
    unit_far_start(far, &near);
    ck_assert_int_eq(fcntl(near.fd, F_SETFL, O_NONBLOCK), 0);
    close(two.client.connection.fd);
    two.client.connection.fd = dup(near.fd);
}

START_TEST(wolfssl_server)
{
    struct unit_far far = {.certificate = "server.pem", .key = "server.key"};
    size_t got;

    unit_two_board(_i == 0 ? WWEP_TLS_1_2 : WWEP_TLS_1_3, false);
    unit_end_trust(&two.client, "ca.pem");
    set(TLS_EXTENSION_TYPE_APPLICATION_LAYER_PROTOCOL_NEGOTIATION, "h2");
    begin_far(&far);
    unit_end_open(&two.client);
    ck_assert_int_eq(two.client.opened, WICED_SUCCESS);
    ck_assert_int_eq(secure_send(&two.client.context,
                                 (const uint8_t *)"R000101", 7, PATIENCE_MS),
                     WICED_SUCCESS);
    ck_assert_int_eq(
        secure_recv(&two.client.context, buf, sizeof buf, PATIENCE_MS, &got),
        WICED_SUCCESS);
    ck_assert_uint_eq(got, 11);
    ck_assert_int_eq(
        secure_recv(&two.client.context, buf, sizeof buf, PATIENCE_MS, &got),
        SECURE_CLOSE_NOTIFY);
    secure_close(&two.client.context);
    close(two.client.connection.fd);
    two.client.connection.fd = -1;
    unit_far_join(&far, &near);
    unit_far_free(&far);
}
END_TEST

START_TEST(no_version_in_common)
{
    struct unit_far far = {.method = _i == 0 ? wolfTLSv1_3_server_method
                                             : wolfTLSv1_2_server_method,
                           .certificate = "server.pem",
                           .key = "server.key"};

    unit_two_board(_i == 0 ? WWEP_TLS_1_2 : WWEP_TLS_1_3, false);
    begin_far(&far);
    unit_console_begin();
    unit_end_open(&two.client);
    const char *said = unit_console_end();
    ck_assert_int_eq(two.client.opened, WICED_TLS_ERROR);
    ck_assert_msg(strstr(said, "TLS version") != NULL, "%s", said);
    unit_far_join(&far, &near);
    unit_far_free(&far);
}
END_TEST

/* --- clients of wolfSSL's, and a server with two pairs -----------------------
 */

static struct {
    WOLFSSL_METHOD *(*method)(void);
    const char *ciphers; /* NULL: all */
    bool in_pieces;      /* its hello comes in two */
    char shown[64];      /* the CN of the certificate that it saw */
} peer;

static int send_slowly(WOLFSSL *ssl, char *bytes, int len, void *ctx)
{
    int fd = *(int *)ctx;
    int half = peer.in_pieces ? len / 2 : 0;

    (void)ssl;
    if (half > 0 && send(fd, bytes, (size_t)half, MSG_NOSIGNAL) == half)
        (void)poll(NULL, 0, 30);
    peer.in_pieces = false;
    return half +
           (int)send(fd, bytes + half, (size_t)(len - half), MSG_NOSIGNAL);
}

static void *peer_main(void *arg)
{
    WOLFSSL_CTX *ctx = wolfSSL_CTX_new(peer.method());
    WOLFSSL *ssl;

    wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_NONE, NULL);
    if (peer.ciphers != NULL)
        ck_assert_int_eq(wolfSSL_CTX_set_cipher_list(ctx, peer.ciphers),
                         WOLFSSL_SUCCESS);
    wolfSSL_CTX_SetIOSend(ctx, send_slowly);
    ssl = wolfSSL_new(ctx);
    wolfSSL_set_fd(ssl, *(int *)arg);
    wolfSSL_SetIOWriteCtx(ssl, arg);
    if (wolfSSL_connect(ssl) == WOLFSSL_SUCCESS) {
        WOLFSSL_X509 *c = wolfSSL_get_peer_certificate(ssl);
        snprintf(peer.shown, sizeof peer.shown, "%s",
                 wolfSSL_X509_get_subjectCN(c));
        wolfSSL_X509_free(c);
    }
    wolfSSL_free(ssl);
    wolfSSL_CTX_free(ctx);
    wwep_tls_thread_end();
    return NULL;
}

static void add(wiced_tls_credentials_info_t *info, const char *key,
                const char *certificate)
{
    struct wwep_bytes k = unit_near_file(key);
    struct wwep_bytes c = unit_near_file(certificate);

    ck_assert_int_eq(wiced_tls_add_identity(
                         &two.server.identity, info, (const char *)k.bytes,
                         (uint32_t)k.len, c.bytes, (uint32_t)c.len),
                     0);
}

static const char *show(WOLFSSL_METHOD *(*method)(void), const char *ciphers)
{
    pthread_t thread;

    unit_two_connect(&two);
    int fd = two.client.connection.fd;
    ck_assert_int_eq(fcntl(fd, F_SETFL, 0), 0);
    peer.method = method;
    peer.ciphers = ciphers;
    peer.shown[0] = '\0';
    ck_assert_int_eq(pthread_create(&thread, NULL, peer_main, &fd), 0);
    unit_end_open(&two.server);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    return peer.shown;
}

#define EC  "ECDHE-ECDSA-AES128-GCM-SHA256"
#define RSA "ECDHE-RSA-AES128-GCM-SHA256"

START_TEST(which_certificate_is_shown)
{
    bool ec_first = _i % 2 == 0;
    const char *first = ec_first ? "wwep.example" : "rsa.example";

    peer.in_pieces = _i >= 2;
    unit_two_board(WWEP_TLS_ANY, false);
    unit_end_identity(&two.server, ec_first ? "server" : "rsa");
    add(&more, ec_first ? "rsa.key" : "server.key",
        ec_first ? "rsa.pem" : "server.pem");
    ck_assert_str_eq(show(wolfTLSv1_2_client_method, EC), "wwep.example");
    ck_assert_str_eq(show(wolfTLSv1_2_client_method, RSA), "rsa.example");
    ck_assert_str_eq(show(wolfTLSv1_2_client_method, EC ":" RSA), first);
    ck_assert_str_eq(show(wolfTLSv1_3_client_method, NULL), first);
    ck_assert_str_eq(show(wolfSSLv23_client_method, NULL), first);
    /* With one left, there is nothing to choose. */
    ck_assert_int_eq(wiced_tls_remove_identity(&two.server.identity, &more), 0);
    ck_assert_str_eq(show(wolfTLSv1_2_client_method, ec_first ? RSA : EC), "");
    ck_assert_int_eq(two.server.opened, WICED_TLS_ERROR);
    ck_assert_str_eq(show(wolfSSLv23_client_method, NULL), first);
}
END_TEST

/* A server that waits for the hello waits no longer than for the rest. */
START_TEST(no_hello_to_choose_by)
{
    static const char half[] = "\x16\x03\x01\x00\x80\x01\x00\x00\x7C\x03\x03";

    unit_end_identity(&two.server, "server");
    add(&more, "rsa.key", "rsa.pem");
    two.server.limits = (struct secure_limits){60, 60};
    unit_end_open(&two.server); /* silence */
    ck_assert_int_eq(two.server.opened, WICED_TLS_HANDSHAKE_TIMEOUT);
    unit_two_connect(&two);
    ck_assert_int_eq(send(two.client.connection.fd, half, 11, 0), 11);
    unit_end_open(&two.server); /* half of one */
    ck_assert_int_eq(two.server.opened, WICED_TLS_HANDSHAKE_TIMEOUT);
    two.server.limits = (struct secure_limits){PATIENCE_MS, PATIENCE_MS};
    for (int i = 0; i < 3; i++) {
        unit_two_connect(&two);
        if (i == 1)
            ck_assert_int_eq(send(two.client.connection.fd, half, 11, 0), 11);
        if (i == 2)
            ck_assert_int_eq(send(two.client.connection.fd, "R000101", 7, 0),
                             7);
        else
            close(two.client.connection.fd);
        if (i < 2)
            two.client.connection.fd = -1;
        unit_end_open(&two.server); /* the end; half and the end; no TLS */
        ck_assert_int_eq(two.server.opened, WICED_TLS_ERROR);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wiced_tls_peers");
    TCase *tc = tcase_create("peers");

    tcase_add_unchecked_fixture(tc, make_all, unit_pki_teardown);
    tcase_add_checked_fixture(tc, begin_test, end_test);
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, hello_without);
    tcase_add_test(tc, hello_with);
    tcase_add_loop_test(tc, wolfssl_server, 0, 2);
    tcase_add_loop_test(tc, no_version_in_common, 0, 2);
    tcase_add_loop_test(tc, which_certificate_is_shown, 0, 4);
    tcase_add_test(tc, no_hello_to_choose_by);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
