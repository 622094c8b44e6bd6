/* bench_connection.h - one of many connections of a load client, in the clear
 * or over TLS, that never waits: who calls waits for all of them, by epoll.
 *
 * What the connections of a thread share is a struct bench_wire: whom they go
 * to, the epoll that they are in, what TLS is made of, and the buffers that
 * bytes go through. A connection has no buffer of its own, but where the system
 * has not taken all: so an idle one is small.
 *
 * The epoll is told of edges: after an event, bench_connection_wake() first,
 * and then all is read that there is.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_BENCH_CONNECTION_H
#define WWEP_APP_BENCH_CONNECTION_H

#include "line.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wwep/client.h>

#define BENCH_WIRE_BYTES 17408u /* a record of TLS, and more */

/* The caller fills the first eight, zero-fills the rest, and keeps what they
 * point to; it must not move. */
struct bench_wire {
    const struct line_address *server;
    const char *host;  /* for the certificate */
    uint16_t tcp_port; /* for sessions */
    bool tls;          /* each is given its configuration */
    bool session_ids;  /* TLS 1.2 asks for no ticket */
    const struct wwep_port *port;
    const struct wwep_observer *observer; /* may be NULL */
    int epoll;

    unsigned source;             /* 127.0.0.1 plus so many; see _open() */
    struct wwep_tls_link *model; /* never opened: what the others share */
    struct wwep_tls_carrier carrier;
    /* Of the connection at hand: */
    int fd;
    bool drained; /* the socket has no more, as far as is known */
    bool fin;     /* behind what it has comes the end */
    bool cut;     /* it has been reset */
    bool unsent;  /* the system has not taken all */
    size_t rx_at;
    size_t rx_len;
    size_t tx_len;
    uint8_t rx[BENCH_WIRE_BYTES];
    uint8_t tx[BENCH_WIRE_BYTES];
};

/* Zero-filled but for fd, which is -1, and the owner, there is none. */
struct bench_connection {
    int fd;
    void *owner; /* what the epoll's events come with */
    struct wwep_tls_link *link;
    uint8_t *unsent; /* on the heap; mostly NULL */
    size_t unsent_len;
};

enum bench_step {
    BENCH_DONE,
    BENCH_AGAIN, /* an event must come first */
    BENCH_FAILED /* why says it */
};

/* Why a step failed: as of the client's calls, and errno where it was the
 * system. */
struct bench_why {
    enum wwep_result result;
    int port_error;
    struct wwep_fault fault;
    int system;
};

/* Makes what the TLS connections share, from the configuration that all have,
 * but for their session. WWEP_OK, or as wwep_tls_link_begin(). */
enum wwep_result bench_wire_prepare(struct bench_wire *w,
                                    const struct wwep_tls_config *tls,
                                    struct wwep_fault *fault);

/* When no connection is left. */
void bench_wire_free(struct bench_wire *w);

/* Begins to connect. Where no local port is left for
 * a server on the loopback, it goes on from 127.0.0.2, and so on: each has as
 * many ports. Closing is due in any case. */
enum bench_step bench_connection_open(struct bench_connection *c,
                                      struct bench_wire *w,
                                      struct bench_why *why);

/* An event has come for the connection: what follows is about it. */
void bench_connection_wake(struct bench_connection *c, struct bench_wire *w,
                           uint32_t events);

/* After an event: whether it is connected. */
enum bench_step bench_connection_connected(struct bench_connection *c,
                                           struct bench_why *why);

/* Shakes hands; with BENCH_DONE our last flight waits for what is sent next, or
 * for bench_connection_flush(). config: of this connection, until it is
 * closed. */
enum bench_step bench_connection_secure(struct bench_connection *c,
                                        struct bench_wire *w,
                                        const struct wwep_tls_config *config,
                                        struct wwep_security *security,
                                        struct bench_why *why);

bool bench_connection_send(struct bench_connection *c, struct bench_wire *w,
                           const void *bytes, size_t len,
                           struct bench_why *why);
bool bench_connection_flush(struct bench_connection *c, struct bench_wire *w,
                            struct bench_why *why);

/* *len: how many bytes came; 0 with BENCH_DONE: the peer has ended. */
enum bench_step bench_connection_recv(struct bench_connection *c,
                                      struct bench_wire *w, uint8_t *bytes,
                                      size_t cap, size_t *len,
                                      struct bench_why *why);

/* Whether bytes of TLS have come that no recv has looked at. */
bool bench_wire_has_more(const struct bench_wire *w);

/* Drops what still comes, below TLS: whether the peer has ended. */
bool bench_connection_ended(struct bench_connection *c, struct bench_wire *w);

/* Without a word to the peer, who has ended already, or is not worth it. Twice
 * is fine. */
void bench_connection_close(struct bench_connection *c);

#endif
