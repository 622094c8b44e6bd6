/* Sockets with the library's own TLS at both ends, in the words of the course's
 * secure programs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "unit_pki.h"
#include "unit_socket.h"
#include "unit_wiced_tcp.h"

#include <stdatomic.h>
#include <unistd.h>

#define MANY 20000

static wiced_tcp_socket_t sock;
static wiced_tls_context_t context;
static wiced_tls_identity_t identity;

/* --- certificates --------------------------------------------------------- */

static char *read_file(const char *name)
{
    static char text[16384];
    char path[512];

    snprintf(path, sizeof path, "%s/%s", unit_pki_folder, name);
    FILE *f = fopen(path, "r");
    ck_assert_ptr_nonnull(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    return text;
}

static void pki_setup(void)
{
    unit_pki_setup(NULL);
}

static void pki_teardown(void)
{
    unit_pki_teardown();
}

static void setup(void)
{
    char key[4096];
    const char *certificate;

    unit_tcp_start();
    snprintf(key, sizeof key, "%s", read_file("server.key"));
    certificate = read_file("server.pem");
    ck_assert_int_eq(wiced_tls_init_identity(&identity, key,
                                             (uint32_t)strlen(key),
                                             (const uint8_t *)certificate,
                                             (uint32_t)strlen(certificate)),
                     0);
}

static void teardown(void)
{
    ck_assert_int_eq(wiced_tls_deinit_identity(&identity), 0);
}

/* --- the course's server -------------------------------------------------- */

struct secure_server {
    pthread_t thread;
    wiced_tcp_socket_t socket;
    wiced_tcp_stream_t stream;
    wiced_tls_context_t context;
    struct unit_tcp_count listens;
    struct unit_tcp_count served;
    struct unit_tcp_count failed;
    bool many; /* what it answers */
    atomic_bool stop;
};

static struct secure_server server;

static void serve(struct secure_server *s)
{
    static char many[MANY];
    char request[14] = "";
    uint32_t n;

    (void)wiced_tcp_stream_read_with_count(&s->stream, request, 13, 100, &n);
    memset(many, 'A', sizeof many);
    request[0] = 'A';
    if (s->many)
        (void)wiced_tcp_stream_write(&s->stream, many, sizeof many);
    else
        (void)wiced_tcp_stream_write(&s->stream, request, n);
    (void)wiced_tcp_stream_flush(&s->stream);
    (void)wiced_tcp_disconnect(&s->socket);
    (void)wiced_tls_deinit_context(&s->context);
    (void)wiced_tcp_stream_deinit(&s->stream);
    (void)wiced_tcp_stream_init(&s->stream, &s->socket);
}

static void *on_secure_server(void *ctx)
{
    struct secure_server *s = ctx;

    unit_tcp_create(&s->socket);
    ck_assert_int_eq(wiced_tcp_listen(&s->socket, SECURE), 0);
    unit_tcp_count_up(&s->listens);
    while (!atomic_load(&s->stop)) {
        ck_assert_int_eq(wiced_tls_init_context(&s->context, &identity, NULL),
                         0);
        ck_assert_int_eq(wiced_tcp_enable_tls(&s->socket, &s->context), 0);
        ck_assert_int_eq(wiced_tcp_stream_init(&s->stream, &s->socket), 0);
        wiced_result_t result = wiced_tcp_accept(&s->socket);
        if (result == WICED_TLS_ERROR)
            unit_tcp_count_up(&s->failed);
        if (result != WICED_SUCCESS)
            continue;
        serve(s);
        unit_tcp_count_up(&s->served);
    }
    ck_assert_int_eq(wiced_tcp_delete_socket(&s->socket), 0);
    return NULL;
}

static void start_server(void)
{
    server.listens = server.served = server.failed =
        (struct unit_tcp_count)UNIT_TCP_COUNT;
    ck_assert_int_eq(
        pthread_create(&server.thread, NULL, on_secure_server, &server), 0);
    unit_tcp_count_wait(&server.listens, 1);
}

static void stop_server(void)
{
    atomic_store(&server.stop, true);
    ck_assert_int_eq(pthread_join(server.thread, NULL), 0);
}

/* --- the course's client -------------------------------------------------- */

/* The context's own roots: the program's would be the server's, too, which
 * would then want the client's certificate. */
static wiced_result_t connect_secure(const char *trusted)
{
    const char *roots = read_file(trusted);
    const wiced_ip_address_t to = unit_tcp_loopback();

    unit_tcp_create(&sock);
    ck_assert_int_eq(wiced_tcp_bind(&sock, WICED_ANY_PORT), 0);
    ck_assert_int_eq(wiced_tls_init_context(&context, NULL, NULL), 0);
    ck_assert_int_eq(wiced_tls_set_context_root_ca_certificates(
                         &context, roots, (uint32_t)strlen(roots)),
                     0);
    ck_assert_int_eq(wiced_tcp_enable_tls(&sock, &context), 0);
    return wiced_tcp_connect(&sock, &to, SECURE, LONG_MS);
}

static void ask(char *reply, uint16_t len)
{
    wiced_tcp_stream_t stream;

    ck_assert_int_eq(connect_secure("ca.pem"), 0);
    ck_assert_int_eq(wiced_tcp_stream_init(&stream, &sock), 0);
    ck_assert_int_eq(wiced_tcp_stream_write(&stream, "W0FAC051234", 11), 0);
    ck_assert_int_eq(wiced_tcp_stream_flush(&stream), 0);
    ck_assert_int_eq(wiced_tcp_stream_read(&stream, reply, len, LONG_MS), 0);
    ck_assert_int_eq(wiced_tls_deinit_context(&context), 0);
    ck_assert_int_eq(wiced_tcp_stream_deinit(&stream), 0);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}

START_TEST(one_client_after_another)
{
    char reply[12] = "";

    start_server();
    for (int i = 0; i < 3; i++) {
        ask(reply, 11);
        ck_assert_str_eq(reply, "A0FAC051234");
    }
    unit_tcp_count_wait(&server.served, 3);
    stop_server();
}
END_TEST

START_TEST(records_and_records)
{
    static char reply[MANY];

    server.many = true;
    start_server();
    ask(reply, sizeof reply);
    for (size_t i = 0; i < sizeof reply; i++)
        ck_assert_int_eq(reply[i], 'A');
    stop_server();
}
END_TEST

/* Both learn of it, and the server goes on. */
START_TEST(one_who_trusts_another)
{
    char reply[12] = "";

    start_server();
    ck_assert_int_eq(connect_secure("self.pem"), WICED_TLS_ERROR);
    ck_assert_int_eq(wiced_tls_deinit_context(&context), 0);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
    unit_tcp_count_wait(&server.failed, 1);
    ask(reply, 11);
    ck_assert_str_eq(reply, "A0FAC051234");
    stop_server();
}
END_TEST

START_TEST(one_in_the_clear)
{
    char reply[12] = "";

    start_server();
    int fd = unit_tcp_client(SECURE);
    unit_send_text(fd, "R0FAC05");
    unit_end(fd);
    unit_tcp_count_wait(&server.failed, 1);
    close(fd);
    ask(reply, 11);
    ck_assert_str_eq(reply, "A0FAC051234");
    stop_server();
}
END_TEST

/* The client still has to say something. */
START_TEST(disconnect_ends_a_handshake)
{
    start_server();
    int fd = unit_tcp_client(SECURE);

    unit_tcp_wait_state(&server.socket, WICED_SOCKET_CONNECTED);
    uint64_t began_ms = unit_tcp_now_ms();
    ck_assert_int_eq(wiced_tcp_disconnect(&server.socket), 0);
    unit_tcp_count_wait(&server.failed, 1);
    ck_assert_uint_lt(unit_tcp_now_ms() - began_ms, 5000);
    unit_expect_gone(fd);
    stop_server();
}
END_TEST

/* --- callbacks ------------------------------------------------------------ */

static wiced_tls_context_t called_context;

static wiced_result_t on_connect(wiced_tcp_socket_t *socket, void *arg)
{
    (void)arg;
    ck_assert_int_eq(wiced_tcp_accept(socket), 0);
    return WICED_SUCCESS;
}

static wiced_result_t on_receive(wiced_tcp_socket_t *socket, void *arg)
{
    wiced_packet_t *packet;

    (void)arg;
    if (wiced_tcp_receive(socket, &packet, WICED_WAIT_FOREVER) == 0) {
        (void)wiced_tcp_send_buffer(socket, "A0FAC051234", 11);
        ck_assert_int_eq(wiced_packet_delete(packet), 0);
    }
    return WICED_SUCCESS;
}

static wiced_result_t on_end(wiced_tcp_socket_t *socket, void *arg)
{
    (void)arg;
    (void)wiced_tcp_disconnect(socket);
    (void)wiced_tcp_listen(socket, SECURE);
    return WICED_SUCCESS;
}

START_TEST(called_back)
{
    wiced_tcp_socket_t called;
    char reply[12] = "";

    unit_tcp_create(&called);
    ck_assert_int_eq(wiced_tls_init_context(&called_context, &identity, NULL),
                     0);
    ck_assert_int_eq(wiced_tcp_enable_tls(&called, &called_context), 0);
    ck_assert_int_eq(wiced_tcp_register_callbacks(&called, on_connect,
                                                  on_receive, on_end, NULL),
                     0);
    ck_assert_int_eq(wiced_tcp_listen(&called, SECURE), 0);
    for (int i = 0; i < 3; i++) {
        ask(reply, 11);
        ck_assert_str_eq(reply, "A0FAC051234");
    }
    ck_assert_int_eq(wiced_tcp_delete_socket(&called), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wiced_tcp_secure");
    TCase *tc = tcase_create("wiced_tcp_secure");

    tcase_set_timeout(tc, 60);
    tcase_add_unchecked_fixture(tc, pki_setup, pki_teardown);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, one_client_after_another);
    tcase_add_test(tc, records_and_records);
    tcase_add_test(tc, one_who_trusts_another);
    tcase_add_test(tc, one_in_the_clear);
    tcase_add_test(tc, disconnect_ends_a_handshake);
    tcase_add_test(tc, called_back);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
