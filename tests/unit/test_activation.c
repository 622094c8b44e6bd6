/* Sockets that a program was started with, as it finds them: from file 3 on.
 * Each test runs in a process of its own.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "activation.h"

#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static struct activation a;
static char error[ACTIVATION_ERROR_MAX];
static uint16_t ports[8]; /* of the sockets, in their order */
static size_t n_sockets;

static struct config_listener listeners[] = {
    {.name = (char *)"plain", .address = (char *)"127.0.0.1"},
    {.name = (char *)"secure", .address = (char *)"*"},
};
static const struct config config = {.listeners = listeners, .n_listeners = 2};

static int open_socket(int family, const char *ip, int type)
{
    union address address;
    socklen_t len = sizeof address;

    int fd = socket(family, type, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(address_parse(&address, ip, 0), 0);
    if (bind(fd, &address.any, address_len(&address)) != 0) {
        close(fd);
        return -1;
    }
    ck_assert_int_eq(getsockname(fd, &address.any, &len), 0);
    ports[n_sockets] = address_port(&address);
    return fd;
}

static void put(int fd)
{
    int place = 3 + (int)n_sockets++;

    ck_assert_int_ge(fd, 0);
    if (fd != place) {
        ck_assert_int_eq(dup2(fd, place), place);
        close(fd);
    }
    ck_assert_int_eq(fcntl(place, F_SETFD, 0), 0);
}

static void put_listening(const char *ip)
{
    int fd = open_socket(strchr(ip, ':') != NULL ? AF_INET6 : AF_INET, ip,
                         SOCK_STREAM);

    ck_assert_int_eq(listen(fd, 10), 0);
    put(fd);
}

static void set_environment(size_t n, const char *names)
{
    char text[20];

    snprintf(text, sizeof text, "%zu", n);
    setenv("LISTEN_FDS", text, 1);
    snprintf(text, sizeof text, "%ld", (long)getpid());
    setenv("LISTEN_PID", text, 1);
    if (names != NULL)
        setenv("LISTEN_FDNAMES", names, 1);
    else
        unsetenv("LISTEN_FDNAMES");
}

static void take(const char *names)
{
    set_environment(n_sockets, names);
    ck_assert_msg(activation_take(&a, error) == 0, "%s", error);
    ck_assert_uint_eq(a.n, n_sockets);
}

static void fits(void)
{
    ck_assert_msg(activation_check(&a, &config, error) == 0, "%s", error);
}

static void refused(const char *words)
{
    ck_assert_int_eq(activation_check(&a, &config, error), -1);
    ck_assert_msg(strstr(error, words) != NULL, "\"%s\" is not in: %s", words,
                  error);
}

START_TEST(nothing_to_take)
{
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_PID");
    ck_assert_int_eq(activation_take(&a, error), 0);
    ck_assert_uint_eq(a.n, 0);
    fits();
    ck_assert_int_eq(activation_find(&a, &config, &listeners[0]), -1);
    ck_assert(!activation_has(&a, 0));
    ck_assert(!activation_has(NULL, 0));
}
END_TEST

START_TEST(what_is_for_another_process)
{
    static const char *const pids[] = {"1", "", "x", NULL};

    put_listening("127.0.0.1");
    set_environment(1, NULL);
    if (pids[_i] != NULL)
        setenv("LISTEN_PID", pids[_i], 1);
    else
        unsetenv("LISTEN_PID");
    ck_assert_int_eq(activation_take(&a, error), 0);
    ck_assert_uint_eq(a.n, 0);
    ck_assert_int_eq(fcntl(3, F_GETFD), 0); /* it is not touched */
}
END_TEST

START_TEST(by_their_addresses)
{
    put_listening("127.0.0.1");
    put_listening("0.0.0.0");
    take("wwepd.socket:wwepd.socket");
    listeners[0].port = ports[0];
    listeners[1].port = ports[1];
    fits();
    ck_assert_int_eq(activation_find(&a, &config, &listeners[0]), 3);
    ck_assert_int_eq(activation_find(&a, &config, &listeners[1]), 4);
    ck_assert_int_eq(fcntl(3, F_GETFD), FD_CLOEXEC);
    ck_assert_int_eq(fcntl(4, F_GETFD), FD_CLOEXEC);
    ck_assert_ptr_null(getenv("LISTEN_FDS"));
    ck_assert_ptr_null(getenv("LISTEN_PID"));
    ck_assert_ptr_null(getenv("LISTEN_FDNAMES"));
}
END_TEST

START_TEST(every_address_of_ipv6)
{
    int fd = open_socket(AF_INET6, "::", SOCK_STREAM);

    if (fd < 0)
        return; /* a machine without IPv6 */
    ck_assert_int_eq(listen(fd, 10), 0);
    put(fd);
    take(NULL);
    listeners[1].port = ports[0];
    fits();
    ck_assert_int_eq(activation_find(&a, &config, &listeners[1]), 3);
    ck_assert_int_eq(activation_find(&a, &config, &listeners[0]), -1);
}
END_TEST

/* A name is for people, and wins, whatever the address is. */
START_TEST(by_their_names)
{
    put_listening("127.0.0.1");
    put_listening("127.0.0.1");
    take("secure:plain");
    listeners[0].port = ports[0];
    fits();
    ck_assert_int_eq(activation_find(&a, &config, &listeners[0]), 4);
    ck_assert_int_eq(activation_find(&a, &config, &listeners[1]), 3);
}
END_TEST

START_TEST(fewer_names_than_sockets)
{
    put_listening("127.0.0.1");
    put_listening("0.0.0.0");
    take("plain");
    listeners[1].port = ports[1];
    fits();
    ck_assert_str_eq(a.sockets[0].name, "plain");
    ck_assert_str_eq(a.sockets[1].name, "");
}
END_TEST

START_TEST(a_name_with_control_characters)
{
    put_listening("127.0.0.1");
    take("\x1b[2J\nforged");
    ck_assert_str_eq(a.sockets[0].name, "\\x1B[2J\\x0Aforged");
}
END_TEST

START_TEST(nobodys)
{
    char words[200];

    put_listening("127.0.0.1");
    take("odd");
    listeners[0].port = 1;
    listeners[1].port = ports[0]; /* of every address, not of this one */
    snprintf(words, sizeof words,
             "built-in: no listener is for the socket 127.0.0.1:%u (odd) that "
             "this was started with: write a listener",
             ports[0]);
    refused(words);
    ck_assert_int_eq(activation_find(&a, &config, &listeners[1]), -1);
}
END_TEST

START_TEST(two_for_one)
{
    char words[200];

    put_listening("127.0.0.1");
    put_listening("127.0.0.1");
    take("plain:plain");
    snprintf(words, sizeof words,
             "built-in: listeners[plain]: this was started with two sockets "
             "for it, one of them 127.0.0.1:%u (plain)",
             ports[1]);
    refused(words);
}
END_TEST

static void bad(size_t n, const char *words)
{
    set_environment(n, "here");
    ck_assert_int_eq(activation_take(&a, error), -1);
    ck_assert_msg(strstr(error, words) != NULL, "\"%s\" is not in: %s", words,
                  error);
    ck_assert_uint_eq(a.n, 0);
    ck_assert_ptr_null(getenv("LISTEN_FDS"));
}

START_TEST(no_socket_that_listens)
{
    static const char words[] = "file 3 (here), which this was started with, "
                                "is no TCP socket that listens";
    int pair[2];

    put(open_socket(AF_INET, "127.0.0.1", SOCK_STREAM)); /* bound alone */
    bad(1, words);
    n_sockets = 0;
    put(open_socket(AF_INET, "127.0.0.1", SOCK_DGRAM));
    bad(1, words);
    n_sockets = 0;
    put(open("/dev/null", O_RDONLY));
    bad(1, words);
    n_sockets = 0;
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    put(pair[0]);
    bad(1, words);
}
END_TEST

START_TEST(a_file_that_is_not_open)
{
    put_listening("127.0.0.1");
    close(4);
    bad(2, "LISTEN_FDS=2, but file 4 is not open");
}
END_TEST

START_TEST(what_is_no_number)
{
    static const char *const counts[] = {"",   "x",  "-1",
                                         "1x", "65", "99999999999999999999999"};

    set_environment(1, NULL);
    setenv("LISTEN_FDS", counts[_i], 1);
    ck_assert_int_eq(activation_take(&a, error), -1);
    ck_assert_msg(strstr(error, "it is a number of sockets, at most 64") !=
                      NULL,
                  "%s", error);
}
END_TEST

START_TEST(copies_for_the_workers)
{
    uint16_t port;
    int fds[4];

    put_listening("127.0.0.1");
    take(NULL);
    ck_assert_int_eq(activation_copy(3, fds, LENGTH(fds), &port), 0);
    ck_assert_uint_eq(port, ports[0]);
    for (size_t i = 0; i < LENGTH(fds); i++) {
        ck_assert(activation_has(&a, fds[i]));
        ck_assert_int_eq(fcntl(fds[i], F_GETFD), FD_CLOEXEC);
        close(fds[i]);
    }
    ck_assert_int_eq(activation_copy(99, fds, LENGTH(fds), &port), -EBADF);
}
END_TEST

START_TEST(a_copy_is_known)
{
    put_listening("127.0.0.1");
    take(NULL);
    int copy = dup(3);
    int other = open_socket(AF_INET, "127.0.0.1", SOCK_STREAM);
    ck_assert(activation_has(&a, 3));
    ck_assert(activation_has(&a, copy));
    ck_assert(!activation_has(&a, other));
    ck_assert(!activation_has(&a, 99));
    close(copy);
    close(other);
    activation_close(&a);
    activation_close(&a); /* may be called again */
    ck_assert_int_lt(fcntl(3, F_GETFD), 0);
}
END_TEST

/* Keeps what Check opens away from there. */
static void reserve(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && fd < 3 + (int)LENGTH(ports));
    if (fd >= 0)
        close(fd);
}

int main(void)
{
    reserve();
    Suite *suite = suite_create("activation");
    TCase *tc = tcase_create("activation");

    tcase_add_test(tc, nothing_to_take);
    tcase_add_loop_test(tc, what_is_for_another_process, 0, 4);
    tcase_add_test(tc, by_their_addresses);
    tcase_add_test(tc, every_address_of_ipv6);
    tcase_add_test(tc, by_their_names);
    tcase_add_test(tc, fewer_names_than_sockets);
    tcase_add_test(tc, a_name_with_control_characters);
    tcase_add_test(tc, nobodys);
    tcase_add_test(tc, two_for_one);
    tcase_add_test(tc, no_socket_that_listens);
    tcase_add_test(tc, a_file_that_is_not_open);
    tcase_add_loop_test(tc, what_is_no_number, 0, 6);
    tcase_add_test(tc, copies_for_the_workers);
    tcase_add_test(tc, a_copy_is_known);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
