/* A client's way to its connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "network.h"
#include "port_table.h"
#include "unit_socket.h"
#include "unit_wiced_tcp.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static wiced_tcp_socket_t sock;
static wiced_ip_address_t to;
static int server;
static uint16_t port;

static void setup(void)
{
    unit_tcp_start();
    server = unit_tcp_server(&port, 8);
    to = unit_tcp_loopback();
    unit_tcp_create(&sock);
}

static void teardown(void)
{
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
    close(server);
}

static void board_of(const char *where, uint16_t course, uint16_t here)
{
    struct board_options options;

    board_options_init(&options);
    options.server = where;
    options.ports[0] = (struct board_port){course, here};
    options.port_count = 1;
    board_start(&options);
    board_set_up(WICED_STA_INTERFACE, true);
}

START_TEST(bytes_both_ways)
{
    wiced_packet_t *packet;
    char buf[8] = "";
    int peer = unit_tcp_connect(&sock, server, port);

    ck_assert_int_eq(wiced_tcp_send_buffer(&sock, "R0FAC0B", 7), 0);
    unit_receive(peer, buf, 7);
    ck_assert_str_eq(buf, "R0FAC0B");
    unit_send_text(peer, "A0FAC0B1234");
    ck_assert_int_eq(wiced_tcp_receive(&sock, &packet, LONG_MS), 0);
    ck_assert_int_eq(wiced_packet_delete(packet), 0);
    close(peer);
}
END_TEST

START_TEST(refused)
{
    uint16_t nobody;

    close(unit_tcp_server(&nobody, 1));
    ck_assert_int_eq(wiced_tcp_connect(&sock, &to, nobody, LONG_MS),
                     WICED_TCPIP_SOCKET_CLOSED);
    ck_assert_int_eq(unit_tcp_state(&sock), WICED_SOCKET_CLOSED);
    /* It may try again. */
    close(unit_tcp_connect(&sock, server, port));
}
END_TEST

/* A listener whose backlog is full does not answer any more. */
START_TEST(not_answered)
{
    wiced_tcp_socket_t others[8];
    wiced_result_t result = WICED_SUCCESS;
    unsigned n = 0;

    close(server);
    server = unit_tcp_server(&port, 0);
    for (; n < 8 && result == WICED_SUCCESS; n++) {
        uint64_t began_ms = unit_tcp_now_ms();

        unit_tcp_create(&others[n]);
        endpoint_set_times(&others[n], 0, 0, 0);
        result = wiced_tcp_connect(&others[n], &to, port, 60);
        if (result != WICED_SUCCESS)
            ck_assert_uint_ge(unit_tcp_now_ms() - began_ms, 60);
    }
    ck_assert_int_eq(result, WICED_TCPIP_SOCKET_CLOSED);
    while (n > 0)
        ck_assert_int_eq(wiced_tcp_delete_socket(&others[--n]), 0);
}
END_TEST

START_TEST(no_way_there)
{
    SET_IPV4_ADDRESS(to, MAKE_IPV4_ADDRESS(255, 255, 255, 255));
    ck_assert_int_eq(wiced_tcp_connect(&sock, &to, port, LONG_MS),
                     WICED_TCPIP_SOCKET_CLOSED);
}
END_TEST

START_TEST(bad_arguments)
{
    ck_assert_int_eq(wiced_tcp_connect(&sock, NULL, port, 0), WICED_BADARG);
    to.version = WICED_INVALID_IP;
    ck_assert_int_eq(wiced_tcp_connect(&sock, &to, port, 0), WICED_BADARG);
    memset(&to, 0, sizeof to);
    ck_assert_int_eq(wiced_tcp_connect(&sock, &to, port, 0), WICED_BADARG);
}
END_TEST

START_TEST(already_connected)
{
    int peer = unit_tcp_connect(&sock, server, port);

    ck_assert_int_eq(wiced_tcp_connect(&sock, &to, port, LONG_MS), WICED_ERROR);
    ck_assert_int_eq(wiced_tcp_send_buffer(&sock, "W", 1), 0);
    close(peer);
}
END_TEST

START_TEST(a_listening_socket_can_not)
{
    ck_assert_int_eq(wiced_tcp_listen(&sock, PLAIN), 0);
    ck_assert_int_eq(wiced_tcp_connect(&sock, &to, port, LONG_MS), WICED_ERROR);
    ck_assert_int_eq(unit_tcp_state(&sock), WICED_SOCKET_LISTEN);
}
END_TEST

/* Programs read these. */
START_TEST(the_peer_is_the_real_one)
{
    wiced_ip_address_t address;
    uint16_t number;

    board_of("127.0.0.1", PLAIN, port);
    ck_assert_int_eq(wiced_tcp_connect(&sock, &to, PLAIN, LONG_MS), 0);
    close(unit_tcp_server_accept(server));
    ck_assert_int_eq(wiced_tcp_server_peer(&sock, &address, &number), 0);
    ck_assert_int_eq(address.version, WICED_IPV4);
    ck_assert_uint_eq(GET_IPV4_ADDRESS(address), GET_IPV4_ADDRESS(to));
    ck_assert_uint_eq(number, port);
    ck_assert_uint_eq(sock.socket.nx_tcp_socket_connect_ip.nxd_ip_address.v4,
                      MAKE_IPV4_ADDRESS(127, 0, 0, 1));
    ck_assert_uint_eq(sock.socket.nx_tcp_socket_connect_port, port);
}
END_TEST

START_TEST(the_course_s_server)
{
    board_of("127.0.0.1", SECURE, port);
    SET_IPV4_ADDRESS(to, MAKE_IPV4_ADDRESS(198, 51, 100, 3));
    ck_assert_int_eq(wiced_tcp_connect(&sock, &to, SECURE, LONG_MS), 0);
    close(unit_tcp_server_accept(server));
}
END_TEST

START_TEST(the_course_s_server_is_not_found)
{
    board_of("no such name", SECURE, port);
    SET_IPV4_ADDRESS(to, MAKE_IPV4_ADDRESS(198, 51, 100, 3));
    ck_assert_int_eq(wiced_tcp_connect(&sock, &to, SECURE, LONG_MS),
                     WICED_TCPIP_SOCKET_CLOSED);
}
END_TEST

/* A port that is anywhere is where this program has put it. */
START_TEST(to_a_server_of_this_program)
{
    wiced_tcp_socket_t listening;
    uint16_t number;
    wiced_ip_address_t address;

    unit_tcp_listen(&listening, PLAIN);
    ck_assert_int_eq(wiced_tcp_connect(&sock, &to, PLAIN, LONG_MS), 0);
    ck_assert_int_eq(wiced_tcp_server_peer(&sock, &address, &number), 0);
    ck_assert_uint_eq(number, port_table_here(PLAIN));
    ck_assert_int_eq(wiced_tcp_delete_socket(&listening), 0);
    ck_assert_int_eq(wiced_tcp_disconnect(&sock), 0);
    ck_assert_int_eq(wiced_tcp_connect(&sock, &to, PLAIN, LONG_MS),
                     WICED_TCPIP_SOCKET_CLOSED);
}
END_TEST

START_TEST(ipv6)
{
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
                              .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    socklen_t len = sizeof v6;
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    wiced_ip_address_t loopback = {WICED_IPV6, {.v6 = {0, 0, 0, 1}}};
    wiced_ip_address_t address;
    uint16_t number;
    uint16_t own;

    if (fd < 0 || bind(fd, (struct sockaddr *)&v6, len) != 0) {
        ck_assert_int_eq(wiced_tcp_connect(&sock, &loopback, port, LONG_MS),
                         WICED_TCPIP_SOCKET_CLOSED); /* there is no IPv6 */
        return;
    }
    ck_assert_int_eq(listen(fd, 1), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&v6, &len), 0);
    number = ntohs(v6.sin6_port);
    close(unit_tcp_server(&own, 1));
    ck_assert_int_eq(wiced_tcp_bind(&sock, own), 0); /* of the other kind */
    ck_assert_int_eq(wiced_tcp_connect(&sock, &loopback, number, LONG_MS), 0);
    close(accept(fd, (struct sockaddr *)&v6, &len));
    ck_assert_uint_eq(ntohs(v6.sin6_port), own);
    ck_assert_int_eq(wiced_tcp_server_peer(&sock, &address, &number), 0);
    ck_assert_int_eq(address.version, WICED_IPV6);
    ck_assert_mem_eq(address.ip.v6, loopback.ip.v6, sizeof address.ip.v6);
    ck_assert_uint_eq(sock.socket.nx_tcp_socket_connect_ip.nxd_ip_version, 6);
    close(fd);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wiced_connect");
    TCase *tc = tcase_create("wiced_connect");

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, bytes_both_ways);
    tcase_add_test(tc, refused);
    tcase_add_test(tc, not_answered);
    tcase_add_test(tc, no_way_there);
    tcase_add_test(tc, bad_arguments);
    tcase_add_test(tc, already_connected);
    tcase_add_test(tc, a_listening_socket_can_not);
    tcase_add_test(tc, the_peer_is_the_real_one);
    tcase_add_test(tc, the_course_s_server);
    tcase_add_test(tc, the_course_s_server_is_not_found);
    tcase_add_test(tc, to_a_server_of_this_program);
    tcase_add_test(tc, ipv6);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
