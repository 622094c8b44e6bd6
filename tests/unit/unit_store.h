/* unit_store.h - stores, threads that write to them, and their databases.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UNIT_STORE_H
#define UNIT_STORE_H

#include "config.h"
#include "msglog.h"
#include "store.h"
#include "store_db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A checked fixture: a folder, the log in it, where the database goes, and a
 * configuration of it, with 30 days and 64 MiB of history. A test may change
 * the last two. */
extern char *unit_store_folder;
extern char unit_store_path[4096];
extern struct config_store unit_store_config;
void unit_store_setup(void);
void unit_store_teardown(void);

/* Opens it, and fails with the line that says why where that fails. */
void unit_store_open(struct store *s, const struct config_store *config,
                     size_t n_workers);

/* Fails unless it can not be opened, and the line has these words. */
void unit_store_refused(const struct config_store *config, const char *words);

/* A thread's side of the store, and what has come back to it. */
struct unit_writer {
    struct store *store;
    struct store_port port;
    int event; /* of the wake-up */
    union address peer;
    size_t under_way;
    size_t stored;
    size_t refused;
};

/* The last number of the peer's address tells whose write it was: 10.0.0.N. */
void unit_writer_init(struct unit_writer *w, struct store *s, uint8_t number);
void unit_writer_deinit(struct unit_writer *w);

/* A store of unit_store_config for two threads, and one of them, 10.0.0.1; and
 * the end of both. */
void unit_writer_open(struct unit_writer *w, struct store *s,
                      enum config_durability durability);
void unit_writer_close(struct unit_writer *w);

/* A write that has been begun. The writer owns it until it is done. */
void unit_writer_begin(struct unit_writer *w, uint16_t device, uint8_t reg,
                       uint16_t value);

/* Waits until all have come back. */
void unit_writer_wait(struct unit_writer *w);

/* One write; whether it is stored. */
bool unit_write_one(struct unit_writer *w, uint16_t device, uint8_t reg,
                    uint16_t value);

/* Somebody else has the database locked, so that writes stay under way: for
 * UNIT_STORE_HELD_MS; then they fail. */
#define UNIT_STORE_HELD_MS 1000u
void *unit_store_hold(const char *path);
void unit_store_let_go(void *holder);

/* Opens the database alone, with the same bounds, and fails
 * with the line that says why where that fails. */
struct store_db *unit_store_db_open(struct registers *registers);

/* An exchange for its history: connection 7, of 2026-01-31T10:00:00.123456789Z,
 * 42 us; an X is "not found". */
struct msglog_entry unit_store_entry(const char *request, const char *reply);

/* What SQLite's own shell says to this, without its last line end; the caller
 * owns it. NULL: there is no such program. */
char *unit_sqlite(const char *path, const char *sql);

#endif
