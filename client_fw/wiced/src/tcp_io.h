/* tcp_io.h - bytes over a socket's connection, with TLS or without.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_TCP_IO_H
#define WICED_TCP_IO_H

#include "wiced_tcpip.h"

#include <stddef.h>
#include <stdint.h>

#define TCP_SEGMENT WICED_TCP_STREAM_SPACE /* bytes, on an Ethernet */
/* A record of AES-GCM: its header, 8 bytes of nonce, 16 of tag. */
#define TCP_TLS_OVERHEAD 29u

/* What fits into one segment of this socket; 0: it is none. */
uint16_t tcp_space(const wiced_tcp_socket_t *socket);

/* WICED_SUCCESS, WICED_NOTUP; WICED_BADARG, WICED_TCPIP_INVALID_SOCKET. */
wiced_result_t tcp_link_check(const wiced_tcp_socket_t *socket);

/* Sends all of it, as one record, within WICED_TCP_SEND_TIMEOUT.
 * WICED_SUCCESS; WICED_TIMEOUT; WICED_TCPIP_SOCKET_CLOSED (7014): there is no
 * connection, or the peer has cut it off; TLS's errors; WICED_BADARG,
 * WICED_TCPIP_INVALID_SOCKET. */
wiced_result_t tcp_send(const wiced_tcp_socket_t *socket, const uint8_t *bytes,
                        size_t len);

#endif
