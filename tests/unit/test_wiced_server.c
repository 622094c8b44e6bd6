/* Servers of several connections.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "port_table.h"
#include "unit_socket.h"
#include "unit_wiced_tcp.h"

#include <unistd.h>

static wiced_tcp_server_t server;
static struct unit_tcp_count connects = UNIT_TCP_COUNT;
static struct unit_tcp_count ends = UNIT_TCP_COUNT;
static int mark;

static void setup(void)
{
    unit_tcp_start();
}

static void teardown(void)
{
    ck_assert_int_eq(wiced_tcp_server_stop(&server), 0);
    ck_assert_uint_eq(port_table_here(PLAIN), 0);
}

/* --- as the course's ------------------------------------------------------ */

static wiced_result_t on_connect(wiced_tcp_socket_t *socket, void *arg)
{
    ck_assert_ptr_eq(arg, &mark);
    ck_assert_int_eq(wiced_tcp_server_accept(&server, socket), 0);
    unit_tcp_count_up(&connects);
    return WICED_SUCCESS;
}

static wiced_result_t on_receive(wiced_tcp_socket_t *socket, void *arg)
{
    wiced_packet_t *packet;
    wiced_packet_t *reply;
    uint8_t *request;
    uint8_t *data;
    uint16_t len;
    uint16_t total;

    ck_assert_ptr_eq(arg, &mark);
    ck_assert_int_eq(wiced_tcp_receive(socket, &packet, WICED_WAIT_FOREVER), 0);
    ck_assert_int_eq(wiced_packet_get_data(packet, 0, &request, &len, &total),
                     0);
    ck_assert_int_eq(
        wiced_packet_create_tcp(socket, len, &reply, &data, &total), 0);
    memcpy(data, request, len);
    data[0] = 'A';
    ck_assert_int_eq(wiced_packet_set_data_end(reply, data + len), 0);
    (void)wiced_tcp_send_packet(socket, reply);
    (void)wiced_packet_delete(reply);
    ck_assert_int_eq(wiced_packet_delete(packet), 0);
    return WICED_SUCCESS;
}

static wiced_result_t on_end(wiced_tcp_socket_t *socket, void *arg)
{
    ck_assert_ptr_eq(arg, &mark);
    (void)wiced_tcp_server_disconnect_socket(&server, socket);
    unit_tcp_count_up(&ends);
    return WICED_SUCCESS;
}

static void start(uint16_t max_sockets)
{
    ck_assert_int_eq(wiced_tcp_server_start(&server, WICED_STA_INTERFACE, PLAIN,
                                            max_sockets, on_connect, on_receive,
                                            on_end, &mark),
                     0);
    for (unsigned i = 0; i < max_sockets; i++)
        endpoint_set_times(&server.sockets[i].socket, 60, 200, 0);
}

/* How many sockets are in a state, by the list, as programs look at it. */
static unsigned in_state(wiced_socket_state_t state)
{
    linked_list_node_t *node;
    unsigned n = 0;

    ck_assert_int_eq(linked_list_get_front_node(&server.socket_list, &node), 0);
    for (; node != NULL; node = node->next) {
        wiced_tcp_server_socket_t *member = node->data;

        ck_assert_ptr_eq(node, &member->socket_node);
        n += unit_tcp_state(&member->socket) == state;
    }
    return n;
}

static void wait_listening(unsigned n)
{
    uint64_t until_ms = unit_tcp_now_ms() + LONG_MS;

    while (in_state(WICED_SOCKET_LISTEN) != n) {
        ck_assert_uint_lt(unit_tcp_now_ms(), until_ms);
        unit_tcp_sleep(1);
    }
}

static void expect_answer(int fd)
{
    char buf[12] = "";

    unit_send_text(fd, "W0FAC051234");
    unit_receive(fd, buf, 11);
    ck_assert_str_eq(buf, "A0FAC051234");
}

START_TEST(five_sockets_and_eight_clients)
{
    enum { SOCKETS = 5, CLIENTS = 8 };
    int fds[CLIENTS];

    start(SOCKETS);
    for (unsigned i = 0; i < SOCKETS; i++) {
        fds[i] = unit_tcp_client(PLAIN);
        unit_tcp_count_wait(&connects, i + 1);
    }
    wait_listening(0);
    for (unsigned i = SOCKETS; i < CLIENTS; i++)
        fds[i] = unit_tcp_client(PLAIN); /* they wait */
    ck_assert_uint_eq(server.active_sockets, SOCKETS);
    ck_assert_uint_eq(in_state(WICED_SOCKET_CONNECTED), SOCKETS);
    for (unsigned i = 0; i < SOCKETS; i++)
        expect_answer(fds[i]);
    ck_assert_uint_eq(unit_tcp_count(&connects), SOCKETS);
    for (unsigned i = 0; i < CLIENTS - SOCKETS; i++) {
        close(fds[i]); /* one goes, one comes */
        expect_answer(fds[SOCKETS + i]);
        unit_tcp_count_wait(&connects, SOCKETS + i + 1);
    }
    for (unsigned i = CLIENTS - SOCKETS; i < CLIENTS; i++)
        close(fds[i]);
    unit_tcp_count_wait(&ends, 2 * CLIENTS);
    wait_listening(1);
    ck_assert_uint_eq(in_state(WICED_SOCKET_CLOSED), SOCKETS - 1);
    ck_assert_uint_eq(server.active_sockets, 0);
}
END_TEST

START_TEST(one_socket)
{
    start(1);
    for (unsigned i = 0; i < 5; i++) {
        int fd = unit_tcp_client(PLAIN);

        expect_answer(fd);
        close(fd);
    }
    unit_tcp_count_wait(&ends, 10);
    ck_assert_uint_eq(unit_tcp_count(&connects), 5);
}
END_TEST

/* --- start and stop ------------------------------------------------------- */

static wiced_result_t try_start(uint16_t port, uint16_t max_sockets)
{
    return wiced_tcp_server_start(&server, WICED_STA_INTERFACE, port,
                                  max_sockets, on_connect, on_receive, on_end,
                                  &mark);
}

START_TEST(how_many_sockets)
{
    uint32_t n;

    ck_assert_int_eq(try_start(PLAIN, 19), WICED_BADARG);
    ck_assert_int_eq(try_start(PLAIN, 0), WICED_BADARG);
    ck_assert_int_eq(wiced_tcp_server_start(NULL, WICED_STA_INTERFACE, PLAIN, 1,
                                            NULL, NULL, NULL, NULL),
                     WICED_BADARG);
    ck_assert_int_eq(try_start(PLAIN, 18), 0);
    ck_assert_int_eq(linked_list_get_count(&server.socket_list, &n), 0);
    ck_assert_uint_eq(n, 18);
    ck_assert_uint_eq(server.max_sockets, 18);
    ck_assert_uint_eq(server.port, PLAIN);
    ck_assert_uint_eq(in_state(WICED_SOCKET_LISTEN), 1);
}
END_TEST

START_TEST(start_fails_where_listen_does)
{
    ck_assert_int_eq(try_start(0, 5), WICED_BADARG);
    ck_assert_ptr_null(server.sockets);
    ck_assert_int_eq(try_start(PLAIN, 5), 0);
}
END_TEST

START_TEST(stop_ends_all)
{
    int fds[3];

    start(5);
    for (unsigned i = 0; i < 3; i++) {
        fds[i] = unit_tcp_client(PLAIN);
        unit_tcp_count_wait(&connects, i + 1);
    }
    for (unsigned i = 0; i < 5; i++)
        endpoint_set_times(&server.sockets[i].socket, 60, 5, 0);
    ck_assert_int_eq(wiced_tcp_server_stop(&server), 0);
    for (unsigned i = 0; i < 3; i++)
        unit_expect_gone(fds[i]);
    ck_assert_uint_eq(port_table_here(PLAIN), 0);
    ck_assert_int_eq(wiced_tcp_server_stop(&server), 0);
    ck_assert_int_eq(wiced_tcp_server_stop(NULL), WICED_BADARG);
    start(2); /* and again */
    close(unit_tcp_client(PLAIN));
    unit_tcp_count_wait(&connects, 4);
}
END_TEST

START_TEST(enable_tls_takes_note)
{
    wiced_tls_identity_t identity = {0};

    ck_assert_int_eq(wiced_tcp_server_enable_tls(NULL, &identity),
                     WICED_BADARG);
    start(2);
    ck_assert_int_eq(wiced_tcp_server_enable_tls(&server, &identity), 0);
    ck_assert_ptr_eq(server.tls_identity, &identity);
    int fd = unit_tcp_client(PLAIN); /* and no more */
    expect_answer(fd);
    close(fd);
}
END_TEST

/* --- accept and disconnect ------------------------------------------------ */

START_TEST(disconnect_from_another_thread)
{
    start(2);
    int fd = unit_tcp_client(PLAIN);

    unit_tcp_count_wait(&connects, 1);
    wait_listening(1);
    wiced_tcp_socket_t *socket = &server.sockets[0].socket;
    if (unit_tcp_state(socket) != WICED_SOCKET_CONNECTED)
        socket = &server.sockets[1].socket;
    ck_assert_int_eq(wiced_tcp_server_disconnect_socket(&server, socket), 0);
    unit_expect_end(fd, "");
    unit_tcp_count_wait(&ends, 1); /* our own end */
    ck_assert_uint_eq(server.active_sockets, 0);
    ck_assert_int_eq(wiced_tcp_server_disconnect_socket(&server, socket),
                     WICED_TCPIP_SOCKET_CLOSED);
    wait_listening(1);
}
END_TEST

START_TEST(bad_arguments)
{
    wiced_tcp_socket_t none = {.tls_context = NULL};

    start(1);
    ck_assert_int_eq(wiced_tcp_server_accept(NULL, &none), WICED_BADARG);
    ck_assert_int_eq(wiced_tcp_server_accept(&server, NULL), WICED_BADARG);
    ck_assert_int_eq(wiced_tcp_server_accept(&server, &none),
                     WICED_TCPIP_INVALID_SOCKET);
    ck_assert_int_eq(wiced_tcp_server_disconnect_socket(NULL, &none),
                     WICED_BADARG);
    ck_assert_int_eq(wiced_tcp_server_disconnect_socket(&server, NULL),
                     WICED_BADARG);
    ck_assert_int_eq(wiced_tcp_server_disconnect_socket(&server, &none),
                     WICED_TCPIP_INVALID_SOCKET);
}
END_TEST

/* It fails as nobody comes; the result is that of listening again. */
START_TEST(accept_fails_and_listens)
{
    start(1);
    ck_assert_int_eq(
        wiced_tcp_server_accept(&server, &server.sockets[0].socket), 0);
    ck_assert_uint_eq(in_state(WICED_SOCKET_LISTEN), 1);
    ck_assert_uint_eq(server.active_sockets, 0);
    int fd = unit_tcp_client(PLAIN);
    expect_answer(fd);
    close(fd);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wiced_server");
    TCase *tc = tcase_create("wiced_server");

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, five_sockets_and_eight_clients);
    tcase_add_test(tc, one_socket);
    tcase_add_test(tc, how_many_sockets);
    tcase_add_test(tc, start_fails_where_listen_does);
    tcase_add_test(tc, stop_ends_all);
    tcase_add_test(tc, enable_tls_takes_note);
    tcase_add_test(tc, disconnect_from_another_thread);
    tcase_add_test(tc, bad_arguments);
    tcase_add_test(tc, accept_fails_and_listens);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
