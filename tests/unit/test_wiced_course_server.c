/* The loop of the course's servers, in their own words, and whom they meet.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "unit_socket.h"
#include "unit_wiced_tcp.h"

#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

struct course_server {
    pthread_t thread;
    uint16_t port;
    wiced_tcp_socket_t socket;
    wiced_tcp_stream_t stream;
    struct unit_tcp_count idle; /* accepts in which nobody came */
    struct unit_tcp_count served;
    struct unit_tcp_count listens;
    atomic_bool stop;
};

static struct course_server plain;
static struct course_server other;

static void setup(void)
{
    unit_tcp_start();
}

/* Not the protocol, but with its two kinds of answers. */
static void serve(struct course_server *s)
{
    wiced_ip_address_t from;
    uint16_t port;
    char request[14] = "";
    char reply[32];
    uint32_t n;

    ck_assert_int_eq(wiced_tcp_server_peer(&s->socket, &from, &port), 0);
    ck_assert_uint_eq(GET_IPV4_ADDRESS(from), MAKE_IPV4_ADDRESS(127, 0, 0, 1));
    (void)wiced_tcp_stream_read_with_count(&s->stream, request, 13, 100, &n);
    request[n] = '\0';
    if (n == 11 && request[0] == 'W')
        snprintf(reply, sizeof reply, "A%s", request + 1);
    else
        snprintf(reply, sizeof reply, "X illegal command %u", (unsigned)n);
    (void)wiced_tcp_stream_write(&s->stream, reply, (uint32_t)strlen(reply));
    (void)wiced_tcp_stream_flush(&s->stream);
}

static void *on_course_server(void *ctx)
{
    struct course_server *s = ctx;

    unit_tcp_create(&s->socket);
    ck_assert_int_eq(wiced_tcp_stream_init(&s->stream, &s->socket), 0);
    ck_assert_int_eq(wiced_tcp_listen(&s->socket, s->port), 0);
    unit_tcp_count_up(&s->listens);
    while (!atomic_load(&s->stop)) {
        if (wiced_tcp_accept(&s->socket) != WICED_SUCCESS) {
            unit_tcp_count_up(&s->idle);
            continue;
        }
        serve(s);
        (void)wiced_tcp_disconnect(&s->socket);
        (void)wiced_tcp_stream_deinit(&s->stream);
        (void)wiced_tcp_stream_init(&s->stream, &s->socket);
        unit_tcp_count_up(&s->served);
    }
    ck_assert_int_eq(wiced_tcp_delete_socket(&s->socket), 0);
    return NULL;
}

static void start(struct course_server *s, uint16_t port)
{
    *s = (struct course_server){.port = port,
                                .idle = UNIT_TCP_COUNT,
                                .served = UNIT_TCP_COUNT,
                                .listens = UNIT_TCP_COUNT};
    ck_assert_int_eq(pthread_create(&s->thread, NULL, on_course_server, s), 0);
    unit_tcp_count_wait(&s->listens, 1);
}

static void stop(struct course_server *s)
{
    atomic_store(&s->stop, true);
    ck_assert_int_eq(pthread_join(s->thread, NULL), 0);
}

static int ask(uint16_t port, const char *request)
{
    int fd = unit_tcp_client(port);

    unit_send_text(fd, request);
    return fd;
}

START_TEST(a_client_that_ends_its_side)
{
    start(&plain, PLAIN);
    for (int i = 0; i < 20; i++) {
        int fd = ask(PLAIN, "W0FAC051234");

        unit_end(fd);
        unit_expect_end(fd, "A0FAC051234");
    }
    unit_tcp_count_wait(&plain.served, 20);
    stop(&plain);
}
END_TEST

/* The server waits for two bytes more: a tenth of a second. */
START_TEST(a_client_that_does_not)
{
    start(&plain, PLAIN);
    uint64_t began_ms = unit_tcp_now_ms();
    unit_expect_end(ask(PLAIN, "W0FAC051234"), "A0FAC051234");
    ck_assert_uint_ge(unit_tcp_now_ms() - began_ms, 100);
    stop(&plain);
}
END_TEST

/* What is left unread must not destroy the answer. */
START_TEST(a_client_of_19_bytes)
{
    start(&plain, PLAIN);
    for (int i = 0; i < 20; i++)
        unit_expect_end(ask(PLAIN, "0123456789abcdefghi"),
                        "X illegal command 13");
    stop(&plain);
}
END_TEST

START_TEST(a_client_that_says_nothing)
{
    start(&plain, PLAIN);
    unit_expect_end(unit_tcp_client(PLAIN), "X illegal command 0");
    stop(&plain);
}
END_TEST

START_TEST(clients_that_do_not_stay)
{
    start(&plain, PLAIN);
    for (unsigned i = 0; i < 5; i++) {
        unit_reset(ask(PLAIN, "W0FAC051234"));
        close(ask(PLAIN, "W0FAC051234"));
        unit_reset(unit_tcp_client(PLAIN));
        unit_tcp_count_wait(&plain.served, 3 * (i + 1));
    }
    unit_expect_end(ask(PLAIN, "W0FAC051234"), "A0FAC051234");
    stop(&plain);
}
END_TEST

START_TEST(nobody_for_a_while)
{
    start(&plain, PLAIN);
    unit_tcp_count_wait(&plain.idle, 3);
    unit_expect_end(ask(PLAIN, "W0FAC051234"), "A0FAC051234");
    stop(&plain);
}
END_TEST

/* They queue: all are served, one at a time. */
START_TEST(clients_at_the_same_time)
{
    enum { CLIENTS = 5 };
    int fds[CLIENTS];

    start(&plain, PLAIN);
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = ask(PLAIN, "W0FAC051234");
        unit_end(fds[i]);
    }
    for (int i = 0; i < CLIENTS; i++)
        unit_expect_end(fds[i], "A0FAC051234");
    stop(&plain);
}
END_TEST

START_TEST(two_servers_on_two_ports)
{
    start(&plain, PLAIN);
    start(&other, SECURE);
    for (int i = 0; i < 10; i++) {
        int a = ask(PLAIN, "W0FAC051111");
        int b = ask(SECURE, "W0FAC052222");

        unit_end(a);
        unit_end(b);
        unit_expect_end(b, "A0FAC052222");
        unit_expect_end(a, "A0FAC051111");
    }
    stop(&plain);
    stop(&other);
    ck_assert_uint_eq(unit_tcp_count(&plain.served), 10);
    ck_assert_uint_eq(unit_tcp_count(&other.served), 10);
}
END_TEST

START_TEST(two_servers_on_one_port)
{
    start(&plain, PLAIN);
    start(&other, PLAIN);
    for (int i = 0; i < 10; i++) {
        int a = ask(PLAIN, "W0FAC051111");
        int b = ask(PLAIN, "W0FAC052222");

        unit_end(a);
        unit_end(b);
        unit_expect_end(b, "A0FAC052222");
        unit_expect_end(a, "A0FAC051111");
    }
    stop(&plain);
    stop(&other);
    ck_assert_uint_eq(
        unit_tcp_count(&plain.served) + unit_tcp_count(&other.served), 20);
}
END_TEST

/* Against the API's own client, which does not read the answer at all. */
START_TEST(the_course_s_first_client)
{
    wiced_ip_address_t to = unit_tcp_loopback();
    wiced_tcp_socket_t socket;
    wiced_tcp_stream_t stream;

    start(&plain, PLAIN);
    for (unsigned i = 0; i < 5; i++) {
        ck_assert_int_eq(wiced_tcp_create_socket(&socket, WICED_STA_INTERFACE),
                         0);
        ck_assert_int_eq(wiced_tcp_bind(&socket, WICED_ANY_PORT), 0);
        ck_assert_int_eq(wiced_tcp_connect(&socket, &to, PLAIN, LONG_MS), 0);
        ck_assert_int_eq(wiced_tcp_stream_init(&stream, &socket), 0);
        ck_assert_int_eq(wiced_tcp_stream_write(&stream, "W0FAC050001", 11), 0);
        ck_assert_int_eq(wiced_tcp_stream_flush(&stream), 0);
        ck_assert_int_eq(wiced_tcp_stream_deinit(&stream), 0);
        ck_assert_int_eq(wiced_tcp_delete_socket(&socket), 0);
        unit_tcp_count_wait(&plain.served, i + 1);
    }
    stop(&plain);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wiced_course_server");
    TCase *tc = tcase_create("wiced_course_server");

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, a_client_that_ends_its_side);
    tcase_add_test(tc, a_client_that_does_not);
    tcase_add_test(tc, a_client_of_19_bytes);
    tcase_add_test(tc, a_client_that_says_nothing);
    tcase_add_test(tc, clients_that_do_not_stay);
    tcase_add_test(tc, nobody_for_a_while);
    tcase_add_test(tc, clients_at_the_same_time);
    tcase_add_test(tc, two_servers_on_two_ports);
    tcase_add_test(tc, two_servers_on_one_port);
    tcase_add_test(tc, the_course_s_first_client);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
