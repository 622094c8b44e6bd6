/* worker.c - a thread that serves, drains and ends.
 *
 * Happy path: worker_init() -> listener_start()s -> worker_start() -> the loop
 * serves -> WORKER_DRAIN: no new clients; for GRACE_MS who
 * is connected goes on -> the listeners accept who waits and close, idle
 * connections end unless they ask within GRACE_MS -> the last connection
 * closes -> the loop has nothing left -> the thread ends.
 * A reload: worker_give() -> change(): each new listener takes over a socket,
 * or starts with its own; one whose socket nobody wants leaves: no new clients,
 * and GRACE_MS later, who waits is accepted and it closes. Failures: drain_s
 * runs out -> what is left is cut, and counted.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker.h"

#include "connection.h"
#include "log.h"
#include "loop_memory.h"
#include "setup.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Long enough for what a client has sent to be read, short enough for Ctrl-C
 * to feel prompt. */
#define GRACE_MS 100u

/* Beside the connections: the log, the database, the other workers'. */
#define OTHER_FILES 64u

static void on_stored(void *ctx);
static void on_wake(uv_async_t *async);
static void change(struct worker *w);
static void on_leave(uv_timer_t *timer);
static void drain(struct worker *w);
static void on_grace_over(uv_timer_t *timer);
static void on_drain_over(uv_timer_t *timer);
static void end_if_idle(struct worker *w);

struct worker *worker_array_new(size_t n)
{
    struct worker *workers = aligned_alloc(64, n * sizeof *workers);

    if (workers != NULL)
        memset(workers, 0, n * sizeof *workers);
    return workers;
}

int worker_init(struct worker *w, struct worker_shared *shared, size_t index,
                size_t n_listeners)
{
    memset(w, 0, sizeof *w);
    w->shared = shared;
    w->index = index;
    w->listening = true;
    w->timeouts = &shared->config->timeouts;
    atomic_init(&w->orders, WORKER_SERVE);
    TAILQ_INIT(&w->leaving);
    w->listeners = calloc(n_listeners, sizeof(struct listener *));
    if (w->listeners == NULL)
        return -ENOMEM;
    int status = uv_loop_init(&w->loop);
    if (status != 0)
        goto err_after_listeners;
    status = loop_memory_reserve(&w->loop, &w->reserve,
                                 shared->max_connections + OTHER_FILES);
    if (status == 0)
        status = uv_async_init(&w->loop, &w->wake, on_wake);
    if (status != 0)
        goto err_after_loop;
    w->wake.data = w;
    store_port_init(&w->port, on_stored, w);
    uv_timer_init(&w->loop, &w->drain_timer);
    w->drain_timer.data = w;
    uv_timer_init(&w->loop, &w->pause_timer);
    w->pause_timer.data = w;
    uv_timer_init(&w->loop, &w->leave_timer);
    w->leave_timer.data = w;
    return 0;

err_after_loop:
    uv_run(&w->loop, UV_RUN_NOWAIT); /* the reserve, which is closing */
    uv_loop_close(&w->loop);
err_after_listeners:
    free(w->listeners);
    return status;
}

int worker_listen(struct worker *w, struct setup *setup, size_t i, int fd)
{
    struct listener *l = listener_new(setup, i, fd);

    if (l == NULL)
        return -ENOMEM;
    l->line = ++w->lines;
    w->listeners[w->n_listeners++] = l;
    return listener_start(l, w);
}

/* What a reload has made is not to be served. */
static void drop_change(struct worker *w)
{
    struct worker_change *ch = atomic_exchange(&w->change, NULL);

    if (ch == NULL)
        return;
    for (size_t i = 0; i < ch->n; i++)
        listener_release(ch->listeners[i]);
    free(ch->listeners);
    ch->listeners = NULL;
}

static void free_listeners(struct worker *w)
{
    for (size_t i = 0; i < w->n_listeners; i++)
        listener_release(w->listeners[i]);
    free(w->listeners);
}

/* With the thread gone: till then an order may come in by `wake`. */
static void close_loop(struct worker *w)
{
    store_port_deinit(&w->port); /* the store calls on_stored() no more */
    drop_change(w);
    free_listeners(w);
    uv_close((uv_handle_t *)&w->wake, NULL);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    int status = uv_loop_close(&w->loop);
    assert(status == 0); /* a handle that nobody has closed */
    (void)status;
}

static void thread_main(void *arg)
{
    struct worker *w = arg;
    struct worker_shared *shared = w->shared;

    uv_run(&w->loop, UV_RUN_DEFAULT);
    atomic_store(&w->ended, true);
    atomic_fetch_sub(&shared->running, 1);
    uv_async_send(&shared->ended);
}

int worker_start(struct worker *w)
{
    atomic_fetch_add(&w->shared->running, 1);
    int status = uv_thread_create(&w->thread, thread_main, w);
    if (status != 0)
        atomic_fetch_sub(&w->shared->running, 1);
    return status;
}

void worker_tell(struct worker *w, enum worker_order order)
{
    atomic_store(&w->orders, order);
    uv_async_send(&w->wake);
}

void worker_give(struct worker *w, struct worker_change *change)
{
    atomic_store(&w->change, change);
    uv_async_send(&w->wake);
}

void worker_ask(struct worker *w)
{
    atomic_fetch_add(&w->asked, 1);
    uv_async_send(&w->wake);
}

bool worker_has_turned(struct worker *w)
{
    return atomic_load(&w->ended) ||
           atomic_load(&w->answered) == atomic_load(&w->asked);
}

void worker_join(struct worker *w)
{
    uv_thread_join(&w->thread);
    close_loop(w);
}

/* It serves by the new listeners, and has closed what left. */
static void acknowledge(struct worker *w)
{
    if (!w->changing || !TAILQ_EMPTY(&w->leaving))
        return;
    w->changing = false;
    if (atomic_fetch_sub(&w->shared->changing, 1) == 1)
        uv_async_send(&w->shared->changed);
}

static void stop_listeners(struct worker *w, bool at_once)
{
    struct listener *l;

    for (size_t i = 0; i < w->n_listeners; i++)
        listener_stop(w->listeners[i], at_once);
    while ((l = TAILQ_FIRST(&w->leaving)) != NULL) {
        TAILQ_REMOVE(&w->leaving, l, link);
        listener_stop(l, at_once);
        listener_release(l);
    }
    uv_timer_stop(&w->leave_timer);
    w->listening = false;
    acknowledge(w);
}

static void abort_all(struct worker *w)
{
    for (struct connection *c = LIST_FIRST(&w->connections); c != NULL;
         c = connection_next(c))
        connection_abort(c);
}

void worker_deinit(struct worker *w)
{
    stop_listeners(w, true);
    end_if_idle(w);
    close_loop(w);
}

/* On the store's thread. */
static void on_stored(void *ctx)
{
    struct worker *w = ctx;

    uv_async_send(&w->wake);
}

static void on_wake(uv_async_t *async)
{
    struct worker *w = async->data;

    atomic_store(&w->answered, atomic_load(&w->asked));
    store_port_deliver(&w->port);
    change(w);
    int order = atomic_load(&w->orders);
    if (order <= w->stage || w->ending)
        return;
    w->stage = order;
    if (order == WORKER_DRAIN) {
        drain(w);
    } else {
        stop_listeners(w, true);
        abort_all(w);
        end_if_idle(w);
    }
}

/* --- a reload --- */

/* Its socket is nobody's any more: who is on the way in is served by it. */
static void leave(struct worker *w, struct listener *l)
{
    listener_drain(l);
    l->leaves_ms = uv_now(&w->loop) + GRACE_MS;
    TAILQ_INSERT_TAIL(&w->leaving, l, link);
    if (!uv_is_active((uv_handle_t *)&w->leave_timer))
        uv_timer_start(&w->leave_timer, on_leave, GRACE_MS, 0);
}

static void on_leave(uv_timer_t *timer)
{
    struct worker *w = timer->data;
    uint64_t now = uv_now(&w->loop);
    struct listener *l;

    while ((l = TAILQ_FIRST(&w->leaving)) != NULL && l->leaves_ms <= now) {
        TAILQ_REMOVE(&w->leaving, l, link);
        listener_stop(l, false);
        listener_release(l);
    }
    if (l != NULL)
        uv_timer_start(timer, on_leave, l->leaves_ms - now, 0);
    acknowledge(w);
}

static void begin(struct worker *w, struct listener *l, struct listener *old)
{
    int status = 0;

    if (old == NULL) {
        status = listener_start(l, w);
    } else {
        /* Who waits has begun to speak, or not, by what was there before. */
        if ((l->tls == NULL) != (old->tls == NULL))
            listener_serve_backlog(old);
        listener_take_over(l, old);
    }
    if (status != 0)
        log_error("%s: worker %zu can not listen on it: %s: restart wwepd",
                  l->config->name, w->index, strerror(-status));
}

static void exchange_listeners(struct worker *w, struct worker_change *ch)
{
    for (size_t i = 0; i < ch->n; i++) {
        struct listener *l = ch->listeners[i];
        long heir = ch->heirs[i];
        struct listener *old = heir >= 0 ? w->listeners[heir] : NULL;
        l->line = heir >= 0 && !ch->retired[heir] ? old->line : ++w->lines;
        begin(w, l, old);
    }
    for (size_t i = 0; i < w->n_listeners; i++) {
        struct listener *old = w->listeners[i];
        old->retired = ch->retired[i];
        if (listener_is_open(old))
            leave(w, old);
        else
            listener_release(old);
    }
    free(w->listeners);
    w->listeners = ch->listeners;
    w->n_listeners = ch->n;
    w->timeouts = ch->timeouts;
    ch->listeners = NULL;
}

/* Also who came by one that was replaced long ago, and could stay until now;
 * and of one that goes on, who speaks too old a version of TLS. */
static void retire_connections(struct worker *w)
{
    struct connection *next;

    for (struct connection *c = LIST_FIRST(&w->connections); c != NULL;
         c = next) {
        size_t i = 0;
        next = connection_next(c);
        while (i < w->n_listeners && !connection_suits(c, w->listeners[i]))
            i++;
        if (i == w->n_listeners)
            connection_retire(c, GRACE_MS);
    }
}

static void change(struct worker *w)
{
    if (atomic_load(&w->change) == NULL)
        return;
    w->changing = true;
    if (!w->listening || w->stage > WORKER_SERVE) {
        drop_change(w);
    } else {
        exchange_listeners(w, atomic_exchange(&w->change, NULL));
        retire_connections(w);
    }
    acknowledge(w);
}

/* --- the end --- */

static void drain(struct worker *w)
{
    uint64_t bound_ms = (uint64_t)w->timeouts->drain_s * 1000;

    w->drain_until_ms = uv_now(&w->loop) + bound_ms;
    for (size_t i = 0; i < w->n_listeners; i++)
        listener_drain(w->listeners[i]);
    uv_timer_start(&w->drain_timer, on_grace_over, GRACE_MS, 0);
}

static void on_grace_over(uv_timer_t *timer)
{
    struct worker *w = timer->data;
    struct connection *next;
    uint64_t now = uv_now(&w->loop);

    stop_listeners(w, false);
    for (struct connection *c = LIST_FIRST(&w->connections); c != NULL;
         c = next) {
        next = connection_next(c);
        connection_drain(c, GRACE_MS);
    }
    uint64_t left = now < w->drain_until_ms ? w->drain_until_ms - now : 0;
    uv_timer_start(timer, on_drain_over, left, 0);
    end_if_idle(w);
}

static void on_drain_over(uv_timer_t *timer)
{
    struct worker *w = timer->data;

    for (struct connection *c = LIST_FIRST(&w->connections); c != NULL;
         c = connection_next(c))
        if (connection_is_busy(c))
            atomic_fetch_add(&w->shared->cut, 1);
    abort_all(w);
}

uint64_t worker_connection_opened(struct worker *w)
{
    struct worker_shared *shared = w->shared;

    atomic_fetch_add_explicit(&shared->connections, 1, memory_order_relaxed);
    return 1 + atomic_fetch_add_explicit(&shared->accepted, 1,
                                         memory_order_relaxed);
}

void worker_connection_closed(struct worker *w)
{
    atomic_fetch_sub_explicit(&w->shared->connections, 1, memory_order_relaxed);
    end_if_idle(w);
}

/* Nothing is left to wait for: the loop runs out of handles. */
static void end_if_idle(struct worker *w)
{
    if (w->listening || !LIST_EMPTY(&w->connections) || w->ending)
        return;
    w->ending = true;
    uv_unref((uv_handle_t *)&w->wake);
    uv_close((uv_handle_t *)&w->drain_timer, NULL);
    uv_close((uv_handle_t *)&w->pause_timer, NULL);
    uv_close((uv_handle_t *)&w->leave_timer, NULL);
}
