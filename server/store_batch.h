/* store_batch.h - one transaction after the other: the writes that have come,
 * and exchanges for the history.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STORE_BATCH_H
#define STORE_BATCH_H

#include "msgring.h"
#include "store.h"
#include "store_db.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* The store's thread owns it; the workers fill the rings. */
struct store_batch {
    struct registers *registers;
    struct store_db *db;
    struct msgrings rings;
    struct store_port *touched; /* ports that writes go back to */
    const char *path;           /* the configuration's */
    bool async;                 /* what is put is what the slot has */
    bool trimming;              /* the history is over its bounds still */
    bool more;                  /* exchanges wait for the next one */
    unsigned added;             /* exchanges, taken by the last one */
    unsigned added_nowhere;     /* of those: there was no room */
    bool failing;               /* writes, as far as the log has told */
    uint64_t failed_ns;         /* when last */
    bool skipping;              /* exchanges */
    uint64_t skip_until_ns;     /* no exchanges before: they failed */
    uint64_t dropped;           /* exchanges that could not be written */
    uint64_t told_dropped;
    pthread_mutex_t stats_mutex;
    struct store_stats stats; /* for any thread, but for messages_dropped */
};

/* Opens the database and fills the registers. The rings are there already.
 * False: a line in error, and nothing is to be closed. */
bool store_batch_open(struct store_batch *b, struct registers *registers,
                      const struct store_options *options,
                      char error[STORE_ERROR_MAX]);
void store_batch_close(struct store_batch *b);

/* Writes all of these, and some exchanges. Returns whether the writes are on
 * the disk; if not, nothing of them is. */
bool store_batch_commit(struct store_batch *b, const struct store_write *first);

/* Any thread, until store_batch_close(). */
void store_batch_stats(struct store_batch *b, struct store_stats *out);

#endif
