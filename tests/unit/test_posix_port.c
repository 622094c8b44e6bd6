/* The port for POSIX, on the sockets of the loopback.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "wwep_posix.h"

#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define LONG_MS       20000u /* what has to come, comes sooner */
#define SHORT_MS      60u

static struct wwep_posix posix;
static int listener;
static uint16_t port;
static const struct wwep_address loopback = {.bytes = {127, 0, 0, 1}, .len = 4};

static int listen_on(int family, int backlog)
{
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
                              .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr_in v4 = {.sin_family = AF_INET,
                             .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct sockaddr *a =
        family == AF_INET6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4;
    socklen_t len = family == AF_INET6 ? sizeof v6 : sizeof v4;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, a, len) != 0) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    ck_assert_int_eq(listen(fd, backlog), 0);
    ck_assert_int_eq(getsockname(fd, a, &len), 0);
    port = ntohs(family == AF_INET6 ? v6.sin6_port : v4.sin_port);
    return fd;
}

static void setup(void)
{
    wwep_posix_init(&posix, NULL, NULL);
    listener = listen_on(AF_INET, 8);
    ck_assert_int_ge(listener, 0);
}

static void teardown(void)
{
    wwep_posix_deinit(&posix);
    wwep_posix_deinit(&posix);
    close(listener);
}

/* Connects, and returns the far end. */
static int open_both(void)
{
    ck_assert_int_eq(
        posix.port.connect(posix.port.ctx, &loopback, port, LONG_MS), 0);

    int fd = accept(listener, NULL, NULL);
    ck_assert_int_ge(fd, 0);
    return fd;
}

static int receive(uint8_t *buf, size_t len, uint32_t timeout_ms)
{
    return posix.port.recv(posix.port.ctx, buf, len, timeout_ms);
}

static int send_bytes(const char *bytes, uint32_t timeout_ms)
{
    return posix.port.send(posix.port.ctx, (const uint8_t *)bytes,
                           strlen(bytes), timeout_ms);
}

static uint32_t now_ms(void)
{
    return posix.port.now_ms(posix.port.ctx);
}

/* --- connecting ----------------------------------------------------------- */

START_TEST(bytes_both_ways)
{
    uint8_t buf[32];
    int peer = open_both();

    ck_assert_int_eq(send_bytes("R0FAC0B", LONG_MS), 7);
    ck_assert_int_eq(recv(peer, buf, sizeof buf, 0), 7);
    ck_assert_mem_eq(buf, "R0FAC0B", 7);
    ck_assert_int_eq(send(peer, "A0FAC0B1234", 11, 0), 11);
    ck_assert_int_eq(receive(buf, 4, LONG_MS), 4);
    ck_assert_int_eq(receive(buf + 4, sizeof buf - 4, LONG_MS), 7);
    ck_assert_mem_eq(buf, "A0FAC0B1234", 11);
    close(peer);
    ck_assert_int_eq(receive(buf, sizeof buf, LONG_MS), 0);
    ck_assert_int_eq(receive(buf, sizeof buf, 0), 0);
    posix.port.close(posix.port.ctx);
    ck_assert_int_eq(posix.fd, -1);
}
END_TEST

START_TEST(ipv6)
{
    const struct wwep_address v6 = {.bytes = {[15] = 1}, .len = 16};

    close(listener);
    listener = listen_on(AF_INET6, 8);
    if (listener < 0) { /* a system without IPv6 must say so */
        ck_assert_int_eq(posix.port.connect(posix.port.ctx, &v6, 9, LONG_MS),
                         WWEP_PORT_UNREACHABLE);
        return;
    }
    ck_assert_int_eq(posix.port.connect(posix.port.ctx, &v6, port, LONG_MS), 0);
    close(accept(listener, NULL, NULL));
}
END_TEST

START_TEST(refused)
{
    uint16_t taken = port;

    close(listener);
    ck_assert_int_eq(
        posix.port.connect(posix.port.ctx, &loopback, taken, LONG_MS),
        WWEP_PORT_REFUSED);
    ck_assert_int_eq(posix.fd, -1);
    listener = listen_on(AF_INET, 8);
}
END_TEST

START_TEST(unreachable)
{
    /* Link-local, and nobody says on which link. */
    const struct wwep_address no_link = {.bytes = {0xFE, 0x80, [15] = 1},
                                         .len = 16};
    /* A host can not be a broadcast. */
    const struct wwep_address all = {.bytes = {255, 255, 255, 255}, .len = 4};

    ck_assert_int_eq(
        posix.port.connect(posix.port.ctx, &no_link, 27708, LONG_MS),
        WWEP_PORT_UNREACHABLE);
    ck_assert_int_eq(posix.port.connect(posix.port.ctx, &all, 27708, LONG_MS),
                     WWEP_PORT_UNREACHABLE);
}
END_TEST

START_TEST(no_address)
{
    const struct wwep_address none = {.len = 0};

    ck_assert_int_eq(posix.port.connect(posix.port.ctx, &none, port, LONG_MS),
                     WWEP_PORT_FAILED);
}
END_TEST

START_TEST(one_connection_at_a_time)
{
    int peer = open_both();

    ck_assert_int_eq(
        posix.port.connect(posix.port.ctx, &loopback, port, LONG_MS),
        WWEP_PORT_FAILED);
    ck_assert_int_eq(send_bytes("X", LONG_MS), 1); /* the first is still open */
    close(peer);
}
END_TEST

/* A listener whose backlog is full does not answer any more. */
START_TEST(connect_times_out)
{
    struct wwep_posix others[8];
    size_t n = 0;
    int error = 0;

    close(listener);
    listener = listen_on(AF_INET, 0);
    for (; n < LENGTH(others) && error == 0; n++) {
        wwep_posix_init(&others[n], NULL, NULL);
        uint32_t began_ms = now_ms();
        error = others[n].port.connect(&others[n], &loopback, port, SHORT_MS);
        if (error != 0)
            ck_assert_uint_ge(now_ms() - began_ms, SHORT_MS);
    }
    ck_assert_int_eq(error, WWEP_PORT_TIMEOUT);
    ck_assert_int_eq(others[n - 1].fd, -1);
    close(listener);
    for (size_t i = 0; i < n; i++)
        wwep_posix_deinit(&others[i]);
    listener = listen_on(AF_INET, 8);
}
END_TEST

/* --- bytes and the end ---------------------------------------------------- */

START_TEST(receive_times_out)
{
    uint8_t byte;
    int peer = open_both();
    uint32_t began_ms = now_ms();

    ck_assert_int_eq(receive(&byte, 1, 0), WWEP_PORT_TIMEOUT);
    ck_assert_int_eq(receive(&byte, 1, SHORT_MS), WWEP_PORT_TIMEOUT);
    ck_assert_uint_ge(now_ms() - began_ms, SHORT_MS);
    /* It is no end: what comes later is received. */
    ck_assert_int_eq(send(peer, "A", 1, 0), 1);
    ck_assert_int_eq(receive(&byte, 1, LONG_MS), 1);
    close(peer);
}
END_TEST

START_TEST(send_times_out)
{
    static char many[65536];
    int peer = open_both();
    int n;

    memset(many, 'W', sizeof many - 1);
    while ((n = send_bytes(many, SHORT_MS)) > 0)
        ;
    ck_assert_int_eq(n, WWEP_PORT_TIMEOUT);
    /* A wait ends when there is room worth it; without one, any is used. */
    while ((n = send_bytes(many, 0)) > 0)
        ;
    ck_assert_int_eq(n, WWEP_PORT_TIMEOUT);
    close(peer);
}
END_TEST

static void reset(int fd)
{
    const struct linger now = {1, 0};

    ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now),
                     0);
    close(fd);
}

START_TEST(a_peer_that_resets)
{
    uint8_t byte;

    reset(open_both());
    ck_assert_int_eq(receive(&byte, 1, LONG_MS), WWEP_PORT_RESET);
    /* Nor does writing to it end the program with a SIGPIPE. */
    ck_assert_int_eq(send_bytes("W", LONG_MS), WWEP_PORT_RESET);
    posix.port.close(posix.port.ctx);
}
END_TEST

/* The peer has said all, and still listens. */
START_TEST(a_peer_that_ends_its_side)
{
    uint8_t byte;
    int peer = open_both();

    ck_assert_int_eq(shutdown(peer, SHUT_WR), 0);
    ck_assert_int_eq(receive(&byte, 1, LONG_MS), 0);
    ck_assert_int_eq(send_bytes("W", LONG_MS), 1);
    ck_assert_int_eq(recv(peer, &byte, 1, 0), 1);
    close(peer);
}
END_TEST

/* --- closing -------------------------------------------------------------- */

struct talker {
    pthread_t thread;
    int fd;
    size_t got;
    int error;
};

/* Talks, and only later listens, as a server does that sends tickets. */
static void *on_talker(void *ctx)
{
    struct talker *t = ctx;
    char buf[4096];
    ssize_t n;

    memset(buf, 't', sizeof buf);
    nanosleep(&(struct timespec){0, 20000000}, NULL);
    (void)send(t->fd, buf, sizeof buf, MSG_NOSIGNAL);
    while ((n = recv(t->fd, buf, sizeof buf, 0)) > 0)
        t->got += (size_t)n;
    t->error = n < 0 ? errno : 0;
    close(t->fd);
    return NULL;
}

START_TEST(what_was_sent_arrives)
{
    static char many[60000];
    struct talker t = {.fd = open_both()};

    memset(many, 'W', sizeof many - 1);
    ck_assert_int_eq(send(t.fd, many, 1000, 0), 1000); /* never fetched */
    ck_assert_int_eq(send_bytes(many, LONG_MS), (int)sizeof many - 1);
    ck_assert_int_eq(pthread_create(&t.thread, NULL, on_talker, &t), 0);
    posix.port.close(posix.port.ctx);
    ck_assert_int_eq(pthread_join(t.thread, NULL), 0);
    ck_assert_int_eq(t.error, 0);
    ck_assert_uint_eq(t.got, sizeof many - 1);
}
END_TEST

START_TEST(a_peer_that_stays)
{
    int peer = open_both();
    uint32_t began_ms = now_ms();

    posix.port.close(posix.port.ctx);
    ck_assert_uint_ge(now_ms() - began_ms, WWEP_POSIX_CLOSE_MS);
    ck_assert_uint_lt(now_ms() - began_ms, LONG_MS);
    close(peer);
}
END_TEST

START_TEST(a_peer_that_has_gone)
{
    uint32_t began_ms = now_ms();

    close(open_both());
    posix.port.close(posix.port.ctx);
    ck_assert_uint_lt(now_ms() - began_ms, WWEP_POSIX_CLOSE_MS);
}
END_TEST

static void *on_flood(void *ctx)
{
    const struct talker *t = ctx;
    static const char many[65536];

    while (send(t->fd, many, sizeof many, MSG_NOSIGNAL) > 0)
        ;
    return NULL;
}

START_TEST(a_peer_that_never_stops)
{
    struct talker t = {.fd = open_both()};
    uint32_t began_ms = now_ms();

    ck_assert_int_eq(pthread_create(&t.thread, NULL, on_flood, &t), 0);
    posix.port.close(posix.port.ctx);
    ck_assert_uint_lt(now_ms() - began_ms, LONG_MS);
    ck_assert_int_eq(pthread_join(t.thread, NULL), 0);
    close(t.fd);
}
END_TEST

/* --- signals -------------------------------------------------------------- */

static void on_signal(int number)
{
    (void)number;
}

/* Interrupts each call again and again until the test is over. */
static void interrupt_every_ms(bool restart)
{
    const struct itimerval often = {{0, 1000}, {0, 1000}};
    struct sigaction action = {.sa_handler = on_signal,
                               .sa_flags = restart ? SA_RESTART : 0};

    ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
    ck_assert_int_eq(setitimer(ITIMER_REAL, &often, NULL), 0);
}

static void *on_late_reply(void *ctx)
{
    const struct talker *t = ctx;
    sigset_t all;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    nanosleep(&(struct timespec){0, 50000000}, NULL);
    (void)send(t->fd, "A", 1, MSG_NOSIGNAL);
    return NULL;
}

START_TEST(waits_go_on_after_a_signal)
{
    uint8_t byte;
    struct talker t = {.fd = open_both()};

    interrupt_every_ms(_i != 0);
    uint32_t began_ms = now_ms();
    ck_assert_int_eq(receive(&byte, 1, SHORT_MS), WWEP_PORT_TIMEOUT);
    ck_assert_uint_ge(now_ms() - began_ms, SHORT_MS);
    ck_assert_int_eq(pthread_create(&t.thread, NULL, on_late_reply, &t), 0);
    ck_assert_int_eq(receive(&byte, 1, LONG_MS), 1);
    ck_assert_int_eq(pthread_join(t.thread, NULL), 0);
    posix.port.close(posix.port.ctx);
    close(t.fd);
    ck_assert_int_eq(setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL), 0);
}
END_TEST

/* --- the rest ------------------------------------------------------------- */

START_TEST(clocks)
{
    uint32_t began_ms = now_ms();
    int64_t wall = posix.port.wall_clock(posix.port.ctx);

    nanosleep(&(struct timespec){0, 20000000}, NULL);
    ck_assert_uint_ge(now_ms() - began_ms, 20);
    ck_assert_uint_lt(now_ms() - began_ms, LONG_MS);
    ck_assert_int_le(wall - (int64_t)time(NULL), 0);
    ck_assert_int_gt(wall, 1700000000);
}
END_TEST

START_TEST(entropy)
{
    static const size_t lengths[] = {1, 32, 255, 256, 257, 1000};

    for (size_t i = 0; i < LENGTH(lengths); i++) {
        uint8_t a[1001] = {0};
        uint8_t b[1001] = {0};
        size_t n = lengths[i];

        ck_assert_int_eq(posix.port.entropy(posix.port.ctx, a, n), 0);
        ck_assert_int_eq(posix.port.entropy(posix.port.ctx, b, n), 0);
        ck_assert_uint_eq(a[n], 0);
        if (n >= 32) {
            ck_assert_mem_ne(a, b, 32);
            ck_assert_mem_ne(a + n - 32, b + n - 32, 32);
        }
    }
}
END_TEST

static void on_log(void *ctx, enum wwep_log_level level, const char *text)
{
    ck_assert_int_eq(level, WWEP_LOG_INFO);
    ck_assert_str_eq(text, "a line");
    ++*(unsigned *)ctx;
}

START_TEST(the_log)
{
    unsigned lines = 0;

    ck_assert(posix.port.log == NULL);
    wwep_posix_init(&posix, on_log, &lines);
    posix.port.log(posix.port.ctx, WWEP_LOG_INFO, "a line");
    ck_assert_uint_eq(lines, 1);
}
END_TEST

static void add_sockets(TCase *tc)
{
    tcase_add_test(tc, bytes_both_ways);
    tcase_add_test(tc, ipv6);
    tcase_add_test(tc, refused);
    tcase_add_test(tc, unreachable);
    tcase_add_test(tc, no_address);
    tcase_add_test(tc, one_connection_at_a_time);
    tcase_add_test(tc, connect_times_out);
    tcase_add_test(tc, receive_times_out);
    tcase_add_test(tc, send_times_out);
    tcase_add_test(tc, a_peer_that_resets);
    tcase_add_test(tc, a_peer_that_ends_its_side);
    tcase_add_test(tc, what_was_sent_arrives);
    tcase_add_test(tc, a_peer_that_stays);
    tcase_add_test(tc, a_peer_that_has_gone);
    tcase_add_test(tc, a_peer_that_never_stops);
    tcase_add_loop_test(tc, waits_go_on_after_a_signal, 0, 2);
}

int main(void)
{
    Suite *suite = suite_create("posix_port");
    TCase *tc = tcase_create("posix_port");

    tcase_add_checked_fixture(tc, setup, teardown);
    add_sockets(tc);
    tcase_add_test(tc, clocks);
    tcase_add_test(tc, entropy);
    tcase_add_test(tc, the_log);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
