/* Binding, and clients over the limit.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "listener.h"

#include "address.h"
#include "unit.h"
#include "unit_io.h"
#include "unit_server.h"
#include "unit_socket.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* --- limits --------------------------------------------------------------- */

static void start_small(void)
{
    unit_server_prepare();
    unit_server.shared.max_connections = 2;
    unit_server_serve();
}

/* The client may know before the worker has counted it. */
static void wait_turned_away(unsigned n)
{
    uint64_t until = unit_now_ms() + UNIT_DEADLINE_MS;

    while (atomic_load(&unit_server.shared.turned_away) < n) {
        ck_assert_uint_lt(unit_now_ms(), until);
        poll(NULL, 0, 1);
    }
    ck_assert_uint_eq(atomic_load(&unit_server.shared.turned_away), n);
}

START_TEST(over_the_limit)
{
    int first = unit_connect(unit_server.ports[UNIT_PLAIN], 0);
    int second = unit_connect(unit_server.ports[UNIT_KEEP_OPEN], 0);

    unit_wait_connections(2);
    for (int i = 0; i < 5; i++)
        unit_expect_gone(
            unit_connect(unit_server.ports[i % UNIT_LISTENERS], 0));
    wait_turned_away(5);
    ck_assert_uint_eq(unit_log_count("turned away"), 1);
    /* Who is in is served, and makes room. */
    unit_send_text(first, "W0FAC0B1234");
    unit_expect_end(first, "A0FAC0B1234");
    unit_wait_connections(1);
    unit_exchange(UNIT_PLAIN, "R0FAC0B", "A0FAC0B1234");
    close(second);
}
END_TEST

START_TEST(a_crowd_over_the_limit)
{
    int fds[50];

    unit_server_prepare(); /* all of them wait before anybody is accepted */
    unit_server.shared.max_connections = 2;
    for (size_t i = 0; i < LENGTH(fds); i++)
        fds[i] = unit_connect(unit_server.ports[UNIT_PLAIN], 0);
    unit_server_serve();
    wait_turned_away(LENGTH(fds) - 2);
    ck_assert_uint_eq(atomic_load(&unit_server.shared.connections), 2);
    ck_assert_uint_eq(unit_log_count("turned away"), 2); /* 1st and 10th */
    for (size_t i = 0; i < LENGTH(fds); i++)
        close(fds[i]);
    unit_wait_connections(0);
    unit_exchange(UNIT_PLAIN, "W0FAC0B1234",
                  "A0FAC0B1234"); /* it is not deaf */
    unit_server_stop();
}
END_TEST

/* --- binding -------------------------------------------------------------- */

START_TEST(a_port_that_is_taken)
{
    struct config_listener twin = unit_server.listeners[UNIT_PLAIN];
    char text[LISTENER_ERROR_MAX];
    char expected[LISTENER_ERROR_MAX];
    uint16_t port;
    int fds[2];

    twin.name = (char *)"twin";
    twin.port = unit_server.ports[UNIT_PLAIN];
    ck_assert_int_eq(
        listener_bind(&unit_server.config, &twin, fds, 2, &port, text),
        -EADDRINUSE);
    snprintf(expected, sizeof expected,
             "built-in configuration: listeners[twin].port: port %u is in "
             "use, perhaps by another wwepd",
             twin.port);
    ck_assert_ptr_eq(strstr(text, expected), text);
}
END_TEST

START_TEST(an_address_that_is_not_ours)
{
    /* TEST-NET-1 is nobody's; the other is no address at all. */
    static const char *const addresses[] = {"192.0.2.1", "nowhere"};
    struct config_listener other = unit_server.listeners[UNIT_PLAIN];
    char text[LISTENER_ERROR_MAX];
    char expected[LISTENER_ERROR_MAX];
    uint16_t port;
    int fd;

    other.address = (char *)addresses[_i];
    ck_assert_int_lt(
        listener_bind(&unit_server.config, &other, &fd, 1, &port, text), 0);
    snprintf(expected, sizeof expected,
             "built-in configuration: listeners[plain].address: this machine "
             "does not have the address %s",
             addresses[_i]);
    ck_assert_ptr_eq(strstr(text, expected), text);
}
END_TEST

START_TEST(a_port_for_root)
{
    struct config_listener low = unit_server.listeners[UNIT_PLAIN];
    char text[LISTENER_ERROR_MAX];
    uint16_t port;
    int fd;

    low.port = 1;
    unit_drop_root(unit_server.folder);
    int status = listener_bind(&unit_server.config, &low, &fd, 1, &port, text);
    unit_regain_root();
    if (status == 0) { /* this system lets everybody */
        close(fd);
        return;
    }
    ck_assert_int_eq(status, -EACCES);
    ck_assert_ptr_nonnull(strstr(text, "write one above 1023"));
}
END_TEST

START_TEST(several_sockets_share_a_port)
{
    struct config_listener any = unit_server.listeners[UNIT_PLAIN];
    char text[LISTENER_ERROR_MAX];
    uint16_t port = 0;
    int fds[4];

    any.address = (char *)"*";
    ck_assert_int_eq(
        listener_bind(&unit_server.config, &any, fds, LENGTH(fds), &port, text),
        0);
    ck_assert_uint_ne(port, 0);
    for (size_t i = 0; i < LENGTH(fds); i++) {
        union address a;
        socklen_t len = sizeof a;
        ck_assert_int_eq(getsockname(fds[i], &a.any, &len), 0);
        ck_assert_uint_eq(address_port(&a), port);
    }
    close(unit_connect(port, 0)); /* by IPv4, too */
    for (size_t i = 0; i < LENGTH(fds); i++)
        close(fds[i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("listener");
    TCase *tc = tcase_create("limits");

    tcase_add_checked_fixture(tc, start_small, unit_server_stop);
    tcase_add_test(tc, over_the_limit);
    suite_add_tcase(suite, tc);
    tc = tcase_create("crowd"); /* starts on its own */
    tcase_add_test(tc, a_crowd_over_the_limit);
    suite_add_tcase(suite, tc);
    tc = tcase_create("binding");
    tcase_add_checked_fixture(tc, unit_server_start, unit_server_stop);
    tcase_add_test(tc, a_port_that_is_taken);
    tcase_add_loop_test(tc, an_address_that_is_not_ours, 0, 2);
    tcase_add_test(tc, a_port_for_root);
    tcase_add_test(tc, several_sockets_share_a_port);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
