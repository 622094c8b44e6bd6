/* What sockets do with TLS: when it shakes hands, says good-bye, is freed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "unit_socket.h"
#include "unit_wiced_secure.h"
#include "unit_wiced_tcp.h"

#include <sys/socket.h>
#include <unistd.h>

static wiced_tcp_socket_t sock;
static wiced_tls_context_t context;
static int server;
static uint16_t port;

static void setup(void)
{
    unit_tcp_start();
    server = unit_tcp_server(&port, 8);
}

static void teardown(void)
{
    close(server);
    (void)wiced_tcp_delete_socket(&sock);
    ck_assert_uint_eq(unit_secure_sessions(), 0);
}

static void make_secure(void)
{
    unit_tcp_create(&sock);
    ck_assert_int_eq(wiced_tls_init_context(&context, NULL, NULL), 0);
    ck_assert_int_eq(wiced_tcp_enable_tls(&sock, &context), 0);
}

static void expect(int fd, const char *bytes, size_t len)
{
    char got[64];

    unit_receive(fd, got, len);
    ck_assert_mem_eq(got, bytes, len);
}

/* A peer who greets, and says what comes with it. */
struct greeter {
    pthread_t thread;
    int fd; /* -1: accepts one */
    const char *bytes;
    size_t len;
};

static void *on_greeter(void *ctx)
{
    struct greeter *g = ctx;

    if (g->fd < 0)
        g->fd = unit_tcp_server_accept(server);
    unit_send(g->fd, g->bytes, g->len);
    return NULL;
}

static void greet(struct greeter *g, int fd, const char *bytes, size_t len)
{
    *g = (struct greeter){.fd = fd, .bytes = bytes, .len = len};
    ck_assert_int_eq(pthread_create(&g->thread, NULL, on_greeter, g), 0);
}

static wiced_result_t connect_to_greeter(const char *bytes, size_t len, int *fd)
{
    const wiced_ip_address_t to = unit_tcp_loopback();
    struct greeter g;

    greet(&g, -1, bytes, len);
    wiced_result_t result = wiced_tcp_connect(&sock, &to, port, LONG_MS);
    ck_assert_int_eq(pthread_join(g.thread, NULL), 0);
    *fd = g.fd;
    return result;
}

static int open_client(void)
{
    int fd;

    make_secure();
    ck_assert_int_eq(connect_to_greeter(UNIT_SECURE_HELLO, 1, &fd), 0);
    expect(fd, "C", 1);
    return fd;
}

static void expect_packet(const char *text)
{
    wiced_packet_t *packet;
    uint8_t *data;
    uint16_t len;
    uint16_t total;

    ck_assert_int_eq(wiced_tcp_receive(&sock, &packet, LONG_MS), 0);
    ck_assert_int_eq(wiced_packet_get_data(packet, 0, &data, &len, &total), 0);
    ck_assert_str_eq((const char *)data, text);
    ck_assert_int_eq(wiced_packet_delete(packet), 0);
}

/* --- clients -------------------------------------------------------------- */

START_TEST(enable_only_takes_note)
{
    make_secure();
    ck_assert_ptr_eq(sock.tls_context, &context);
    ck_assert_uint_eq(unit_secure_sessions(), 0);
    ck_assert_int_eq(wiced_tcp_create_socket(&sock, WICED_STA_INTERFACE), 0);
    ck_assert_ptr_null(sock.tls_context); /* it forgets */
    close(unit_tcp_connect(&sock, server, port));
}
END_TEST

START_TEST(records_both_ways)
{
    int fd = open_client();

    ck_assert_int_eq(wiced_tcp_send_buffer(&sock, "abc", 3), 0);
    expect(fd, "\3abc", 4);
    unit_send(fd, "\2de\3fgh", 7); /* at once: one packet each */
    expect_packet("de");
    expect_packet("fgh");
    close(fd);
}
END_TEST

START_TEST(disconnect_says_good_bye)
{
    int fd = open_client();

    ck_assert_int_eq(wiced_tcp_disconnect(&sock), 0);
    expect(fd, UNIT_SECURE_CLOSE_NOTIFY, 1);
    unit_expect_end(fd, "");
    ck_assert_uint_eq(unit_secure_sessions(), 0);
    ck_assert_uint_eq(unit_secure_deinits(), 0);
}
END_TEST

START_TEST(delete_says_good_bye_and_deinitialises)
{
    int fd = open_client();

    unit_end(fd);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
    expect(fd, UNIT_SECURE_CLOSE_NOTIFY, 1);
    unit_expect_end(fd, "");
    ck_assert_uint_eq(unit_secure_deinits(), 1);
    ck_assert_ptr_null(context.session);
}
END_TEST

/* The course's clients: first the context, then the stream, then the socket. */
START_TEST(deinit_before_delete)
{
    wiced_tcp_stream_t stream;
    int fd = open_client();

    ck_assert_int_eq(wiced_tcp_stream_init(&stream, &sock), 0);
    ck_assert_int_eq(wiced_tcp_stream_write(&stream, "abc", 3), 0);
    ck_assert_int_eq(wiced_tcp_stream_flush(&stream), 0);
    ck_assert_int_eq(wiced_tls_deinit_context(&context), 0);
    ck_assert_int_eq(wiced_tcp_stream_deinit(&stream), 0);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
    expect(fd, "\3abc", 4);
    unit_expect_end(fd, ""); /* no good-bye */
    ck_assert_uint_eq(unit_secure_deinits(), 2);
}
END_TEST

START_TEST(use_after_deinit)
{
    wiced_tcp_stream_t stream;
    wiced_packet_t *packet;
    int fd = open_client();
    char byte;

    ck_assert_int_eq(wiced_tls_deinit_context(&context), 0);
    ck_assert_int_eq(wiced_tcp_stream_init(&stream, &sock), 0);
    ck_assert_int_eq(wiced_tcp_stream_write(&stream, "abc", 3), 0);
    ck_assert_int_eq(wiced_tcp_stream_read(&stream, &byte, 1, LONG_MS),
                     WICED_TLS_ERROR_UNITIALIZED_CONTEXT);
    ck_assert_int_eq(wiced_tcp_stream_deinit(&stream), 0);
    ck_assert_int_eq(wiced_tcp_receive(&sock, &packet, LONG_MS),
                     WICED_TLS_ERROR_UNITIALIZED_CONTEXT);
    ck_assert_int_eq(wiced_tcp_send_buffer(&sock, "W", 1),
                     WICED_TLS_ERROR_UNITIALIZED_CONTEXT);
    ck_assert_int_eq(wiced_tcp_disconnect(&sock), 0);
    unit_expect_end(fd, "");
}
END_TEST

START_TEST(connect_fails_in_tls)
{
    const wiced_ip_address_t to = unit_tcp_loopback();
    int fd;

    make_secure();
    ck_assert_int_eq(wiced_tcp_bind(&sock, WICED_ANY_PORT), 0);
    ck_assert_int_eq(connect_to_greeter("?", 1, &fd), WICED_TLS_ERROR);
    expect(fd, "C", 1);
    unit_expect_end(fd, "");
    ck_assert_int_eq(unit_tcp_state(&sock), WICED_SOCKET_CLOSED);
    ck_assert_int_eq(wiced_tcp_bind(&sock, WICED_ANY_PORT), 0); /* unbound */
    ck_assert_int_eq(wiced_tls_deinit_context(&context), 0);
    ck_assert_int_eq(wiced_tcp_connect(&sock, &to, port, LONG_MS),
                     WICED_TLS_ERROR);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

START_TEST(the_peer_says_good_bye)
{
    wiced_packet_t *packet;
    int fd = open_client();

    unit_send(fd, UNIT_SECURE_CLOSE_NOTIFY, 1);
    ck_assert_int_eq(wiced_tcp_receive(&sock, &packet, LONG_MS), -0x7880);
    ck_assert_ptr_null(packet);
    close(fd);
}
END_TEST

START_TEST(the_peer_ends_without_a_word)
{
    wiced_packet_t *packet;

    close(open_client());
    ck_assert_int_eq(wiced_tcp_receive(&sock, &packet, LONG_MS),
                     WICED_TCPIP_SOCKET_CLOSED);
}
END_TEST

START_TEST(receive_times_out_in_a_record)
{
    wiced_packet_t *packet;
    int fd = open_client();
    uint64_t began_ms = unit_tcp_now_ms();

    ck_assert_int_eq(wiced_tcp_receive(&sock, &packet, 30), WICED_TIMEOUT);
    unit_send(fd, "\5ab", 3);
    ck_assert_int_eq(wiced_tcp_receive(&sock, &packet, 30), WICED_TIMEOUT);
    ck_assert_uint_ge(unit_tcp_now_ms() - began_ms, 60);
    unit_send(fd, "cde", 3);
    expect_packet("abcde");
    close(fd);
}
END_TEST

/* One flush is one record; a full one leaves before. */
START_TEST(records_of_a_stream)
{
    static char many[1431];
    wiced_tcp_stream_t stream;
    int fd = open_client();
    char byte;

    ck_assert_int_eq(wiced_tcp_stream_init(&stream, &sock), 0);
    ck_assert_int_eq(wiced_tcp_stream_write(&stream, "ab", 2), 0);
    ck_assert_int_eq(wiced_tcp_stream_write(&stream, "cd", 2), 0);
    ck_assert_int_eq(wiced_tcp_stream_flush(&stream), 0);
    expect(fd, "\4abcd", 5);
    ck_assert_int_eq(wiced_tcp_stream_write(&stream, many, 1430), 0);
    unit_tcp_sleep(20);
    ck_assert_int_eq(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
    ck_assert_int_eq(wiced_tcp_stream_write(&stream, many, 1), 0);
    expect(fd, "\xFF", 1);
    ck_assert_int_eq(wiced_tcp_stream_deinit(&stream), 0);
    close(fd);
}
END_TEST

/* --- servers -------------------------------------------------------------- */

static wiced_result_t accept_greeter(const char *bytes, size_t len, int *fd)
{
    *fd = unit_tcp_client(SECURE);
    unit_send(*fd, bytes, len);
    return wiced_tcp_accept(&sock);
}

START_TEST(accept_shakes_hands)
{
    int fd;

    make_secure();
    ck_assert_int_eq(wiced_tcp_listen(&sock, SECURE), 0);
    ck_assert_int_eq(accept_greeter(UNIT_SECURE_HELLO "\3abc", 5, &fd), 0);
    expect_packet("abc"); /* it came with the greeting */
    expect(fd, "S", 1);
    close(fd);
}
END_TEST

START_TEST(accept_fails_and_tcp_stays)
{
    int first;
    int second;

    make_secure();
    ck_assert_int_eq(wiced_tcp_listen(&sock, SECURE), 0);
    ck_assert_int_eq(accept_greeter("?", 1, &first), WICED_TLS_ERROR);
    ck_assert_uint_eq(unit_secure_sessions(), 0);
    ck_assert_int_eq(unit_tcp_state(&sock), WICED_SOCKET_CONNECTED);
    expect(first, "S", 1);
    ck_assert_int_eq(accept_greeter(UNIT_SECURE_HELLO, 1, &second), 0);
    unit_expect_end(first, "");
    expect(second, "S", 1);
    ck_assert_int_eq(wiced_tcp_accept(&sock), WICED_TCPIP_SOCKET_CLOSED);
    expect(second, UNIT_SECURE_CLOSE_NOTIFY, 1);
    unit_expect_end(second, "");
}
END_TEST

/* A turn of the course's loop: the context is made anew each time, also when
 * nobody came, and never deinitialised then. */
static wiced_result_t turn(wiced_tcp_stream_t *stream)
{
    char request[14];
    uint32_t n;

    ck_assert_int_eq(wiced_tls_init_context(&context, NULL, NULL), 0);
    ck_assert_int_eq(wiced_tcp_enable_tls(&sock, &context), 0);
    ck_assert_int_eq(wiced_tcp_stream_init(stream, &sock), 0);
    wiced_result_t result = wiced_tcp_accept(&sock);
    if (result != WICED_SUCCESS)
        return result;
    ck_assert_int_eq(
        wiced_tcp_stream_read_with_count(stream, request, 13, 20, &n), 0);
    ck_assert_int_eq(wiced_tcp_stream_write(stream, "A", 1), 0);
    ck_assert_int_eq(wiced_tcp_stream_flush(stream), 0);
    ck_assert_int_eq(wiced_tcp_disconnect(&sock), 0);
    ck_assert_int_eq(wiced_tls_deinit_context(&context), 0);
    ck_assert_int_eq(wiced_tcp_stream_deinit(stream), 0);
    ck_assert_int_eq(wiced_tcp_stream_init(stream, &sock), 0);
    return result;
}

START_TEST(the_course_s_secure_loop)
{
    wiced_tcp_stream_t stream;
    int fd;

    unit_tcp_create(&sock);
    ck_assert_int_eq(wiced_tcp_listen(&sock, SECURE), 0);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(turn(&stream), WICED_TCPIP_SOCKET_CLOSED);
        fd = unit_tcp_client(SECURE);
        unit_send_text(fd, "R0FAC05"); /* in the clear: no greeting */
        ck_assert_int_eq(turn(&stream), WICED_TLS_ERROR);
        close(fd);
        fd = unit_tcp_client(SECURE);
        unit_send(fd, UNIT_SECURE_HELLO "\7R0FAC05", 9);
        ck_assert_int_eq(turn(&stream), 0);
        expect(fd, "S\1A" UNIT_SECURE_CLOSE_NOTIFY, 4);
        unit_expect_end(fd, "");
    }
}
END_TEST

/* --- start_tls ------------------------------------------------------------ */

/* The first two ways have a context of the program's. */
static wiced_result_t start(int way)
{
    if (way == 1)
        return wiced_generic_start_tls_with_ciphers(
            &context, &sock, WICED_TLS_AS_CLIENT, TLS_NO_VERIFICATION, NULL,
            TLS_TCP_TRANSPORT);
    return wiced_tcp_start_tls(&sock, WICED_TLS_AS_CLIENT, TLS_NO_VERIFICATION);
}

START_TEST(start_tls)
{
    const wiced_ip_address_t to = unit_tcp_loopback();
    struct greeter g;

    unit_tcp_create(&sock);
    ck_assert_int_eq(
        wiced_tcp_start_tls(&sock, WICED_TLS_AS_CLIENT, TLS_NO_VERIFICATION),
        WICED_TCPIP_SOCKET_CLOSED);
    ck_assert_int_eq(wiced_tcp_connect(&sock, &to, port, LONG_MS), 0);
    int fd = unit_tcp_server_accept(server);
    ck_assert_int_eq(wiced_tcp_send_buffer(&sock, "STARTTLS", 8), 0);
    expect(fd, "STARTTLS", 8);
    if (_i < 2)
        ck_assert_int_eq(wiced_tls_init_context(&context, NULL, NULL), 0);
    if (_i == 0)
        ck_assert_int_eq(wiced_tcp_enable_tls(&sock, &context), 0);
    greet(&g, fd, UNIT_SECURE_HELLO, 1);
    ck_assert_int_eq(start(_i), 0);
    ck_assert_int_eq(pthread_join(g.thread, NULL), 0);
    ck_assert_int_eq(sock.context_malloced, _i < 2 ? WICED_FALSE : WICED_TRUE);
    ck_assert_ptr_nonnull(sock.tls_context);
    ck_assert_int_eq(wiced_tcp_send_buffer(&sock, "abc", 3), 0);
    expect(fd, "C\3abc", 5);
    unit_end(fd);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
    expect(fd, UNIT_SECURE_CLOSE_NOTIFY, 1);
    unit_expect_end(fd, "");
    ck_assert_uint_eq(unit_secure_deinits(), 1);
}
END_TEST

START_TEST(start_tls_with_what_is_not_here)
{
    const cipher_suite_t *ciphers[] = {NULL};

    unit_tcp_create(&sock);
    ck_assert_int_eq(wiced_generic_start_tls_with_ciphers(
                         NULL, &sock, WICED_TLS_AS_CLIENT, TLS_NO_VERIFICATION,
                         NULL, TLS_TCP_TRANSPORT),
                     WICED_BADARG);
    ck_assert_int_eq(wiced_generic_start_tls_with_ciphers(
                         &context, NULL, WICED_TLS_AS_CLIENT,
                         TLS_NO_VERIFICATION, NULL, TLS_TCP_TRANSPORT),
                     WICED_BADARG);
    ck_assert_int_eq(wiced_generic_start_tls_with_ciphers(
                         &context, &sock, WICED_TLS_AS_CLIENT,
                         TLS_NO_VERIFICATION, NULL, TLS_EAP_TRANSPORT),
                     WICED_UNSUPPORTED);
    ck_assert_int_eq(wiced_generic_start_tls_with_ciphers(
                         &context, &sock, WICED_TLS_AS_CLIENT,
                         TLS_NO_VERIFICATION, ciphers, TLS_TCP_TRANSPORT),
                     WICED_UNSUPPORTED);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

/* One that we have made is freed, also where it was replaced, or its socket
 * was created again without a delete. */
START_TEST(our_own_context_is_freed)
{
    struct greeter g;

    unit_tcp_create(&sock);
    int fd = unit_tcp_connect(&sock, server, port);
    greet(&g, fd, UNIT_SECURE_HELLO, 1);
    ck_assert_int_eq(
        wiced_tcp_start_tls(&sock, WICED_TLS_AS_SERVER, TLS_NO_VERIFICATION),
        0);
    ck_assert_int_eq(pthread_join(g.thread, NULL), 0);
    if (_i == 0)
        ck_assert_int_eq(wiced_tcp_enable_tls(&sock, NULL), 0);
    else
        unit_tcp_create(&sock);
    unit_end(fd);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
    ck_assert_uint_eq(unit_secure_deinits(), 1);
    unit_expect_gone(fd);
}
END_TEST

static void add_clients(TCase *tc)
{
    tcase_add_test(tc, enable_only_takes_note);
    tcase_add_test(tc, records_both_ways);
    tcase_add_test(tc, disconnect_says_good_bye);
    tcase_add_test(tc, delete_says_good_bye_and_deinitialises);
    tcase_add_test(tc, deinit_before_delete);
    tcase_add_test(tc, use_after_deinit);
    tcase_add_test(tc, connect_fails_in_tls);
    tcase_add_test(tc, the_peer_says_good_bye);
    tcase_add_test(tc, the_peer_ends_without_a_word);
    tcase_add_test(tc, receive_times_out_in_a_record);
    tcase_add_test(tc, records_of_a_stream);
}

int main(void)
{
    Suite *suite = suite_create("wiced_tcp_tls");
    TCase *tc = tcase_create("wiced_tcp_tls");

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    add_clients(tc);
    tcase_add_test(tc, accept_shakes_hands);
    tcase_add_test(tc, accept_fails_and_tcp_stays);
    tcase_add_test(tc, the_course_s_secure_loop);
    tcase_add_loop_test(tc, start_tls, 0, 3);
    tcase_add_test(tc, start_tls_with_what_is_not_here);
    tcase_add_loop_test(tc, our_own_context_is_freed, 0, 2);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
