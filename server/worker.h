/* worker.h - a thread with a loop, its sockets and its connections.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WORKER_H
#define WORKER_H

#include "counters.h"
#include "limiter.h"
#include "listener.h"
#include "msglog.h"
#include "sharing.h"
#include "store.h"
#include "transport.h"
#include "verdict.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <uv.h>

/* What all workers share. Only the atomics change while they run: they are
 * apart from the rest, which is looked at all the time. */
struct worker_shared {
    const struct config *config; /* as it was at the start */
    struct store *store;
    struct msglog *msglog;
    const struct activation *activation; /* NULL: none */
    atomic_uint max_connections;
    uv_async_t ended;                     /* sent by each worker that ends */
    uv_async_t changed;                   /* by the last that has changed */
    atomic_uint changing;                 /* workers that have not yet */
    atomic_uint running;                  /* workers */
    _Alignas(64) atomic_uint connections; /* open now */
    atomic_uint_least64_t accepted;       /* since the start */
    atomic_uint_least64_t turned_away;    /* over a limit */
    atomic_uint_least64_t accept_failed;
    atomic_uint_least64_t cut; /* in an exchange at the end of drain_s */
    struct limiter limiter;
    struct sharing sharing;
    struct verdicts verdicts;
    uv_timer_t tick; /* the verdicts' */
};

/* Zero-filled before. Takes what the configuration says; the rest is the
 * caller's. What there is no memory for is told, and done without. */
void worker_shared_init(struct worker_shared *shared,
                        const struct config *config);

/* Has the limits of this configuration hold from now on: also while workers
 * run, from the main thread. */
void worker_shared_limit(struct worker_shared *shared,
                         const struct config *config);

/* On the main thread's loop. */
void worker_shared_watch(struct worker_shared *shared, uv_loop_t *loop);
void worker_shared_unwatch(struct worker_shared *shared);

/* With the workers gone. Tells what has been counted and not told yet. */
void worker_shared_deinit(struct worker_shared *shared);

/* What a reload has a worker do, but for its allocations, which are the main
 * thread's: so nothing can fail half way. */
struct worker_change {
    struct listener **listeners; /* n of them, taken; NULL: done */
    size_t n;
    const long *heirs;   /* n: the index of the old one, whose socket it takes
                            over, or -1 */
    const bool *retired; /* one for each old one; both arrays stay */
    const struct config_timeouts *timeouts;
};

/* Made by worker_array_new(), so that no two share a cache line. */
struct worker {
    _Alignas(64) struct worker_shared *shared;
    size_t index; /* of its ring in the message log too */
    uv_thread_t thread;
    uv_loop_t loop;
    uv_async_t wake; /* by an order, and by the store */
    struct store_port port;
    uv_timer_t drain_timer;
    uv_timer_t pause_timer; /* the listeners' */
    uv_timer_t leave_timer;
    uv_poll_t reserve; /* closed by the time that it serves */
    atomic_int orders; /* enum worker_order, from the main thread */
    int stage;         /* the last order that was carried out */
    _Atomic(struct worker_change *) change; /* the same; NULL: none */
    atomic_uint asked;    /* how often whether it turns its loop */
    atomic_uint answered; /* up to which of them it has */
    atomic_bool ended;    /* its loop is at its end */
    struct listener **listeners;
    size_t n_listeners;
    TAILQ_HEAD(, listener) leaving;
    uint64_t lines;                         /* of listeners so far */
    const struct config_timeouts *timeouts; /* drain_s is asked of them */
    LIST_HEAD(, connection) connections;
    uint64_t drain_until_ms; /* loop time */
    bool changing;           /* and shared->changing counts us */
    bool listening;
    bool ending;
    struct counters counters; /* others may look */
    struct transport_io io;
};

enum worker_order { WORKER_SERVE, WORKER_DRAIN, WORKER_ABORT };

/* Zero-filled; NULL: no memory. free() is for the caller. */
struct worker *worker_array_new(size_t n);

/* Makes the loop; then worker_listen() for each of its listeners, and
 * worker_start(). Returns 0 or a negative errno. */
int worker_init(struct worker *w, struct worker_shared *shared, size_t index,
                size_t n_listeners);

/* Has the setup's i-th listener accept by this socket, which it takes in any
 * case. Returns 0 or a negative errno. */
int worker_listen(struct worker *w, struct setup *setup, size_t i, int fd);

/* Starts the thread. Returns 0 or a negative errno. */
int worker_start(struct worker *w);

/* From any thread, until worker_join(). WORKER_DRAIN: serve what is connected,
 * and end; bounded by drain_s. WORKER_ABORT: end now. */
void worker_tell(struct worker *w, enum worker_order order);

/* From the main thread, until worker_join(): gives it the listeners, and with
 * the last worker that has them, and has closed what left, shared.changed
 * comes. One that ends meanwhile
 * drops them. The change stays the caller's, and is needed until then. */
void worker_give(struct worker *w, struct worker_change *change);

/* From another thread, until worker_join(): asks it to turn its loop; whether
 * it has since, or has come to its end. */
void worker_ask(struct worker *w);
bool worker_has_turned(struct worker *w);

/* From a connection: it has been made, and gets its number, counted from the
 * start of the server; it has freed itself. */
uint64_t worker_connection_opened(struct worker *w);
void worker_connection_closed(struct worker *w);

/* Waits for the thread to end, and closes what worker_init() opened. */
void worker_join(struct worker *w);

/* Closes what worker_init() opened, where the thread never started. */
void worker_deinit(struct worker *w);

#endif
