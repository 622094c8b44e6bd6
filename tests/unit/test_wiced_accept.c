/* A server's way to its connections.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "port_table.h"
#include "unit_socket.h"
#include "unit_wiced_tcp.h"

#include <sys/socket.h>
#include <unistd.h>

static wiced_tcp_socket_t sock;

static void setup(void)
{
    unit_tcp_start();
}

static void expect_line(const char *expected)
{
    char *text = unit_tcp_console_end();

    ck_assert_str_eq(text, expected);
    free(text);
}

/* --- listen --------------------------------------------------------------- */

START_TEST(listen_says_where)
{
    char expected[200];

    unit_tcp_console_begin();
    unit_tcp_listen(&sock, PLAIN);
    ck_assert_int_eq(wiced_tcp_listen(&sock, PLAIN), 0); /* it says it once */
    snprintf(expected, sizeof expected,
             "wwep-wiced: port 27708 is 127.0.0.1:%u here (--listen 0.0.0.0 "
             "lets others in)\n",
             (unsigned)port_table_here(PLAIN));
    expect_line(expected);
    ck_assert_int_eq(unit_tcp_state(&sock), WICED_SOCKET_LISTEN);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

START_TEST(listen_for_others)
{
    char expected[200];

    unit_tcp_start_on("0.0.0.0");
    unit_tcp_console_begin();
    unit_tcp_listen(&sock, PLAIN);
    snprintf(expected, sizeof expected,
             "wwep-wiced: port 27708 is 0.0.0.0:%u here\n",
             (unsigned)port_table_here(PLAIN));
    expect_line(expected);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

static void board_of(const char *address, uint16_t here)
{
    struct board_options options;

    board_options_init(&options);
    options.listen = address;
    options.ports[0] = (struct board_port){PLAIN, here};
    options.port_count = 1;
    board_start(&options);
    board_set_up(WICED_STA_INTERFACE, true);
}

START_TEST(listen_on_anothers_port)
{
    uint16_t port;
    int server = unit_tcp_server(&port, 1);
    char expected[200];

    board_of("127.0.0.1", port);
    unit_tcp_create(&sock);
    unit_tcp_console_begin();
    ck_assert_int_eq(wiced_tcp_listen(&sock, PLAIN),
                     WICED_TCPIP_PORT_UNAVAILABLE);
    snprintf(expected, sizeof expected,
             "wwep-wiced: port 27708: 127.0.0.1:%u is another program's: end "
             "that one, or give --port another number\n",
             (unsigned)port);
    expect_line(expected);
    ck_assert_int_eq(unit_tcp_state(&sock), WICED_SOCKET_CLOSED);
    close(server);
    ck_assert_int_eq(wiced_tcp_listen(&sock, PLAIN), 0);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

START_TEST(listen_where_we_are_not)
{
    board_of("198.51.100.77", 0);
    unit_tcp_create(&sock);
    unit_tcp_console_begin();
    ck_assert_int_eq(wiced_tcp_listen(&sock, PLAIN), WICED_ERROR);
    expect_line("wwep-wiced: port 27708: can not listen on 198.51.100.77:0, "
                "which is no address of this machine: see --listen\n");
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

START_TEST(listen_on_no_address)
{
    board_of("nowhere", 0);
    unit_tcp_create(&sock);
    unit_tcp_console_begin();
    ck_assert_int_eq(wiced_tcp_listen(&sock, PLAIN), WICED_ERROR);
    expect_line("wwep-wiced: port 27708: can not listen on \"nowhere\", which "
                "is no address: see --listen\n");
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

START_TEST(listen_on_no_port)
{
    unit_tcp_create(&sock);
    ck_assert_int_eq(wiced_tcp_listen(&sock, WICED_ANY_PORT), WICED_BADARG);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

START_TEST(listen_by_ipv6)
{
    wiced_tcp_socket_t client;
    wiced_ip_address_t to = {WICED_IPV6, {.v6 = {0, 0, 0, 1}}};
    wiced_ip_address_t from;
    uint16_t port;

    unit_tcp_start_on("::1");
    unit_tcp_create(&sock);
    if (wiced_tcp_listen(&sock, PLAIN) == 0) { /* else there is no IPv6 */
        unit_tcp_create(&client);
        ck_assert_int_eq(wiced_tcp_connect(&client, &to, PLAIN, LONG_MS), 0);
        ck_assert_int_eq(wiced_tcp_accept(&sock), 0);
        ck_assert_int_eq(wiced_tcp_server_peer(&sock, &from, &port), 0);
        ck_assert_int_eq(from.version, WICED_IPV6);
        ck_assert_mem_eq(from.ip.v6, to.ip.v6, sizeof to.ip.v6);
        ck_assert_int_eq(wiced_tcp_delete_socket(&client), 0);
    }
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

/* One for both kinds shows a client of IPv4 as what it is. */
START_TEST(listen_on_both)
{
    wiced_ip_address_t from;
    uint16_t port;

    unit_tcp_start_on("::");
    unit_tcp_create(&sock);
    if (wiced_tcp_listen(&sock, PLAIN) == 0) {
        int client = unit_tcp_client(PLAIN);

        ck_assert_int_eq(wiced_tcp_accept(&sock), 0);
        ck_assert_int_eq(wiced_tcp_server_peer(&sock, &from, &port), 0);
        ck_assert_int_eq(from.version, WICED_IPV4);
        ck_assert_uint_eq(from.ip.v4, MAKE_IPV4_ADDRESS(127, 0, 0, 1));
        close(client);
    }
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

START_TEST(listen_ends_the_connection)
{
    unit_tcp_listen(&sock, PLAIN);
    int client = unit_tcp_client(PLAIN);

    ck_assert_int_eq(wiced_tcp_accept(&sock), 0);
    ck_assert_int_eq(wiced_tcp_listen(&sock, PLAIN), 0);
    ck_assert_int_eq(unit_tcp_state(&sock), WICED_SOCKET_LISTEN);
    unit_expect_end(client, "");
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

START_TEST(listen_on_another_port)
{
    unit_tcp_listen(&sock, PLAIN);
    ck_assert_int_eq(wiced_tcp_listen(&sock, SECURE), 0);
    ck_assert_uint_eq(port_table_here(PLAIN), 0);
    close(unit_tcp_client(SECURE));
    ck_assert_int_eq(wiced_tcp_accept(&sock), 0);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

/* A port is there until the last of its sockets is deleted. */
START_TEST(two_on_one_port)
{
    wiced_tcp_socket_t other;

    unit_tcp_listen(&sock, PLAIN);
    unit_tcp_listen(&other, PLAIN);
    int client = unit_tcp_client(PLAIN);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
    ck_assert_uint_ne(port_table_here(PLAIN), 0);
    ck_assert_int_eq(wiced_tcp_accept(&other), 0);
    ck_assert_int_eq(wiced_tcp_delete_socket(&other), 0);
    ck_assert_uint_eq(port_table_here(PLAIN), 0);
    close(client);
}
END_TEST

/* --- accept --------------------------------------------------------------- */

START_TEST(nobody_comes)
{
    uint64_t began_ms = unit_tcp_now_ms();

    unit_tcp_listen(&sock, PLAIN);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(wiced_tcp_accept(&sock), WICED_TCPIP_SOCKET_CLOSED);
    ck_assert_uint_ge(unit_tcp_now_ms() - began_ms, 2 * 60);
    ck_assert_int_eq(unit_tcp_state(&sock), WICED_SOCKET_LISTEN);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

START_TEST(nobody_comes_for_three_seconds)
{
    ck_assert_int_eq(wiced_tcp_create_socket(&sock, WICED_STA_INTERFACE), 0);
    ck_assert_int_eq(wiced_tcp_listen(&sock, PLAIN), 0);
    uint64_t began_ms = unit_tcp_now_ms();
    ck_assert_int_eq(wiced_tcp_accept(&sock), WICED_TCPIP_SOCKET_CLOSED);
    ck_assert_uint_ge(unit_tcp_now_ms() - began_ms, 3000);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

START_TEST(it_never_listened)
{
    unit_tcp_create(&sock);
    ck_assert_int_eq(wiced_tcp_accept(&sock), WICED_ERROR);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

START_TEST(who_it_is)
{
    wiced_ip_address_t from;
    uint16_t port;
    struct sockaddr_storage own;
    socklen_t len = sizeof own;

    unit_tcp_listen(&sock, PLAIN);
    int client = unit_tcp_client(PLAIN);
    ck_assert_int_eq(getsockname(client, (struct sockaddr *)&own, &len), 0);
    uint16_t its = port_table_peer(&own).port;

    ck_assert_int_eq(wiced_tcp_accept(&sock), 0);
    ck_assert_int_eq(wiced_tcp_server_peer(&sock, &from, &port), 0);
    ck_assert_uint_eq(from.ip.v4, MAKE_IPV4_ADDRESS(127, 0, 0, 1));
    ck_assert_uint_eq(port, its);
    ck_assert_uint_eq(sock.socket.nx_tcp_socket_connect_ip.nxd_ip_address.v4,
                      MAKE_IPV4_ADDRESS(127, 0, 0, 1));
    ck_assert_uint_eq(sock.socket.nx_tcp_socket_connect_port, its);
    close(client);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

/* The next accept is the end of the connection before. */
START_TEST(accept_again)
{
    unit_tcp_listen(&sock, PLAIN);
    int first = unit_tcp_client(PLAIN);
    ck_assert_int_eq(wiced_tcp_accept(&sock), 0);
    int second = unit_tcp_client(PLAIN);
    ck_assert_int_eq(wiced_tcp_accept(&sock), 0);
    unit_expect_end(first, "");
    ck_assert_int_eq(wiced_tcp_send_buffer(&sock, "A", 1), 0);
    ck_assert_int_eq(wiced_tcp_accept(&sock), WICED_TCPIP_SOCKET_CLOSED);
    unit_expect_end(second, "A");
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

/* Five may wait, and each has its turn. */
START_TEST(one_at_a_time)
{
    enum { CLIENTS = 5 };
    int clients[CLIENTS];

    unit_tcp_listen(&sock, PLAIN);
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = unit_tcp_client(PLAIN);
        unit_end(clients[i]);
    }
    for (int i = 0; i < CLIENTS; i++) {
        ck_assert_int_eq(wiced_tcp_accept(&sock), 0);
        ck_assert_int_eq(wiced_tcp_send_buffer(&sock, "A", 1), 0);
        ck_assert_int_eq(wiced_tcp_disconnect(&sock), 0);
        unit_expect_end(clients[i], "A");
    }
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

START_TEST(accept_after_disconnect)
{
    unit_tcp_listen(&sock, PLAIN);
    for (int i = 0; i < 3; i++) {
        int client = unit_tcp_client(PLAIN);

        ck_assert_int_eq(wiced_tcp_accept(&sock), 0);
        close(client);
        ck_assert_int_eq(wiced_tcp_disconnect(&sock), 0);
        ck_assert_int_eq(unit_tcp_state(&sock), WICED_SOCKET_CLOSED);
        ck_assert_int_eq(wiced_tcp_disconnect(&sock),
                         WICED_TCPIP_SOCKET_CLOSED);
    }
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

START_TEST(one_that_has_gone_already)
{
    wiced_packet_t *packet;

    unit_tcp_listen(&sock, PLAIN);
    unit_reset(unit_tcp_client(PLAIN));
    ck_assert_int_eq(wiced_tcp_accept(&sock), 0);
    ck_assert_int_eq(wiced_tcp_receive(&sock, &packet, LONG_MS),
                     WICED_TCPIP_SOCKET_CLOSED);
    close(unit_tcp_client(PLAIN));
    ck_assert_int_eq(wiced_tcp_accept(&sock), 0);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

/* --- no files left -------------------------------------------------------- */

START_TEST(no_files_left)
{
    wiced_tcp_socket_t other;

    unit_tcp_listen(&sock, PLAIN);
    int client = unit_tcp_client(PLAIN);
    unit_tcp_files_end();
    ck_assert_int_eq(wiced_tcp_create_socket(&other, WICED_STA_INTERFACE),
                     WICED_OUT_OF_HEAP_SPACE);
    ck_assert_int_eq(wiced_tcp_delete_socket(&other),
                     WICED_TCPIP_INVALID_SOCKET);
    ck_assert_int_eq(wiced_tcp_accept(&sock), WICED_TCPIP_SOCKET_CLOSED);
    unit_tcp_files_go_on();
    ck_assert_int_eq(wiced_tcp_accept(&sock), 0); /* it was only put off */
    close(client);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}
END_TEST

static void add_listen(TCase *tc)
{
    tcase_add_test(tc, listen_says_where);
    tcase_add_test(tc, listen_for_others);
    tcase_add_test(tc, listen_on_anothers_port);
    tcase_add_test(tc, listen_where_we_are_not);
    tcase_add_test(tc, listen_on_no_address);
    tcase_add_test(tc, listen_on_no_port);
    tcase_add_test(tc, listen_by_ipv6);
    tcase_add_test(tc, listen_on_both);
    tcase_add_test(tc, listen_ends_the_connection);
    tcase_add_test(tc, listen_on_another_port);
    tcase_add_test(tc, two_on_one_port);
}

int main(void)
{
    Suite *suite = suite_create("wiced_accept");
    TCase *tc = tcase_create("wiced_accept");

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, NULL);
    add_listen(tc);
    tcase_add_test(tc, nobody_comes);
    tcase_add_test(tc, nobody_comes_for_three_seconds);
    tcase_add_test(tc, it_never_listened);
    tcase_add_test(tc, who_it_is);
    tcase_add_test(tc, accept_again);
    tcase_add_test(tc, one_at_a_time);
    tcase_add_test(tc, accept_after_disconnect);
    tcase_add_test(tc, one_that_has_gone_already);
    tcase_add_test(tc, no_files_left);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
