/* writer.c - one thread, woken by pokes, that calls drain.
 *
 * Happy path: poke -> the thread wakes, waits WRITER_GATHER_MS for more to
 * come, or until it is to hurry, drains -> sleeps until the next poke.
 * Failures: drain hangs in write() -> writer_stop() gives up on it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "writer.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

static void deadline_in(struct timespec *ts, unsigned ms)
{
    clock_gettime(CLOCK_MONOTONIC, ts);
    ts->tv_sec += ms / 1000;
    ts->tv_nsec += (long)(ms % 1000) * 1000000;
    if (ts->tv_nsec >= 1000000000) {
        ts->tv_nsec -= 1000000000;
        ts->tv_sec++;
    }
}

/* Sleeps until there is something to do; false: it is time to end. */
static bool wait_for_poke(struct writer *w)
{
    struct timespec until;

    pthread_mutex_lock(&w->mutex);
    while (!w->stopping && !atomic_load(&w->poked))
        pthread_cond_wait(&w->wake, &w->mutex);
    deadline_in(&until, WRITER_GATHER_MS);
    while (!w->stopping && !atomic_load(&w->hurried) &&
           pthread_cond_timedwait(&w->wake, &w->mutex, &until) != ETIMEDOUT)
        ;
    bool stopping = w->stopping;
    pthread_mutex_unlock(&w->mutex);
    /* Before the drain: a poke that comes during it must count. */
    atomic_exchange(&w->hurried, false);
    atomic_exchange(&w->poked, false);
    return !stopping;
}

static void *run(void *arg)
{
    struct writer *w = arg;

    while (wait_for_poke(w))
        w->drain(w->ctx);
    w->drain(w->ctx);
    pthread_mutex_lock(&w->mutex);
    w->done = true;
    pthread_cond_signal(&w->ended);
    pthread_mutex_unlock(&w->mutex);
    return NULL;
}

int writer_start(struct writer *w, writer_drain_fn drain, void *ctx)
{
    pthread_condattr_t attr;
    sigset_t all;
    sigset_t old;

    w->stopping = false;
    w->done = false;
    w->drain = drain;
    w->ctx = ctx;
    atomic_init(&w->poked, false);
    atomic_init(&w->hurried, false);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&w->mutex, NULL);
    pthread_cond_init(&w->wake, &attr);
    pthread_cond_init(&w->ended, &attr);
    pthread_condattr_destroy(&attr);
    /* Signals are the main thread's. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int error = pthread_create(&w->thread, NULL, run, w);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return -error;
}

static void wake(struct writer *w)
{
    pthread_mutex_lock(&w->mutex);
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->mutex);
}

void writer_poke(struct writer *w)
{
    /* All of it sequentially consistent, as is what was queued: so what was
     * queued before the flag was found set is seen after it was cleared. The
     * look first leaves the flag in the caches of all threads. */
    if (atomic_load(&w->poked) || atomic_exchange(&w->poked, true))
        return;
    wake(w);
}

void writer_hurry(struct writer *w)
{
    if (atomic_load(&w->hurried) || atomic_exchange(&w->hurried, true))
        return;
    atomic_store(&w->poked, true);
    wake(w);
}

bool writer_stop(struct writer *w, unsigned timeout_ms)
{
    struct timespec until;
    int error = 0;

    deadline_in(&until, timeout_ms);
    pthread_mutex_lock(&w->mutex);
    w->stopping = true;
    pthread_cond_signal(&w->wake);
    while (!w->done && error == 0)
        error = pthread_cond_timedwait(&w->ended, &w->mutex, &until);
    bool done = w->done;
    pthread_mutex_unlock(&w->mutex);
    if (!done) {
        pthread_detach(w->thread);
        return false;
    }
    pthread_join(w->thread, NULL);
    pthread_cond_destroy(&w->wake);
    pthread_cond_destroy(&w->ended);
    pthread_mutex_destroy(&w->mutex);
    return true;
}
