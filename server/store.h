/* store.h - what a write must have gone through before it is acknowledged.
 *
 * Reads are answered from the register table; writes go through here. Where
 * they are kept (commit, async), one thread owns the database. It takes all
 * writes that came while it was busy with the last ones, and puts them into
 * one transaction, and the exchanges that have gathered with them:
 *
 *     commit   the slots are set after the transaction is on the disk, in the
 *              order of the writes in it; then the workers are woken, and
 *              reply
 *     async    the worker sets the slot and replies; the transaction follows
 *              within a second
 *     memory   the worker sets the slot; there is no thread and no file
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STORE_H
#define STORE_H

#include "address.h"
#include "config.h"
#include "msglog.h"
#include "registers.h"
#include "store_file.h"
#include "store_port.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store_engine;

/* All fields are private to store.c. */
struct store {
    struct registers *registers;
    struct store_engine *engine; /* NULL: memory */
};

struct store_options {
    const struct config_store *config;
    size_t n_workers;
    bool start_fresh; /* set a damaged database aside */
};

/* One write under way. It is the caller's, and must stay until done() has been
 * called: once, on the caller's own thread, perhaps before store_write()
 * returns. stored: the write is as durable as the configuration promises, and
 * every read that starts now sees it; if not, nothing has changed. */
struct store_write {
    uint16_t device;
    uint8_t reg;
    uint16_t value;
    const union address *peer; /* by whom; both must stay, too */
    const char *identity;      /* NULL or "": none */
    struct store_port *port;   /* of the caller's thread */
    void (*done)(struct store_write *w, bool stored);

    /* Private to the store. */
    struct store_write *next;
    int64_t time_us;
    bool kept; /* a copy: nobody waits for it */
    bool stored;
};

struct store_db;

/* Something else for the store's thread to do, between two transactions: of
 * the writes, each is before it or after it. It is the caller's, and must stay
 * until done() has been called, once, on the caller's own thread. */
struct store_job {
    /* On the store's thread. db: NULL where nothing is kept; then it is on the
     * caller's, inside store_submit(). Returns whether it has ended; if not, it
     * is called again when the writes that have come meanwhile are served, so
     * it should do a few milliseconds' work at a time. */
    bool (*run)(struct store_job *job, struct store_db *db,
                struct registers *registers);
    void (*done)(struct store_job *job);
    struct store_port *port;

    /* Private to the store. */
    struct store_write back;
    struct store_job *next;
};

/* Since the start. */
struct store_stats {
    uint64_t batches;          /* transactions that are on the disk */
    uint64_t writes;           /* in them */
    uint64_t messages;         /* exchanges, that the history has got */
    uint64_t messages_dropped; /* that it has not */
    bool failing;              /* writes can not be kept now */
    int64_t error_us;          /* the last failure, UTC; 0: there was none */
    char error[256];
    uint64_t queue; /* acknowledged, and not on the disk yet */
};

const char *store_library_version(void);

/* Fills the registers from the database and starts its thread. Returns 0;
 * -EINVAL, with a line in error that says what is wrong with the path and what
 * to do; or another negative errno, and error "". */
int store_open(struct store *s, const struct store_options *options,
               char error[STORE_ERROR_MAX]);

/* Whether store_open() could open it, as far as it can be told without changing
 * anything: false, and a line in error that says why not. */
bool store_check(const struct config_store *config,
                 char error[STORE_ERROR_MAX]);

/* Commits what is left. No write may be under way, and no port in use. */
void store_close(struct store *s);

void store_write(struct store *s, struct store_write *w);

/* False: nobody has written this register. */
bool store_read(const struct store *s, uint16_t device, uint8_t reg,
                uint16_t *value);

/* Whether there is a history, and one more exchange for it, from the worker of
 * this number: never waits, and never fails. */
bool store_has_history(const struct store *s);
void store_add_message(struct store *s, size_t worker,
                       const struct msglog_entry *e);

void store_submit(struct store *s, struct store_job *job);

/* Any thread; never waits for the disk. All 0 where nothing is kept. */
void store_stats(struct store *s, struct store_stats *out);

#endif
