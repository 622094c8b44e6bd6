/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench_connection.h"
#include "unit.h"

#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define MUCH 4000000u

static struct bench_wire wire;
static struct bench_connection c;
static struct bench_why why;
static struct line_address server;
static int listening;
static int peer;
static uint8_t much[MUCH], heard[MUCH];

/* A connection to a socket of ours, and the other end of it. */
static void begin(void)
{
    uint16_t port;

    memset(&wire, 0, sizeof wire);
    listening = line_listen(&port);
    ck_assert_int_ge(listening, 0);
    ck_assert_uint_eq(line_resolve("127.0.0.1", port, &server, 1), 1);
    wire.server = &server;
    wire.epoll = epoll_create1(EPOLL_CLOEXEC);
    c = (struct bench_connection){.fd = -1, .owner = &c};
    ck_assert_int_eq(bench_connection_open(&c, &wire, &why), BENCH_DONE);
    peer = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
    ck_assert_int_ge(peer, 0);
}

static void end(void)
{
    bench_connection_close(&c);
    bench_connection_close(&c);
    (void)close(peer);
    (void)close(listening);
    (void)close(wire.epoll);
}

/* The next event is the connection's. */
static void wake(void)
{
    struct epoll_event event;

    ck_assert_int_eq(epoll_wait(wire.epoll, &event, 1, 10000), 1);
    ck_assert_ptr_eq(event.data.ptr, &c);
    bench_connection_wake(&c, &wire, event.events);
}

static enum bench_step hear(size_t *len)
{
    return bench_connection_recv(&c, &wire, heard, sizeof heard, len, &why);
}

START_TEST(to_and_fro)
{
    size_t len;

    ck_assert(bench_connection_send(&c, &wire, "R000101", 7, &why));
    ck_assert_int_eq(recv(peer, heard, sizeof heard, 0), 7);
    ck_assert_int_eq(send(peer, "A00010100FF", 11, 0), 11);
    wake();
    ck_assert_int_eq(hear(&len), BENCH_DONE);
    ck_assert_uint_eq(len, 11);
    ck_assert_int_eq(hear(&len), BENCH_AGAIN);
    ck_assert(!bench_connection_ended(&c, &wire));
    ck_assert_int_eq(shutdown(peer, SHUT_WR), 0);
    wake();
    ck_assert(bench_connection_ended(&c, &wire));
}
END_TEST

/* The reply and the end may come as one event: no second one would. */
START_TEST(reply_and_end_at_once)
{
    size_t len;

    ck_assert_int_eq(send(peer, "A00010100FF", 11, 0), 11);
    ck_assert_int_eq(shutdown(peer, SHUT_WR), 0);
    usleep(50000);
    wake();
    ck_assert_int_eq(hear(&len), BENCH_DONE);
    ck_assert_uint_eq(len, 11);
    ck_assert_int_eq(hear(&len), BENCH_DONE);
    ck_assert_uint_eq(len, 0);
    ck_assert(bench_connection_ended(&c, &wire));
}
END_TEST

START_TEST(reset)
{
    const struct linger hard = {.l_onoff = 1};
    size_t len;

    (void)setsockopt(peer, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    (void)close(peer);
    wake();
    ck_assert_int_eq(hear(&len), BENCH_FAILED);
    ck_assert_int_eq(why.result, WWEP_E_LOST);
    ck_assert_int_eq(why.port_error, WWEP_PORT_RESET);
    ck_assert(bench_connection_send(&c, &wire, "R000101", 7, &why));
}
END_TEST

/* More than the system takes: the rest goes out as it does, in order. */
START_TEST(unsent)
{
    const int small = 4096;
    size_t got = 0;

    for (size_t i = 0; i < MUCH; i++)
        much[i] = (uint8_t)(i * 7 + i / 251);
    (void)setsockopt(c.fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    ck_assert(bench_connection_send(&c, &wire, much, MUCH / 2, &why));
    ck_assert_ptr_nonnull(c.unsent);
    ck_assert(bench_connection_send(&c, &wire, much + MUCH / 2, MUCH - MUCH / 2,
                                    &why));
    while (got < MUCH) {
        ssize_t n = recv(peer, heard + got, MUCH - got, MSG_DONTWAIT);

        if (n > 0)
            got += (size_t)n;
        else
            wake();
    }
    ck_assert_mem_eq(heard, much, MUCH);
    ck_assert_ptr_null(c.unsent);
    ck_assert(bench_connection_send(&c, &wire, "R000101", 7, &why));
    ck_assert_int_eq(recv(peer, heard, sizeof heard, 0), 7);
}
END_TEST

START_TEST(refused)
{
    struct bench_connection other = {.fd = -1};

    (void)close(listening);
    ck_assert_int_eq(bench_connection_open(&other, &wire, &why), BENCH_FAILED);
    ck_assert_int_eq(why.result, WWEP_E_CONNECT);
    ck_assert_int_eq(why.port_error, WWEP_PORT_REFUSED);
    bench_connection_close(&other);
    ck_assert_int_eq(other.fd, -1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bench_connection");
    TCase *tcase = tcase_create("bench_connection");

    tcase_add_checked_fixture(tcase, begin, end);
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, to_and_fro);
    tcase_add_test(tcase, reply_and_end_at_once);
    tcase_add_test(tcase, reset);
    tcase_add_test(tcase, unsent);
    tcase_add_test(tcase, refused);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
