/* unit_store.h - stores, and threads that write to them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UNIT_STORE_H
#define UNIT_STORE_H

#include "config.h"
#include "store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* What SQLite's own shell says to this, without its last line end; the caller
 * owns it. NULL: there is no such program. */
char *unit_sqlite(const char *path, const char *sql);

#endif
