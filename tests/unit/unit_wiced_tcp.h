/* unit_wiced_tcp.h - what the tests of the course's sockets share: a board
 * whose ports are anywhere free, and the far ends of connections. Whatever
 * waits fails the test after UNIT_DEADLINE_MS.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UNIT_WICED_TCP_H
#define UNIT_WICED_TCP_H

#include "endpoint.h"
#include "unit_wiced.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define PLAIN   27708 /* the course's ports */
#define SECURE  40508
#define LONG_MS 20000u /* what has to come, comes sooner */

uint64_t unit_tcp_now_ms(void);

/* A board, up, where both ports are anywhere; the second address is where its
 * servers listen. */
void unit_tcp_start(void);
void unit_tcp_start_on(const char *listen);

/* A socket whose waits are short: accept's, and that for the peer's end. */
void unit_tcp_create(wiced_tcp_socket_t *socket);
void unit_tcp_listen(wiced_tcp_socket_t *socket, uint16_t port);

/* The same, on PLAIN, of a socket that is called back. */
void unit_tcp_listen_called(wiced_tcp_socket_t *socket,
                            wiced_tcp_socket_callback_t on_connect,
                            wiced_tcp_socket_callback_t on_receive,
                            wiced_tcp_socket_callback_t on_end, void *arg);

/* A raw client of a port that is listened to. */
int unit_tcp_client(uint16_t port);

/* A raw server on the loopback, and its next connection. */
int unit_tcp_server(uint16_t *port, int backlog);
int unit_tcp_server_accept(int server);

/* Connects to a raw server; returns its end of the connection. */
int unit_tcp_connect(wiced_tcp_socket_t *socket, int server, uint16_t port);

/* An IPv4 address on this machine. */
wiced_ip_address_t unit_tcp_loopback(void);

wiced_socket_state_t unit_tcp_state(wiced_tcp_socket_t *socket);

/* Waits until the socket is in this state. */
void unit_tcp_wait_state(wiced_tcp_socket_t *socket,
                         wiced_socket_state_t state);

/* The system opens no more files, and does again. */
void unit_tcp_files_end(void);
void unit_tcp_files_go_on(void);

/* What is said on the console from the first call on; the second one's text is
 * the caller's. */
void unit_tcp_console_begin(void);
char *unit_tcp_console_end(void);

/* A count that threads wait for. */
struct unit_tcp_count {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned n;
};
#define UNIT_TCP_COUNT                                         \
    {                                                          \
        PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0 \
    }
void unit_tcp_count_up(struct unit_tcp_count *count);
unsigned unit_tcp_count(struct unit_tcp_count *count);
void unit_tcp_count_wait(struct unit_tcp_count *count, unsigned n);

void unit_tcp_sleep(uint32_t ms);

#endif
