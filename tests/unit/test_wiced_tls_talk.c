/* After the handshake: content, its limits, and each way in which it ends.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "unit.h"
#include "unit_pki.h"
#include "unit_tls_link.h"
#include "unit_wiced_tls.h"
#include "wiced_constants.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_MS 5000u

static struct unit_two two;
static uint8_t buf[70000];
static size_t got;

static void make_all(void)
{
    unit_pki_setup(NULL);
}

static enum wwep_tls_version version_of(int i)
{
    return i % 2 == 0 ? WWEP_TLS_1_2 : WWEP_TLS_1_3;
}

static void begin_test(void)
{
    unit_two_board(WWEP_TLS_1_2, false);
    unit_two_init(&two);
    unit_end_identity(&two.server, "server");
}

static void end_test(void)
{
    unit_two_deinit(&two);
    (void)wiced_tls_deinit_root_ca_certificates();
}

static void open_both(int i)
{
    unit_two_board(version_of(i), false);
    ck_assert(unit_two_open(&two));
}

static wiced_result_t receive(struct unit_end *end, size_t cap)
{
    return secure_recv(&end->context, buf, cap, PATIENCE_MS, &got);
}

/* As a peer that leaves without a word. */
static void hang_up(struct unit_end *end)
{
    close(end->connection.fd);
    end->connection.fd = -1;
}

/* --- content ----------------------------------------------------------------
 */

static void *send_long(void *arg)
{
    struct unit_end *end = arg;
    uint8_t *bytes = malloc(sizeof buf);

    for (size_t i = 0; i < sizeof buf; i++)
        bytes[i] = (uint8_t)(i / 7);
    end->opened = secure_send(&end->context, bytes, sizeof buf, PATIENCE_MS);
    free(bytes);
    wwep_tls_thread_end();
    return NULL;
}

static void take_long(struct unit_end *from, struct unit_end *to, size_t most)
{
    size_t len = 0;

    ck_assert_int_eq(pthread_create(&from->thread, NULL, send_long, from), 0);
    while (len < sizeof buf) {
        ck_assert_int_eq(secure_recv(&to->context, buf + len, sizeof buf - len,
                                     PATIENCE_MS, &got),
                         WICED_SUCCESS);
        ck_assert_uint_gt(got, 0);
        ck_assert_uint_le(got, most);
        len += got;
    }
    unit_end_join(from);
    ck_assert_int_eq(from->opened, WICED_SUCCESS);
    for (size_t i = 0; i < sizeof buf; i++)
        ck_assert_uint_eq(buf[i], (uint8_t)(i / 7));
}

START_TEST(long_content)
{
    open_both(_i);
    take_long(&two.server, &two.client, 16384);
    take_long(&two.client, &two.server, 16384);
}
END_TEST

START_TEST(max_fragment)
{
    wiced_tls_extension_t extension = {
        .type = TLS_EXTENSION_TYPE_MAX_FRAGMENT_LENGTH,
        .extension_data.max_fragment_length = TLS_FRAGMENT_LENGTH_512};

    ck_assert_int_eq(wiced_tls_set_extension(&two.client.context, &extension),
                     0);
    open_both(_i);
    take_long(&two.server, &two.client, 512);
}
END_TEST

/* The rest of a record that poll() no longer shows. */
START_TEST(has_more)
{
    open_both(_i);
    ck_assert(!secure_has_more(&two.client.context));
    ck_assert_int_eq(secure_send(&two.server.context,
                                 (const uint8_t *)"A0FAC050001", 11,
                                 PATIENCE_MS),
                     WICED_SUCCESS);
    for (size_t i = 0; i < 11; i++) {
        ck_assert_int_eq(secure_has_more(&two.client.context), i > 0);
        ck_assert_int_eq(receive(&two.client, 1), WICED_SUCCESS);
        ck_assert_uint_eq(got, 1);
        ck_assert_uint_eq(buf[0], (uint8_t) "A0FAC050001"[i]);
    }
    ck_assert(!secure_has_more(&two.client.context));
}
END_TEST

START_TEST(nothing_to_send_or_no_room)
{
    open_both(_i);
    ck_assert_int_eq(secure_send(&two.client.context, buf, 0, 0),
                     WICED_SUCCESS);
    ck_assert_int_eq(receive(&two.client, 0), WICED_BADARG);
    ck_assert(unit_two_talk(&two));
}
END_TEST

/* --- time -------------------------------------------------------------------
 */

/* It may be tried again, also in the middle of a record. */
START_TEST(receive_timeout)
{
    uint8_t record[128];

    open_both(_i);
    for (int i = 0; i < 3; i++) {
        got = 1;
        ck_assert_int_eq(
            secure_recv(&two.server.context, buf, sizeof buf, 5, &got),
            WICED_TIMEOUT);
        ck_assert_uint_eq(got, 0);
    }
    ck_assert_int_eq(secure_send(&two.client.context,
                                 (const uint8_t *)"R0FAC05", 7, PATIENCE_MS),
                     WICED_SUCCESS);
    /* The record is taken off the wire, and put there again in two halves. */
    int raw[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, raw),
                     0);
    struct pollfd one = {.fd = two.server.connection.fd, .events = POLLIN};
    ck_assert_int_eq(poll(&one, 1, (int)PATIENCE_MS), 1);
    ssize_t len = recv(two.server.connection.fd, record, sizeof record, 0);
    ck_assert_int_gt(len, 10);
    close(two.server.connection.fd);
    two.server.connection.fd = raw[0];
    ck_assert_int_eq(write(raw[1], record, 10), 10);
    ck_assert_int_eq(secure_recv(&two.server.context, buf, sizeof buf, 5, &got),
                     WICED_TIMEOUT);
    ck_assert_int_eq(write(raw[1], record + 10, (size_t)len - 10), len - 10);
    ck_assert_int_eq(receive(&two.server, sizeof buf), WICED_SUCCESS);
    ck_assert_uint_eq(got, 7);
    close(raw[1]);
}
END_TEST

static void *say_later(void *arg)
{
    struct unit_end *end = arg;

    (void)poll(NULL, 0, 50);
    end->opened = secure_send(&end->context, (const uint8_t *)"X", 1, 0);
    wwep_tls_thread_end();
    return NULL;
}

START_TEST(receive_never_timeout)
{
    open_both(_i);
    ck_assert_int_eq(
        pthread_create(&two.client.thread, NULL, say_later, &two.client), 0);
    ck_assert_int_eq(secure_recv(&two.server.context, buf, sizeof buf,
                                 WICED_NEVER_TIMEOUT, &got),
                     WICED_SUCCESS);
    unit_end_join(&two.client);
}
END_TEST

/* The peer takes nothing: it is for good, as half a record is under way. */
START_TEST(send_timeout)
{
    wiced_result_t result = WICED_SUCCESS;

    open_both(_i);
    for (int i = 0; i < 1000 && result == WICED_SUCCESS; i++)
        result = secure_send(&two.client.context, buf, sizeof buf, 5);
    ck_assert_int_eq(result, WICED_TIMEOUT);
    ck_assert_int_eq(secure_send(&two.client.context, buf, 1, 5),
                     WICED_TIMEOUT);
    secure_close(&two.client.context); /* and it does not wait */
}
END_TEST

/* --- ends -------------------------------------------------------------------
 */

START_TEST(good_bye)
{
    open_both(_i);
    ck_assert_int_eq(
        secure_send(&two.server.context, (const uint8_t *)"X", 1, PATIENCE_MS),
        WICED_SUCCESS);
    secure_close(&two.server.context);
    ck_assert(!secure_is_open(&two.server.context));
    /* What was sent before it comes first; then it is the same ever after. */
    ck_assert_int_eq(receive(&two.client, sizeof buf), WICED_SUCCESS);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(receive(&two.client, sizeof buf), -0x7880);
    ck_assert_uint_eq(got, 0);
    ck_assert(secure_is_open(&two.client.context));
    secure_close(&two.client.context);
    secure_close(&two.client.context);
}
END_TEST

START_TEST(end_without_a_word)
{
    const struct linger at_once = {1, 0};

    open_both(_i);
    if (_i >= 2)
        ck_assert_int_eq(setsockopt(two.server.connection.fd, SOL_SOCKET,
                                    SO_LINGER, &at_once, sizeof at_once),
                         0);
    hang_up(&two.server);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(receive(&two.client, sizeof buf),
                         WICED_TCPIP_SOCKET_CLOSED);
}
END_TEST

/* Not a byte goes out. */
START_TEST(deinit_sends_nothing)
{
    open_both(_i);
    ck_assert_int_eq(_i < 2 ? wiced_tls_deinit_context(&two.client.context)
                            : wiced_tls_reset_context(&two.client.context),
                     0);
    ck_assert(!secure_is_open(&two.client.context));
    ck_assert_int_eq(shutdown(two.client.connection.fd, SHUT_WR), 0);
    struct pollfd one = {.fd = two.server.connection.fd, .events = POLLIN};
    ck_assert_int_eq(poll(&one, 1, (int)PATIENCE_MS), 1);
    ck_assert_int_eq(recv(two.server.connection.fd, buf, 1, MSG_PEEK), 0);
    ck_assert_int_eq(receive(&two.server, sizeof buf),
                     WICED_TCPIP_SOCKET_CLOSED);
}
END_TEST

START_TEST(send_to_nobody)
{
    wiced_result_t result = WICED_SUCCESS;

    open_both(_i);
    hang_up(&two.server);
    for (int i = 0; i < 100 && result == WICED_SUCCESS; i++) {
        result = secure_send(&two.client.context, buf, 1, PATIENCE_MS);
        (void)poll(NULL, 0, 1);
    }
    ck_assert_int_eq(result, WICED_TCPIP_SOCKET_CLOSED);
    ck_assert_int_eq(secure_send(&two.client.context, buf, 1, PATIENCE_MS),
                     WICED_TCPIP_SOCKET_CLOSED);
}
END_TEST

/* Bytes that are not the peer's TLS. */
static const struct {
    const char *bytes;
    size_t len;
    wiced_result_t result;
    const char *words;
} bad[] = {
    {"\x17\x03\x03\x00\x20" /* application data, of which none decrypts */
     "0123456789abcdef0123456789abcdef",
     37, SECURE_BAD_RECORD, "a TLS record does not decrypt"},
    {"HTTP/1.1 200 OK\r\n", 17, SECURE_INTERNAL, ""},
};

START_TEST(bad_bytes)
{
    size_t i = (size_t)_i / 2;

    open_both(_i);
    ck_assert_int_eq(
        send(two.server.connection.fd, bad[i].bytes, bad[i].len, 0),
        (ssize_t)bad[i].len);
    unit_console_begin();
    wiced_result_t first = receive(&two.client, sizeof buf);
    wiced_result_t second = receive(&two.client, sizeof buf);
    const char *said = unit_console_end();
    ck_assert_msg(first == bad[i].result && second == first, "%d %d: %s", first,
                  second, said);
    ck_assert_ptr_nonnull(strstr(said, bad[i].words));
    ck_assert_ptr_nonnull(strstr(said, "TLS with the server 127.0.0.1:"));
    ck_assert_uint_eq(unit_count(said, "\n"), 1);
}
END_TEST

/* A server that refuses our certificate: TLS 1.2 says so in the handshake, TLS
 * 1.3 where the first reply was to be. */
START_TEST(fatal_alert)
{
    unit_end_trust(&two.server, "ca.pem");
    if (_i < 2)
        unit_end_identity(&two.client, "self");
    unit_two_board(version_of(_i), false);
    unit_console_begin();
    (void)unit_two_open(&two);
    wiced_result_t result =
        _i % 2 == 0 ? WICED_SUCCESS : receive(&two.client, sizeof buf);
    const char *said = unit_console_end();
    ck_assert_int_eq(two.server.opened, WICED_TLS_ERROR);
    if (_i % 2 == 0) {
        ck_assert_int_eq(two.client.opened, WICED_TLS_ERROR);
    } else {
        ck_assert_int_eq(two.client.opened, WICED_SUCCESS);
        ck_assert_msg(result == SECURE_FATAL_ALERT, "%d: %s", result, said);
    }
    ck_assert_msg(strstr(said, _i < 2 ? "our certificate"
                                      : "demands a certificate of us") != NULL,
                  "%s", said);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wiced_tls_talk");
    TCase *tc = tcase_create("talk");

    tcase_add_unchecked_fixture(tc, make_all, unit_pki_teardown);
    tcase_add_checked_fixture(tc, begin_test, end_test);
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, long_content, 0, 2);
    tcase_add_loop_test(tc, max_fragment, 0, 2);
    tcase_add_loop_test(tc, has_more, 0, 2);
    tcase_add_loop_test(tc, nothing_to_send_or_no_room, 0, 2);
    tcase_add_loop_test(tc, receive_timeout, 0, 2);
    tcase_add_loop_test(tc, receive_never_timeout, 0, 2);
    tcase_add_loop_test(tc, send_timeout, 0, 2);
    tcase_add_loop_test(tc, good_bye, 0, 2);
    tcase_add_loop_test(tc, end_without_a_word, 0, 4);
    tcase_add_loop_test(tc, deinit_sends_nothing, 0, 4);
    tcase_add_loop_test(tc, send_to_nobody, 0, 2);
    tcase_add_loop_test(tc, bad_bytes, 0, 4);
    tcase_add_loop_test(tc, fatal_alert, 0, 4);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
