/* store_change.h - what changes many registers at once: a reset, and the
 * return to a copy. Before either, the database is copied.
 *
 * A change is a job for the store; who has no server can also run it alone.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STORE_CHANGE_H
#define STORE_CHANGE_H

#include "store.h"
#include "store_copy.h"

#include <stdatomic.h>

struct store_reader;

/* Only registers: the history of messages stays as it is. The caller owns it,
 * and sets job.port and job.done before store_submit(). */
struct store_change {
    struct store_job job;  /* the first member */
    atomic_bool cancelled; /* by any thread: it ends soon, if it still can */

    /* When it has ended. */
    char error[STORE_ERROR_MAX];    /* "": it has been done; else nothing has */
    char copy[STORE_COPY_PATH_MAX]; /* "": there was nothing to be copied */
    uint64_t registers;             /* cleared, or in the restored copy */

    /* Private to store_change.c. */
    int32_t device;   /* -1: all */
    const char *from; /* NULL: a reset */
    bool prepared;
    struct store_reader *reader; /* of what is restored */
    struct store_copy *copying;
};

/* Nothing has been written to any more: to the device, or, -1, to any. */
void store_change_reset(struct store_change *c, int32_t device);

/* The registers become those of the database at this path, which must stay. */
void store_change_restore(struct store_change *c, const char *path);

/* Does all of it, for who has the database to himself. Returns whether it has
 * been done. */
bool store_change_run(struct store_change *c, struct store_db *db,
                      struct registers *registers);

#endif
