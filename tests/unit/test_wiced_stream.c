/* Streams.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "packet.h"
#include "unit_socket.h"
#include "unit_wiced_tcp.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static wiced_tcp_socket_t sock;
static wiced_tcp_stream_t stream;
static int server;
static int peer;

static void setup(void)
{
    uint16_t port;

    unit_tcp_start();
    server = unit_tcp_server(&port, 8);
    unit_tcp_create(&sock);
    memset(&stream, 0xA5, sizeof stream);
    ck_assert_int_eq(wiced_tcp_stream_init(&stream, &sock), 0);
    peer = unit_tcp_connect(&sock, server, port);
}

static void teardown(void)
{
    close(peer);
    close(server);
    ck_assert_int_eq(wiced_tcp_stream_deinit(&stream), 0);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}

static void write_text(const char *text)
{
    ck_assert_int_eq(
        wiced_tcp_stream_write(&stream, text, (uint32_t)strlen(text)), 0);
}

static void expect_nothing(void)
{
    char byte;

    unit_tcp_sleep(20);
    ck_assert_int_eq(recv(peer, &byte, 1, MSG_DONTWAIT), -1);
    ck_assert_int_eq(errno, EAGAIN);
}

/* Fails unless this comes as one piece. */
static void expect_piece(const char *text)
{
    char buf[64];
    ssize_t n = recv(peer, buf, sizeof buf, 0);

    ck_assert_int_eq(n, (ssize_t)strlen(text));
    ck_assert_mem_eq(buf, text, strlen(text));
}

/* --- writing -------------------------------------------------------------- */

START_TEST(nothing_leaves_before_flush)
{
    write_text("W0FAC");
    write_text("");
    write_text("0B1234");
    expect_nothing();
    ck_assert_int_eq(wiced_tcp_stream_flush(&stream), 0);
    expect_piece("W0FAC0B1234");
    ck_assert_int_eq(wiced_tcp_stream_flush(&stream), 0); /* nothing pending */
    expect_nothing();
}
END_TEST

START_TEST(a_full_packet_leaves_by_itself)
{
    static char many[4000];
    static char got[sizeof many];

    memset(many, 'W', sizeof many);
    ck_assert_int_eq(wiced_tcp_stream_write(&stream, many, 1459), 0);
    expect_nothing();
    ck_assert_int_eq(wiced_tcp_stream_write(&stream, many, 1), 0);
    unit_receive(peer, got, 1460);
    ck_assert_int_eq(wiced_tcp_stream_write(&stream, many, 3000), 0);
    unit_receive(peer, got, 2920);
    expect_nothing();
    ck_assert_int_eq(wiced_tcp_stream_flush(&stream), 0);
    unit_receive(peer, got, 80);
}
END_TEST

START_TEST(flush_fails_and_drops)
{
    write_text("W0FAC0B1234");
    ck_assert_int_eq(wiced_tcp_disconnect(&sock), 0);
    ck_assert_int_eq(wiced_tcp_stream_flush(&stream),
                     WICED_TCPIP_SOCKET_CLOSED);
    ck_assert_int_eq(wiced_tcp_stream_flush(&stream), 0);
}
END_TEST

START_TEST(write_fails_when_a_full_packet_does)
{
    static char many[1460];

    ck_assert_int_eq(wiced_tcp_disconnect(&sock), 0);
    write_text("W");
    ck_assert_int_eq(wiced_tcp_stream_write(&stream, many, sizeof many),
                     WICED_TCPIP_SOCKET_CLOSED);
    ck_assert_int_eq(wiced_tcp_stream_flush(&stream), 0);
}
END_TEST

/* Bytes of before may then be more than a packet of TLS has room for. */
START_TEST(tls_is_enabled_meanwhile)
{
    static char many[1459];
    wiced_tls_context_t context = {0};

    ck_assert_int_eq(wiced_tcp_stream_write(&stream, many, sizeof many), 0);
    ck_assert_int_eq(wiced_tcp_enable_tls(&sock, &context), 0);
    ck_assert_int_eq(wiced_tcp_stream_write(&stream, many, 2),
                     WICED_TLS_ERROR_UNITIALIZED_CONTEXT);
    ck_assert_int_eq(wiced_tcp_enable_tls(&sock, NULL), 0);
}
END_TEST

/* --- reading -------------------------------------------------------------- */

START_TEST(read_all_of_it)
{
    char buf[12] = "";

    unit_send_text(peer, "A0FAC0B1234");
    ck_assert_int_eq(wiced_tcp_stream_read(&stream, buf, 11, LONG_MS), 0);
    ck_assert_str_eq(buf, "A0FAC0B1234");
    ck_assert_int_eq(wiced_tcp_stream_read(&stream, buf, 0, LONG_MS), 0);
}
END_TEST

START_TEST(the_surplus_stays)
{
    char buf[8] = "";
    uint32_t n;

    unit_send_text(peer, "A0FAC0B1234");
    ck_assert_int_eq(wiced_tcp_stream_read(&stream, buf, 1, LONG_MS), 0);
    ck_assert_str_eq(buf, "A");
    ck_assert_int_eq(wiced_tcp_stream_read(&stream, buf, 6, WICED_NO_WAIT), 0);
    ck_assert_str_eq(buf, "0FAC0B");
    memset(buf, 0, sizeof buf);
    ck_assert_int_eq(
        wiced_tcp_stream_read_with_count(&stream, buf, 7, WICED_NO_WAIT, &n),
        0);
    ck_assert_uint_eq(n, 4);
    ck_assert_str_eq(buf, "1234");
}
END_TEST

START_TEST(read_times_out_and_has_taken)
{
    char buf[12] = "";

    unit_send_text(peer, "A0FAC0");
    ck_assert_int_eq(wiced_tcp_stream_read(&stream, buf, 11, 60),
                     WICED_TIMEOUT);
    ck_assert_str_eq(buf, "A0FAC0");
    unit_send_text(peer, "B1234");
    ck_assert_int_eq(wiced_tcp_stream_read(&stream, buf, 5, LONG_MS), 0);
    ck_assert_mem_eq(buf, "B1234C", 5);
}
END_TEST

/* An answer of another kind is shorter: its bytes are there all the same. */
START_TEST(read_meets_the_end)
{
    char buf[12] = "";

    unit_send_text(peer, "X");
    unit_end(peer);
    ck_assert_int_eq(
        wiced_tcp_stream_read(&stream, buf, 11, WICED_NEVER_TIMEOUT),
        WICED_TCPIP_SOCKET_CLOSED);
    ck_assert_str_eq(buf, "X");
}
END_TEST

struct drip {
    pthread_t thread;
    uint32_t every_ms;
    const char *text;
};

static void *on_drip(void *ctx)
{
    const struct drip *drip = ctx;

    for (const char *at = drip->text; *at != '\0'; at++) {
        unit_tcp_sleep(drip->every_ms);
        unit_send(peer, at, 1);
    }
    return NULL;
}

START_TEST(the_time_is_for_each_wait)
{
    struct drip drip = {.every_ms = 300, .text = "A012"};
    char buf[5] = "";
    uint64_t began_ms = unit_tcp_now_ms();

    ck_assert_int_eq(pthread_create(&drip.thread, NULL, on_drip, &drip), 0);
    ck_assert_int_eq(wiced_tcp_stream_read(&stream, buf, 4, 1000), 0);
    ck_assert_uint_ge(unit_tcp_now_ms() - began_ms, 1200);
    ck_assert_str_eq(buf, "A012");
    ck_assert_int_eq(pthread_join(drip.thread, NULL), 0);
}
END_TEST

START_TEST(a_short_count_is_a_success)
{
    char buf[14] = "";
    uint32_t n = 7;

    unit_send_text(peer, "W0FAC0B1234");
    uint64_t began_ms = unit_tcp_now_ms();
    ck_assert_int_eq(
        wiced_tcp_stream_read_with_count(&stream, buf, 13, 100, &n), 0);
    /* Two more may still come. */
    ck_assert_uint_ge(unit_tcp_now_ms() - began_ms, 100);
    ck_assert_uint_eq(n, 11);
    ck_assert_str_eq(buf, "W0FAC0B1234");
}
END_TEST

START_TEST(a_short_count_and_the_end)
{
    char buf[14] = "";
    uint32_t n;

    unit_send_text(peer, "W0FAC0B1234");
    unit_end(peer);
    ck_assert_int_eq(wiced_tcp_stream_read_with_count(&stream, buf, 13,
                                                      WICED_NEVER_TIMEOUT, &n),
                     0);
    ck_assert_uint_eq(n, 11);
    ck_assert_int_eq(wiced_tcp_stream_read_with_count(&stream, buf, 13,
                                                      WICED_NEVER_TIMEOUT, &n),
                     WICED_TCPIP_SOCKET_CLOSED);
    ck_assert_uint_eq(n, 0);
}
END_TEST

START_TEST(no_count_is_an_error)
{
    char buf[4];
    uint32_t n = 7;

    ck_assert_int_eq(wiced_tcp_stream_read_with_count(&stream, buf, 4, 60, &n),
                     WICED_TIMEOUT);
    ck_assert_uint_eq(n, 0);
}
END_TEST

START_TEST(without_a_count_it_is_read)
{
    char buf[4] = "";

    unit_send_text(peer, "A");
    ck_assert_int_eq(
        wiced_tcp_stream_read_with_count(&stream, buf, 3, 60, NULL),
        WICED_TIMEOUT);
    ck_assert_str_eq(buf, "A");
}
END_TEST

/* --- init and deinit ------------------------------------------------------ */

START_TEST(init_needs_no_connection)
{
    wiced_tcp_socket_t other;
    wiced_tcp_stream_t s;
    char byte;

    unit_tcp_create(&other);
    ck_assert_int_eq(wiced_tcp_stream_init(&s, &other), 0);
    ck_assert_int_eq(wiced_tcp_stream_write(&s, "W", 1), 0);
    ck_assert_int_eq(wiced_tcp_stream_read(&s, &byte, 1, LONG_MS),
                     WICED_TCPIP_SOCKET_CLOSED);
    ck_assert_int_eq(wiced_tcp_stream_deinit(&s), 0);
    ck_assert_int_eq(wiced_tcp_delete_socket(&other), 0);
}
END_TEST

START_TEST(deinit_sends_what_is_pending)
{
    write_text("A");
    ck_assert_int_eq(wiced_tcp_stream_deinit(&stream), 0);
    expect_piece("A");
    ck_assert_ptr_null(stream.socket);
    ck_assert_int_eq(wiced_tcp_stream_deinit(&stream), 0);
}
END_TEST

START_TEST(deinit_after_the_socket)
{
    write_text("A");
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
    ck_assert_int_eq(wiced_tcp_stream_deinit(&stream), 0);
    unit_tcp_create(&sock);
}
END_TEST

/* It leaves the packet that was not read to the end. */
START_TEST(deinit_gives_the_packet_back)
{
    char byte;

    for (unsigned i = 0; i < 2 * PACKET_POOL; i++) {
        unit_send_text(peer, "AB");
        ck_assert_int_eq(wiced_tcp_stream_read(&stream, &byte, 1, LONG_MS), 0);
        ck_assert_int_eq(wiced_tcp_stream_deinit(&stream), 0);
        ck_assert_int_eq(wiced_tcp_stream_init(&stream, &sock), 0);
    }
}
END_TEST

START_TEST(use_without_init)
{
    char byte;
    uint32_t n;

    ck_assert_int_eq(wiced_tcp_stream_deinit(&stream), 0);
    ck_assert_int_eq(wiced_tcp_stream_write(&stream, "W", 1), WICED_BADARG);
    ck_assert_int_eq(wiced_tcp_stream_flush(&stream), 0);
    ck_assert_int_eq(wiced_tcp_stream_read(&stream, &byte, 1, 0), WICED_BADARG);
    ck_assert_int_eq(wiced_tcp_stream_init(NULL, &sock), WICED_BADARG);
    ck_assert_int_eq(wiced_tcp_stream_init(&stream, NULL), WICED_BADARG);
    ck_assert_int_eq(wiced_tcp_stream_deinit(NULL), WICED_BADARG);
    ck_assert_int_eq(wiced_tcp_stream_flush(NULL), WICED_BADARG);
    ck_assert_int_eq(wiced_tcp_stream_write(NULL, "W", 1), WICED_BADARG);
    ck_assert_int_eq(wiced_tcp_stream_write(&stream, NULL, 1), WICED_BADARG);
    ck_assert_int_eq(wiced_tcp_stream_read(NULL, &byte, 1, 0), WICED_BADARG);
    ck_assert_int_eq(wiced_tcp_stream_read(&stream, NULL, 1, 0), WICED_BADARG);
    n = 7;
    ck_assert_int_eq(wiced_tcp_stream_read_with_count(NULL, &byte, 1, 0, &n),
                     WICED_BADARG);
    ck_assert_uint_eq(n, 0);
    ck_assert_int_eq(wiced_tcp_stream_read_with_count(&stream, NULL, 1, 0, &n),
                     WICED_BADARG);
}
END_TEST

static void add_reading(TCase *tc)
{
    tcase_add_test(tc, read_all_of_it);
    tcase_add_test(tc, the_surplus_stays);
    tcase_add_test(tc, read_times_out_and_has_taken);
    tcase_add_test(tc, read_meets_the_end);
    tcase_add_test(tc, the_time_is_for_each_wait);
    tcase_add_test(tc, a_short_count_is_a_success);
    tcase_add_test(tc, a_short_count_and_the_end);
    tcase_add_test(tc, no_count_is_an_error);
    tcase_add_test(tc, without_a_count_it_is_read);
}

int main(void)
{
    Suite *suite = suite_create("wiced_stream");
    TCase *tc = tcase_create("wiced_stream");

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, nothing_leaves_before_flush);
    tcase_add_test(tc, a_full_packet_leaves_by_itself);
    tcase_add_test(tc, flush_fails_and_drops);
    tcase_add_test(tc, write_fails_when_a_full_packet_does);
    tcase_add_test(tc, tls_is_enabled_meanwhile);
    add_reading(tc);
    tcase_add_test(tc, init_needs_no_connection);
    tcase_add_test(tc, deinit_sends_what_is_pending);
    tcase_add_test(tc, deinit_after_the_socket);
    tcase_add_test(tc, deinit_gives_the_packet_back);
    tcase_add_test(tc, use_without_init);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
