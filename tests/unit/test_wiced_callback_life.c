/* Callbacks that come and go, with their sockets.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "port_table.h"
#include "unit_socket.h"
#include "unit_wiced_tcp.h"

#include <stdatomic.h>
#include <unistd.h>

static wiced_tcp_socket_t sock;
static struct unit_tcp_count connects = UNIT_TCP_COUNT;
static struct unit_tcp_count receives = UNIT_TCP_COUNT;
static struct unit_tcp_count ends = UNIT_TCP_COUNT;
static int mark; /* the callbacks' arg */

static void setup(void)
{
    unit_tcp_start();
}

static void teardown(void)
{
    (void)wiced_tcp_delete_socket(&sock);
}

static void listen_with(wiced_tcp_socket_callback_t on_connect,
                        wiced_tcp_socket_callback_t on_receive,
                        wiced_tcp_socket_callback_t on_end)
{
    unit_tcp_listen_called(&sock, on_connect, on_receive, on_end, &mark);
}

static wiced_result_t on_connect(wiced_tcp_socket_t *socket, void *arg)
{
    ck_assert_ptr_eq(arg, &mark);
    ck_assert_int_eq(wiced_tcp_accept(socket), 0);
    unit_tcp_count_up(&connects);
    return WICED_SUCCESS;
}

static wiced_result_t on_receive(wiced_tcp_socket_t *socket, void *arg)
{
    wiced_packet_t *packet;

    ck_assert_ptr_eq(arg, &mark);
    ck_assert_int_eq(wiced_tcp_receive(socket, &packet, WICED_NO_WAIT), 0);
    ck_assert_int_eq(wiced_packet_delete(packet), 0);
    unit_tcp_count_up(&receives);
    return WICED_SUCCESS;
}

static wiced_result_t on_end_only(wiced_tcp_socket_t *socket, void *arg)
{
    ck_assert_ptr_eq(arg, &mark);
    (void)socket;
    unit_tcp_count_up(&ends);
    return WICED_SUCCESS;
}

/* --- register and unregister ---------------------------------------------- */

START_TEST(a_client_with_callbacks)
{
    uint16_t port;
    int server = unit_tcp_server(&port, 1);

    unit_tcp_create(&sock);
    ck_assert_int_eq(wiced_tcp_register_callbacks(&sock, NULL, on_receive,
                                                  on_end_only, &mark),
                     0);
    int peer = unit_tcp_connect(&sock, server, port);
    unit_send_text(peer, "W0FAC051234");
    unit_tcp_count_wait(&receives, 1);
    close(peer);
    unit_tcp_count_wait(&ends, 1);
    close(server);
}
END_TEST

START_TEST(register_late)
{
    unit_tcp_listen(&sock, PLAIN);
    int fd = unit_tcp_client(PLAIN);

    ck_assert_int_eq(wiced_tcp_accept(&sock), 0);
    unit_send_text(fd, "W0FAC051234");
    ck_assert_int_eq(
        wiced_tcp_register_callbacks(&sock, NULL, on_receive, NULL, &mark), 0);
    unit_tcp_count_wait(&receives, 1);
    close(fd);
}
END_TEST

/* A client that came before there was a callback is told, too. */
START_TEST(register_while_it_listens)
{
    unit_tcp_listen(&sock, PLAIN);
    int fd = unit_tcp_client(PLAIN);

    ck_assert_int_eq(
        wiced_tcp_register_callbacks(&sock, on_connect, NULL, NULL, &mark), 0);
    unit_tcp_count_wait(&connects, 1);
    close(fd);
}
END_TEST

/* NULL leaves that one as it is. */
START_TEST(register_in_parts)
{
    unit_tcp_create(&sock);
    ck_assert_int_eq(
        wiced_tcp_register_callbacks(&sock, on_connect, NULL, NULL, NULL), 0);
    ck_assert_int_eq(
        wiced_tcp_register_callbacks(&sock, NULL, on_receive, NULL, &mark), 0);
    ck_assert(sock.callbacks.connect == on_connect);
    ck_assert(sock.callbacks.receive == on_receive);
    ck_assert(sock.callbacks.disconnect == NULL);
    ck_assert_ptr_eq(sock.callback_arg, &mark);
    ck_assert_int_eq(wiced_tcp_listen(&sock, PLAIN), 0);
    int fd = unit_tcp_client(PLAIN);
    unit_send_text(fd, "W0FAC051234");
    unit_tcp_count_wait(&receives, 1);
    close(fd);
}
END_TEST

START_TEST(unregister)
{
    listen_with(on_connect, on_receive, on_end_only);
    int fd = unit_tcp_client(PLAIN);

    unit_tcp_count_wait(&connects, 1);
    ck_assert_int_eq(wiced_tcp_unregister_callbacks(&sock), 0);
    ck_assert(sock.callbacks.receive == NULL);
    unit_send_text(fd, "W0FAC051234");
    close(fd);
    unit_tcp_sleep(20);
    ck_assert_uint_eq(unit_tcp_count(&receives), 0);
    ck_assert_uint_eq(unit_tcp_count(&ends), 0);
    int next = unit_tcp_client(PLAIN); /* accept is the usual one now */
    ck_assert_int_eq(wiced_tcp_accept(&sock), 0);
    close(next);
}
END_TEST

/* --- delete --------------------------------------------------------------- */

static wiced_result_t on_delete(wiced_tcp_socket_t *socket, void *arg)
{
    (void)arg;
    ck_assert_int_eq(wiced_tcp_delete_socket(socket), 0);
    ck_assert_int_eq(wiced_tcp_accept(socket), WICED_TCPIP_INVALID_SOCKET);
    unit_tcp_count_up(&ends);
    return WICED_SUCCESS;
}

/* In the callback about: 0, a connection; 1, bytes; 2, the end. */
START_TEST(delete_in_a_callback)
{
    listen_with(_i == 0 ? on_delete : on_connect, _i == 1 ? on_delete : NULL,
                _i == 2 ? on_delete : NULL);
    int fd = unit_tcp_client(PLAIN);

    unit_send_text(fd, "W");
    unit_end(fd);
    unit_tcp_count_wait(&ends, 1);
    unit_expect_gone(fd);
    ck_assert_uint_eq(port_table_here(PLAIN), 0);
}
END_TEST

static atomic_bool entered;

static wiced_result_t on_receive_for_ever(wiced_tcp_socket_t *socket, void *arg)
{
    wiced_packet_t *packet;

    (void)arg;
    atomic_store(&entered, true);
    while (wiced_tcp_receive(socket, &packet, WICED_NEVER_TIMEOUT) ==
           WICED_SUCCESS)
        ck_assert_int_eq(wiced_packet_delete(packet), 0);
    unit_tcp_sleep(20);
    unit_tcp_count_up(&receives);
    return WICED_SUCCESS;
}

/* It ends what the callback waits for, and waits for the callback. */
START_TEST(delete_while_a_callback_runs)
{
    listen_with(on_connect, on_receive_for_ever, on_end_only);
    int fd = unit_tcp_client(PLAIN);

    unit_send_text(fd, "W");
    while (!atomic_load(&entered))
        unit_tcp_sleep(1);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
    ck_assert_uint_eq(unit_tcp_count(&receives), 1);
    unit_tcp_sleep(20);
    ck_assert_uint_eq(unit_tcp_count(&ends), 0);
    unit_expect_gone(fd);
}
END_TEST

static wiced_result_t on_connect_perhaps(wiced_tcp_socket_t *socket, void *arg)
{
    (void)arg;
    (void)wiced_tcp_accept(socket);
    return WICED_SUCCESS;
}

static wiced_result_t on_receive_perhaps(wiced_tcp_socket_t *socket, void *arg)
{
    wiced_packet_t *packet;

    (void)arg;
    if (wiced_tcp_receive(socket, &packet, WICED_WAIT_FOREVER) == WICED_SUCCESS)
        ck_assert_int_eq(wiced_packet_delete(packet), 0);
    return WICED_SUCCESS;
}

static wiced_result_t on_end_perhaps(wiced_tcp_socket_t *socket, void *arg)
{
    (void)arg;
    (void)wiced_tcp_disconnect(socket);
    (void)wiced_tcp_listen(socket, PLAIN);
    return WICED_SUCCESS;
}

START_TEST(create_and_delete_all_the_time)
{
    for (int i = 0; i < 50; i++) {
        listen_with(on_connect_perhaps, on_receive_perhaps, on_end_perhaps);
        int fd = unit_tcp_client(PLAIN);

        unit_send_text(fd, "W0FAC051234");
        if (i % 2 == 0)
            unit_tcp_sleep(1);
        unit_reset(fd);
        ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
    }
}
END_TEST

START_TEST(no_files_left)
{
    int client;

    listen_with(on_connect, NULL, NULL);
    client = unit_tcp_client(PLAIN);
    unit_tcp_count_wait(&connects, 1);
    close(client);
    ck_assert_int_eq(wiced_tcp_disconnect(&sock), 0);
    client = unit_tcp_client(PLAIN);
    unit_tcp_files_end();
    ck_assert_int_eq(wiced_tcp_listen(&sock, PLAIN), 0);
    unit_tcp_sleep(150);
    ck_assert_uint_eq(unit_tcp_count(&connects), 1);
    unit_tcp_files_go_on(); /* it was only put off */
    unit_tcp_count_wait(&connects, 2);
    close(client);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wiced_callback_life");
    TCase *tc = tcase_create("wiced_callback_life");

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_client_with_callbacks);
    tcase_add_test(tc, register_late);
    tcase_add_test(tc, register_while_it_listens);
    tcase_add_test(tc, register_in_parts);
    tcase_add_test(tc, unregister);
    tcase_add_loop_test(tc, delete_in_a_callback, 0, 3);
    tcase_add_test(tc, delete_while_a_callback_runs);
    tcase_add_test(tc, create_and_delete_all_the_time);
    tcase_add_test(tc, no_files_left);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
