/* unit_socket.h - a client's side of a connection. All calls fail the test
 * after UNIT_DEADLINE_MS.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UNIT_SOCKET_H
#define UNIT_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Connects to 127.0.0.1; rcvbuf: 0, or the receive buffer's size. The caller
 * owns the socket. */
int unit_connect(uint16_t port, int rcvbuf);

void unit_send(int fd, const void *bytes, size_t len);
void unit_send_text(int fd, const char *text);

/* Ends our side. */
void unit_end(int fd);

/* Closes with a reset. */
void unit_reset(int fd);

/* Reads exactly len bytes and fails if the end comes before. */
void unit_receive(int fd, void *buf, size_t len);

/* Reads up to the end, at most cap - 1 bytes, and puts a NUL behind them.
 * Fails where the connection is reset instead of ended. */
size_t unit_receive_end(int fd, char *buf, size_t cap);

/* Fails unless the rest is this text and then the end. Closes the socket. */
void unit_expect_end(int fd, const char *text);

/* Whether the other side has reset the connection or ended it, by now or
 * within the deadline; what comes before is dropped. */
void unit_expect_gone(int fd);

#endif
