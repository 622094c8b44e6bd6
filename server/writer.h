/* writer.h - a thread that empties a queue, so that who fills it never waits.
 *
 * A terminal that somebody has stopped, a slow disk or a stuck pipe hold up
 * the writer's thread, and nobody else. Pokes are gathered: however many come
 * in WRITER_GATHER_MS, the thread wakes once, unless it is to hurry.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WRITER_H
#define WRITER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#define WRITER_GATHER_MS 25u

typedef void (*writer_drain_fn)(void *ctx);

/* All fields are private to writer.c. */
struct writer {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    pthread_cond_t ended;
    atomic_bool poked;
    atomic_bool hurried;
    bool stopping;
    bool done;
    writer_drain_fn drain;
    void *ctx;
};

/* Starts the thread; drain(ctx) is called on it after pokes, and a last time
 * when it stops. Returns 0 or a negative errno. */
int writer_start(struct writer *w, writer_drain_fn drain, void *ctx);

/* There is something to drain, which was put there under a lock that drain
 * takes too, or by an atomic_store() that it looks for by atomic_load(). Any
 * thread; when it has been poked already, it costs a look and no more. */
void writer_poke(struct writer *w);

/* As writer_poke(), and no more is waited for: the queue is filling up. */
void writer_hurry(struct writer *w);

/* Drains a last time and ends the thread. If it takes longer than timeout_ms
 * (the target is stuck) returns false and leaves the thread behind: then what
 * ctx points to must stay. */
bool writer_stop(struct writer *w, unsigned timeout_ms);

#endif
