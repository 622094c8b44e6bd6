/* What whoever started us is told, by a socket that is really there.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "notify.h"

#include "unit.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char *folder;
static char where[sizeof((struct sockaddr_un *)0)->sun_path];
static int manager; /* whoever started us */
static struct notify n;
static char error[NOTIFY_ERROR_MAX];

/* A path, or an abstract name. */
static void listen_at(bool abstract)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    size_t len;

    len = (size_t)snprintf(where, sizeof where, "%s%s/notify",
                           abstract ? "@" : "", folder);
    ck_assert_uint_lt(len, sizeof where);
    memcpy(a.sun_path, where, len + 1);
    if (abstract)
        a.sun_path[0] = '\0';
    manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(manager, (struct sockaddr *)&a,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
                                      len + (abstract ? 0 : 1))),
                     0);
    ck_assert_int_eq(setenv("NOTIFY_SOCKET", where, 1), 0);
}

static void setup(void)
{
    folder = unit_mkdtemp();
    manager = -1;
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    error[0] = '\0';
}

static void teardown(void)
{
    notify_close(&n);
    notify_close(&n); /* may be called again */
    if (manager >= 0)
        close(manager);
    unit_rmdir(folder);
}

static void open_it(void)
{
    ck_assert_msg(notify_open(&n, error) == 0, "%s", error);
}

/* The next datagram, which is there already. */
static void told(char text[512])
{
    ssize_t len = recv(manager, text, 511, MSG_DONTWAIT);

    ck_assert_int_gt(len, 0);
    text[len] = '\0';
}

static void expect(const char *wanted)
{
    char text[512];

    told(text);
    ck_assert_str_eq(text, wanted);
}

START_TEST(each_word)
{
    struct timespec before;
    struct timespec after;
    unsigned long long us;
    char text[512];
    int used = 0;

    listen_at(_i == 1);
    open_it();
    ck_assert_int_eq(notify_ready(&n, "serving"), 0);
    expect("READY=1\nSTATUS=serving");
    clock_gettime(CLOCK_MONOTONIC, &before);
    ck_assert_int_eq(notify_reloading(&n), 0);
    clock_gettime(CLOCK_MONOTONIC, &after);
    told(text);
    ck_assert_int_eq(
        sscanf(text, "RELOADING=1\nMONOTONIC_USEC=%llu%n", &us, &used), 1);
    ck_assert_uint_eq((size_t)used, strlen(text));
    ck_assert_uint_ge(us, (unsigned long long)before.tv_sec * 1000000 +
                              (unsigned long long)before.tv_nsec / 1000);
    ck_assert_uint_le(us, (unsigned long long)after.tv_sec * 1000000 +
                              (unsigned long long)after.tv_nsec / 1000);
    ck_assert_int_eq(notify_alive(&n), 0);
    expect("WATCHDOG=1");
    ck_assert_int_eq(notify_stopping(&n, 3600, "finishing"), 0);
    expect("STOPPING=1\nSTATUS=finishing\nEXTEND_TIMEOUT_USEC=3610000000");
    ck_assert_int_lt(recv(manager, text, sizeof text, MSG_DONTWAIT), 0);
}
END_TEST

/* A line end in a text would begin a field of its own. */
START_TEST(a_text_is_one_line)
{
    char text[512];
    char many[400];

    listen_at(false);
    open_it();
    ck_assert_int_eq(notify_ready(&n, "one\nMAINPID=1\n"), 0);
    expect("READY=1\nSTATUS=one MAINPID=1 ");
    memset(many, 'a', sizeof many);
    many[sizeof many - 1] = '\0';
    ck_assert_int_eq(notify_stopping(&n, 3600, many), 0);
    told(text);
    ck_assert_ptr_nonnull(strstr(text, "\nEXTEND_TIMEOUT_USEC=3610000000"));
    ck_assert_uint_eq(strspn(strstr(text, "=a") + 1, "a"), NOTIFY_TEXT_MAX - 1);
}
END_TEST

START_TEST(nobody_wants_to_know)
{
    unsetenv("NOTIFY_SOCKET");
    setenv("WATCHDOG_USEC", "1000000", 1);
    open_it();
    ck_assert_int_eq(n.fd, -1);
    ck_assert_uint_eq(n.watchdog_us, 0);
    ck_assert_int_eq(notify_ready(&n, "serving"), 0);
    ck_assert_int_eq(notify_alive(&n), 0);
}
END_TEST

START_TEST(who_is_gone)
{
    listen_at(false);
    open_it();
    close(manager);
    manager = -1;
    ck_assert_int_eq(notify_ready(&n, "serving"), -ECONNREFUSED);
    ck_assert_int_eq(unlink(where), 0);
    ck_assert_int_eq(notify_alive(&n), -ENOENT);
}
END_TEST

/* A service manager that reads nothing must not hold us up for ever. */
START_TEST(who_does_not_read)
{
    int status = 0;

    listen_at(false);
    open_it();
    for (int i = 0; i < 10000 && status == 0; i++)
        status = notify_alive(&n);
    ck_assert_int_eq(status, -EAGAIN);
}
END_TEST

START_TEST(the_environment_is_left_clean)
{
    listen_at(false);
    setenv("WATCHDOG_USEC", "30000000", 1);
    open_it();
    ck_assert_ptr_null(getenv("NOTIFY_SOCKET"));
    ck_assert_ptr_null(getenv("WATCHDOG_USEC"));
    ck_assert_ptr_null(getenv("WATCHDOG_PID"));
    ck_assert_uint_eq(n.watchdog_us, 30000000);
}
END_TEST

static const struct {
    const char *path;
    const char *words;
} bad_paths[] = {
    {"", "Address family not supported"},
    {"/", "Address family not supported"},
    {"@", "Address family not supported"},
    {"vsock:2:1234", "NOTIFY_SOCKET=vsock:2:1234: Address family not"},
    {"relative/path", "Address family not supported"},
    {"/\x1b[2J/evil/"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     "NOTIFY_SOCKET=/\\x1B[2J/evil/aaaa"},
};

START_TEST(a_socket_that_can_not_be)
{
    setenv("NOTIFY_SOCKET", bad_paths[_i].path, 1);
    ck_assert_int_eq(notify_open(&n, error), -1);
    ck_assert_msg(strstr(error, bad_paths[_i].words) != NULL, "%s", error);
    ck_assert_ptr_nonnull(strstr(error, ": whoever started this is not told"));
    ck_assert_int_eq(notify_ready(&n, "serving"), 0);
}
END_TEST

static const struct {
    const char *us;
    const char *pid; /* NULL: none; "own" */
    uint64_t wanted;
} watchdogs[] = {
    {"30000000", NULL, 30000000},
    {"30000000", "own", 30000000},
    {"30000000", "1", 0},
    {"30000000", "x", 0},
    {"", NULL, 0},
    {"-1", NULL, 0},
    {"1s", NULL, 0},
    {"99999999999999999999999", NULL, 0},
    {"0", NULL, 0},
};

START_TEST(whose_watchdog)
{
    char pid[20];

    listen_at(false);
    setenv("WATCHDOG_USEC", watchdogs[_i].us, 1);
    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    if (watchdogs[_i].pid != NULL)
        setenv("WATCHDOG_PID",
               strcmp(watchdogs[_i].pid, "own") == 0 ? pid : watchdogs[_i].pid,
               1);
    open_it();
    ck_assert_uint_eq(n.watchdog_us, watchdogs[_i].wanted);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("notify");
    TCase *tc = tcase_create("notify");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, each_word, 0, 2);
    tcase_add_test(tc, a_text_is_one_line);
    tcase_add_test(tc, nobody_wants_to_know);
    tcase_add_test(tc, who_is_gone);
    tcase_add_test(tc, who_does_not_read);
    tcase_add_test(tc, the_environment_is_left_clean);
    tcase_add_loop_test(tc, a_socket_that_can_not_be, 0,
                        sizeof bad_paths / sizeof bad_paths[0]);
    tcase_add_loop_test(tc, whose_watchdog, 0,
                        sizeof watchdogs / sizeof watchdogs[0]);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
