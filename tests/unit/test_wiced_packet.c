/* Packets.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "packet.h"
#include "tcp_io.h"
#include "unit_socket.h"
#include "unit_wiced_tcp.h"

#include <unistd.h>

static wiced_tcp_socket_t sock;
static int server;
static int peer;

static void setup(void)
{
    uint16_t port;

    unit_tcp_start();
    server = unit_tcp_server(&port, 8);
    unit_tcp_create(&sock);
    peer = unit_tcp_connect(&sock, server, port);
}

static void teardown(void)
{
    close(peer);
    close(server);
    ck_assert_int_eq(wiced_tcp_delete_socket(&sock), 0);
}

static wiced_packet_t *create(const char *text)
{
    wiced_packet_t *packet;
    uint8_t *data;
    uint16_t space;

    ck_assert_int_eq(wiced_packet_create_tcp(&sock, 0, &packet, &data, &space),
                     0);
    memcpy(data, text, strlen(text));
    ck_assert_int_eq(wiced_packet_set_data_end(packet, data + strlen(text)), 0);
    return packet;
}

static wiced_packet_t *receive(void)
{
    wiced_packet_t *packet;

    ck_assert_int_eq(wiced_tcp_receive(&sock, &packet, LONG_MS), 0);
    return packet;
}

/* The bytes from an offset, which end by a NUL. */
static const char *text_at(wiced_packet_t *packet, uint16_t offset)
{
    uint8_t *data;
    uint16_t len;
    uint16_t total;

    ck_assert_int_eq(wiced_packet_get_data(packet, offset, &data, &len, &total),
                     0);
    ck_assert_uint_eq(len, total);
    ck_assert_uint_eq(data[len], 0);
    data[len] = '\0'; /* programs write it, too */
    ck_assert_uint_eq(strlen((const char *)data), len);
    return (const char *)data;
}

START_TEST(create_says_how_much)
{
    wiced_packet_t *packet;
    uint8_t *data;
    uint16_t space;

    for (uint16_t asked = 0; asked < 3; asked++) { /* not looked at */
        ck_assert_int_eq(wiced_packet_create_tcp(&sock,
                                                 (uint16_t)(asked * 30000),
                                                 &packet, &data, &space),
                         0);
        ck_assert_uint_eq(space, 1460);
        memset(data, 'W', space);
        ck_assert_int_eq(wiced_packet_delete(packet), 0);
    }
}
END_TEST

START_TEST(create_for_tls_leaves_room)
{
    wiced_tls_context_t context = {0};
    wiced_packet_t *packet;
    uint8_t *data;
    uint16_t space;

    ck_assert_int_eq(wiced_tcp_enable_tls(&sock, &context), 0);
    ck_assert_int_eq(wiced_packet_create_tcp(&sock, 0, &packet, &data, &space),
                     0);
    ck_assert_uint_eq(space, 1431);
    ck_assert_int_eq(wiced_packet_delete(packet), 0);
    ck_assert_int_eq(wiced_tcp_enable_tls(&sock, NULL), 0);
}
END_TEST

START_TEST(create_fails)
{
    wiced_tcp_socket_t none = {.tls_context = NULL};
    wiced_packet_t *packet = (wiced_packet_t *)&none;
    uint8_t *data = (uint8_t *)&none;
    uint16_t space = 7;

    ck_assert_int_eq(wiced_packet_create_tcp(&none, 0, &packet, &data, &space),
                     WICED_TCPIP_INVALID_SOCKET);
    ck_assert_ptr_null(packet);
    ck_assert_ptr_null(data);
    ck_assert_uint_eq(space, 0);
    ck_assert_int_eq(wiced_packet_create_tcp(&sock, 0, NULL, &data, &space),
                     WICED_BADARG);
    ck_assert_int_eq(wiced_packet_create_tcp(&sock, 0, &packet, NULL, &space),
                     WICED_BADARG);
    ck_assert_int_eq(wiced_packet_create_tcp(&sock, 0, &packet, &data, NULL),
                     WICED_BADARG);
}
END_TEST

/* The pool is empty: the console says so, once. */
START_TEST(create_waits_for_one)
{
    wiced_packet_t *all[PACKET_POOL];
    wiced_packet_t *packet = NULL;
    uint8_t *data = NULL;
    uint16_t space = 7;

    for (unsigned i = 0; i < PACKET_POOL; i++)
        all[i] = create("W");
    unit_tcp_console_begin();
    uint64_t began_ms = unit_tcp_now_ms();
    ck_assert_int_eq(wiced_packet_create_tcp(&sock, 0, &packet, &data, &space),
                     WICED_TIMEOUT);
    ck_assert_uint_ge(unit_tcp_now_ms() - began_ms, 2000);
    ck_assert_ptr_null(packet);
    ck_assert_ptr_null(data);
    ck_assert_uint_eq(space, 0);
    ck_assert_int_eq(wiced_tcp_receive(&sock, &packet, 0), WICED_TIMEOUT);
    char *text = unit_tcp_console_end();
    ck_assert_str_eq(text,
                     "wwep-wiced: all 128 packets are in use: the program "
                     "does not delete what it receives\n");
    free(text);
    for (unsigned i = 0; i < PACKET_POOL; i++)
        ck_assert_int_eq(wiced_packet_delete(all[i]), 0);
    ck_assert_int_eq(wiced_packet_delete(create("W")), 0);
}
END_TEST

static void *on_delete_soon(void *ctx)
{
    unit_tcp_sleep(50);
    ck_assert_int_eq(wiced_packet_delete(ctx), 0);
    return NULL;
}

START_TEST(create_gets_one_that_becomes_free)
{
    wiced_packet_t *all[PACKET_POOL];
    pthread_t thread;

    for (unsigned i = 0; i < PACKET_POOL; i++)
        all[i] = create("W");
    ck_assert_int_eq(pthread_create(&thread, NULL, on_delete_soon, all[9]), 0);
    all[9] = create("W");
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    for (unsigned i = 0; i < PACKET_POOL; i++)
        ck_assert_int_eq(wiced_packet_delete(all[i]), 0);
}
END_TEST

START_TEST(send_and_delete)
{
    char got[8] = "";
    wiced_packet_t *packet = create("R0FAC0B");

    ck_assert_int_eq(wiced_tcp_send_packet(&sock, packet), 0);
    /* All programs of the course do: it is the stack's by now. */
    ck_assert_int_eq(wiced_packet_delete(packet), WICED_ERROR);
    ck_assert_int_eq(wiced_packet_delete(packet), WICED_ERROR);
    ck_assert_int_eq(wiced_tcp_send_packet(&sock, packet),
                     WICED_TCPIP_INVALID_PACKET);
    unit_receive(peer, got, 7);
    ck_assert_str_eq(got, "R0FAC0B");
}
END_TEST

/* One that was deleted is nobody else's for a while. */
START_TEST(deleted_twice_harms_nobody)
{
    wiced_packet_t *first = create("first");

    ck_assert_int_eq(wiced_packet_delete(first), 0);
    wiced_packet_t *second = create("second");
    ck_assert_ptr_ne(first, second);
    ck_assert_int_eq(wiced_packet_delete(first), WICED_ERROR);
    ck_assert_str_eq(text_at(second, 0), "second");
    ck_assert_int_eq(wiced_packet_delete(second), 0);
}
END_TEST

START_TEST(send_fails_and_the_packet_stays)
{
    wiced_packet_t *packet = create("W");

    ck_assert_int_eq(wiced_tcp_disconnect(&sock), 0);
    ck_assert_int_eq(wiced_tcp_send_packet(&sock, packet),
                     WICED_TCPIP_SOCKET_CLOSED);
    ck_assert_int_eq(wiced_packet_delete(packet), 0);
}
END_TEST

START_TEST(send_without_an_end)
{
    wiced_packet_t *packet;
    uint8_t *data;
    uint16_t space;

    ck_assert_int_eq(wiced_packet_create_tcp(&sock, 0, &packet, &data, &space),
                     0);
    ck_assert_int_eq(wiced_tcp_send_packet(&sock, packet),
                     WICED_TCPIP_INVALID_PACKET);
    ck_assert_int_eq(wiced_packet_delete(packet), 0);
}
END_TEST

START_TEST(set_data_end)
{
    wiced_packet_t *packet;
    uint8_t *data;
    uint16_t space;

    ck_assert_int_eq(wiced_packet_create_tcp(&sock, 0, &packet, &data, &space),
                     0);
    ck_assert_int_eq(wiced_packet_set_data_end(packet, data - 1), WICED_BADARG);
    ck_assert_int_eq(wiced_packet_set_data_end(packet, data + PACKET_MAX + 1),
                     WICED_BADARG);
    ck_assert_int_eq(wiced_packet_set_data_end(packet, NULL), WICED_BADARG);
    ck_assert_int_eq(wiced_packet_set_data_end(packet, data + PACKET_MAX), 0);
    ck_assert_int_eq(wiced_packet_set_data_end(packet, data), 0);
    ck_assert_int_eq(wiced_packet_delete(packet), 0);
}
END_TEST

START_TEST(get_data)
{
    wiced_packet_t *packet = create("A0FAC0B1234");
    wiced_packet_t *empty = create("");
    uint8_t *data;
    uint16_t len;
    uint16_t total;

    ck_assert_int_eq(wiced_packet_get_data(packet, 7, &data, &len, &total), 0);
    ck_assert_uint_eq(len, 4);
    ck_assert_uint_eq(total, 4);
    ck_assert_mem_eq(data, "1234", 4);
    ck_assert_int_eq(wiced_packet_get_data(packet, 11, &data, &len, &total),
                     WICED_ERROR);
    ck_assert_int_eq(wiced_packet_get_data(packet, 65535, &data, &len, &total),
                     WICED_ERROR);
    data = (uint8_t *)&len;
    ck_assert_int_eq(wiced_packet_get_data(empty, 0, &data, &len, &total), 0);
    ck_assert_ptr_null(data);
    ck_assert_uint_eq(len, 0);
    ck_assert_uint_eq(total, 0);
    ck_assert_int_eq(wiced_packet_get_data(packet, 0, NULL, &len, &total),
                     WICED_BADARG);
    ck_assert_int_eq(wiced_packet_get_data(packet, 0, &data, NULL, &total),
                     WICED_BADARG);
    ck_assert_int_eq(wiced_packet_get_data(packet, 0, &data, &len, NULL),
                     WICED_BADARG);
    ck_assert_int_eq(wiced_packet_delete(packet), 0);
    ck_assert_int_eq(wiced_packet_delete(empty), 0);
}
END_TEST

START_TEST(no_packet)
{
    static uint8_t other[64];
    wiced_packet_t *none = (wiced_packet_t *)other;
    wiced_packet_t *inside = create("W");
    uint8_t *data;
    uint16_t len;
    uint16_t total;

    ck_assert_int_eq(wiced_packet_delete(inside), 0);
    inside = (wiced_packet_t *)((uintptr_t)inside + 8);
    ck_assert_int_eq(wiced_packet_delete(none), WICED_TCPIP_INVALID_PACKET);
    ck_assert_int_eq(wiced_packet_delete(inside), WICED_TCPIP_INVALID_PACKET);
    ck_assert_int_eq(wiced_packet_delete(NULL), WICED_BADARG);
    ck_assert_int_eq(wiced_tcp_send_packet(&sock, none),
                     WICED_TCPIP_INVALID_PACKET);
    ck_assert_int_eq(wiced_tcp_send_packet(&sock, NULL), WICED_BADARG);
    ck_assert_int_eq(wiced_packet_set_data_end(none, other),
                     WICED_TCPIP_INVALID_PACKET);
    ck_assert_int_eq(wiced_packet_get_data(none, 0, &data, &len, &total),
                     WICED_TCPIP_INVALID_PACKET);
    ck_assert_int_eq(wiced_packet_get_data(NULL, 0, &data, &len, &total),
                     WICED_BADARG);
}
END_TEST

/* --- receive -------------------------------------------------------------- */

START_TEST(receive_ends_by_a_nul)
{
    wiced_packet_t *packet;

    unit_send_text(peer, "A0FAC0B1234");
    packet = receive();
    ck_assert_str_eq(text_at(packet, 0), "A0FAC0B1234");
    ck_assert_str_eq(text_at(packet, 7), "1234");
    ck_assert_int_eq(wiced_packet_delete(packet), 0);
    ck_assert_int_eq(wiced_packet_delete(packet), WICED_ERROR);
}
END_TEST

/* What a packet had before is not behind a shorter one's bytes. */
START_TEST(receive_into_a_used_packet)
{
    for (unsigned i = 0; i <= PACKET_POOL; i++) {
        unit_send_text(peer, i == 0 ? "a long one that is over" : "short");
        wiced_packet_t *packet = receive();
        ck_assert_str_eq(text_at(packet, i == 0 ? 18 : 0),
                         i == 0 ? " over" : "short");
        ck_assert_int_eq(wiced_packet_delete(packet), 0);
    }
}
END_TEST

START_TEST(receive_in_segments)
{
    static char many[5000];
    size_t got = 0;

    memset(many, 'A', sizeof many);
    unit_send(peer, many, sizeof many);
    while (got < sizeof many) {
        wiced_packet_t *packet = receive();
        size_t len = strlen(text_at(packet, 0));

        ck_assert_uint_le(len, 1460);
        got += len;
        ck_assert_int_eq(wiced_packet_delete(packet), 0);
    }
}
END_TEST

START_TEST(receive_times_out)
{
    wiced_packet_t *packet = (wiced_packet_t *)&sock;
    uint64_t began_ms = unit_tcp_now_ms();

    ck_assert_int_eq(wiced_tcp_receive(&sock, &packet, 60), WICED_TIMEOUT);
    ck_assert_uint_ge(unit_tcp_now_ms() - began_ms, 60);
    ck_assert_ptr_null(packet);
    ck_assert_int_eq(wiced_tcp_receive(&sock, &packet, WICED_NO_WAIT),
                     WICED_TIMEOUT);
}
END_TEST

/* What was sent comes before the end, which takes no time to tell. */
START_TEST(receive_after_the_end)
{
    wiced_packet_t *packet;
    uint64_t began_ms = unit_tcp_now_ms();

    unit_send_text(peer, "A");
    unit_end(peer);
    packet = receive();
    ck_assert_str_eq(text_at(packet, 0), "A");
    ck_assert_int_eq(wiced_packet_delete(packet), 0);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(wiced_tcp_receive(&sock, &packet, WICED_NEVER_TIMEOUT),
                         WICED_TCPIP_SOCKET_CLOSED);
    ck_assert_uint_lt(unit_tcp_now_ms() - began_ms, LONG_MS);
    /* The other direction is still there. */
    ck_assert_int_eq(wiced_tcp_send_packet(&sock, create("W")), 0);
    char got[2] = "";
    unit_receive(peer, got, 1);
    ck_assert_str_eq(got, "W");
}
END_TEST

START_TEST(receive_a_reset)
{
    wiced_packet_t *packet;

    unit_reset(peer);
    peer = -1;
    ck_assert_int_eq(wiced_tcp_receive(&sock, &packet, LONG_MS),
                     WICED_TCPIP_SOCKET_CLOSED);
    ck_assert_ptr_null(packet);
}
END_TEST

START_TEST(receive_without_a_connection)
{
    wiced_packet_t *packet;

    ck_assert_int_eq(wiced_tcp_disconnect(&sock), 0);
    ck_assert_int_eq(wiced_tcp_receive(&sock, &packet, LONG_MS),
                     WICED_TCPIP_SOCKET_CLOSED);
}
END_TEST

/* A packet that came may be sent back. */
START_TEST(echo)
{
    char got[4] = "";

    unit_send_text(peer, "abc");
    ck_assert_int_eq(wiced_tcp_send_packet(&sock, receive()), 0);
    unit_receive(peer, got, 3);
    ck_assert_str_eq(got, "abc");
}
END_TEST

static void add_receive(TCase *tc)
{
    tcase_add_test(tc, receive_ends_by_a_nul);
    tcase_add_test(tc, receive_into_a_used_packet);
    tcase_add_test(tc, receive_in_segments);
    tcase_add_test(tc, receive_times_out);
    tcase_add_test(tc, receive_after_the_end);
    tcase_add_test(tc, receive_a_reset);
    tcase_add_test(tc, receive_without_a_connection);
    tcase_add_test(tc, echo);
}

int main(void)
{
    Suite *suite = suite_create("wiced_packet");
    TCase *tc = tcase_create("wiced_packet");

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, create_says_how_much);
    tcase_add_test(tc, create_for_tls_leaves_room);
    tcase_add_test(tc, create_fails);
    tcase_add_test(tc, create_waits_for_one);
    tcase_add_test(tc, create_gets_one_that_becomes_free);
    tcase_add_test(tc, send_and_delete);
    tcase_add_test(tc, deleted_twice_harms_nobody);
    tcase_add_test(tc, send_fails_and_the_packet_stays);
    tcase_add_test(tc, send_without_an_end);
    tcase_add_test(tc, set_data_end);
    tcase_add_test(tc, get_data);
    tcase_add_test(tc, no_packet);
    add_receive(tc);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
