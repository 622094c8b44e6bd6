/* Connections whose write takes its time: the database is held by somebody
 * else, so the store can not commit.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "connection.h"

#include "unit.h"
#include "unit_io.h"
#include "unit_server.h"
#include "unit_socket.h"
#include "unit_store.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOMENT_MS 60

static void *holder;

static void start_held(void)
{
    unit_server_start_kept();
    holder = unit_store_hold(unit_server.database);
}

static void let_go(void)
{
    unit_store_let_go(holder);
}

static int send_to(int listener, const char *request)
{
    int fd = unit_connect(unit_server.ports[listener], 0);

    unit_send_text(fd, request);
    return fd;
}

/* Nothing comes for a moment: no reply, and no end. */
static void expect_silence(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    ck_assert_int_eq(poll(&p, 1, MOMENT_MS), 0);
}

static void expect_register(uint16_t device, uint8_t reg, uint16_t expected)
{
    uint16_t value = 0;

    ck_assert(store_read(&unit_server.store, device, reg, &value));
    ck_assert_uint_eq(value, expected);
}

static void expect_unwritten(uint16_t device, uint8_t reg)
{
    uint16_t value;

    ck_assert(!store_read(&unit_server.store, device, reg, &value));
}

/* --- one exchange --------------------------------------------------------- */

START_TEST(no_reply_before_it_is_kept)
{
    int fd = send_to(UNIT_PLAIN, "W0FAC0B1234");
    expect_silence(fd);
    expect_unwritten(0x0fac, 0x0b);
    unit_exchange(UNIT_PLAIN, "R0FAC0B", "X"); /* reads do not wait */
    let_go();
    unit_expect_end(fd, "A0FAC0B1234");
    expect_register(0x0fac, 0x0b, 0x1234);
}
END_TEST

START_TEST(what_comes_meanwhile_does_no_harm)
{
    int more = send_to(UNIT_PLAIN, "W0FAC0B1234");
    int much = send_to(UNIT_PLAIN, "W0FAC0C1234");
    int ended = send_to(UNIT_PLAIN, "W0FAC0D1234");
    expect_silence(more);
    unit_send_text(more, "W0FAC0B5678");
    char *bytes = calloc(1, 200000);
    (void)send(much, bytes, 200000, MSG_NOSIGNAL | MSG_DONTWAIT);
    free(bytes);
    unit_end(ended);
    expect_silence(much);
    let_go();
    unit_end(more);
    unit_expect_end(more, "A0FAC0B1234");
    unit_end(much);
    unit_expect_end(much, "A0FAC0C1234");
    unit_expect_end(ended, "A0FAC0D1234");
    unit_wait_connections(0);
}
END_TEST

START_TEST(a_client_that_has_gone_has_written)
{
    int reset = send_to(UNIT_PLAIN, "W0FAC0B1234");
    int closed = send_to(UNIT_PLAIN, "W0FAC0C1234");
    int lines = send_to(UNIT_KEEP_OPEN, "W0FAC0D1234\nW0FAC0D5678\n");
    expect_silence(lines);
    /* Who comes later is answered: so those have been read. */
    unit_exchange(UNIT_PLAIN, "R0FAC0B", "X");
    unit_exchange_and_end(UNIT_KEEP_OPEN, "R0FAC0B", "X not found");
    unit_reset(reset);
    close(closed);
    unit_reset(lines);
    let_go();
    unit_wait_connections(0);
    expect_register(0x0fac, 0x0b, 0x1234);
    expect_register(0x0fac, 0x0c, 0x1234);
    uint16_t value = 0; /* the second line came in as well, or did not */
    ck_assert(store_read(&unit_server.store, 0x0fac, 0x0d, &value));
    json_t *messages = unit_server_messages();
    ck_assert_uint_ge(json_array_size(messages), 5);
    json_decref(messages);
}
END_TEST

START_TEST(a_database_that_stays_locked)
{
    int fd = send_to(UNIT_EXPLAINING, "W0FAC0B1234");
    unit_expect_end(fd, "X storage failure");
    expect_unwritten(0x0fac, 0x0b);
    let_go();
    unit_exchange(UNIT_PLAIN, "W0FAC0B1234", "A0FAC0B1234");
    unit_log_expect(" error: store: ");
    unit_log_expect("another program has it locked");
}
END_TEST

/* --- keep-open ------------------------------------------------------------ */

START_TEST(lines_behind_it_wait_their_turn)
{
    int fd = send_to(UNIT_KEEP_OPEN,
                     "R0FAC0B\nW0FAC0B0001\nR0FAC0B\nW0FAC0B0002\nrubbish\n"
                     "R0FAC0B\nW0FAC0");
    char buf[128];
    unit_receive(fd, buf, 12); /* what came before is answered */
    ck_assert_mem_eq(buf, "X not found\n", 12);
    expect_silence(fd);
    unit_send_text(fd, "C0003\nR0FAC0C\n");
    let_go();
    static const char rest[] = "A0FAC0B0001\nA0FAC0B0001\nA0FAC0B0002\n"
                               "X illegal command (r)\nA0FAC0B0002\n"
                               "A0FAC0C0003\nA0FAC0C0003\n";
    unit_receive(fd, buf, sizeof rest - 1);
    ck_assert_mem_eq(buf, rest, sizeof rest - 1);
    unit_send_text(fd, "R0FAC0C\n");
    unit_end(fd);
    unit_expect_end(fd, "A0FAC0C0003\n");
}
END_TEST

START_TEST(the_end_behind_lines_that_wait)
{
    int whole = send_to(UNIT_KEEP_OPEN, "W0FAC0B0001\nW0FAC0C0002\nR0FAC0C\n");
    int half = send_to(UNIT_KEEP_OPEN, "W0FAC0B0001\nR0FAC0");
    int board = send_to(UNIT_KEEP_OPEN, "W0FAC0D0003");
    unit_end(whole);
    unit_end(half);
    unit_end(board);
    expect_silence(whole);
    let_go();
    unit_expect_end(whole, "A0FAC0B0001\nA0FAC0C0002\nA0FAC0C0002\n");
    unit_expect_end(half, "A0FAC0B0001\nX illegal message length (6)");
    unit_expect_end(board, "A0FAC0D0003");
}
END_TEST

START_TEST(an_overlong_line_behind_it)
{
    int fd = send_to(UNIT_KEEP_OPEN, "W0FAC0B0001\nW0FAC0B00020000R0FAC0B\n");
    expect_silence(fd);
    let_go();
    char buf[128];
    unit_end(fd);
    unit_receive_end(fd, buf, sizeof buf);
    ck_assert_mem_eq(buf, "A0FAC0B0001\nX", 13);
    ck_assert_ptr_null(strchr(buf + 13, '\n'));
    close(fd);
}
END_TEST

#define LINES 3000u

/* Far more than is read at a time, and a client that reads late. */
START_TEST(many_lines_that_write)
{
    char *requests = malloc(LINES * 20 + 1);
    char *expected = malloc(LINES * 24 + 1);
    char *got = malloc(LINES * 24 + 2);
    char *to = requests;
    char *want = expected;

    for (unsigned i = 0; i < LINES; i++) {
        to += sprintf(to, "W%04X05%04X\n", i % 7, i);
        want += sprintf(want, "A%04X05%04X\n", i % 7, i);
        if (i % 10 == 0) {
            to += sprintf(to, "R%04X05\n", i % 7);
            want += sprintf(want, "A%04X05%04X\n", i % 7, i);
        }
    }
    int fd = unit_connect(unit_server.ports[UNIT_KEEP_OPEN], 4096);
    unit_send_text(fd, requests);
    unit_end(fd);
    unit_receive_end(fd, got, LINES * 24 + 2);
    ck_assert_str_eq(got, expected);
    close(fd);
    free(requests);
    free(expected);
    free(got);
}
END_TEST

START_TEST(a_client_that_never_reads)
{
    unit_server_prepare_kept();
    unit_server.config.timeouts.idle_s = 1;
    unit_server_serve();
    int fd = unit_connect(unit_server.ports[UNIT_KEEP_OPEN], 4096);
    uint64_t until = unit_now_ms() + UNIT_DEADLINE_MS;
    char lines[4096 * 8];
    for (size_t i = 0; i < sizeof lines; i += 8)
        memcpy(lines + i,
               i == 0    ? "W0FAC0B1"
               : i == 8  ? "234\nR000"
               : i == 16 ? "0000\nR00"
                         : "0FACFF\nR",
               8);
    while (atomic_load(&unit_server.shared.connections) > 0 ||
           atomic_load(&unit_server.shared.accepted) == 0) {
        (void)send(fd, lines, sizeof lines, MSG_NOSIGNAL | MSG_DONTWAIT);
        poll(NULL, 0, 1);
        ck_assert_uint_lt(unit_now_ms(), until);
    }
    close(fd);
    unit_server_stop();
}
END_TEST

/* --- the end -------------------------------------------------------------- */

START_TEST(a_drain_waits_for_it)
{
    int one = send_to(UNIT_PLAIN, "W0FAC0B1234");
    int lines = send_to(UNIT_KEEP_OPEN, "W0FAC0C0001\nW0FAC0C0002\n");
    expect_silence(one);
    worker_tell(&unit_server.worker, WORKER_DRAIN);
    expect_silence(lines);
    poll(NULL, 0, 150); /* the grace is over */
    unit_send_text(lines, "R0FAC0C\n");
    let_go();
    unit_expect_end(one, "A0FAC0B1234");
    unit_expect_end(lines, "A0FAC0C0001\nA0FAC0C0002\nA0FAC0C0002\n");
    unit_server_join();
    ck_assert_uint_eq(atomic_load(&unit_server.shared.cut), 0);
}
END_TEST

START_TEST(an_abort_waits_for_the_store_alone)
{
    int one = send_to(UNIT_PLAIN, "W0FAC0B1234");
    int lines = send_to(UNIT_KEEP_OPEN, "W0FAC0C0001\nW0FAC0C0002\n");
    expect_silence(one);
    expect_silence(lines);
    worker_tell(&unit_server.worker, WORKER_ABORT);
    unit_expect_gone(one);
    unit_expect_gone(lines);
    let_go();
    unit_server_join();
    expect_register(0x0fac, 0x0b, 0x1234);
    expect_register(0x0fac, 0x0c, 0x0001);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("connection_late");
    TCase *tc = tcase_create("held");

    tcase_add_checked_fixture(tc, start_held, unit_server_stop);
    tcase_add_test(tc, no_reply_before_it_is_kept);
    tcase_add_test(tc, what_comes_meanwhile_does_no_harm);
    tcase_add_test(tc, a_client_that_has_gone_has_written);
    tcase_add_test(tc, a_database_that_stays_locked);
    tcase_add_test(tc, lines_behind_it_wait_their_turn);
    tcase_add_test(tc, the_end_behind_lines_that_wait);
    tcase_add_test(tc, an_overlong_line_behind_it);
    tcase_add_test(tc, a_drain_waits_for_it);
    tcase_add_test(tc, an_abort_waits_for_the_store_alone);
    suite_add_tcase(suite, tc);
    tc = tcase_create("served");
    tcase_add_checked_fixture(tc, unit_server_start_kept, unit_server_stop);
    tcase_add_test(tc, many_lines_that_write);
    suite_add_tcase(suite, tc);
    tc = tcase_create("on its own");
    tcase_add_test(tc, a_client_that_never_reads);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
