/* What a client sees, by real clients of a real worker: connection, exchange,
 * store and message log together.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "connection.h"

#include "unit.h"
#include "unit_io.h"
#include "unit_server.h"
#include "unit_socket.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* --- one exchange --------------------------------------------------------- */

START_TEST(written_and_read)
{
    unit_exchange(UNIT_PLAIN, "R0FAC0B", "X");
    unit_exchange(UNIT_PLAIN, "W0FAC0B1234", "A0FAC0B1234");
    unit_exchange(UNIT_PLAIN, "R0FAC0B", "A0FAC0B1234");
    unit_exchange(UNIT_PLAIN, "r0fac0b", "X");
    unit_exchange(UNIT_PLAIN, "W0fac0babcd\n", "A0FAC0BABCD");
    unit_exchange(UNIT_PLAIN, "R0FAC0B\r\n", "A0FAC0BABCD");
    unit_exchange(UNIT_PLAIN, "R0FAC0C\n", "X");
}
END_TEST

static const struct {
    const char *request;
    const char *explained;
} refusals[] = {
    {"Q", "X illegal command (Q)"},
    {"\x16\x03\x01", "X illegal command (\\x16)"},
    {"R0FACg", "X illegal character (g)"},
    {"W01234\n", "X illegal message length (6)"},
    {"R0FAC0C", "X not found"},
    {"R0FAC0Bx", "X illegal message length (8)"},
    {"\n", "X illegal command (\\x0A)"},
};

START_TEST(refused)
{
    unit_exchange(UNIT_PLAIN, refusals[_i].request, "X");
    unit_exchange(UNIT_EXPLAINING, refusals[_i].request,
                  refusals[_i].explained);
}
END_TEST

START_TEST(every_cut)
{
    static const char request[] = "W0FAC0B1234\r\n";

    for (size_t cut = 1; cut < 11; cut++) {
        int fd = unit_connect(unit_server.ports[UNIT_PLAIN], 0);
        unit_send(fd, request, cut);
        poll(NULL, 0, 2); /* so that it is mostly two segments */
        unit_send_text(fd, request + cut);
        unit_expect_end(fd, "A0FAC0B1234");
    }
}
END_TEST

START_TEST(the_client_ends_its_side)
{
    unit_exchange_and_end(UNIT_PLAIN, "W0FAC0B1234", "A0FAC0B1234");
    unit_exchange_and_end(UNIT_PLAIN, "R0FAC0B\n", "A0FAC0B1234");
    unit_exchange_and_end(UNIT_EXPLAINING, "W01234",
                          "X illegal message length (6)");
    unit_exchange_and_end(UNIT_PLAIN, "", "");
    unit_exchange_and_end(UNIT_EXPLAINING, "", "");
}
END_TEST

START_TEST(too_much_does_not_destroy_the_reply)
{
    static char much[256 * 1024];
    int fd = unit_connect(unit_server.ports[UNIT_EXPLAINING], 0);

    memset(much, 'x', sizeof much);
    unit_send(fd, much, sizeof much);
    unit_end(fd);
    unit_expect_end(fd, "X illegal command (x)");
}
END_TEST

START_TEST(nothing_is_written_by_what_is_refused)
{
    uint16_t value;

    unit_exchange(UNIT_PLAIN, "W0FAC0B12345", "X");
    unit_exchange(UNIT_PLAIN, "W0FAC0C123g", "X");
    unit_exchange_and_end(UNIT_PLAIN, "W0FAC0D123", "X");
    ck_assert(!store_read(&unit_server.store, 0x0fac, 0x0b, &value));
    ck_assert(!store_read(&unit_server.store, 0x0fac, 0x0c, &value));
    ck_assert(!store_read(&unit_server.store, 0x0fac, 0x0d, &value));
}
END_TEST

START_TEST(many_clients_at_once)
{
    int fds[200];

    for (size_t i = 0; i < LENGTH(fds); i++)
        fds[i] = unit_connect(unit_server.ports[UNIT_PLAIN], 0);
    unit_wait_connections((unsigned)LENGTH(fds));
    for (size_t i = LENGTH(fds); i-- > 0;) {
        char request[48];
        snprintf(request, sizeof request, "W%04zX05%04zX", i, i * 3);
        unit_send_text(fds[i], request);
    }
    for (size_t i = 0; i < LENGTH(fds); i++) {
        char reply[48];
        snprintf(reply, sizeof reply, "A%04zX05%04zX", i, i * 3);
        unit_expect_end(fds[i], reply);
    }
    ck_assert_uint_eq(atomic_load(&unit_server.shared.accepted), LENGTH(fds));
}
END_TEST

START_TEST(a_client_that_resets)
{
    for (int i = 0; i < 20; i++) {
        int fd = unit_connect(unit_server.ports[i % UNIT_LISTENERS], 0);
        if (i % 2 == 0)
            unit_send_text(fd, "W0FAC0B12");
        if (i % 4 == 0)
            unit_send_text(fd, "34\n");
        unit_reset(fd);
    }
    unit_wait_connections(0);
    unit_exchange(UNIT_PLAIN, "W0FAC0B1234", "A0FAC0B1234");
}
END_TEST

/* --- times ---------------------------------------------------------------- */

static void be_impatient(void)
{
    unit_server.config.timeouts.message_ms = 50;
    unit_server.config.timeouts.idle_s = 1;
    unit_server_serve();
}

static void start_impatient(void)
{
    unit_server_prepare();
    be_impatient();
}

static void start_impatient_kept(void)
{
    unit_server_prepare_kept();
    be_impatient();
}

START_TEST(an_incomplete_request_in_time)
{
    uint64_t begun = unit_now_ms();

    unit_exchange(UNIT_EXPLAINING, "W01234", "X illegal message length (6)");
    ck_assert_uint_ge(unit_now_ms() - begun, 49);
    ck_assert_uint_lt(unit_now_ms() - begun, 10000);
}
END_TEST

START_TEST(a_silent_client)
{
    uint64_t begun = unit_now_ms();

    unit_exchange(UNIT_PLAIN, "", "");
    ck_assert_uint_ge(unit_now_ms() - begun, 990);
    ck_assert_uint_lt(unit_now_ms() - begun, 10000);
}
END_TEST

START_TEST(a_client_that_stays_after_its_reply)
{
    int fd = unit_connect(unit_server.ports[UNIT_PLAIN], 0);
    char byte;

    unit_send_text(fd, "Q");
    unit_receive(fd, &byte, 1);
    /* We end nothing; the server does not wait for ever. */
    unit_wait_connections(0);
    close(fd);
}
END_TEST

START_TEST(a_board_on_a_keep_open_listener)
{
    unit_exchange(UNIT_KEEP_OPEN, "W0FAC0B1234", "A0FAC0B1234");
    unit_exchange(UNIT_KEEP_OPEN, "R0FAC", "X illegal message length (5)");
    unit_exchange(UNIT_KEEP_OPEN, "", "");
}
END_TEST

/* --- keep-open ------------------------------------------------------------ */

START_TEST(lines_one_by_one)
{
    int fd = unit_connect(unit_server.ports[UNIT_KEEP_OPEN], 0);
    char reply[12];

    for (int i = 0; i < 50; i++) {
        char request[48];
        char expected[48];
        snprintf(request, sizeof request, "W0FAC%02X%04X%s", i, i * 7,
                 i % 2 == 0 ? "\n" : "\r\n");
        snprintf(expected, sizeof expected, "A0FAC%02X%04X\n", i, i * 7);
        unit_send_text(fd, request);
        unit_receive(fd, reply, sizeof reply);
        ck_assert_mem_eq(reply, expected, sizeof reply);
    }
    unit_end(fd);
    unit_expect_end(fd, "");
    ck_assert_uint_eq(atomic_load(&unit_server.shared.accepted), 1);
}
END_TEST

START_TEST(lines_all_at_once)
{
    unit_exchange_and_end(UNIT_KEEP_OPEN,
                          "W0FAC0B1234\nR0FAC0B\r\nR0FAC0C\nrubbish\nR0FAC0B\n"
                          "\nR0FAC0B",
                          "A0FAC0B1234\nA0FAC0B1234\nX not found\n"
                          "X illegal command (r)\nA0FAC0B1234\n"
                          "X illegal command (\\x0A)\nA0FAC0B1234");
}
END_TEST

START_TEST(an_overlong_line_ends_it)
{
    int fd = unit_connect(unit_server.ports[UNIT_KEEP_OPEN], 0);

    unit_send_text(fd, "W0FAC0B1234567890");
    unit_end(fd);
    char buf[128];
    unit_receive_end(fd, buf, sizeof buf);
    ck_assert_int_eq(buf[0], 'X');
    ck_assert_ptr_null(strchr(buf, '\n'));
    close(fd);
}
END_TEST

#define PIPELINED 400000u /* the replies fit into no socket buffer */

START_TEST(a_client_that_reads_late_gets_all)
{
    char *requests = malloc(PIPELINED * 8);
    int fd = unit_connect(unit_server.ports[UNIT_KEEP_OPEN], 65536);
    size_t sent = 0;
    size_t seen = 0;
    size_t wrong = 0;
    bool over = false;
    uint64_t until = unit_now_ms() + UNIT_DEADLINE_MS;

    unit_exchange(UNIT_PLAIN, "W0FAC0B1234", "A0FAC0B1234");
    for (size_t i = 0; i < PIPELINED; i++)
        memcpy(requests + 8 * i, "R0FAC0B\n", 8);
    /* Writes as much as it can before it begins to read. */
    while (!over) {
        char buf[65536];
        ssize_t n = 0;
        if (sent < PIPELINED * 8) {
            n = send(fd, requests + sent, PIPELINED * 8 - sent,
                     MSG_DONTWAIT | MSG_NOSIGNAL);
            ck_assert(n > 0 || errno == EAGAIN);
        }
        if (n > 0) {
            sent += (size_t)n;
            if (sent == PIPELINED * 8)
                unit_end(fd);
            continue;
        }
        struct pollfd p = {.fd = fd, .events = POLLIN};
        poll(&p, 1, 10);
        n = recv(fd, buf, sizeof buf, MSG_DONTWAIT);
        ck_assert(n >= 0 || errno == EAGAIN);
        over = n == 0;
        for (ssize_t i = 0; i < n; i++, seen++)
            wrong += buf[i] != "A0FAC0B1234\n"[seen % 12];
        ck_assert_uint_lt(unit_now_ms(), until);
    }
    ck_assert_uint_eq(seen, PIPELINED * 12);
    ck_assert_uint_eq(wrong, 0);
    close(fd);
    free(requests);
}
END_TEST

/* --- what is told --------------------------------------------------------- */

static const char *text_of(const json_t *lines, size_t i, const char *key)
{
    return json_string_value(json_object_get(json_array_get(lines, i), key));
}

START_TEST(every_exchange_has_a_line)
{
    unit_exchange(UNIT_PLAIN, "W0FAC0B1234\n", "A0FAC0B1234");
    unit_exchange(UNIT_EXPLAINING, "Q\n", "X illegal command (Q)");
    unit_exchange_and_end(UNIT_KEEP_OPEN, "R0FAC0B\nR0FAC0C\n",
                          "A0FAC0B1234\nX not found\n");
    unit_exchange_and_end(UNIT_PLAIN, "", ""); /* none */
    json_t *lines = unit_server_messages();
    static const char *const expected[][4] = {
        {"plain", "W0FAC0B1234", "A0FAC0B1234", NULL},
        {"explaining", "Q\\x0A", "X", "illegal command (Q)"},
        {"lines", "R0FAC0B", "A0FAC0B1234", NULL},
        {"lines", "R0FAC0C", "X", "not found"},
    };
    static const int conns[] = {1, 2, 3, 3};
    ck_assert_uint_eq(json_array_size(lines), LENGTH(expected));
    for (size_t i = 0; i < LENGTH(expected); i++) {
        const json_t *line = json_array_get(lines, i);
        ck_assert_str_eq(text_of(lines, i, "listener"), expected[i][0]);
        ck_assert_str_eq(text_of(lines, i, "request"), expected[i][1]);
        ck_assert_str_eq(text_of(lines, i, "reply"), expected[i][2]);
        ck_assert_pstr_eq(text_of(lines, i, "reason"), expected[i][3]);
        ck_assert_str_eq(text_of(lines, i, "address"), "127.0.0.1");
        ck_assert_int_eq(json_integer_value(json_object_get(line, "conn")),
                         conns[i]);
        ck_assert(json_is_null(json_object_get(line, "tls")));
        ck_assert_int_lt(json_integer_value(json_object_get(line, "us")),
                         20000000);
    }
    json_decref(lines);
}
END_TEST

START_TEST(tls_to_the_plain_port)
{
    unit_exchange(UNIT_PLAIN, "\x16\x03\x01\x02", "X");
    unit_wait_connections(0); /* and so all has been said */
    unit_log_expect("warning: plain: 127.0.0.1:");
    unit_log_expect("speaks TLS to the plain port: use the TLS port");
}
END_TEST

static void add_exchanges(TCase *tc)
{
    tcase_add_test(tc, written_and_read);
    tcase_add_loop_test(tc, refused, 0, (int)LENGTH(refusals));
    tcase_add_test(tc, every_cut);
    tcase_add_test(tc, the_client_ends_its_side);
    tcase_add_test(tc, too_much_does_not_destroy_the_reply);
    tcase_add_test(tc, nothing_is_written_by_what_is_refused);
    tcase_add_test(tc, many_clients_at_once);
    tcase_add_test(tc, a_client_that_resets);
    tcase_add_test(tc, lines_one_by_one);
    tcase_add_test(tc, lines_all_at_once);
    tcase_add_test(tc, an_overlong_line_ends_it);
    tcase_add_test(tc, a_client_that_reads_late_gets_all);
    tcase_add_test(tc, every_exchange_has_a_line);
    tcase_add_test(tc, tls_to_the_plain_port);
}

static void add_times(TCase *tc)
{
    tcase_add_test(tc, an_incomplete_request_in_time);
    tcase_add_test(tc, a_silent_client);
    tcase_add_test(tc, a_client_that_stays_after_its_reply);
    tcase_add_test(tc, a_board_on_a_keep_open_listener);
}

int main(void)
{
    static const struct {
        const char *name;
        void (*start)(void);
        void (*add)(TCase *tc);
    } cases[] = {
        {"exchanges", unit_server_start, add_exchanges},
        {"times", start_impatient, add_times},
        {"exchanges, kept", unit_server_start_kept, add_exchanges},
        {"times, kept", start_impatient_kept, add_times},
    };
    Suite *suite = suite_create("connection");

    for (size_t i = 0; i < LENGTH(cases); i++) {
        TCase *tc = tcase_create(cases[i].name);
        tcase_add_checked_fixture(tc, cases[i].start, unit_server_stop);
        cases[i].add(tc);
        suite_add_tcase(suite, tc);
    }
    return unit_run(suite);
}
