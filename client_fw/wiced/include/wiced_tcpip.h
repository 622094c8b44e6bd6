/* wiced_tcpip.h - addresses, names, TCP sockets, streams and packets.
 *
 * The structs are the caller's, need not be filled before they are created, and
 * must stay where they are until they are deleted. Times are in milliseconds.
 * Addresses and ports are numbers of this machine, not of the network's byte
 * order. A function that says "link" returns WICED_NOTUP (9) while the socket's
 * interface is down.
 *
 * A socket is for one thread at a time, but that another one may delete or
 * disconnect it, which ends what the first waits for.
 *
 * Source: WICED SDK 6.6 on NetX Duo; course, chapters 6A and 6B.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_TCPIP_H
#define WICED_TCPIP_H

#include "linked_list.h"
#include "wiced_constants.h"
#include "wiced_result.h"
#include "wiced_rtos.h"
#include "wiced_tls.h"

#include <limits.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- addresses ------------------------------------------------------------ */

typedef enum {
    WICED_STA_INTERFACE = 0,
    WICED_AP_INTERFACE = 1,
    WICED_P2P_INTERFACE = 2,
    WICED_ETHERNET_INTERFACE = 3
} wiced_interface_t;

typedef enum {
    WICED_IPV4 = 4,
    WICED_IPV6 = 6,
    WICED_INVALID_IP = INT_MAX
} wiced_ip_version_t;

typedef struct wiced_ip_address_s {
    wiced_ip_version_t version;
    union {
        uint32_t v4; /* the first octet in bits 31 to 24 */
        uint32_t v6[4];
    } ip;
} wiced_ip_address_t;

typedef struct {
    wiced_ip_address_t ip_address;
    wiced_ip_address_t gateway;
    wiced_ip_address_t netmask;
} wiced_ip_setting_t;

#define MAKE_IPV4_ADDRESS(a, b, c, d)                    \
    ((((uint32_t)(a)) << 24) | (((uint32_t)(b)) << 16) | \
     (((uint32_t)(c)) << 8) | ((uint32_t)(d)))

/* For an initialiser: INITIALISER_IPV4_ADDRESS( .gateway, value ) */
#define INITIALISER_IPV4_ADDRESS(field, value) \
    field = {WICED_IPV4, {.v4 = (uint32_t)(value)}}

/* An expression; var is the struct itself. */
#define SET_IPV4_ADDRESS(var, value) \
    ((var).version = WICED_IPV4, (var).ip.v4 = (uint32_t)(value))

#define GET_IPV4_ADDRESS(var) ((var).ip.v4)

/* Looks the name up, IPv4 first. A name of a number is that number. The
 * course's server is where --server says. WICED_SUCCESS; WICED_ERROR (4) when
 * there is no such name or no answer in time, and *address is as it was; link;
 * WICED_BADARG. */
wiced_result_t wiced_hostname_lookup(const char *hostname,
                                     wiced_ip_address_t *address,
                                     uint32_t timeout_ms,
                                     wiced_interface_t interface);

/* One ICMP echo. *elapsed_ms is set by WICED_SUCCESS alone. WICED_TIMEOUT (2):
 * no answer; WICED_UNSUPPORTED (7): an IPv6 address, or this system lets no
 * program of its users ping, which is said once; link. */
wiced_result_t wiced_ping(wiced_interface_t interface,
                          const wiced_ip_address_t *address,
                          uint32_t timeout_ms, uint32_t *elapsed_ms);

/* --- sockets -------------------------------------------------------------- */

typedef struct wiced_tcp_socket_struct wiced_tcp_socket_t;
typedef struct wiced_packet_struct wiced_packet_t;

/* What it returns is not looked at. All are called by one thread, one after
 * another. */
typedef wiced_result_t (*wiced_tcp_socket_callback_t)(
    wiced_tcp_socket_t *socket, void *arg);

/* The names that programs know of the native stack's socket. */
typedef struct {
    struct {
        uint32_t nxd_ip_version;
        union {
            uint32_t v4;
            uint32_t v6[4];
        } nxd_ip_address;
    } nx_tcp_socket_connect_ip; /* the peer */
    unsigned int nx_tcp_socket_connect_port;
    void *endpoint; /* the layer's own */
} wiced_tcp_native_socket_t;

struct wiced_tcp_socket_struct {
    wiced_tcp_native_socket_t socket; /* the first: programs look into it */
    uint32_t socket_magic_number;
    wiced_tls_context_t *tls_context; /* not NULL: this socket is TLS */
    wiced_bool_t context_malloced;    /* delete then frees tls_context */
    struct {
        wiced_tcp_socket_callback_t connect;
        wiced_tcp_socket_callback_t receive;
        wiced_tcp_socket_callback_t disconnect;
    } callbacks;
    void *callback_arg;
};

typedef enum {
    WICED_SOCKET_CLOSED = 0,
    WICED_SOCKET_CLOSING = 1,
    WICED_SOCKET_CONNECTING = 2,
    WICED_SOCKET_CONNECTED = 3,
    WICED_SOCKET_DATA_PENDING = 4,
    WICED_SOCKET_LISTEN = 5,
    WICED_SOCKET_ERROR = 6
} wiced_socket_state_t;

/* Fills the struct, whatever was in it. WICED_SUCCESS, WICED_BADARG,
 * WICED_OUT_OF_HEAP_SPACE. */
wiced_result_t wiced_tcp_create_socket(wiced_tcp_socket_t *socket,
                                       wiced_interface_t interface);

/* A client's own port, or WICED_ANY_PORT. Link; WICED_TCPIP_PORT_UNAVAILABLE
 * (7011) while it is another's, for WICED_TCP_BIND_TIMEOUT; WICED_ERROR (4):
 * it has one already. */
wiced_result_t wiced_tcp_bind(wiced_tcp_socket_t *socket, uint16_t port);

/* timeout_ms is for TCP alone; refused and not answered are both
 * WICED_TCPIP_SOCKET_CLOSED (7014). Then, where a context is enabled, TLS
 * shakes hands, with limits of its own (20,000 ms): a failure is
 * WICED_TLS_ERROR (4), or 5031, and the socket is closed again, to be deleted.
 * Link. */
wiced_result_t wiced_tcp_connect(wiced_tcp_socket_t *socket,
                                 const wiced_ip_address_t *address,
                                 uint16_t port, uint32_t timeout_ms);

/* Makes the port a server's; five connections may wait. Once more on a port
 * that is listened to: the socket waits for the next connection. */
wiced_result_t wiced_tcp_listen(wiced_tcp_socket_t *socket, uint16_t port);

/* Waits WICED_TCP_ACCEPT_TIMEOUT for a connection, which this same socket then
 * is: one that it was before is closed first. WICED_TCPIP_SOCKET_CLOSED (7014):
 * nobody came. TLS shakes hands in here: a failure is WICED_TLS_ERROR (4), and
 * the TCP connection is there until the next accept, disconnect or delete. In a
 * connect callback: takes the connection that the callback is about. */
wiced_result_t wiced_tcp_accept(wiced_tcp_socket_t *socket);

/* Says good-bye (close_notify, FIN), and waits for the peer's at most
 * WICED_TCP_DISCONNECT_TIMEOUT. A server's socket can accept again. Link;
 * WICED_TCPIP_SOCKET_CLOSED (7014): there was no connection. */
wiced_result_t wiced_tcp_disconnect(wiced_tcp_socket_t *socket);

/* Good-bye, deinit of the TLS context that is enabled, disconnect, and all is
 * given back. A socket that never connected, and one whose context is already
 * deinitialised, may be deleted. Another life begins by create. */
wiced_result_t wiced_tcp_delete_socket(wiced_tcp_socket_t *socket);

/* WICED_BADARG (5) for a NULL; WICED_TCPIP_SOCKET_CLOSED (7014) while there is
 * no connection, and *address and *port are as they were. */
wiced_result_t wiced_tcp_server_peer(wiced_tcp_socket_t *socket,
                                     wiced_ip_address_t *address,
                                     uint16_t *port);

wiced_result_t wiced_tcp_get_socket_state(wiced_tcp_socket_t *socket,
                                          wiced_socket_state_t *socket_state);

/* connect: a connection has come, accept it. receive: there is something to
 * receive, once a packet; not before TLS has shaken hands. disconnect: the peer
 * has ended it, and also: our own end of it is done. NULL: that one stays as it
 * is. Before listen or connect. */
wiced_result_t wiced_tcp_register_callbacks(
    wiced_tcp_socket_t *socket, wiced_tcp_socket_callback_t connect_callback,
    wiced_tcp_socket_callback_t receive_callback,
    wiced_tcp_socket_callback_t disconnect_callback, void *arg);
wiced_result_t wiced_tcp_unregister_callbacks(wiced_tcp_socket_t *socket);

/* --- streams -------------------------------------------------------------- */

#define WICED_TCP_STREAM_SPACE 1460

/* A stream has no memory but this. */
typedef struct {
    wiced_tcp_socket_t *socket;
    wiced_packet_t *rx_packet; /* what of it was not read yet */
    uint16_t rx_offset;
    uint16_t tx_len;
    uint8_t tx[WICED_TCP_STREAM_SPACE];
} wiced_tcp_stream_t;

/* Needs no connection; cannot fail, but by a NULL (5). */
wiced_result_t wiced_tcp_stream_init(wiced_tcp_stream_t *stream,
                                     wiced_tcp_socket_t *socket);

/* Sends what is pending, by the way, and lets go of the socket. */
wiced_result_t wiced_tcp_stream_deinit(wiced_tcp_stream_t *stream);

/* Keeps the bytes until there is a packet full of them, or until flush. Link;
 * the errors of sending. */
wiced_result_t wiced_tcp_stream_write(wiced_tcp_stream_t *stream,
                                      const void *data, uint32_t data_length);

/* One flush is one segment, and one record of TLS. What can not be sent is
 * dropped, and the error returned; nothing to send is WICED_SUCCESS. */
wiced_result_t wiced_tcp_stream_flush(wiced_tcp_stream_t *stream);

/* Waits until buffer_length bytes are there. timeout is for each wait, and not
 * for all of them together. Link; WICED_TIMEOUT (2); WICED_TCPIP_SOCKET_CLOSED
 * (7014): the peer has ended it; or TLS's negative numbers. What had come until
 * then is in the buffer all the same. */
wiced_result_t wiced_tcp_stream_read(wiced_tcp_stream_t *stream, void *buffer,
                                     uint16_t buffer_length, uint32_t timeout);

/* The same, but that fewer bytes than wanted, from 1 on, are a success;
 * *read_count says how many. */
wiced_result_t wiced_tcp_stream_read_with_count(wiced_tcp_stream_t *stream,
                                                void *buffer,
                                                uint16_t buffer_length,
                                                uint32_t timeout,
                                                uint32_t *read_count);

/* --- packets -------------------------------------------------------------- */

/* *data is where to write *available_space bytes at most; content_length is not
 * looked at. On failure all three are NULL or 0: WICED_TIMEOUT when none is
 * free for WICED_ALLOCATE_PACKET_TIMEOUT. */
wiced_result_t wiced_packet_create_tcp(wiced_tcp_socket_t *socket,
                                       uint16_t content_length,
                                       wiced_packet_t **packet, uint8_t **data,
                                       uint16_t *available_space);

/* data_end: one behind the last byte that was written. */
wiced_result_t wiced_packet_set_data_end(wiced_packet_t *packet,
                                         uint8_t *data_end);

/* The bytes from `offset`: *data, of *fragment_available_data_length in one
 * piece and *total_available_data_length in all. An empty packet: NULL, 0 and
 * 0. WICED_ERROR (4): the offset is beyond them. Behind a packet's bytes there
 * is always one of room, which is NUL at first. */
wiced_result_t wiced_packet_get_data(wiced_packet_t *packet, uint16_t offset,
                                     uint8_t **data,
                                     uint16_t *fragment_available_data_length,
                                     uint16_t *total_available_data_length);

/* One that was sent is no longer the caller's: WICED_ERROR (4), and nothing
 * happens. */
wiced_result_t wiced_packet_delete(wiced_packet_t *packet);

/* WICED_SUCCESS: the packet is the stack's. Else it is still the caller's. */
wiced_result_t wiced_tcp_send_packet(wiced_tcp_socket_t *socket,
                                     wiced_packet_t *packet);

/* The next bytes that came, or the next record of TLS; the caller deletes it.
 * Else *packet is NULL: WICED_TIMEOUT (2), WICED_TCPIP_SOCKET_CLOSED (7014), or
 * TLS's negative numbers. */
wiced_result_t wiced_tcp_receive(wiced_tcp_socket_t *socket,
                                 wiced_packet_t **packet, uint32_t timeout);

/* Sends bytes as packets. */
wiced_result_t wiced_tcp_send_buffer(wiced_tcp_socket_t *socket,
                                     const void *buffer,
                                     uint16_t buffer_length);

/* --- servers of several connections --------------------------------------- */

typedef struct {
    linked_list_node_t socket_node; /* its data is this struct */
    wiced_tcp_socket_t socket;
} wiced_tcp_server_socket_t;

typedef struct {
    linked_list_t socket_list;
    wiced_mutex_t mutex;
    wiced_interface_t interface;
    uint16_t port;
    wiced_tls_identity_t *tls_identity;
    uint16_t max_sockets;
    uint16_t active_sockets;
    wiced_tcp_server_socket_t *sockets; /* max_sockets of them, on the heap */
} wiced_tcp_server_t;

/* Makes max_sockets sockets (more than 18: WICED_BADARG), with these callbacks,
 * of which one waits for a connection. */
wiced_result_t wiced_tcp_server_start(
    wiced_tcp_server_t *tcp_server, wiced_interface_t interface, uint16_t port,
    uint16_t max_sockets, wiced_tcp_socket_callback_t connect_callback,
    wiced_tcp_socket_callback_t receive_callback,
    wiced_tcp_socket_callback_t disconnect_callback, void *arg);

/* In the connect callback: accepts, and has another free socket wait. If that
 * fails, the socket itself waits again, and the result is that one's. */
wiced_result_t wiced_tcp_server_accept(wiced_tcp_server_t *tcp_server,
                                       wiced_tcp_socket_t *socket);

/* Ends the connection, without TLS's good-bye, and has a free socket wait. */
wiced_result_t wiced_tcp_server_disconnect_socket(
    wiced_tcp_server_t *tcp_server, wiced_tcp_socket_t *socket);

wiced_result_t wiced_tcp_server_stop(wiced_tcp_server_t *tcp_server);

/* Takes note of the identity, and no more, as in the SDK: it does not make the
 * server one of TLS. */
wiced_result_t wiced_tcp_server_enable_tls(wiced_tcp_server_t *tcp_server,
                                           wiced_tls_identity_t *tls_identity);

/* --- TLS ------------------------------------------------------------------ */

/* Makes the socket one of TLS: after create, which forgets it, and before
 * connect or accept. context is a wiced_tls_context_t *, and stays the
 * caller's. Always WICED_SUCCESS, but for a NULL socket. */
wiced_result_t wiced_tcp_enable_tls(wiced_tcp_socket_t *socket, void *context);

/* Shakes hands on a connection that is there. */
wiced_result_t wiced_tcp_start_tls(
    wiced_tcp_socket_t *socket, wiced_tls_endpoint_type_t type,
    wiced_tls_certificate_verification_t verification);

/* What carries TLS; only TCP does here. */
typedef enum {
    TLS_TCP_TRANSPORT = 0,
    TLS_UDP_TRANSPORT = 1,
    TLS_EAP_TRANSPORT = 2
} tls_transport_protocol_t;

typedef struct cipher_suite cipher_suite_t; /* there are none to be named */

/* The same, with a context: referee is the wiced_tcp_socket_t. Another
 * transport, or a list of ciphers, which are ours: WICED_UNSUPPORTED (7);
 * WICED_BADARG (5) for a NULL. */
wiced_result_t wiced_generic_start_tls_with_ciphers(
    wiced_tls_context_t *tls_context, void *referee,
    wiced_tls_endpoint_type_t type,
    wiced_tls_certificate_verification_t verification,
    const cipher_suite_t *cipher_list[],
    tls_transport_protocol_t transport_protocol);

#ifdef __cplusplus
}
#endif

#endif
