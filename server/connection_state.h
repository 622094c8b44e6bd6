/* connection_state.h - what connection.c and connection_request.c share: the
 * first has a client's way from accept to close, the second what happens while
 * it can ask.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONNECTION_STATE_H
#define CONNECTION_STATE_H

#include "connection.h"

#include "exchange.h"
#include "limiter.h"
#include "listener.h"
#include "transport.h"
#include "worker.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum connection_state {
    CONNECTION_HANDSHAKE, /* nothing can be said yet */
    CONNECTION_WAITING,   /* for the first byte of a request */
    CONNECTION_READING,   /* a request is on its way in */
    CONNECTION_SERVING,   /* the request is being carried out */
    CONNECTION_REPLYING,  /* the kernel has not taken all of the reply */
    CONNECTION_LINGERING, /* our side is ended */
    CONNECTION_CLOSING
};

/* Bytes that had been read before it was known that they have to wait. */
struct connection_rest {
    uint8_t *bytes; /* NULL: none */
    size_t len;
    size_t at; /* what has been taken of them */
};

struct connection {
    struct worker *worker;
    struct listener *listener;   /* held */
    LIST_ENTRY(connection) link; /* of the worker's list */
    struct transport *transport; /* freed with the connection */
    uv_timer_t timer;
    unsigned open_handles;
    enum connection_state state;
    bool last; /* close after this reply */
    bool line; /* the request had its LF, and so will the reply */
    bool draining;
    bool asked;   /* a byte of a request has come, ever */
    bool linger;  /* and not at once */
    bool fresh;   /* bytes have come since the last QUIET */
    bool blocked; /* replies to lines are pending, and reading has stopped */
    bool excused; /* a time-out was put off, as bytes were waiting */
    bool serving; /* inside exchange_serve() */
    bool paused;  /* the store takes its time, and reading has stopped */
    bool ended;   /* the client has ended its side meanwhile */
    uint64_t number;
    uint64_t accepted_ms; /* loop time */
    union address peer;
    struct limiter_place place;
    struct connection_rest rest;
    struct exchange exchange;
};

/* --- connection_request.c --- */

/* The transport's events of these names, while the client can ask. */
void connection_on_data(struct connection *c, const uint8_t *buf, size_t len);
void connection_on_quiet(struct connection *c);
void connection_on_sent(struct connection *c);
void connection_on_end(struct connection *c);

/* What has come is all of the request. */
void connection_serve(struct connection *c);

/* The exchange's callback. */
void connection_on_served(struct exchange *e, const struct wwep_reason *why);

/* --- connection_verdict.c --- */

/* READY: of plain connections, too. */
void connection_count_handshake(struct connection *c);

/* The transport has failed; the handshake took too long; no request came. */
void connection_tell_failed(struct connection *c);
void connection_tell_late(struct connection *c);
void connection_tell_unused(const struct connection *c);

/* An exchange is over. why: as exchange.h has it. */
void connection_judge(const struct connection *c,
                      const struct wwep_reason *why);

/* --- connection.c --- */

void connection_arm(struct connection *c, uint64_t ms);
uint64_t connection_idle_ms(const struct connection *c);

/* Ends our side, and waits a moment for the client's end. */
void connection_finish(struct connection *c);
void connection_close(struct connection *c);

/* The transport, the timer or the exchange has let go of it. */
void connection_let_go(struct connection *c);

#endif
