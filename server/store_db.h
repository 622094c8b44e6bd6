/* store_db.h - the database: SQLite, opened, filled from, written to.
 *
 * One thread at a time. Rows are written in transactions: begin, rows, commit;
 * after any call that returns false the transaction has to be rolled back,
 * and store_db_why() has the reason.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STORE_DB_H
#define STORE_DB_H

#include "msglog.h"
#include "registers.h"
#include "store_file.h"

#include <stdbool.h>
#include <stdint.h>

struct store_db;

const char *store_db_library_version(void);

/* How much of the history is kept. */
struct store_bounds {
    unsigned days;   /* 0: for ever */
    unsigned max_mb; /* MiB of the file and its log */
};

/* Opens the database, or makes one, prepares its tables, and sets each register
 * that it has. start_fresh: a damaged one is set aside, and told in the log,
 * instead of refused. NULL: a line in error, as store_file_open() has it, and
 * registers may be set all the same. */
struct store_db *store_db_open(const char *path, struct store_bounds bounds,
                               bool start_fresh, struct registers *registers,
                               char error[STORE_ERROR_MAX]);

/* How many registers it has set. */
uint64_t store_db_loaded(const struct store_db *db);

/* Checkpoints, and closes. NULL is fine. */
void store_db_close(struct store_db *db);

/* durable: on the disk when commit returns; else only with the next one that
 * is, or some seconds later. */
bool store_db_begin(struct store_db *db, bool durable);
bool store_db_commit(struct store_db *db);
void store_db_rollback(struct store_db *db);

/* One register: key is device * 256 + register; time in microseconds since
 * 1970. */
bool store_db_put(struct store_db *db, uint32_t key, uint16_t value,
                  int64_t time_us, const char *who);
bool store_db_erase(struct store_db *db, uint32_t key);

/* One exchange. */
bool store_db_add_message(struct store_db *db, const struct msglog_entry *e);

/* Why there is no room for more of them, with what to do; NULL: there is. */
const char *store_db_no_room(const struct store_db *db);

/* Inside a transaction: removes some of the oldest exchanges where their bounds
 * want it, at most n. *more: there are more to be removed. */
bool store_db_trim(struct store_db *db, unsigned n, bool *more);

/* After a commit: writes the log back into the file when it has grown enough.
 * A failure is no matter: a later call tries again. */
void store_db_tidy(struct store_db *db);

/* Why the last call failed, in words, with what to do. */
const char *store_db_why(const struct store_db *db);

#endif
