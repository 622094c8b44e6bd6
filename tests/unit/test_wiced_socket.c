/* Sockets: life, bind, disconnect, what is asked of them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "port_table.h"
#include "unit_socket.h"
#include "unit_wiced_tcp.h"

#include <sys/socket.h>
#include <unistd.h>

static wiced_tcp_socket_t sock;
static int server;
static uint16_t port;

static void setup(void)
{
    unit_tcp_start();
    server = unit_tcp_server(&port, 8);
}

static void teardown(void)
{
    close(server);
}

static wiced_result_t on_event(wiced_tcp_socket_t *socket, void *arg)
{
    (void)socket;
    (void)arg;
    return WICED_SUCCESS;
}

/* --- create and delete ---------------------------------------------------- */

START_TEST(create_fills_the_struct)
{
    memset(&sock, 0xA5, sizeof sock);
    ck_assert_int_eq(wiced_tcp_create_socket(&sock, WICED_STA_INTERFACE), 0);
    ck_assert_ptr_null(sock.tls_context);
    ck_assert_int_eq(sock.context_malloced, WICED_FALSE);
    ck_assert(sock.callbacks.connect == NULL);
    ck_assert(sock.callbacks.receive == NULL);
    ck_assert(sock.callbacks.disconnect == NULL);
    ck_assert_uint_eq(sock.socket.nx_tcp_socket_connect_port, 0);
    ck_assert_int_eq(unit_tcp_state(&sock), WICED_SOCKET_CLOSED);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
    ck_assert_int_eq(wiced_tcp_create_socket(NULL, WICED_STA_INTERFACE),
                     WICED_BADARG);
}
END_TEST

START_TEST(another_life_after_delete)
{
    for (int i = 0; i < 3; i++) {
        unit_tcp_create(&sock);
        int peer = unit_tcp_connect(&sock, server, port);

        close(peer);
        ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
        ck_assert_int_eq(wiced_tcp_delete_socket(&sock),
                         WICED_TCPIP_INVALID_SOCKET);
    }
}
END_TEST

/* As from a function that returned without a delete. */
START_TEST(create_over_one_that_was_never_deleted)
{
    unit_tcp_create(&sock);
    int peer = unit_tcp_connect(&sock, server, port);

    memset(&sock, 0x5A, sizeof sock);
    uint64_t began_ms = unit_tcp_now_ms();
    unit_tcp_create(&sock);
    ck_assert_uint_lt(unit_tcp_now_ms() - began_ms, 1000);
    unit_expect_gone(peer);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

/* Each function, on something that is no socket. */
static void all_say(wiced_tcp_socket_t *s, wiced_result_t expected)
{
    const wiced_ip_address_t to = unit_tcp_loopback();
    wiced_socket_state_t state;
    wiced_ip_address_t address;
    wiced_tcp_stream_t stream = {.socket = s};
    wiced_packet_t *packet;
    uint8_t *data;
    uint16_t space;
    uint32_t n = 7;

    ck_assert_int_eq(wiced_tcp_bind(s, WICED_ANY_PORT), expected);
    ck_assert_int_eq(wiced_tcp_connect(s, &to, port, 0), expected);
    ck_assert_int_eq(wiced_tcp_listen(s, PLAIN), expected);
    ck_assert_int_eq(wiced_tcp_accept(s), expected);
    ck_assert_int_eq(wiced_tcp_disconnect(s), expected);
    ck_assert_int_eq(wiced_tcp_delete_socket(s), expected);
    ck_assert_int_eq(wiced_tcp_server_peer(s, &address, &space), expected);
    ck_assert_int_eq(wiced_tcp_get_socket_state(s, &state), expected);
    ck_assert_int_eq(
        wiced_tcp_register_callbacks(s, on_event, NULL, NULL, NULL), expected);
    ck_assert_int_eq(wiced_tcp_unregister_callbacks(s), expected);
    ck_assert_int_eq(wiced_tcp_enable_tls(s, NULL), expected);
    ck_assert_int_eq(
        wiced_tcp_start_tls(s, WICED_TLS_AS_CLIENT, TLS_NO_VERIFICATION),
        expected);
    ck_assert_int_eq(wiced_tcp_receive(s, &packet, 0), expected);
    ck_assert_ptr_null(packet);
    ck_assert_int_eq(wiced_tcp_send_buffer(s, "W", 1), expected);
    ck_assert_int_eq(wiced_packet_create_tcp(s, 1, &packet, &data, &space),
                     expected);
    ck_assert_int_eq(wiced_tcp_stream_write(&stream, "W", 1), expected);
    ck_assert_int_eq(wiced_tcp_stream_read(&stream, &n, 1, 0), expected);
    ck_assert_int_eq(
        wiced_tcp_stream_read_with_count(&stream, &address, 1, 0, &n),
        expected);
    ck_assert_uint_eq(n, 0);
}

START_TEST(no_socket)
{
    memset(&sock, 0, sizeof sock);
    all_say(&sock, WICED_TCPIP_INVALID_SOCKET);
    memset(&sock, 0xA5, sizeof sock);
    all_say(&sock, WICED_TCPIP_INVALID_SOCKET);
    unit_tcp_create(&sock);

    wiced_tcp_socket_t moved = sock; /* it was to stay where it is */
    all_say(&moved, WICED_TCPIP_INVALID_SOCKET);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
    all_say(&sock, WICED_TCPIP_INVALID_SOCKET);
}
END_TEST

START_TEST(null)
{
    wiced_ip_address_t address;
    uint16_t n;

    all_say(NULL, WICED_BADARG);
    unit_tcp_create(&sock);
    ck_assert_int_eq(wiced_tcp_server_peer(&sock, NULL, &n), WICED_BADARG);
    ck_assert_int_eq(wiced_tcp_server_peer(&sock, &address, NULL),
                     WICED_BADARG);
    ck_assert_int_eq(wiced_tcp_get_socket_state(&sock, NULL), WICED_BADARG);
    ck_assert_int_eq(wiced_tcp_receive(&sock, NULL, 0), WICED_BADARG);
    ck_assert_int_eq(wiced_tcp_send_buffer(&sock, NULL, 1), WICED_BADARG);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

START_TEST(delete_in_any_state)
{
    unit_tcp_create(&sock); /* bound */
    ck_assert_int_eq(wiced_tcp_bind(&sock, WICED_ANY_PORT), 0);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);

    unit_tcp_listen(&sock, PLAIN); /* listening */
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);

    unit_tcp_create(&sock); /* refused */
    const wiced_ip_address_t to = unit_tcp_loopback();
    ck_assert_int_eq(wiced_tcp_connect(&sock, &to, PLAIN, LONG_MS),
                     WICED_TCPIP_SOCKET_CLOSED);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);

    unit_tcp_create(&sock); /* the peer has gone */
    unit_reset(unit_tcp_connect(&sock, server, port));
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

/* The first program's client does not read the reply. */
START_TEST(delete_before_the_reply)
{
    wiced_tcp_stream_t stream;
    char request[12] = "";

    unit_tcp_create(&sock);
    int peer = unit_tcp_connect(&sock, server, port);
    ck_assert_int_eq(wiced_tcp_stream_init(&stream, &sock), 0);
    ck_assert_int_eq(wiced_tcp_stream_write(&stream, "W0FAC0B1234", 11), 0);
    ck_assert_int_eq(wiced_tcp_stream_flush(&stream), 0);
    ck_assert_int_eq(wiced_tcp_stream_deinit(&stream), 0);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
    unit_receive(peer, request, 11);
    ck_assert_str_eq(request, "W0FAC0B1234");
    (void)send(peer, "A0FAC0B1234", 11, MSG_NOSIGNAL);
    unit_expect_gone(peer);
}
END_TEST

/* --- bind ----------------------------------------------------------------- */

static uint16_t peer_port(int fd)
{
    struct sockaddr_storage from;
    socklen_t len = sizeof from;

    ck_assert_int_eq(getpeername(fd, (struct sockaddr *)&from, &len), 0);
    return port_table_peer(&from).port;
}

/* A port that nobody has now. */
static uint16_t free_port(void)
{
    uint16_t free;

    close(unit_tcp_server(&free, 1));
    return free;
}

START_TEST(bind_is_real)
{
    uint16_t own = free_port();

    for (int i = 0; i < 2; i++) { /* free again at once */
        unit_tcp_create(&sock);
        ck_assert_int_eq(wiced_tcp_bind(&sock, own), 0);
        int peer = unit_tcp_connect(&sock, server, port);
        ck_assert_uint_eq(peer_port(peer), own);
        ck_assert_int_eq(wiced_tcp_bind(&sock, own), WICED_ERROR);
        close(peer);
        ck_assert_int_eq(wiced_tcp_disconnect(&sock), 0);
        ck_assert_int_eq(wiced_tcp_bind(&sock, WICED_ANY_PORT), 0);
        ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
    }
}
END_TEST

START_TEST(bind_twice)
{
    unit_tcp_create(&sock);
    ck_assert_int_eq(wiced_tcp_bind(&sock, WICED_ANY_PORT), 0);
    ck_assert_int_eq(wiced_tcp_bind(&sock, WICED_ANY_PORT), WICED_ERROR);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

START_TEST(bind_to_anothers_port)
{
    wiced_tcp_socket_t other;
    uint16_t own = free_port();
    uint64_t began_ms = unit_tcp_now_ms();

    unit_tcp_create(&sock);
    ck_assert_int_eq(wiced_tcp_bind(&sock, port), WICED_TCPIP_PORT_UNAVAILABLE);
    ck_assert_uint_ge(unit_tcp_now_ms() - began_ms, 100); /* it has waited */

    unit_tcp_create(&other);
    ck_assert_int_eq(wiced_tcp_bind(&other, own), 0);
    ck_assert_int_eq(wiced_tcp_bind(&sock, own), WICED_TCPIP_PORT_UNAVAILABLE);
    ck_assert_int_eq(wiced_tcp_delete_socket(&other), 0);
    ck_assert_int_eq(wiced_tcp_bind(&sock, own), 0);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

static void *on_leave_soon(void *ctx)
{
    unit_tcp_sleep(100);
    ck_assert_int_eq(wiced_tcp_delete_socket(ctx), 0);
    return NULL;
}

START_TEST(bind_waits_for_a_port)
{
    wiced_tcp_socket_t other;
    uint16_t own = free_port();
    pthread_t thread;

    unit_tcp_create(&other);
    ck_assert_int_eq(wiced_tcp_bind(&other, own), 0);
    unit_tcp_create(&sock);
    endpoint_set_times(&sock, 0, 0, LONG_MS);
    ck_assert_int_eq(pthread_create(&thread, NULL, on_leave_soon, &other), 0);
    ck_assert_int_eq(wiced_tcp_bind(&sock, own), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

/* --- disconnect ----------------------------------------------------------- */

START_TEST(disconnect_and_connect_again)
{
    unit_tcp_create(&sock);
    for (int i = 0; i < 2; i++) {
        int peer = unit_tcp_connect(&sock, server, port);

        unit_end(peer);
        ck_assert_int_eq(wiced_tcp_disconnect(&sock), 0);
        ck_assert_int_eq(unit_tcp_state(&sock), WICED_SOCKET_CLOSED);
        unit_expect_end(peer, "");
    }
    ck_assert_int_eq(wiced_tcp_disconnect(&sock), WICED_TCPIP_SOCKET_CLOSED);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

START_TEST(disconnect_waits_for_the_peers_end)
{
    unit_tcp_create(&sock);
    int peer = unit_tcp_connect(&sock, server, port);
    uint64_t began_ms = unit_tcp_now_ms();

    ck_assert_int_eq(wiced_tcp_disconnect(&sock), 0); /* it never comes */
    ck_assert_uint_ge(unit_tcp_now_ms() - began_ms, 200);
    close(peer);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

/* A server that has not read all must not destroy its own reply. */
START_TEST(unread_bytes_do_not_reset)
{
    unit_tcp_create(&sock);
    int peer = unit_tcp_connect(&sock, server, port);

    unit_send_text(peer, "never read");
    ck_assert_int_eq(wiced_tcp_send_buffer(&sock, "X illegal", 9), 0);
    ck_assert_int_eq(wiced_tcp_disconnect(&sock), 0);
    unit_expect_end(peer, "X illegal");
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

/* --- bytes ---------------------------------------------------------------- */

START_TEST(send_to_one_who_has_gone)
{
    wiced_result_t result = WICED_SUCCESS;

    unit_tcp_create(&sock);
    close(unit_tcp_connect(&sock, server, port));
    /* The first one may still go out: its answer is a reset. */
    for (int i = 0; i < 100 && result == WICED_SUCCESS; i++) {
        result = wiced_tcp_send_buffer(&sock, "W0FAC0B1234", 11);
        unit_tcp_sleep(1);
    }
    ck_assert_int_eq(result, WICED_TCPIP_SOCKET_CLOSED);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

START_TEST(send_without_a_connection)
{
    unit_tcp_create(&sock);
    ck_assert_int_eq(wiced_tcp_send_buffer(&sock, "W", 1),
                     WICED_TCPIP_SOCKET_CLOSED);
    ck_assert_int_eq(wiced_tcp_send_buffer(&sock, NULL, 0), 0);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

START_TEST(send_buffer_of_any_size)
{
    static char sent[65535];
    static char got[sizeof sent];

    for (size_t i = 0; i < sizeof sent; i++)
        sent[i] = (char)(i % 251);
    unit_tcp_create(&sock);
    int peer = unit_tcp_connect(&sock, server, port);
    ck_assert_int_eq(wiced_tcp_send_buffer(&sock, sent, sizeof sent), 0);
    unit_receive(peer, got, sizeof got);
    ck_assert_mem_eq(sent, got, sizeof got);
    close(peer);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

/* --- what is asked -------------------------------------------------------- */

START_TEST(states)
{
    wiced_tcp_socket_t client;
    wiced_ip_address_t to = unit_tcp_loopback();

    unit_tcp_create(&sock);
    ck_assert_int_eq(unit_tcp_state(&sock), WICED_SOCKET_CLOSED);
    ck_assert_int_eq(wiced_tcp_listen(&sock, PLAIN), 0);
    ck_assert_int_eq(unit_tcp_state(&sock), WICED_SOCKET_LISTEN);
    unit_tcp_create(&client);
    ck_assert_int_eq(wiced_tcp_connect(&client, &to, PLAIN, LONG_MS), 0);
    ck_assert_int_eq(unit_tcp_state(&client), WICED_SOCKET_CONNECTED);
    ck_assert_int_eq(wiced_tcp_accept(&sock), 0);
    ck_assert_int_eq(unit_tcp_state(&sock), WICED_SOCKET_CONNECTED);
    ck_assert_int_eq(wiced_tcp_delete_socket(&client), 0);
    unit_tcp_wait_state(&sock, WICED_SOCKET_CLOSING); /* the peer has ended */
    ck_assert_int_eq(wiced_tcp_disconnect(&sock), 0);
    ck_assert_int_eq(unit_tcp_state(&sock), WICED_SOCKET_CLOSED);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

START_TEST(state_after_a_reset)
{
    unit_tcp_create(&sock);
    unit_reset(unit_tcp_connect(&sock, server, port));
    unit_tcp_wait_state(&sock, WICED_SOCKET_CLOSED);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

START_TEST(peer_of_no_connection)
{
    wiced_ip_address_t address = {.version = WICED_INVALID_IP};
    uint16_t number = 4711;

    unit_tcp_listen(&sock, PLAIN);
    ck_assert_int_eq(wiced_tcp_server_peer(&sock, &address, &number),
                     WICED_TCPIP_SOCKET_CLOSED);
    ck_assert_int_eq(address.version, WICED_INVALID_IP);
    ck_assert_uint_eq(number, 4711);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

/* What needs the network says so; the rest goes on. */
START_TEST(the_link_is_down)
{
    const wiced_ip_address_t to = unit_tcp_loopback();
    wiced_tcp_stream_t stream;
    uint32_t n = 7;
    char buf[4];

    unit_tcp_create(&sock);
    int peer = unit_tcp_connect(&sock, server, port);
    ck_assert_int_eq(wiced_tcp_stream_init(&stream, &sock), 0);
    board_set_up(WICED_STA_INTERFACE, false);
    ck_assert_int_eq(wiced_tcp_bind(&sock, WICED_ANY_PORT), WICED_NOTUP);
    ck_assert_int_eq(wiced_tcp_connect(&sock, &to, port, 0), WICED_NOTUP);
    ck_assert_int_eq(wiced_tcp_disconnect(&sock), WICED_NOTUP);
    ck_assert_int_eq(wiced_tcp_stream_write(&stream, "W", 1), WICED_NOTUP);
    ck_assert_int_eq(wiced_tcp_stream_read(&stream, buf, 1, 0), WICED_NOTUP);
    ck_assert_int_eq(wiced_tcp_stream_read_with_count(&stream, buf, 1, 0, &n),
                     WICED_NOTUP);
    ck_assert_uint_eq(n, 0);
    close(peer);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

static void add_life(TCase *tc)
{
    tcase_add_test(tc, create_fills_the_struct);
    tcase_add_test(tc, another_life_after_delete);
    tcase_add_test(tc, create_over_one_that_was_never_deleted);
    tcase_add_test(tc, no_socket);
    tcase_add_test(tc, null);
    tcase_add_test(tc, delete_in_any_state);
    tcase_add_test(tc, delete_before_the_reply);
    tcase_add_test(tc, bind_is_real);
    tcase_add_test(tc, bind_twice);
    tcase_add_test(tc, bind_to_anothers_port);
    tcase_add_test(tc, bind_waits_for_a_port);
}

int main(void)
{
    Suite *suite = suite_create("wiced_socket");
    TCase *tc = tcase_create("wiced_socket");

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    add_life(tc);
    tcase_add_test(tc, disconnect_and_connect_again);
    tcase_add_test(tc, disconnect_waits_for_the_peers_end);
    tcase_add_test(tc, unread_bytes_do_not_reset);
    tcase_add_test(tc, send_to_one_who_has_gone);
    tcase_add_test(tc, send_without_a_connection);
    tcase_add_test(tc, send_buffer_of_any_size);
    tcase_add_test(tc, states);
    tcase_add_test(tc, state_after_a_reset);
    tcase_add_test(tc, peer_of_no_connection);
    tcase_add_test(tc, the_link_is_down);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
