/* store_engine.c - the thread that owns the database.
 *
 * Happy path: store_engine_write() pushes the write -> the thread takes all
 * that have come, in their order -> BEGIN, a row for each, some of the
 * exchanges that have gathered, COMMIT -> the slots are set -> the writes go
 * back to their ports, each of which is woken once. Meanwhile new ones come:
 * they are the next transaction. async: what is pushed is a copy, and the
 * thread lets some gather. Behind each transaction comes a piece of a job, if
 * there is one.
 * Failures:
 * - the transaction fails: it is tried again without the exchanges, which are
 *   worth less than a write; if it fails still, its writes are told so, or,
 *   async, tried again every RETRY_MS, and new ones are refused until then;
 * - exchanges come faster than they can be kept: their ring is full, and they
 *   are dropped, counted, and told.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "store_engine.h"

#include "log.h"
#include "msgring.h"
#include "now.h"
#include "store_batch.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RING_ENTRIES 8192u
#define KEPT_MAX     65536u /* copies, async: a dozen MiB at most */
#define GATHER_MS    200u   /* half of it would do for "within a second" */
#define RETRY_MS     1000u
#define TRIM_MS      20u
#define IDLE_MS      60000u /* rows grow old without anybody asking */

/* How soon the thread shall look at what has come. */
enum urge { URGE_SOON = 1, URGE_NOW = 2 };

struct store_engine {
    /* The newest write first; each has the one before it as its next. */
    _Alignas(64) _Atomic(struct store_write *) incoming;
    atomic_uint urges;
    atomic_uint kept;    /* copies that are not on the disk */
    atomic_bool failing; /* no write can be kept now */
    _Alignas(64) pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool stopping;
    struct store_job *jobs; /* the oldest first; under the mutex */
    bool async;
    pthread_t thread;
    struct store_batch batch; /* the thread's, as is what follows */
    struct store_write *unsaved;
    uint64_t gathered_ns; /* what has come has gathered long enough; 0: none */
    uint64_t due_ns;      /* there is something to do besides */
};

static uint64_t ns(uint64_t ms)
{
    return ms * 1000000u;
}

/* --- the workers' side --- */

static void wake(struct store_engine *e)
{
    pthread_mutex_lock(&e->mutex);
    pthread_cond_signal(&e->wake);
    pthread_mutex_unlock(&e->mutex);
}

static void urge(struct store_engine *e, enum urge how)
{
    /* Read-modify-write here and where the thread clears it: so what came
     * before the bit was found set is seen after it was cleared. */
    if ((atomic_fetch_or(&e->urges, how) & how) == 0)
        wake(e);
}

static void push(struct store_engine *e, struct store_write *w)
{
    struct store_write *newest = atomic_load(&e->incoming);

    do
        w->next = newest;
    while (!atomic_compare_exchange_weak(&e->incoming, &newest, w));
    if (newest == NULL) /* else somebody has woken the thread */
        wake(e);
}

/* A copy that stays until it is on the disk. NULL: max are waiting, or no
 * memory. */
static struct store_write *keep(struct store_engine *e,
                                const struct store_write *w, unsigned max)
{
    struct kept {
        struct store_write write;
        union address peer;
        char identity[];
    } *k = NULL;
    const char *identity = w->identity != NULL ? w->identity : "";
    size_t len = strlen(identity) + 1;
    unsigned kept = atomic_fetch_add(&e->kept, 1);

    if (kept < max)
        k = malloc(sizeof *k + len);
    if (k == NULL) {
        atomic_fetch_sub(&e->kept, 1);
        return NULL;
    }
    if (kept == KEPT_MAX / 2)
        urge(e, URGE_NOW);
    k->write = *w;
    k->peer = *w->peer;
    memcpy(k->identity, identity, len);
    k->write.peer = &k->peer;
    k->write.identity = k->identity;
    k->write.kept = true;
    return &k->write; /* the first member */
}

static void release(struct store_engine *e, struct store_write *w)
{
    free(w);
    atomic_fetch_sub(&e->kept, 1);
}

/* The slot is set before the write is in the queue, and the thread puts what
 * is in the slot by then: so where two workers write one register, the
 * database ends up with what is read. */
static void write_async(struct store_engine *e, struct store_write *w)
{
    if (atomic_load_explicit(&e->failing, memory_order_relaxed)) {
        w->done(w, false);
        return;
    }
    registers_set(e->batch.registers, w->device, w->reg, w->value);
    struct store_write *copy = keep(e, w, KEPT_MAX);
    if (copy == NULL) { /* it has to wait itself */
        push(e, w);
        urge(e, URGE_NOW);
        return;
    }
    push(e, copy);
    w->done(w, true);
}

void store_engine_write(struct store_engine *e, struct store_write *w)
{
    w->time_us = now_us();
    w->kept = false;
    if (e->async)
        write_async(e, w);
    else
        push(e, w);
}

void store_engine_add_message(struct store_engine *e, size_t worker,
                              const struct msglog_entry *entry)
{
    struct msglog_entry *place = msgrings_next(&e->batch.rings, worker);

    if (place == NULL) {
        urge(e, URGE_NOW);
        return;
    }
    *place = *entry;
    size_t held = msgrings_commit(&e->batch.rings, worker);
    urge(e, held < RING_ENTRIES / 8 ? URGE_SOON : URGE_NOW);
}

void store_engine_submit(struct store_engine *e, struct store_job *job)
{
    job->next = NULL;
    pthread_mutex_lock(&e->mutex);
    struct store_job **link = &e->jobs;
    while (*link != NULL)
        link = &(*link)->next;
    *link = job;
    pthread_cond_signal(&e->wake);
    pthread_mutex_unlock(&e->mutex);
}

void store_engine_stats(struct store_engine *e, struct store_stats *out)
{
    store_batch_stats(&e->batch, out);
    out->queue = atomic_load(&e->kept);
}

/* --- the thread --- */

/* When there is something to do, in now_ns(). */
static uint64_t next_ns(struct store_engine *e, uint64_t now)
{
    bool writes = atomic_load(&e->incoming) != NULL;
    unsigned urges = atomic_load(&e->urges);

    if ((writes && !e->async) || (urges & URGE_NOW) != 0 || e->jobs != NULL)
        return 0;
    if (!writes && urges == 0)
        return e->due_ns;
    if (e->gathered_ns == 0)
        e->gathered_ns = now + ns(GATHER_MS);
    return e->gathered_ns < e->due_ns ? e->gathered_ns : e->due_ns;
}

/* Returns false when it is time to end. */
static bool wait_for_work(struct store_engine *e)
{
    pthread_mutex_lock(&e->mutex);
    while (!e->stopping) {
        uint64_t now = now_ns();
        uint64_t due = next_ns(e, now);
        if (due <= now)
            break;
        const struct timespec until = {(time_t)(due / 1000000000u),
                                       (long)(due % 1000000000u)};
        pthread_cond_timedwait(&e->wake, &e->mutex, &until);
    }
    bool stopping = e->stopping;
    pthread_mutex_unlock(&e->mutex);
    return !stopping;
}

/* All that has come, the oldest first, behind what could not be saved. */
static struct store_write *take(struct store_engine *e)
{
    struct store_write *newest = atomic_exchange(&e->incoming, NULL);
    struct store_write *first = NULL;

    while (newest != NULL) {
        struct store_write *w = newest;
        newest = w->next;
        w->next = first;
        first = w;
    }
    struct store_write *unsaved = e->unsaved;
    e->unsaved = NULL;
    if (unsaved == NULL)
        return first;
    struct store_write *last = unsaved;
    while (last->next != NULL)
        last = last->next;
    last->next = first;
    return unsaved;
}

/* Async: the slots are set, so these have to be tried again; nobody waits for
 * that. */
static struct store_write *retain(struct store_engine *e,
                                  struct store_write *first)
{
    struct store_write **link = &first;

    while (*link != NULL) {
        struct store_write *w = *link;
        if (!w->kept) { /* only connections have these: not many */
            struct store_write *copy = keep(e, w, UINT_MAX);
            *link = copy != NULL ? copy : w->next;
            w->stored = copy != NULL;
            store_port_add(w, &e->batch.touched);
            if (copy == NULL)
                continue;
        }
        link = &(*link)->next;
    }
    return first;
}

/* Tells everybody what has become of his write. */
static void settle(struct store_engine *e, struct store_write *w, bool stored)
{
    for (struct store_write *next; w != NULL; w = next) {
        next = w->next;
        if (w->kept) {
            release(e, w);
            continue;
        }
        if (stored && !e->async)
            registers_set(e->batch.registers, w->device, w->reg, w->value);
        w->stored = stored;
        store_port_add(w, &e->batch.touched);
    }
}

/* A job goes home as a write does. */
static void on_back(struct store_write *w, bool stored)
{
    struct store_job *job =
        (struct store_job *)((char *)w - offsetof(struct store_job, back));

    (void)stored;
    job->done(job);
}

/* A piece of the oldest job. Returns whether there is more to do. */
static bool work_on_job(struct store_engine *e)
{
    pthread_mutex_lock(&e->mutex);
    struct store_job *job = e->jobs;
    pthread_mutex_unlock(&e->mutex);
    if (job == NULL)
        return false;
    if (!job->run(job, e->batch.db, e->batch.registers))
        return true;
    pthread_mutex_lock(&e->mutex);
    e->jobs = job->next;
    bool more = e->jobs != NULL;
    pthread_mutex_unlock(&e->mutex);
    job->back = (struct store_write){.port = job->port, .done = on_back};
    store_port_add(&job->back, &e->batch.touched);
    store_port_send(&e->batch.touched);
    return more;
}

static void work(struct store_engine *e)
{
    e->gathered_ns = 0;
    atomic_exchange(&e->urges, 0);
    struct store_write *first = take(e);
    bool stored = store_batch_commit(&e->batch, first);

    if (!stored && e->async)
        e->unsaved = retain(e, first);
    else
        settle(e, first, stored);
    /* Until these are there; without any, nothing would try again. */
    atomic_store(&e->failing, e->unsaved != NULL);
    store_port_send(&e->batch.touched);
    bool more = work_on_job(e) || e->batch.more;
    store_db_tidy(e->batch.db); /* with nobody waiting for it */
    uint64_t pause_ms = e->unsaved != NULL || e->batch.skipping ? RETRY_MS
                        : e->batch.trimming                     ? TRIM_MS
                                                                : IDLE_MS;
    e->due_ns = more ? 0 : now_ns() + ns(pause_ms);
}

static void *run(void *arg)
{
    struct store_engine *e = arg;

    while (wait_for_work(e))
        work(e);
    e->batch.skip_until_ns = 0;
    do
        work(e);
    while (e->due_ns == 0);
    return NULL;
}

/* --- start and stop --- */

static int start_thread(struct store_engine *e)
{
    pthread_condattr_t attr;
    sigset_t all;
    sigset_t old;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&e->mutex, NULL);
    pthread_cond_init(&e->wake, &attr);
    pthread_condattr_destroy(&attr);
    /* Signals are the main thread's. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int error = pthread_create(&e->thread, NULL, run, e);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return -error;
}

int store_engine_start(struct store_engine **out, struct registers *registers,
                       const struct store_options *options,
                       char error[STORE_ERROR_MAX])
{
    struct store_engine *e = aligned_alloc(64, sizeof *e);

    if (e == NULL)
        return -ENOMEM;
    memset(e, 0, sizeof *e);
    atomic_init(&e->incoming, NULL);
    e->async = options->config->durability == CONFIG_STORE_ASYNC;
    int status =
        msgrings_init(&e->batch.rings, options->n_workers, RING_ENTRIES);
    if (status != 0)
        goto err_after_engine;
    status = -EINVAL;
    if (!store_batch_open(&e->batch, registers, options, error))
        goto err_after_rings;
    status = start_thread(e);
    if (status != 0)
        goto err_after_batch;
    *out = e;
    return 0;

err_after_batch:
    *error = '\0';
    store_db_close(e->batch.db);
err_after_rings:
    msgrings_deinit(&e->batch.rings);
err_after_engine:
    free(e);
    return status;
}

void store_engine_stop(struct store_engine *e)
{
    pthread_mutex_lock(&e->mutex);
    e->stopping = true;
    pthread_cond_signal(&e->wake);
    pthread_mutex_unlock(&e->mutex);
    pthread_join(e->thread, NULL);
    if (e->unsaved != NULL)
        log_error("store: %u writes that were acknowledged are lost: they "
                  "could not be written within the last second or more",
                  atomic_load(&e->kept));
    while (e->unsaved != NULL) {
        struct store_write *w = e->unsaved;
        e->unsaved = w->next;
        if (w->kept)
            release(e, w);
    }
    store_batch_close(&e->batch);
    msgrings_deinit(&e->batch.rings);
    pthread_cond_destroy(&e->wake);
    pthread_mutex_destroy(&e->mutex);
    free(e);
}
