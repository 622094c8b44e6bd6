/* TLS of sockets that are called back, or taken away.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "unit_socket.h"
#include "unit_wiced_secure.h"
#include "unit_wiced_tcp.h"

#include <unistd.h>

static wiced_tcp_socket_t sock;
static wiced_tls_context_t context;

static void setup(void)
{
    unit_tcp_start();
}

static void teardown(void)
{
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

/* --- callbacks ------------------------------------------------------------ */

static struct unit_tcp_count connects = UNIT_TCP_COUNT;
static struct unit_tcp_count receives = UNIT_TCP_COUNT;
static struct unit_tcp_count ends = UNIT_TCP_COUNT;
static wiced_result_t accepted;

static wiced_result_t on_connect(wiced_tcp_socket_t *socket, void *arg)
{
    (void)arg;
    accepted = wiced_tcp_accept(socket);
    ck_assert_uint_eq(unit_tcp_count(&receives), 0);
    unit_tcp_count_up(&connects);
    return WICED_SUCCESS;
}

static wiced_result_t on_receive(wiced_tcp_socket_t *socket, void *arg)
{
    wiced_packet_t *packet;

    (void)arg;
    if (wiced_tcp_receive(socket, &packet, WICED_NO_WAIT) == WICED_SUCCESS) {
        ck_assert_int_eq(wiced_packet_delete(packet), 0);
        unit_tcp_count_up(&receives);
    }
    return WICED_SUCCESS;
}

static wiced_result_t on_end(wiced_tcp_socket_t *socket, void *arg)
{
    (void)socket;
    (void)arg;
    unit_tcp_count_up(&ends);
    return WICED_SUCCESS;
}

static int open_called_back(const char *bytes, size_t len)
{
    make_secure();
    ck_assert_int_eq(wiced_tcp_register_callbacks(&sock, on_connect, on_receive,
                                                  on_end, NULL),
                     0);
    ck_assert_int_eq(wiced_tcp_listen(&sock, SECURE), 0);

    int fd = unit_tcp_client(SECURE);
    unit_send(fd, bytes, len);
    return fd;
}

/* What TLS has read ahead is told, though nothing arrives. */
START_TEST(called_back_for_what_came_with_the_greeting)
{
    int fd = open_called_back(UNIT_SECURE_HELLO "\3abc\2de\1f", 10);

    unit_tcp_count_wait(&receives, 3);
    unit_send(fd, "\3abc\2de", 7);
    unit_tcp_count_wait(&receives, 5);
    close(fd);
    unit_tcp_count_wait(&ends, 1);
    ck_assert_uint_eq(unit_tcp_count(&receives), 5);
    ck_assert_int_eq(accepted, 0);
}
END_TEST

START_TEST(called_back_for_a_record_in_pieces)
{
    int fd = open_called_back(UNIT_SECURE_HELLO "\5a", 3);

    unit_tcp_sleep(20);
    ck_assert_uint_eq(unit_tcp_count(&receives), 0);
    unit_send_text(fd, "bc");
    unit_tcp_sleep(20);
    unit_send_text(fd, "de");
    unit_tcp_count_wait(&receives, 1);
    close(fd);
}
END_TEST

/* No bytes are told of it, but its end is. */
START_TEST(called_back_when_tls_fails)
{
    int fd = open_called_back("?abc", 4);

    unit_tcp_count_wait(&connects, 1);
    ck_assert_int_eq(accepted, WICED_TLS_ERROR);
    close(fd);
    unit_tcp_count_wait(&ends, 1);
    ck_assert_uint_eq(unit_tcp_count(&receives), 0);
}
END_TEST

/* --- servers of several connections --------------------------------------- */

static wiced_tcp_server_t several;

static wiced_result_t on_connect_several(wiced_tcp_socket_t *socket, void *arg)
{
    (void)arg;
    ck_assert_int_eq(wiced_tls_init_context(&context, NULL, NULL), 0);
    ck_assert_int_eq(wiced_tcp_enable_tls(socket, &context), 0);
    accepted = wiced_tcp_server_accept(&several, socket);
    unit_tcp_count_up(&connects);
    return WICED_SUCCESS;
}

START_TEST(a_server_says_no_good_bye)
{
    ck_assert_int_eq(wiced_tcp_server_start(&several, WICED_STA_INTERFACE,
                                            SECURE, 1, on_connect_several, NULL,
                                            NULL, NULL),
                     0);
    wiced_tcp_socket_t *socket = &several.sockets[0].socket;
    endpoint_set_times(socket, 60, 200, 0);

    int fd = unit_tcp_client(SECURE); /* does not greet: listens again */
    unit_send_text(fd, "?");
    unit_tcp_count_wait(&connects, 1);
    ck_assert_int_eq(accepted, 0);
    ck_assert_uint_eq(several.active_sockets, 0);
    unit_expect_end(fd, "S");

    fd = unit_tcp_client(SECURE);
    unit_send_text(fd, UNIT_SECURE_HELLO);
    unit_tcp_count_wait(&connects, 2);
    ck_assert_uint_eq(several.active_sockets, 1);
    ck_assert_int_eq(wiced_tcp_server_disconnect_socket(&several, socket), 0);
    unit_expect_end(fd, "S");
    ck_assert_int_eq(wiced_tcp_server_stop(&several), 0);
    unit_tcp_create(&sock);
}
END_TEST

/* --- threads -------------------------------------------------------------- */

static wiced_result_t waited;

static void *on_accept(void *ctx)
{
    (void)ctx;
    waited = wiced_tcp_accept(&sock);
    return NULL;
}

START_TEST(delete_ends_a_handshake)
{
    pthread_t thread;

    make_secure();
    ck_assert_int_eq(wiced_tcp_listen(&sock, SECURE), 0);
    int fd = unit_tcp_client(SECURE); /* and says nothing */
    ck_assert_int_eq(pthread_create(&thread, NULL, on_accept, NULL), 0);
    expect(fd, "S", 1);
    uint64_t began_ms = unit_tcp_now_ms();
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_uint_lt(unit_tcp_now_ms() - began_ms, 5000);
    ck_assert_int_ne(waited, 0);
    unit_expect_gone(fd);
}
END_TEST

static void *on_receive_all(void *ctx)
{
    wiced_packet_t *packet;

    (void)ctx;
    waited = wiced_tcp_receive(&sock, &packet, WICED_NEVER_TIMEOUT);
    return NULL;
}

START_TEST(delete_ends_half_a_record)
{
    pthread_t thread;

    make_secure();
    ck_assert_int_eq(wiced_tcp_listen(&sock, SECURE), 0);
    int fd = unit_tcp_client(SECURE);
    unit_send(fd, UNIT_SECURE_HELLO "\5ab", 4);
    ck_assert_int_eq(wiced_tcp_accept(&sock), 0);
    expect(fd, "S", 1);
    ck_assert_int_eq(pthread_create(&thread, NULL, on_receive_all, NULL), 0);
    unit_tcp_sleep(50);
    uint64_t began_ms = unit_tcp_now_ms();
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_uint_lt(unit_tcp_now_ms() - began_ms, 5000);
    ck_assert_int_ne(waited, 0);
    expect(fd, UNIT_SECURE_CLOSE_NOTIFY, 1); /* that still went out */
    unit_expect_end(fd, "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wiced_tcp_called");
    TCase *tc = tcase_create("wiced_tcp_called");

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, called_back_for_what_came_with_the_greeting);
    tcase_add_test(tc, called_back_for_a_record_in_pieces);
    tcase_add_test(tc, called_back_when_tls_fails);
    tcase_add_test(tc, a_server_says_no_good_bye);
    tcase_add_test(tc, delete_ends_a_handshake);
    tcase_add_test(tc, delete_ends_half_a_record);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
