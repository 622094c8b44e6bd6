/* A socket that is one thread's, until another one takes it away.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "port_table.h"
#include "unit_socket.h"
#include "unit_wiced_tcp.h"

#include <stdatomic.h>
#include <unistd.h>

static wiced_tcp_socket_t sock;
static int server;
static uint16_t port;
static wiced_result_t waited; /* what the waiting call returned */

static void setup(void)
{
    unit_tcp_start();
    server = unit_tcp_server(&port, 8);
}

static void teardown(void)
{
    close(server);
}

static void *on_receive(void *ctx)
{
    wiced_packet_t *packet;

    (void)ctx;
    waited = wiced_tcp_receive(&sock, &packet, WICED_NEVER_TIMEOUT);
    ck_assert_ptr_null(packet);
    return NULL;
}

static void *on_accept(void *ctx)
{
    (void)ctx;
    waited = wiced_tcp_accept(&sock);
    return NULL;
}

/* To one who never answers. */
static void *on_connect(void *ctx)
{
    const wiced_ip_address_t to = unit_tcp_loopback();

    (void)ctx;
    waited = wiced_tcp_connect(&sock, &to, port, WICED_NEVER_TIMEOUT);
    return NULL;
}

/* Until the other thread waits, as far as anybody can tell. */
static void wait_until_used(void)
{
    unsigned users = 0;

    while (users == 0) {
        endpoint_lock();
        const struct endpoint *ep = endpoint_find(&sock);
        users = ep != NULL ? ep->users : 0;
        endpoint_unlock();
        unit_tcp_sleep(1);
    }
    unit_tcp_sleep(10);
}

/* Runs the call on a thread, and ends it from this one. */
static void end_it(void *(*call)(void *),
                   wiced_result_t (*end)(wiced_tcp_socket_t *),
                   wiced_result_t result)
{
    pthread_t thread;

    waited = WICED_SUCCESS;
    ck_assert_int_eq(pthread_create(&thread, NULL, call, NULL), 0);
    wait_until_used();
    uint64_t began_ms = unit_tcp_now_ms();
    ck_assert_int_eq(end(&sock), result);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_uint_lt(unit_tcp_now_ms() - began_ms, 2000);
    ck_assert_int_eq(waited, WICED_TCPIP_WAIT_ABORTED);
}

START_TEST(delete_ends_receive)
{
    unit_tcp_create(&sock);
    int peer = unit_tcp_connect(&sock, server, port);

    end_it(on_receive, wiced_tcp_delete_socket, 0);
    unit_expect_end(peer, "");
}
END_TEST

START_TEST(disconnect_ends_receive)
{
    unit_tcp_create(&sock);
    int peer = unit_tcp_connect(&sock, server, port);

    end_it(on_receive, wiced_tcp_disconnect, 0);
    unit_expect_end(peer, "");
    close(unit_tcp_connect(&sock, server, port)); /* it can go on */
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

START_TEST(delete_ends_accept)
{
    unit_tcp_listen(&sock, PLAIN);
    endpoint_set_times(&sock, WICED_NEVER_TIMEOUT, 200, 0);
    end_it(on_accept, wiced_tcp_delete_socket, 0);
    ck_assert_uint_eq(port_table_here(PLAIN), 0);
}
END_TEST

START_TEST(disconnect_ends_accept)
{
    unit_tcp_listen(&sock, PLAIN);
    endpoint_set_times(&sock, WICED_NEVER_TIMEOUT, 200, 0);
    end_it(on_accept, wiced_tcp_disconnect, WICED_TCPIP_SOCKET_CLOSED);
    close(unit_tcp_client(PLAIN));
    ck_assert_int_eq(wiced_tcp_accept(&sock), 0);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

START_TEST(delete_ends_connect)
{
    wiced_tcp_socket_t others[4];
    const wiced_ip_address_t to = unit_tcp_loopback();

    close(server);
    server = unit_tcp_server(&port, 0);
    for (int i = 0; i < 4; i++) { /* its queue is full then */
        unit_tcp_create(&others[i]);
        endpoint_set_times(&others[i], 0, 0, 0);
        (void)wiced_tcp_connect(&others[i], &to, port, 60);
    }
    unit_tcp_create(&sock);
    end_it(on_connect, wiced_tcp_delete_socket, 0);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(wiced_tcp_delete_socket(&others[i]), 0);
}
END_TEST

static void *on_delete(void *ctx)
{
    wiced_result_t *result = ctx;

    *result = wiced_tcp_delete_socket(&sock);
    return NULL;
}

START_TEST(delete_by_two)
{
    for (int i = 0; i < 50; i++) {
        wiced_result_t results[2];
        pthread_t threads[2];

        unit_tcp_create(&sock);
        close(unit_tcp_connect(&sock, server, port));
        for (int t = 0; t < 2; t++)
            ck_assert_int_eq(
                pthread_create(&threads[t], NULL, on_delete, &results[t]), 0);
        for (int t = 0; t < 2; t++)
            ck_assert_int_eq(pthread_join(threads[t], NULL), 0);
        ck_assert_int_eq(results[0] + results[1], WICED_TCPIP_INVALID_SOCKET);
    }
}
END_TEST

static void *on_disconnect(void *ctx)
{
    (void)ctx;
    waited = wiced_tcp_disconnect(&sock);
    return NULL;
}

/* The peer stays, and disconnect would wait for long: delete does not. */
START_TEST(delete_during_disconnect)
{
    pthread_t thread;

    unit_tcp_create(&sock);
    endpoint_set_times(&sock, 0, LONG_MS, 0);
    int peer = unit_tcp_connect(&sock, server, port);
    uint64_t began_ms = unit_tcp_now_ms();

    ck_assert_int_eq(pthread_create(&thread, NULL, on_disconnect, NULL), 0);
    unit_tcp_wait_state(&sock, WICED_SOCKET_CLOSING);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_int_eq(waited, 0);
    ck_assert_uint_lt(unit_tcp_now_ms() - began_ms, LONG_MS);
    close(peer);
}
END_TEST

static void *on_receive_one(void *ctx)
{
    wiced_packet_t *packet;

    (void)ctx;
    waited = wiced_tcp_receive(&sock, &packet, LONG_MS);
    ck_assert_int_eq(wiced_packet_delete(packet), 0);
    return NULL;
}

/* One thread may send while another one waits. */
START_TEST(send_while_another_receives)
{
    pthread_t thread;
    char got[2] = "";

    unit_tcp_create(&sock);
    int peer = unit_tcp_connect(&sock, server, port);

    waited = WICED_ERROR;
    ck_assert_int_eq(pthread_create(&thread, NULL, on_receive_one, NULL), 0);
    wait_until_used();
    ck_assert_int_eq(wiced_tcp_send_buffer(&sock, "W", 1), 0);
    unit_receive(peer, got, 1);
    unit_send_text(peer, "A");
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_int_eq(waited, 0);
    close(peer);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

static atomic_bool over;

/* A loop that never learns when its socket goes. */
static void *on_loop(void *ctx)
{
    wiced_packet_t *packet;

    (void)ctx;
    while (!atomic_load(&over)) {
        if (wiced_tcp_accept(&sock) != WICED_SUCCESS)
            continue;
        if (wiced_tcp_receive(&sock, &packet, 5) == WICED_SUCCESS)
            (void)wiced_packet_delete(packet);
        (void)wiced_tcp_send_buffer(&sock, "A", 1);
    }
    return NULL;
}

START_TEST(anything_at_any_time)
{
    pthread_t threads[2];

    for (int t = 0; t < 2; t++)
        ck_assert_int_eq(pthread_create(&threads[t], NULL, on_loop, NULL), 0);
    for (int i = 0; i < 60; i++) {
        unit_tcp_create(&sock);
        endpoint_set_times(&sock, 5, 5, 5);
        ck_assert_int_eq(wiced_tcp_listen(&sock, PLAIN), 0);
        int client = unit_tcp_client(PLAIN);
        if (i % 3 == 0)
            unit_tcp_sleep(1);
        if (i % 2 == 0)
            (void)wiced_tcp_disconnect(&sock);
        ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
        close(client);
    }
    atomic_store(&over, true);
    for (int t = 0; t < 2; t++)
        ck_assert_int_eq(pthread_join(threads[t], NULL), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wiced_tcp_threads");
    TCase *tc = tcase_create("wiced_tcp_threads");

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, delete_ends_receive);
    tcase_add_test(tc, disconnect_ends_receive);
    tcase_add_test(tc, delete_ends_accept);
    tcase_add_test(tc, disconnect_ends_accept);
    tcase_add_test(tc, delete_ends_connect);
    tcase_add_test(tc, delete_by_two);
    tcase_add_test(tc, delete_during_disconnect);
    tcase_add_test(tc, send_while_another_receives);
    tcase_add_test(tc, anything_at_any_time);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
