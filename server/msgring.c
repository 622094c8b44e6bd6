/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "msgring.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

/* The counters run on; the difference is what is in it. */
struct msgring {
    _Alignas(64) atomic_size_t tail; /* the worker's */
    size_t head_seen;                /* the worker's copy of head */
    atomic_uint_least64_t lost;      /* the worker's too */
    struct msglog_entry *entries;
    _Alignas(64) atomic_size_t head; /* the thread's */
};

int msgrings_init(struct msgrings *m, size_t n, size_t entries)
{
    assert(n > 0 && (entries & (entries - 1)) == 0);
    m->n = 0;
    m->mask = entries - 1;
    m->rings = aligned_alloc(64, n * sizeof *m->rings);
    if (m->rings == NULL)
        return -ENOMEM;
    for (; m->n < n; m->n++) {
        struct msgring *r = &m->rings[m->n];
        atomic_init(&r->head, 0);
        atomic_init(&r->tail, 0);
        atomic_init(&r->lost, 0);
        r->head_seen = 0;
        r->entries = malloc(entries * sizeof *r->entries);
        if (r->entries == NULL) {
            msgrings_deinit(m);
            return -ENOMEM;
        }
    }
    return 0;
}

void msgrings_deinit(struct msgrings *m)
{
    for (size_t i = 0; i < m->n; i++)
        free(m->rings[i].entries);
    free(m->rings);
    m->rings = NULL;
    m->n = 0;
}

struct msglog_entry *msgrings_next(struct msgrings *m, size_t ring)
{
    struct msgring *r = &m->rings[ring];
    size_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);

    if (tail - r->head_seen > m->mask) {
        r->head_seen = atomic_load_explicit(&r->head, memory_order_acquire);
        if (tail - r->head_seen > m->mask) {
            atomic_fetch_add_explicit(&r->lost, 1, memory_order_relaxed);
            return NULL;
        }
    }
    return &r->entries[tail & m->mask];
}

size_t msgrings_commit(struct msgrings *m, size_t ring)
{
    struct msgring *r = &m->rings[ring];
    size_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);

    atomic_store(&r->tail, tail + 1); /* as writer_poke() wants it */
    if (tail - r->head_seen > m->mask / 8)
        r->head_seen = atomic_load_explicit(&r->head, memory_order_acquire);
    return tail - r->head_seen;
}

uint64_t msgrings_lost_by(const struct msgrings *m, size_t ring)
{
    return atomic_load_explicit(&m->rings[ring].lost, memory_order_relaxed);
}

const struct msglog_entry *msgrings_oldest(struct msgrings *m, size_t *ring)
{
    const struct msglog_entry *first = NULL;

    for (size_t i = 0; i < m->n; i++) {
        struct msgring *r = &m->rings[i];
        size_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
        if (head == atomic_load(&r->tail))
            continue;
        const struct msglog_entry *e = &r->entries[head & m->mask];
        if (first == NULL || e->time.tv_sec < first->time.tv_sec ||
            (e->time.tv_sec == first->time.tv_sec &&
             e->time.tv_nsec < first->time.tv_nsec)) {
            first = e;
            *ring = i;
        }
    }
    return first;
}

void msgrings_take(struct msgrings *m, size_t ring)
{
    struct msgring *r = &m->rings[ring];
    size_t head = atomic_load_explicit(&r->head, memory_order_relaxed);

    atomic_store_explicit(&r->head, head + 1, memory_order_release);
}

uint64_t msgrings_lost(const struct msgrings *m)
{
    uint64_t lost = 0;

    for (size_t i = 0; i < m->n; i++)
        lost += msgrings_lost_by(m, i);
    return lost;
}
