/* The watchdog, with a real worker that hangs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "supervisor.h"

#include "unit.h"
#include "unit_io.h"
#include "unit_server.h"
#include "unit_socket.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define WATCHDOG_MS 400u

static struct supervisor supervisor;
static int manager; /* whoever started us */
static uv_sem_t hung;
static uv_sem_t go_on;
static uv_async_t hang_now;

static void listen_to_it(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    char text[20];

    snprintf(a.sun_path, sizeof a.sun_path, "%.80s/notify", unit_server.folder);
    manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(manager, (struct sockaddr *)&a, sizeof a), 0);
    setenv("NOTIFY_SOCKET", a.sun_path, 1);
    snprintf(text, sizeof text, "%u", WATCHDOG_MS * 1000);
    setenv("WATCHDOG_USEC", text, 1);
    unsetenv("LISTEN_FDS");
}

/* On the worker's thread. */
static void on_hang_now(uv_async_t *async)
{
    uv_close((uv_handle_t *)async, NULL);
    uv_sem_post(&hung);
    uv_sem_wait(&go_on);
}

static void setup(void)
{
    unit_server_prepare();
    listen_to_it();
    supervisor_take(&supervisor);
    ck_assert(supervisor_check(&supervisor, &unit_server.config));
    uv_sem_init(&hung, 0);
    uv_sem_init(&go_on, 0);
    ck_assert_int_eq(
        uv_async_init(&unit_server.worker.loop, &hang_now, on_hang_now), 0);
    unit_server_serve();
}

static void teardown(void)
{
    supervisor_stop(&supervisor);
    supervisor_leave(&supervisor);
    unit_server_stop();
    close(manager);
    uv_sem_destroy(&hung);
    uv_sem_destroy(&go_on);
}

/* Turns the main loop for so long, and returns how many signs of life came. */
static unsigned signs_within(unsigned ms)
{
    uint64_t until = unit_now_ms() + ms;
    unsigned signs = 0;
    char text[512];

    while (unit_now_ms() < until) {
        ssize_t len;
        uv_run(&unit_server.loop, UV_RUN_NOWAIT);
        while ((len = recv(manager, text, sizeof text - 1, MSG_DONTWAIT)) > 0) {
            text[len] = '\0';
            signs += strcmp(text, "WATCHDOG=1") == 0;
        }
        poll(NULL, 0, 1);
    }
    return signs;
}

static void start(void)
{
    supervisor_start(&supervisor, &unit_server.config, &unit_server.loop,
                     &unit_server.worker);
}

START_TEST(a_worker_that_is_idle)
{
    start();
    unsigned signs = signs_within(10 * WATCHDOG_MS);
    ck_assert_uint_ge(signs, 10); /* 21 by the clock */
    ck_assert_uint_le(signs, 21);
    uv_async_send(&hang_now); /* its handle has an end, too */
    uv_sem_post(&go_on);
}
END_TEST

START_TEST(a_worker_that_hangs)
{
    start();
    ck_assert_uint_ge(signs_within(2 * WATCHDOG_MS), 1);
    uv_async_send(&hang_now);
    uv_sem_wait(&hung);
    /* What it was asked before that it may have answered. */
    ck_assert_uint_le(signs_within(2 * WATCHDOG_MS), 1);
    ck_assert_uint_eq(signs_within(4 * WATCHDOG_MS), 0);
    unit_log_expect("worker 0 does nothing: the watchdog is not told");
    uv_sem_post(&go_on);
    ck_assert_uint_ge(signs_within(2 * WATCHDOG_MS), 1);
    unit_log_expect("the workers go on");
    unit_exchange(UNIT_PLAIN, "W0FAC0B1234", "A0FAC0B1234");
}
END_TEST

/* It need not answer any more, while others drain. */
START_TEST(a_worker_that_has_ended)
{
    uv_async_send(&hang_now);
    uv_sem_post(&go_on);
    uv_sem_wait(&hung);
    start();
    worker_tell(&unit_server.worker, WORKER_ABORT);
    while (atomic_load(&unit_server.shared.running) > 0)
        poll(NULL, 0, 1);
    ck_assert_uint_ge(signs_within(4 * WATCHDOG_MS), 2);
    supervisor_stop(&supervisor);
    unit_server_join();
}
END_TEST

START_TEST(what_it_is_told)
{
    char text[512];
    ssize_t len;

    uv_async_send(&hang_now);
    uv_sem_post(&go_on);
    start();
    len = recv(manager, text, sizeof text - 1, 0);
    ck_assert_int_gt(len, 0);
    text[len] = '\0';
    ck_assert_str_eq(text, "WATCHDOG=1");
    len = recv(manager, text, sizeof text - 1, 0);
    ck_assert_int_gt(len, 0);
    text[len] = '\0';
    ck_assert_str_eq(text, "READY=1\nSTATUS=serving: 3 listeners, 1 worker");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("supervisor");
    TCase *tc = tcase_create("supervisor");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_worker_that_is_idle);
    tcase_add_test(tc, a_worker_that_hangs);
    tcase_add_test(tc, a_worker_that_has_ended);
    tcase_add_test(tc, what_it_is_told);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
