/* store_db_state.h - the database, for the files that ask SQLite about it:
 * store_db.c, store_messages.c, store_change.c and store_copy.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STORE_DB_STATE_H
#define STORE_DB_STATE_H

#include "store_db.h"

#include <sqlite3.h>

/* Times log_bytes: somebody keeps the log from shrinking. */
#define STORE_LOG_LONG 2

/* Compiled once, for as long as the database is open. */
enum store_statement {
    STORE_BEGIN,
    STORE_COMMIT,
    STORE_ROLLBACK,
    STORE_PUT,
    STORE_ERASE,
    STORE_ADD_MESSAGE,
    STORE_OLDEST_MESSAGES,
    STORE_TRIM_MESSAGES,
    STORE_PAGE_COUNT,
    STORE_FREE_COUNT,
    STORE_VACUUM,
    STORE_STATEMENTS
};

struct store_db {
    char *path; /* as people name it */
    char *file; /* the same, absolute and without symbolic links */
    int fd;     /* holds the lock; closed after SQLite's */
    sqlite3 *sqlite;
    sqlite3_stmt *statements[STORE_STATEMENTS];
    bool durable; /* what SQLite has been told last */
    struct store_bounds bounds;
    int64_t next_id; /* of messages */
    int64_t page_bytes;
    int64_t auto_vacuum; /* 0: the file keeps its pages, used or not */
    int64_t log_bytes;   /* that a checkpoint is due at */
    int64_t log_pages;   /* in the write-ahead log */
    int64_t tidied_at;   /* log_pages at the last checkpoint */
    uint64_t cut_ns;     /* when that was tried last, where it is too long */
    int64_t used_bytes;  /* of the file, as of the last trim */
    int64_t file_bytes;
    int64_t early_to;  /* rows up to this id have a time that is yet to come */
    int64_t early_us;  /* the earliest of these times */
    int64_t doomed_to; /* rows up to this id have to go in any case */
    bool full;         /* the disk: what the log takes of it is wanted */
    bool suspect;      /* a sync failed: the log may not be on the disk */
    bool untidy;       /* as far as the log (ours) has told */
    bool no_messages;  /* as of the last trim */
    uint64_t loaded;
    bool damaged; /* as far as has shown */
    char why[256];
};

/* Runs a statement that gives no row, and resets it. */
bool store_db_run(struct store_db *db, enum store_statement which);

/* Takes down why the last call failed. Always returns false. */
bool store_db_failed(struct store_db *db);

/* Of messages: what there is at the start. */
bool store_messages_start(struct store_db *db);

#endif
