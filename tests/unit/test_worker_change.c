/* What a reload has a worker do.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker.h"

#include "unit.h"
#include "unit_io.h"
#include "unit_server.h"
#include "unit_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENTS 20

/* The next setup; its listeners are those of the first, changed. */
static struct config_listener listeners[UNIT_LISTENERS];
static struct config config;
static struct tls_context *contexts[UNIT_LISTENERS];
static struct setup next;
static struct worker_change given;
static long heirs[UNIT_LISTENERS];
static bool retired[UNIT_LISTENERS];
static unsigned changed; /* how often we were told */

static void on_changed(uv_async_t *async)
{
    (void)async;
    changed++;
}

static void prepare(void)
{
    struct unit_server *s = &unit_server;

    unit_server_prepare();
    ck_assert_int_eq(uv_async_init(&s->loop, &s->shared.changed, on_changed),
                     0);
    changed = 0;
    memcpy(listeners, s->listeners, sizeof listeners);
    config = s->config;
    config.listeners = listeners;
    next = (struct setup){.config = &config, .contexts = contexts};
    atomic_init(&next.refs, 1);
}

/* n listeners, of which each takes over the old one's socket. */
static void give(size_t n)
{
    given = (struct worker_change){.n = n,
                                   .heirs = heirs,
                                   .retired = retired,
                                   .timeouts = &config.timeouts};
    given.listeners = calloc(n, sizeof(struct listener *));
    for (size_t i = 0; i < n; i++) {
        heirs[i] = (long)i;
        given.listeners[i] = listener_new(&next, i, -1);
        ck_assert_ptr_nonnull(given.listeners[i]);
    }
    for (size_t i = 0; i < UNIT_LISTENERS; i++)
        retired[i] = i >= n;
    atomic_store(&unit_server.shared.changing, 1);
    worker_give(&unit_server.worker, &given);
}

static void expect(int fd, const char *text)
{
    char got[64] = "";

    unit_receive(fd, got, strlen(text));
    ck_assert_str_eq(got, text);
}

static void wait_changed(void)
{
    uint64_t until = unit_now_ms() + UNIT_DEADLINE_MS;

    while (atomic_load(&unit_server.shared.changing) > 0) {
        ck_assert_uint_lt(unit_now_ms(), until);
        poll(NULL, 0, 1);
    }
    ck_assert_ptr_null(given.listeners); /* the worker's by now */
}

static void finish(void)
{
    uv_close((uv_handle_t *)&unit_server.shared.changed, NULL);
    unit_server_stop();
    ck_assert_uint_eq(atomic_load(&next.refs), 1);
    ck_assert_uint_eq(atomic_load(&unit_server.setup.refs), 1);
}

START_TEST(who_is_connected_goes_on_as_he_began)
{
    prepare();
    unit_server_serve();
    int old = unit_connect(unit_server.ports[UNIT_KEEP_OPEN], 0);
    unit_send_text(old, "R000001\n");
    expect(old, "X not found\n");
    listeners[UNIT_KEEP_OPEN].explain_errors = false;
    listeners[UNIT_PLAIN].explain_errors = true;
    give(UNIT_LISTENERS);
    wait_changed();
    unit_exchange(UNIT_PLAIN, "R000001", "X not found");
    int fresh = unit_connect(unit_server.ports[UNIT_KEEP_OPEN], 0);
    unit_send_text(fresh, "R000001\n");
    expect(fresh, "X\n");
    unit_send_text(old, "R000001\n");
    expect(old, "X not found\n");
    close(old);
    close(fresh);
    finish();
}
END_TEST

START_TEST(a_listener_that_leaves_serves_who_waits)
{
    int fds[CLIENTS];

    prepare();
    int idle = unit_connect(unit_server.ports[UNIT_KEEP_OPEN], 0);
    for (size_t i = 0; i < CLIENTS; i++)
        fds[i] = unit_connect(unit_server.ports[UNIT_KEEP_OPEN], 0);
    give(UNIT_KEEP_OPEN); /* all but that one */
    unit_server_serve();
    for (size_t i = 0; i < CLIENTS; i++) {
        unit_send_text(fds[i], "W0FAC0B1234\n");
        unit_expect_end(fds[i], "A0FAC0B1234\n"); /* and has to come again */
    }
    unit_exchange(UNIT_PLAIN, "R0FAC0B", "A0FAC0B1234");
    wait_changed();
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr = {htonl(INADDR_LOOPBACK)},
                            .sin_port =
                                htons(unit_server.ports[UNIT_KEEP_OPEN])};
    int late = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(connect(late, (struct sockaddr *)&a, sizeof a), -1);
    ck_assert_int_eq(errno, ECONNREFUSED);
    close(late);
    close(idle);
    finish();
}
END_TEST

START_TEST(one_that_ends_drops_it)
{
    prepare();
    unit_server_serve();
    int half = unit_connect(unit_server.ports[UNIT_PLAIN], 0);
    unit_send_text(half, "W0FAC0B");
    unit_wait_connections(1);
    worker_tell(&unit_server.worker, WORKER_DRAIN);
    poll(NULL, 0, 50);
    give(UNIT_LISTENERS);
    wait_changed();
    unit_send_text(half, "1234");
    unit_expect_end(half, "A0FAC0B1234");
    uv_close((uv_handle_t *)&unit_server.shared.changed, NULL);
    unit_server_join();
    unit_server_stop();
    ck_assert_uint_eq(atomic_load(&next.refs), 1);
}
END_TEST

START_TEST(the_end_while_a_listener_leaves)
{
    prepare();
    unit_server_serve();
    give(1);
    poll(NULL, 0, 20);
    worker_tell(&unit_server.worker, WORKER_DRAIN);
    wait_changed();
    uv_close((uv_handle_t *)&unit_server.shared.changed, NULL);
    unit_server_join();
    unit_server_stop();
    ck_assert_uint_eq(atomic_load(&next.refs), 1);
}
END_TEST

START_TEST(one_that_never_starts_drops_it)
{
    prepare();
    give(UNIT_LISTENERS);
    worker_deinit(&unit_server.worker);
    unit_server.ended = true; /* nothing to join */
    uv_close((uv_handle_t *)&unit_server.shared.ended, NULL);
    uv_close((uv_handle_t *)&unit_server.shared.changed, NULL);
    ck_assert_int_eq(uv_run(&unit_server.loop, UV_RUN_DEFAULT), 0);
    unit_server_stop();
    ck_assert_ptr_null(given.listeners);
    ck_assert_uint_eq(atomic_load(&next.refs), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("worker_change");
    TCase *tc = tcase_create("worker_change");

    tcase_add_test(tc, who_is_connected_goes_on_as_he_began);
    tcase_add_test(tc, a_listener_that_leaves_serves_who_waits);
    tcase_add_test(tc, one_that_ends_drops_it);
    tcase_add_test(tc, the_end_while_a_listener_leaves);
    tcase_add_test(tc, one_that_never_starts_drops_it);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
