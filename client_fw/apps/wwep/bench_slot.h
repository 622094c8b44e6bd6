/* bench_slot.h - one of the clients that a load consists of: its connection,
 * its exchange, its session.
 *
 * A slot never waits, and calls nobody back: each function returns what has
 * become of it, and who runs the load decides what comes next. Counts and times
 * go into the tally.
 *
 * Happy path: start -> connect -> (handshake) -> request -> reply -> the server
 * ends -> free; kept open: start -> request -> reply -> free.
 * Failures: counted, the connection closed, BENCH_SLOT_FAILED.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_BENCH_SLOT_H
#define WWEP_APP_BENCH_SLOT_H

#include "bench_connection.h"
#include "bench_plan.h"
#include "bench_tally.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the slots of a thread share; the caller's, and filled by it. */
struct bench_shared {
    struct bench_wire wire;
    struct bench_plan plan;
    struct bench_tally tally;
    const struct wwep_tls_config *tls; /* all but the session */
    bool keep_open;
    bool resume;
    bool closes;         /* result: with keep_open, a server that does not */
    uint64_t replied_ns; /* result: when the last reply came */
};

enum bench_slot_state {
    BENCH_SLOT_CLOSED,
    BENCH_SLOT_CONNECTING,
    BENCH_SLOT_SECURING,
    BENCH_SLOT_WAITING, /* for the reply */
    BENCH_SLOT_ENDING,  /* for the server's end, behind the reply */
    BENCH_SLOT_OPEN     /* and nothing is under way */
};

/* What has become of it. */
enum bench_slot_news {
    BENCH_SLOT_BUSY,   /* events must come */
    BENCH_SLOT_FREE,   /* may start */
    BENCH_SLOT_OPENED, /* what bench_slot_open() began is done; may start */
    BENCH_SLOT_FAILED  /* may start, but better not at once */
};

struct bench_slot {
    struct bench_connection connection;
    size_t number; /* of its registers */
    enum bench_slot_state state;
    bool idle;   /* the caller's: it is to stay open, and to do nothing */
    bool opened; /* the caller's */
    uint64_t rests_until_ns; /* the caller's; 0: it does not */
    bool only_open;          /* there is no request yet */
    bool lines;       /* the last reply on this connection ended by an LF */
    uint64_t replies; /* on this connection */
    uint64_t due_ns;
    uint64_t began_ns; /* of the exchange, for time limits */
    uint64_t dialled_ns;
    uint64_t connected_ns;
    struct wwep_request request;
    struct wwep_reply_decoder decoder;
    struct wwep_session session;
    struct wwep_tls_config tls;
    struct bench_slot *next; /* for whoever keeps a list */
};

/* Nanoseconds of a clock that never goes back. */
uint64_t bench_now_ns(void);

void bench_slot_init(struct bench_slot *s, const struct bench_shared *shared,
                     size_t number);

/* Closes, and forgets the session. */
void bench_slot_free(struct bench_slot *s);

/* Opens the connection, and no more: for one that is to be idle, or to be kept
 * open. */
enum bench_slot_news bench_slot_open(struct bench_slot *s,
                                     struct bench_shared *shared);

/* The next exchange, which should have gone out at due_ns; 0: now. */
enum bench_slot_news bench_slot_start(struct bench_slot *s,
                                      struct bench_shared *shared,
                                      uint64_t due_ns);

/* An event of the epoll. */
enum bench_slot_news bench_slot_event(struct bench_slot *s,
                                      struct bench_shared *shared,
                                      uint32_t events);

/* Gives up what is under way: it takes too long. */
enum bench_slot_news bench_slot_give_up(struct bench_slot *s,
                                        struct bench_shared *shared);

#endif
