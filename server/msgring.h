/* msgring.h - exchanges on their way from the workers to one thread.
 *
 * Each worker has a ring of its own that only it fills, and one thread empties
 * them all. So a worker takes no lock and never waits: a full ring drops the
 * entry, and counts it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MSGRING_H
#define MSGRING_H

#include "msglog.h"

#include <stddef.h>
#include <stdint.h>

struct msgring;

struct msgrings {
    struct msgring *rings; /* private to msgring.c, as are the others */
    size_t n;
    size_t mask;
};

/* n rings of so many entries, a power of two; their memory is not touched
 * before it is used. Returns 0 or -ENOMEM; then there is nothing to deinit. */
int msgrings_init(struct msgrings *m, size_t n, size_t entries);
void msgrings_deinit(struct msgrings *m);

/* The ring's worker: a place for the next entry, not cleared; NULL: the ring
 * is full, and the loss counted. It is the thread's from msgrings_commit() on,
 * which returns how many entries the ring held before it; up to an eighth of
 * it this may be too many. */
struct msglog_entry *msgrings_next(struct msgrings *m, size_t ring);
size_t msgrings_commit(struct msgrings *m, size_t ring);

/* The ring's worker: its entries lost so far. */
uint64_t msgrings_lost_by(const struct msgrings *m, size_t ring);

/* The thread: the oldest entry of all rings, until msgrings_take() lets go of
 * it; NULL: all are empty. *ring is for msgrings_take(). */
const struct msglog_entry *msgrings_oldest(struct msgrings *m, size_t *ring);
void msgrings_take(struct msgrings *m, size_t ring);

/* Any thread: entries lost so far, in all rings. */
uint64_t msgrings_lost(const struct msgrings *m);

#endif
