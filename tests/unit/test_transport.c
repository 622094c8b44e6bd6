/* The plain transport in depth, by real sockets.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport.h"

#include "unit.h"
#include "unit_io.h"
#include "unit_socket.h"
#include "unit_transport.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void start_plain(void)
{
    unit_transport_start(NULL);
}

static void stop(void)
{
    unit_transport_stop();
}

static void send_text(const char *text)
{
    ck_assert_int_eq(transport_send(rig.t, (const uint8_t *)text, strlen(text)),
                     0);
}

/* --- reading -------------------------------------------------------------- */

START_TEST(ready_at_once)
{
    ck_assert_str_eq(rig.events, "R");
    ck_assert_ptr_null(rig.t->info.tls);
    ck_assert_ptr_null(rig.t->info.cipher);
    ck_assert_ptr_null(rig.t->info.identity);
    ck_assert(!rig.t->info.resumed);
}
END_TEST

START_TEST(data_then_quiet)
{
    unit_send_text(rig.client, "W0FAC");
    UNIT_TURN_UNTIL(rig.n_events >= 3);
    unit_send_text(rig.client, "0B1234");
    UNIT_TURN_UNTIL(rig.n_events >= 5);
    ck_assert_str_eq(rig.events, "RDqDq");
    ck_assert_mem_eq(rig.data, "W0FAC0B1234", 11);
}
END_TEST

START_TEST(the_end_of_the_client)
{
    unit_send_text(rig.client, "R0FAC0B");
    unit_end(rig.client);
    unit_turn_to('E');
    ck_assert_str_eq(rig.events, "RDqE");
    /* Our side is open still. */
    send_text("A0FAC0B1234");
    ck_assert_int_eq(transport_flush(rig.t), 0);
    transport_close(rig.t);
    UNIT_TURN_UNTIL(rig.freed);
    ck_assert_str_eq(rig.events, "RDqEC");
    unit_client_gets("A0FAC0B1234");
}
END_TEST

START_TEST(a_reset_fails_once)
{
    unit_client_resets();
    unit_turn_to('F');
    ck_assert_str_eq(rig.events, "RF");
    ck_assert_int_eq(rig.t->error, UV_ECONNRESET);
    ck_assert_int_eq(rig.t->fault.kind, WWEP_FAULT_NONE);
    /* Of no more use, and no more is said. */
    for (int i = 0; i < 5; i++)
        unit_turn();
    ck_assert_str_eq(rig.events, "RF");
    send_text("A");
    ck_assert_int_lt(transport_flush(rig.t), 0);
    ck_assert_str_eq(rig.events, "RF");
    transport_finish(rig.t);
    UNIT_TURN_UNTIL(rig.freed);
    ck_assert_str_eq(rig.events, "RFC");
}
END_TEST

static void wait_readable(void)
{
    uv_os_fd_t fd;

    ck_assert_int_eq(uv_fileno((uv_handle_t *)&rig.t->tcp, &fd), 0);
    struct pollfd p = {.fd = fd, .events = POLLIN};
    ck_assert_int_eq(poll(&p, 1, (int)UNIT_DEADLINE_MS), 1);
}

START_TEST(whether_anything_was_heard)
{
    ck_assert(!transport_has_heard(rig.t));
    unit_send_text(rig.client, "x");
    UNIT_TURN_UNTIL(rig.data_len == 1);
    ck_assert(transport_has_heard(rig.t));
    unit_end(rig.client);
    unit_turn_to('E');
    ck_assert(transport_has_heard(rig.t));
}
END_TEST

START_TEST(unread_bytes)
{
    ck_assert(!transport_has_unread(rig.t));
    unit_send_text(rig.client, "x");
    wait_readable();
    ck_assert(transport_has_unread(rig.t));
    ck_assert(transport_has_unread(rig.t)); /* looking takes none */
    UNIT_TURN_UNTIL(rig.data_len == 1);
    ck_assert(!transport_has_unread(rig.t));
    unit_end(rig.client);
    wait_readable();
    ck_assert(!transport_has_unread(rig.t)); /* an end is no byte */
    unit_turn_to('E');
    ck_assert(!transport_has_unread(rig.t));
}
END_TEST

/* --- writing -------------------------------------------------------------- */

START_TEST(nothing_leaves_before_the_flush)
{
    char byte;

    send_text("A0FAC");
    for (int i = 0; i < 5; i++)
        unit_turn();
    ck_assert_int_eq(recv(rig.client, &byte, 1, MSG_DONTWAIT), -1);
    ck_assert_int_eq(errno, EAGAIN);
    send_text("0B1234");
    ck_assert_int_eq(transport_flush(rig.t), 0);
    ck_assert_int_eq(transport_flush(rig.t), 0); /* nothing to do */
    char reply[11];
    unit_receive(rig.client, reply, sizeof reply);
    ck_assert_mem_eq(reply, "A0FAC0B1234", sizeof reply);
    ck_assert_str_eq(rig.events, "R"); /* SENT is for what was pending */
}
END_TEST

#define LARGE_BYTES (8u * 1024u * 1024u) /* more than any socket takes */

static uint8_t byte_at(size_t i)
{
    return (uint8_t)(i * 7 + i / 251);
}

/* Queues more than the kernel takes. */
static void send_large(void)
{
    uint8_t *bytes = malloc(LARGE_BYTES);

    ck_assert_ptr_nonnull(bytes);
    for (size_t i = 0; i < LARGE_BYTES; i++)
        bytes[i] = byte_at(i);
    ck_assert_int_eq(transport_send(rig.t, bytes, LARGE_BYTES), 0);
    ck_assert_int_eq(transport_flush(rig.t), 1);
    free(bytes);
}

/* The client takes what there is; returns how much. */
static size_t client_reads(size_t from)
{
    static uint8_t buf[65536];
    size_t len = 0;
    ssize_t n;

    while ((n = recv(rig.client, buf, sizeof buf, MSG_DONTWAIT)) > 0) {
        size_t wrong = 0;
        for (ssize_t i = 0; i < n; i++, len++)
            wrong += buf[i] != byte_at(from + len);
        ck_assert_uint_eq(wrong, 0);
    }
    return len;
}

/* The client reads all of it; until the condition holds, too. */
#define CLIENT_READS_LARGE_UNTIL(condition)                            \
    do {                                                               \
        size_t seen = 0;                                               \
        UNIT_TURN_UNTIL((seen += client_reads(seen)) == LARGE_BYTES && \
                        (condition));                                  \
    } while (0)

START_TEST(sent_comes_when_a_slow_client_has_read)
{
    send_large();
    ck_assert_int_eq(transport_flush(rig.t), 1); /* is pending still */
    for (int i = 0; i < 20; i++)
        unit_turn();
    ck_assert_str_eq(rig.events, "R");
    CLIENT_READS_LARGE_UNTIL(strchr(rig.events, 'S') != NULL);
    ck_assert_str_eq(rig.events, "RS");
    ck_assert_int_eq(transport_flush(rig.t), 0);
    /* And it reads again. */
    unit_send_text(rig.client, "x");
    UNIT_TURN_UNTIL(rig.data_len == 1);
    ck_assert_str_eq(rig.events, "RSDq");
}
END_TEST

START_TEST(a_client_that_does_not_read_is_not_read)
{
    send_large();
    unit_send_text(rig.client, "more");
    wait_readable();
    for (int i = 0; i < 20; i++)
        unit_turn();
    ck_assert_str_eq(rig.events, "R");
    ck_assert(transport_has_unread(rig.t));
    CLIENT_READS_LARGE_UNTIL(rig.data_len == 4);
    ck_assert_str_eq(rig.events, "RSDq");
}
END_TEST

START_TEST(a_reset_while_pending)
{
    send_large();
    unit_client_resets();
    unit_turn_to('F');
    ck_assert_str_eq(rig.events, "RF");
    ck_assert_int_lt(rig.t->error, 0);
    transport_close(rig.t);
    UNIT_TURN_UNTIL(rig.freed);
    ck_assert_str_eq(rig.events, "RFC");
}
END_TEST

START_TEST(a_close_while_pending)
{
    send_large();
    transport_close(rig.t);
    UNIT_TURN_UNTIL(rig.freed);
    ck_assert_str_eq(rig.events, "RC");
}
END_TEST

/* --- finish --------------------------------------------------------------- */

START_TEST(finish_drains_and_closes)
{
    send_text("X");
    transport_finish(rig.t); /* flushes, too */
    char byte;
    unit_receive(rig.client, &byte, 1);
    ck_assert_int_eq(byte, 'X');
    UNIT_TURN_UNTIL(recv(rig.client, &byte, 1, MSG_DONTWAIT) ==
                    0); /* the end */
    /* What comes is dropped, and nothing is said of it. */
    for (int i = 0; i < 10; i++) {
        unit_send_text(rig.client, "rubbish");
        unit_turn();
    }
    UNIT_TURN_UNTIL(!transport_has_unread(rig.t));
    ck_assert(!rig.freed);
    ck_assert_str_eq(rig.events, "R");
    transport_finish(rig.t); /* again: nothing */
    unit_end(rig.client);
    UNIT_TURN_UNTIL(rig.freed);
    ck_assert_str_eq(rig.events, "RC");
}
END_TEST

START_TEST(finish_after_the_client_has_ended)
{
    unit_end(rig.client);
    unit_turn_to('E');
    send_text("X");
    transport_finish(rig.t);
    UNIT_TURN_UNTIL(rig.freed);
    ck_assert_str_eq(rig.events, "REC");
    unit_client_gets("X");
}
END_TEST

START_TEST(finish_with_bytes_pending)
{
    send_large();
    transport_finish(rig.t);
    unit_end(rig.client);
    CLIENT_READS_LARGE_UNTIL(rig.freed);
    ck_assert_str_eq(rig.events, "RC");
    char byte;
    ck_assert_int_eq(recv(rig.client, &byte, 1, 0), 0);
}
END_TEST

START_TEST(finish_pending_after_the_client_has_ended)
{
    unit_end(rig.client);
    unit_turn_to('E');
    send_large();
    transport_finish(rig.t);
    CLIENT_READS_LARGE_UNTIL(rig.freed);
    ck_assert_str_eq(rig.events, "REC");
}
END_TEST

START_TEST(a_reset_while_finishing)
{
    send_text("X");
    transport_finish(rig.t);
    unit_client_resets();
    UNIT_TURN_UNTIL(rig.freed);
    ck_assert_str_eq(rig.events, "RC"); /* not worth a FAILED */
}
END_TEST

START_TEST(a_reset_while_finishing_with_bytes_pending)
{
    send_large();
    transport_finish(rig.t);
    unit_client_resets();
    UNIT_TURN_UNTIL(rig.freed);
    ck_assert_str_eq(rig.events, "RC");
}
END_TEST

START_TEST(finish_then_close)
{
    transport_finish(rig.t);
    transport_close(rig.t);
    transport_close(rig.t);
    transport_finish(rig.t);
    UNIT_TURN_UNTIL(rig.freed);
    ck_assert_str_eq(rig.events, "RC");
}
END_TEST

START_TEST(close_discards_what_is_queued)
{
    send_text("never");
    ck_assert_uint_gt(rig.io.out_len, 0);
    transport_close(rig.t);
    ck_assert_uint_eq(rig.io.out_len, 0); /* the next one's buffer is empty */
    send_text("never");
    ck_assert_int_lt(transport_flush(rig.t), 0);
    ck_assert_uint_eq(rig.io.out_len, 0);
    UNIT_TURN_UNTIL(rig.freed);
    unit_client_gets("");
}
END_TEST

/* --- verbs inside events -------------------------------------------------- */

/* The verb that is called inside the event. */
static enum transport_event hooked_event;
static void (*hooked_verb)(struct transport *t);

static void on_hooked(struct unit_rig *r, enum transport_event event)
{
    if (event == hooked_event)
        hooked_verb(r->t);
}

static void hook(void (*verb)(struct transport *t), enum transport_event event)
{
    hooked_verb = verb;
    hooked_event = event;
    rig.hook = on_hooked;
}

static void (*const closing_verbs[])(struct transport *t) = {transport_close,
                                                             transport_finish};

static void reply_in_quiet(struct unit_rig *r, enum transport_event event)
{
    if (event != TRANSPORT_QUIET)
        return;
    send_text("A0FAC0B1234");
    transport_say_goodbye(r->t);
    ck_assert_int_eq(transport_flush(r->t), 0);
    transport_close(r->t);
}

START_TEST(close_inside_data)
{
    hook(transport_close, TRANSPORT_DATA);
    unit_send_text(rig.client, "x");
    UNIT_TURN_UNTIL(rig.freed);
    ck_assert_str_eq(rig.events, "RDC");
}
END_TEST

START_TEST(finish_inside_data)
{
    hook(transport_finish, TRANSPORT_DATA);
    unit_send_text(rig.client, "x");
    unit_end(rig.client);
    UNIT_TURN_UNTIL(rig.freed);
    ck_assert_str_eq(rig.events, "RDC");
}
END_TEST

START_TEST(close_inside_end)
{
    hook(closing_verbs[_i], TRANSPORT_END);
    unit_end(rig.client);
    UNIT_TURN_UNTIL(rig.freed);
    ck_assert_str_eq(rig.events, "REC");
}
END_TEST

START_TEST(close_inside_failed)
{
    hook(closing_verbs[_i], TRANSPORT_FAILED);
    unit_client_resets();
    UNIT_TURN_UNTIL(rig.freed);
    ck_assert_str_eq(rig.events, "RFC");
}
END_TEST

START_TEST(reply_inside_quiet)
{
    rig.hook = reply_in_quiet;
    unit_send_text(rig.client, "R0FAC0B");
    UNIT_TURN_UNTIL(rig.freed);
    ck_assert_str_eq(rig.events, "RDqC");
    unit_client_gets("A0FAC0B1234");
}
END_TEST

START_TEST(close_inside_sent)
{
    hook(transport_close, TRANSPORT_SENT);
    send_large();
    CLIENT_READS_LARGE_UNTIL(rig.freed);
    ck_assert_str_eq(rig.events, "RSC");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("transport");
    TCase *tc = tcase_create("plain");

    tcase_add_checked_fixture(tc, start_plain, stop);
    tcase_add_test(tc, ready_at_once);
    tcase_add_test(tc, data_then_quiet);
    tcase_add_test(tc, the_end_of_the_client);
    tcase_add_test(tc, a_reset_fails_once);
    tcase_add_test(tc, whether_anything_was_heard);
    tcase_add_test(tc, unread_bytes);
    tcase_add_test(tc, nothing_leaves_before_the_flush);
    tcase_add_test(tc, sent_comes_when_a_slow_client_has_read);
    tcase_add_test(tc, a_client_that_does_not_read_is_not_read);
    tcase_add_test(tc, a_reset_while_pending);
    tcase_add_test(tc, a_close_while_pending);
    tcase_add_test(tc, finish_drains_and_closes);
    tcase_add_test(tc, finish_after_the_client_has_ended);
    tcase_add_test(tc, finish_with_bytes_pending);
    tcase_add_test(tc, finish_pending_after_the_client_has_ended);
    tcase_add_test(tc, a_reset_while_finishing);
    tcase_add_test(tc, a_reset_while_finishing_with_bytes_pending);
    tcase_add_test(tc, finish_then_close);
    tcase_add_test(tc, close_discards_what_is_queued);
    tcase_add_test(tc, close_inside_data);
    tcase_add_test(tc, finish_inside_data);
    tcase_add_loop_test(tc, close_inside_end, 0, 2);
    tcase_add_loop_test(tc, close_inside_failed, 0, 2);
    tcase_add_test(tc, reply_inside_quiet);
    tcase_add_test(tc, close_inside_sent);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
