/* Callbacks: the course's server that is called back, and what else may happen
 * to it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "unit_socket.h"
#include "unit_wiced_tcp.h"

#include <stdatomic.h>
#include <sys/socket.h>
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

/* --- as the course's ------------------------------------------------------ */

static wiced_result_t on_connect(wiced_tcp_socket_t *socket, void *arg)
{
    ck_assert_ptr_eq(socket, &sock);
    ck_assert_ptr_eq(arg, &mark);
    ck_assert_int_eq(wiced_tcp_accept(socket), 0);
    unit_tcp_count_up(&connects);
    return WICED_SUCCESS;
}

static void answer(wiced_tcp_socket_t *socket, const char *text)
{
    wiced_packet_t *packet;
    uint8_t *data;
    uint16_t space;

    ck_assert_int_eq(wiced_packet_create_tcp(socket, (uint16_t)strlen(text),
                                             &packet, &data, &space),
                     0);
    memcpy(data, text, strlen(text));
    ck_assert_int_eq(wiced_packet_set_data_end(packet, data + strlen(text)), 0);
    (void)wiced_tcp_send_packet(socket, packet);
    (void)wiced_packet_delete(packet);
}

static wiced_result_t on_receive(wiced_tcp_socket_t *socket, void *arg)
{
    wiced_packet_t *packet;
    uint8_t *request;
    uint16_t len;
    uint16_t total;
    char command;
    unsigned device;
    unsigned number;
    unsigned value;
    char reply[32] = "X illegal";

    ck_assert_ptr_eq(arg, &mark);
    ck_assert_int_eq(wiced_tcp_receive(socket, &packet, WICED_WAIT_FOREVER), 0);
    ck_assert_int_eq(wiced_packet_get_data(packet, 0, &request, &len, &total),
                     0);
    if (sscanf((char *)request, "%c%4x%2x%4x", &command, &device, &number,
               &value) == 4)
        snprintf(reply, sizeof reply, "A%04X%02X%04X", device, number, value);
    answer(socket, reply);
    ck_assert_int_eq(wiced_packet_delete(packet), 0);
    unit_tcp_count_up(&receives);
    return WICED_SUCCESS;
}

static wiced_result_t on_end(wiced_tcp_socket_t *socket, void *arg)
{
    ck_assert_ptr_eq(arg, &mark);
    (void)wiced_tcp_disconnect(socket);
    (void)wiced_tcp_listen(socket, PLAIN);
    unit_tcp_count_up(&ends);
    return WICED_SUCCESS;
}

START_TEST(one_client_after_another)
{
    char buf[12] = "";

    listen_with(on_connect, on_receive, on_end);
    for (unsigned i = 1; i <= 20; i++) {
        int fd = unit_tcp_client(PLAIN);

        unit_tcp_count_wait(&connects, i);
        unit_send_text(fd, "W0fac051234");
        unit_receive(fd, buf, 11);
        ck_assert_str_eq(buf, "A0FAC051234");
        close(fd);
    }
    /* Each end twice: the peer's, and then our own. */
    unit_tcp_count_wait(&ends, 40);
    ck_assert_uint_eq(unit_tcp_count(&connects), 20);
    ck_assert_uint_eq(unit_tcp_count(&receives), 20);
    unit_tcp_sleep(20);
    ck_assert_uint_eq(unit_tcp_count(&ends), 40);
}
END_TEST

/* They come while the first one is served, and have their turn. */
START_TEST(clients_at_the_same_time)
{
    enum { CLIENTS = 5 };
    int fds[CLIENTS];

    listen_with(on_connect, on_receive, on_end);
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = unit_tcp_client(PLAIN);
        unit_send_text(fds[i], "W0FAC051234");
        unit_end(fds[i]);
    }
    for (int i = 0; i < CLIENTS; i++)
        unit_expect_end(fds[i], "A0FAC051234");
}
END_TEST

START_TEST(the_bytes_come_before_the_end)
{
    listen_with(on_connect, on_receive, on_end);
    for (unsigned i = 0; i < 10; i++) {
        int fd = unit_tcp_client(PLAIN);

        unit_send_text(fd, "W0FAC051234");
        close(fd);
        unit_tcp_count_wait(&ends, 2 * (i + 1));
        ck_assert_uint_eq(unit_tcp_count(&receives), i + 1);
    }
}
END_TEST

START_TEST(a_client_that_resets)
{
    listen_with(on_connect, NULL, on_end);
    for (unsigned i = 0; i < 5; i++) {
        unit_reset(unit_tcp_client(PLAIN));
        unit_tcp_count_wait(&ends, 2 * (i + 1));
    }
    ck_assert_int_eq(unit_tcp_state(&sock), WICED_SOCKET_LISTEN);
}
END_TEST

static wiced_result_t on_connect_states(wiced_tcp_socket_t *socket, void *arg)
{
    wiced_ip_address_t from;
    uint16_t port = 0;

    ck_assert_uint_ne(socket->socket.nx_tcp_socket_connect_port, 0);
    ck_assert_int_eq(unit_tcp_state(socket), WICED_SOCKET_CONNECTING);
    ck_assert_int_eq(wiced_tcp_server_peer(socket, &from, &port),
                     WICED_TCPIP_SOCKET_CLOSED);
    on_connect(socket, arg);
    ck_assert_int_eq(unit_tcp_state(socket), WICED_SOCKET_CONNECTED);
    ck_assert_int_eq(wiced_tcp_server_peer(socket, &from, &port), 0);
    ck_assert_uint_eq(port, socket->socket.nx_tcp_socket_connect_port);
    ck_assert_int_eq(wiced_tcp_accept(socket), 0); /* it is */
    unit_tcp_count_up(&ends);
    return WICED_SUCCESS;
}

START_TEST(states)
{
    listen_with(on_connect_states, NULL, NULL);
    int fd = unit_tcp_client(PLAIN);

    unit_tcp_count_wait(&ends, 1);
    close(fd);
}
END_TEST

/* --- how often ------------------------------------------------------------ */

static wiced_result_t on_receive_nothing(wiced_tcp_socket_t *socket, void *arg)
{
    (void)socket;
    (void)arg;
    unit_tcp_count_up(&receives);
    return WICED_SUCCESS;
}

static wiced_result_t on_end_only(wiced_tcp_socket_t *socket, void *arg)
{
    (void)socket;
    (void)arg;
    unit_tcp_count_up(&ends);
    return WICED_SUCCESS;
}

/* Once an arrival, and not for ever; the end is told all the same, once. */
START_TEST(a_callback_that_does_not_receive)
{
    listen_with(on_connect, on_receive_nothing, on_end_only);
    int fd = unit_tcp_client(PLAIN);

    unit_tcp_count_wait(&connects, 1);
    for (unsigned i = 1; i <= 3; i++) {
        unit_send_text(fd, "W");
        unit_tcp_count_wait(&receives, i);
        unit_tcp_sleep(20);
        ck_assert_uint_eq(unit_tcp_count(&receives), i);
    }
    close(fd);
    unit_tcp_count_wait(&ends, 1);
    unit_tcp_sleep(20);
    ck_assert_uint_eq(unit_tcp_count(&ends), 1);
    ck_assert_uint_le(unit_tcp_count(&receives), 4);
    ck_assert_int_eq(unit_tcp_state(&sock), WICED_SOCKET_CLOSING);
}
END_TEST

static size_t got_len;

static wiced_result_t on_receive_one(wiced_tcp_socket_t *socket, void *arg)
{
    wiced_packet_t *packet;
    uint8_t *data;
    uint16_t len;
    uint16_t total;

    (void)arg;
    ck_assert_int_eq(wiced_tcp_receive(socket, &packet, WICED_NO_WAIT), 0);
    ck_assert_int_eq(wiced_packet_get_data(packet, 0, &data, &len, &total), 0);
    ck_assert_int_eq(wiced_packet_delete(packet), 0);
    got_len += total;
    unit_tcp_count_up(&receives);
    return WICED_SUCCESS;
}

/* More than it takes at once: it is called until nothing is left. */
START_TEST(a_callback_that_takes_a_part)
{
    static char many[20000];

    listen_with(on_connect, on_receive_one, on_end_only);
    int fd = unit_tcp_client(PLAIN);
    unit_send(fd, many, sizeof many);
    close(fd);
    unit_tcp_count_wait(&ends, 1);
    ck_assert_uint_eq(got_len, sizeof many);
}
END_TEST

/* One that never stops is not the only one to be heard. */
static atomic_bool over;

static void *on_flood(void *ctx)
{
    static const char many[65536];
    int fd = *(int *)ctx;

    while (!atomic_load(&over) && send(fd, many, sizeof many, MSG_NOSIGNAL) > 0)
        ;
    return NULL;
}

static wiced_result_t on_connect_other(wiced_tcp_socket_t *socket, void *arg)
{
    (void)arg;
    ck_assert_int_eq(wiced_tcp_accept(socket), 0);
    unit_tcp_count_up(&connects);
    return WICED_SUCCESS;
}

static wiced_result_t on_drop(wiced_tcp_socket_t *socket, void *arg)
{
    wiced_packet_t *packet;

    (void)arg;
    if (wiced_tcp_receive(socket, &packet, WICED_NO_WAIT) == WICED_SUCCESS)
        ck_assert_int_eq(wiced_packet_delete(packet), 0);
    return WICED_SUCCESS;
}

START_TEST(a_peer_that_never_stops)
{
    wiced_tcp_socket_t flooded;
    pthread_t thread;

    unit_tcp_create(&flooded);
    ck_assert_int_eq(wiced_tcp_register_callbacks(&flooded, on_connect_other,
                                                  on_drop, NULL, &mark),
                     0);
    ck_assert_int_eq(wiced_tcp_listen(&flooded, SECURE), 0);
    int flood = unit_tcp_client(SECURE);
    ck_assert_int_eq(pthread_create(&thread, NULL, on_flood, &flood), 0);
    unit_tcp_count_wait(&connects, 1);

    listen_with(on_connect, on_receive, NULL);
    int fd = unit_tcp_client(PLAIN);
    unit_send_text(fd, "W0FAC051234");
    unit_tcp_count_wait(&receives, 1);
    atomic_store(&over, true);
    ck_assert_int_eq(wiced_tcp_delete_socket(&flooded), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    close(flood);
    close(fd);
}
END_TEST

/* --- local ends ----------------------------------------------------------- */

START_TEST(our_own_end_is_told)
{
    listen_with(on_connect, NULL, on_end_only);
    int fd = unit_tcp_client(PLAIN);

    unit_tcp_count_wait(&connects, 1);
    ck_assert_int_eq(wiced_tcp_disconnect(&sock), 0);
    unit_tcp_count_wait(&ends, 1);
    unit_tcp_sleep(20);
    ck_assert_uint_eq(unit_tcp_count(&ends), 1);
    close(fd);
}
END_TEST

/* --- accept --------------------------------------------------------------- */

static wiced_result_t on_connect_later(wiced_tcp_socket_t *socket, void *arg)
{
    (void)arg;
    ck_assert_uint_ne(socket->socket.nx_tcp_socket_connect_port, 0);
    unit_tcp_count_up(&connects);
    return WICED_SUCCESS;
}

/* The connection waits; what has come meanwhile is told afterwards. */
START_TEST(accept_after_the_callback)
{
    listen_with(on_connect_later, on_receive, NULL);
    int fd = unit_tcp_client(PLAIN);

    unit_send_text(fd, "W0FAC051234");
    unit_tcp_count_wait(&connects, 1);
    ck_assert_int_eq(unit_tcp_state(&sock), WICED_SOCKET_CONNECTING);
    ck_assert_uint_eq(unit_tcp_count(&receives), 0);
    ck_assert_int_eq(wiced_tcp_accept(&sock), 0);
    unit_tcp_count_wait(&receives, 1);
    close(fd);
}
END_TEST

START_TEST(listen_drops_one_that_was_not_accepted)
{
    listen_with(on_connect_later, NULL, NULL);
    int fd = unit_tcp_client(PLAIN);

    unit_tcp_count_wait(&connects, 1);
    ck_assert_int_eq(wiced_tcp_listen(&sock, PLAIN), 0);
    unit_expect_end(fd, "");
    close(unit_tcp_client(PLAIN));
    unit_tcp_count_wait(&connects, 2);
}
END_TEST

START_TEST(accept_while_it_listens)
{
    listen_with(on_connect_later, on_receive, NULL);
    ck_assert_int_eq(wiced_tcp_accept(&sock), WICED_TCPIP_SOCKET_CLOSED);
    ck_assert_int_eq(unit_tcp_state(&sock), WICED_SOCKET_LISTEN);
    close(unit_tcp_client(PLAIN)); /* the callback is there again */
    unit_tcp_count_wait(&connects, 1);
}
END_TEST

START_TEST(accept_without_a_connection)
{
    listen_with(on_connect, NULL, on_end_only);
    close(unit_tcp_client(PLAIN));
    unit_tcp_count_wait(&ends, 1);
    ck_assert_int_eq(wiced_tcp_accept(&sock), WICED_ERROR); /* half closed */
    ck_assert_int_eq(wiced_tcp_disconnect(&sock), 0);
    ck_assert_int_eq(wiced_tcp_accept(&sock), WICED_ERROR);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wiced_callbacks");
    TCase *tc = tcase_create("wiced_callbacks");

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, one_client_after_another);
    tcase_add_test(tc, clients_at_the_same_time);
    tcase_add_test(tc, the_bytes_come_before_the_end);
    tcase_add_test(tc, a_client_that_resets);
    tcase_add_test(tc, states);
    tcase_add_test(tc, a_callback_that_does_not_receive);
    tcase_add_test(tc, a_callback_that_takes_a_part);
    tcase_add_test(tc, a_peer_that_never_stops);
    tcase_add_test(tc, our_own_end_is_told);
    tcase_add_test(tc, accept_after_the_callback);
    tcase_add_test(tc, listen_drops_one_that_was_not_accepted);
    tcase_add_test(tc, accept_while_it_listens);
    tcase_add_test(tc, accept_without_a_connection);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
