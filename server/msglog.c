/* msglog.c - the rings and the thread behind the message log.
 *
 * Happy path: msglog_next() -> the worker fills the entry -> msglog_commit()
 * -> poke -> the thread takes from each ring whichever entry is the oldest,
 * numbers it, formats it and writes what has gathered.
 * Failures: a full ring or a failing target loses lines: counted, and told in
 * the log, once when it begins and again with every tenfold.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "msglog.h"

#include "log.h"
#include "output.h"
#include "writer.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define RING_ENTRIES    4096u /* a power of two */
#define RING_MASK       (RING_ENTRIES - 1u)
#define CHUNK_BYTES     (16u * 1024u)
#define STOP_TIMEOUT_MS 1000u

/* One worker fills it, the thread empties it. The counters run on; the
 * difference is what is in it. */
struct ring {
    _Alignas(64) atomic_size_t tail; /* the worker's */
    size_t head_seen;                /* the worker's copy of head */
    uint64_t lost;                   /* the worker's too */
    struct msglog_count unwritten;   /* likewise: where no line is wanted */
    _Alignas(64) atomic_size_t head; /* the thread's */
    struct msglog_entry entries[RING_ENTRIES];
};

struct msglog {
    enum config_messages_format format;
    struct output output;
    struct writer writer;
    struct msglog_count count;
    uint64_t told_lost;
    char chunk[CHUNK_BYTES];
    size_t chunk_len;
    size_t chunk_lines;
    size_t n_rings;
    struct ring *rings; /* aligned_alloc */
};

static void flush(struct msglog *m)
{
    if (m->chunk_len > 0)
        (void)output_write(&m->output, m->chunk, m->chunk_len, m->chunk_lines);
    m->chunk_len = 0;
    m->chunk_lines = 0;
}

static void append(struct msglog *m, const struct msglog_entry *e)
{
    if (CHUNK_BYTES - m->chunk_len < MSGLOG_LINE_MAX)
        flush(m);
    char *at = m->chunk + m->chunk_len;
    size_t len = m->format == CONFIG_MESSAGES_JSON
                     ? msglog_format_json(e, at)
                     : msglog_format_table(e, &m->count, at);
    m->chunk_len += len;
    m->chunk_lines += len > 0;
}

/* The oldest entry at the head of any ring; NULL: all are empty. */
static struct ring *oldest(struct msglog *m, size_t *index)
{
    struct ring *found = NULL;
    const struct timespec *first = NULL;

    for (size_t i = 0; i < m->n_rings; i++) {
        struct ring *r = &m->rings[i];
        size_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
        if (head == atomic_load_explicit(&r->tail, memory_order_acquire))
            continue;
        const struct timespec *t = &r->entries[head & RING_MASK].time;
        if (first == NULL || t->tv_sec < first->tv_sec ||
            (t->tv_sec == first->tv_sec && t->tv_nsec < first->tv_nsec)) {
            found = r;
            first = t;
            *index = head;
        }
    }
    return found;
}

/* Lines that the target did not take. */
static void tell_failed(struct msglog *m)
{
    uint64_t lost = m->output.lost;

    if (lost == 0 || lost / 10 < m->told_lost)
        return;
    m->told_lost = lost;
    log_error("message log: lines lost so far: %llu: %s",
              (unsigned long long)lost, strerror(m->output.error));
}

/* Lines that found the ring full. By the worker, as the thread may be stuck
 * in the very write that is to blame. */
static void tell_full(uint64_t lost)
{
    if (log_is_milestone(lost))
        log_warning("message log: its target does not keep up: lines of a "
                    "worker lost so far: %llu",
                    (unsigned long long)lost);
}

static void count_entry(struct msglog_count *count,
                        const struct msglog_entry *e)
{
    if (e->tls != NULL)
        count->secure++;
    else
        count->plain++;
}

static void drain(void *ctx)
{
    struct msglog *m = ctx;
    struct ring *r;
    size_t head = 0;

    while ((r = oldest(m, &head)) != NULL) {
        const struct msglog_entry *e = &r->entries[head & RING_MASK];
        count_entry(&m->count, e);
        append(m, e);
        atomic_store_explicit(&r->head, head + 1, memory_order_release);
    }
    flush(m);
    tell_failed(m);
}

static void free_all(struct msglog *m)
{
    output_close(&m->output);
    free(m->rings);
    free(m);
}

struct msglog *msglog_start(enum config_messages_format format,
                            const char *target, size_t n_rings, int *error)
{
    struct msglog *m = calloc(1, sizeof *m);
    size_t size = n_rings * sizeof(struct ring);

    *error = -ENOMEM;
    if (m == NULL)
        return NULL;
    m->format = format;
    m->n_rings = n_rings;
    m->output.fd = -1;
    m->rings = aligned_alloc(64, size);
    if (m->rings == NULL)
        goto fail;
    for (size_t i = 0; i < n_rings; i++) { /* entries: untouched pages */
        atomic_init(&m->rings[i].head, 0);
        atomic_init(&m->rings[i].tail, 0);
        m->rings[i].lost = 0;
        m->rings[i].unwritten = (struct msglog_count){0};
        m->rings[i].head_seen = 0;
    }
    if (format != CONFIG_MESSAGES_NONE) {
        *error = output_open(&m->output, target);
        if (*error != 0)
            goto fail;
    }
    if (format == CONFIG_MESSAGES_TABLE) {
        m->chunk_len = msglog_format_header(m->chunk);
        flush(m);
    }
    *error = writer_start(&m->writer, drain, m);
    if (*error != 0)
        goto fail;
    return m;

fail:
    free_all(m);
    return NULL;
}

bool msglog_stop(struct msglog *m, struct msglog_count *count)
{
    if (!writer_stop(&m->writer, STOP_TIMEOUT_MS))
        return false; /* the thread still has m */
    *count = m->count;
    count->lost = m->output.lost;
    for (size_t i = 0; i < m->n_rings; i++) {
        count->lost += m->rings[i].lost;
        count->plain += m->rings[i].unwritten.plain;
        count->secure += m->rings[i].unwritten.secure;
    }
    free_all(m);
    return true;
}

struct msglog_entry *msglog_next(struct msglog *m, size_t ring)
{
    struct ring *r = &m->rings[ring];
    size_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);

    if (tail - r->head_seen == RING_ENTRIES) {
        r->head_seen = atomic_load_explicit(&r->head, memory_order_acquire);
        if (tail - r->head_seen == RING_ENTRIES) {
            tell_full(++r->lost);
            writer_poke(&m->writer);
            return NULL;
        }
    }
    struct msglog_entry *e = &r->entries[tail & RING_MASK];
    memset(e, 0, sizeof *e);
    return e;
}

void msglog_commit(struct msglog *m, size_t ring)
{
    struct ring *r = &m->rings[ring];
    size_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);

    if (m->format == CONFIG_MESSAGES_NONE) {
        count_entry(&r->unwritten, &r->entries[tail & RING_MASK]);
        return;
    }
    atomic_store_explicit(&r->tail, tail + 1, memory_order_release);
    writer_poke(&m->writer);
}
