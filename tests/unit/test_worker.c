/* How a worker ends.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker.h"

#include "unit.h"
#include "unit_io.h"
#include "unit_server.h"
#include "unit_socket.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

START_TEST(a_drain_lets_who_is_in_finish)
{
    int half = unit_connect(unit_server.ports[UNIT_PLAIN], 0);
    int silent = unit_connect(unit_server.ports[UNIT_PLAIN], 0);
    int idle = unit_connect(unit_server.ports[UNIT_KEEP_OPEN], 0);

    unit_send_text(half, "W0FAC0B");
    unit_wait_connections(3);
    unit_exchange(UNIT_PLAIN, "W000001ABCD",
                  "A000001ABCD"); /* half's bytes are read */
    worker_tell(&unit_server.worker, WORKER_DRAIN);
    unit_expect_end(idle, "");
    unit_expect_end(silent, "");
    unit_send_text(half, "1234");
    unit_expect_end(half, "A0FAC0B1234");
    unit_server_join();
    ck_assert_uint_eq(atomic_load(&unit_server.shared.cut), 0);
}
END_TEST

START_TEST(a_drain_serves_the_backlog)
{
    int fds[20];

    unit_server_prepare();
    for (size_t i = 0; i < LENGTH(fds); i++) {
        fds[i] = unit_connect(unit_server.ports[UNIT_PLAIN], 0);
        unit_send_text(fds[i], "W0FAC0B1234");
    }
    unit_server_serve();
    worker_tell(&unit_server.worker, WORKER_DRAIN);
    for (size_t i = 0; i < LENGTH(fds); i++)
        unit_expect_end(fds[i], "A0FAC0B1234");
    unit_server_join();
    unit_server_stop();
}
END_TEST

START_TEST(a_drain_is_bounded)
{
    unit_server_prepare();
    unit_server.config.timeouts.drain_s = 1;
    unit_server_serve();
    int half = unit_connect(unit_server.ports[UNIT_PLAIN], 0);
    unit_send_text(half, "W0FAC0B");
    unit_wait_connections(1);
    unit_exchange(UNIT_PLAIN, "W000001ABCD",
                  "A000001ABCD"); /* half's bytes are read */
    uint64_t begun = unit_now_ms();
    worker_tell(&unit_server.worker, WORKER_DRAIN);
    unit_server_join();
    uint64_t ms = unit_now_ms() - begun;
    ck_assert_uint_ge(ms, 990); /* it had its time */
    ck_assert_uint_lt(ms, 10000);
    ck_assert_uint_eq(atomic_load(&unit_server.shared.cut), 1);
    unit_expect_gone(half);
    unit_server_stop();
}
END_TEST

START_TEST(an_abort_ends_it_now)
{
    int half = unit_connect(unit_server.ports[UNIT_PLAIN], 0);
    int idle = unit_connect(unit_server.ports[UNIT_KEEP_OPEN], 0);

    unit_send_text(half, "W0FAC0B");
    unit_wait_connections(2);
    uint64_t begun = unit_now_ms();
    worker_tell(&unit_server.worker, WORKER_ABORT);
    unit_server_join();
    ck_assert_uint_lt(unit_now_ms() - begun, 10000);
    unit_expect_gone(half);
    unit_expect_gone(idle);
}
END_TEST

START_TEST(a_worker_that_never_starts)
{
    unit_server_prepare();
    worker_deinit(&unit_server.worker);
    unit_server.ended = true; /* nothing to join */
    uv_close((uv_handle_t *)&unit_server.shared.ended, NULL);
    ck_assert_int_eq(uv_run(&unit_server.loop, UV_RUN_DEFAULT), 0);
    unit_server_stop();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("worker");
    TCase *tc = tcase_create("served");

    tcase_add_checked_fixture(tc, unit_server_start, unit_server_stop);
    tcase_add_test(tc, a_drain_lets_who_is_in_finish);
    tcase_add_test(tc, an_abort_ends_it_now);
    suite_add_tcase(suite, tc);
    tc = tcase_create("on their own");
    tcase_add_test(tc, a_drain_serves_the_backlog);
    tcase_add_test(tc, a_drain_is_bounded);
    tcase_add_test(tc, a_worker_that_never_starts);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
