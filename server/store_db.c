/* store_db.c - the database: SQLite behind a few verbs.
 *
 * Happy path: store_db_open() finds or makes the file, locks it, judges what it
 * is, brings it up to date, fills the registers -> begin, put and add_message,
 * trim, commit, tidy, over and over -> store_db_close().
 * Failures: SQLite's code is put into words here, once; above it there are
 * only these. What has failed is rolled back as a whole.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "store_db.h"

#include "log.h"
#include "now.h"
#include "store_db_state.h"
#include "store_schema.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUSY_MS       1000
#define LOG_BYTES     (4 << 20)
#define LOG_BYTES_MIN (1 << 20)
#define CUT_NS        50000000u
#define FILE_MAX      450u /* SQLite's bound, less what copies add to it */

static const char *const texts[STORE_STATEMENTS] = {
    [STORE_BEGIN] = "BEGIN IMMEDIATE",
    [STORE_COMMIT] = "COMMIT",
    [STORE_ROLLBACK] = "ROLLBACK",
    [STORE_PUT] = "INSERT INTO registers (key, value, time, who)"
                  " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (key) DO UPDATE SET"
                  " value = ?2, time = ?3, who = ?4",
    [STORE_ERASE] = "DELETE FROM registers WHERE key = ?1",
    [STORE_ADD_MESSAGE] =
        "INSERT INTO messages (id, time, connection, listener, tls, cipher,"
        " resumed, address, port, identity, key, request, reply, reason, us)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,"
        " ?15)",
    [STORE_OLDEST_MESSAGES] =
        "SELECT id, time FROM messages WHERE id > ?2 ORDER BY id LIMIT ?1",
    [STORE_TRIM_MESSAGES] = "DELETE FROM messages WHERE id <= ?1",
    [STORE_PAGE_COUNT] = "PRAGMA page_count",
    [STORE_FREE_COUNT] = "PRAGMA freelist_count",
    [STORE_VACUUM] = "PRAGMA incremental_vacuum(64)",
};

const char *store_db_library_version(void)
{
    return sqlite3_libversion();
}

/* --- words --- */

static const char *words_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_FULL:
        return "the disk is full: make room on it";
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return "it is damaged, or no database: put a copy of it there, or "
               "start wwepd once with --start-fresh, which keeps the damaged "
               "file under another name and begins with an empty one";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "another program has it locked: end what that program does "
               "with it";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
        return "it can not be written to: let this user write to the file, "
               "to its folder and to what begins with its name there, on a "
               "disk that is not read-only";
    case SQLITE_NOMEM:
        return "no memory for it";
    default:
        return NULL;
    }
}

bool store_db_failed(struct store_db *db)
{
    int code = sqlite3_extended_errcode(db->sqlite);
    const char *words = words_of(code);
    int number = sqlite3_system_errno(db->sqlite); /* 0: it does not tell */

    if ((code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB)
        db->damaged = true;
    if ((code & 0xff) == SQLITE_FULL)
        db->full = true;
    if (code == SQLITE_IOERR_FSYNC)
        db->suspect = true;

    if (words != NULL)
        snprintf(db->why, sizeof db->why, "%s", words);
    else
        snprintf(db->why, sizeof db->why,
                 "%s (SQLite %d%s%s): look at the disk", sqlite3_errstr(code),
                 code, number != 0 ? ", system: " : "",
                 number != 0 ? strerror(number) : "");
    return false;
}

const char *store_db_why(const struct store_db *db)
{
    return db->why;
}

static void tell(const struct store_db *db, char error[STORE_ERROR_MAX])
{
    snprintf(error, STORE_ERROR_MAX, "%.512s: %s", db->path, db->why);
}

/* --- opening --- */

static int on_commit(void *ctx, sqlite3 *sqlite, const char *name, int pages)
{
    struct store_db *db = ctx;

    (void)sqlite;
    (void)name;
    db->log_pages = pages;
    return SQLITE_OK;
}

static bool execute(struct store_db *db, const char *sql)
{
    return sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL) == SQLITE_OK ||
           store_db_failed(db);
}

/* A file system without shared memory would leave it as it was. */
static bool use_log(struct store_db *db)
{
    sqlite3_stmt *s = NULL;
    bool done = sqlite3_prepare_v2(db->sqlite, "PRAGMA journal_mode = WAL", -1,
                                   &s, NULL) == SQLITE_OK &&
                sqlite3_step(s) == SQLITE_ROW;

    if (!done) {
        store_db_failed(db);
    } else if (strcmp((const char *)sqlite3_column_text(s, 0), "wal") != 0) {
        snprintf(db->why, sizeof db->why,
                 "its file system can not have a write-ahead log: name a file "
                 "on a local disk");
        done = false;
    }
    sqlite3_finalize(s);
    return done;
}

/* A new one first gets what can not be changed later: that it can give pages
 * back. (On another one that would write to it.) */
static bool set_up(struct store_db *db, bool is_new)
{
    char limit[64];

    snprintf(limit, sizeof limit, "PRAGMA journal_size_limit = %lld",
             (long long)db->log_bytes);
    return (!is_new || execute(db, "PRAGMA auto_vacuum = INCREMENTAL")) &&
           use_log(db) && execute(db, limit) &&
           execute(db, "PRAGMA cache_size = -4096") &&
           execute(db, "PRAGMA synchronous = FULL");
}

static bool prepare(struct store_db *db)
{
    for (size_t i = 0; i < STORE_STATEMENTS; i++)
        if (sqlite3_prepare_v3(db->sqlite, texts[i], -1,
                               SQLITE_PREPARE_PERSISTENT, &db->statements[i],
                               NULL) != SQLITE_OK)
            return store_db_failed(db);
    return true;
}

/* Judges, and brings it up to date. */
static bool open_tables(struct store_db *db)
{
    int version;

    switch (store_schema_judge(db->sqlite, &version)) {
    case STORE_SCHEMA_OK:
        break;
    case STORE_SCHEMA_FOREIGN:
        snprintf(db->why, sizeof db->why,
                 "it is the database of another program: name another file");
        return false;
    case STORE_SCHEMA_NEWER:
        snprintf(db->why, sizeof db->why,
                 "it is of version %d, and this wwepd knows up to %d: use the "
                 "newer wwepd that made it, or name another file",
                 version, STORE_VERSION);
        return false;
    case STORE_SCHEMA_CHANGED:
        snprintf(db->why, sizeof db->why,
                 "its tables are not as wwepd makes them: put a copy there "
                 "that nobody has changed, or name another file");
        return false;
    case STORE_SCHEMA_NO_MEMORY:
        snprintf(db->why, sizeof db->why, "no memory for it");
        return false;
    case STORE_SCHEMA_FAILED:
        return store_db_failed(db);
    }
    if (!set_up(db, version == 0))
        return false;
    if (!store_schema_migrate(db->sqlite, version))
        return store_db_failed(db);
    /* What it can not open for writing, SQLite opens for reading. */
    return prepare(db) && store_messages_start(db) &&
           execute(db, "DELETE FROM messages WHERE 0");
}

static bool open_sqlite(struct store_db *db)
{
    /* One thread at a time; and no file of that name is made by it. */
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;

    if (sqlite3_open_v2(db->file, &db->sqlite, flags, NULL) != SQLITE_OK) {
        if (db->sqlite == NULL)
            snprintf(db->why, sizeof db->why, "no memory for it");
        return db->sqlite != NULL && store_db_failed(db);
    }
    sqlite3_busy_timeout(db->sqlite, BUSY_MS);
    sqlite3_wal_hook(db->sqlite, on_commit, db);
    db->durable = true;
    return open_tables(db);
}

static bool load(struct store_db *db, struct registers *registers)
{
    sqlite3_stmt *s = NULL;
    int code = sqlite3_prepare_v2(
        db->sqlite, "SELECT key, value FROM registers", -1, &s, NULL);

    db->loaded = 0;
    while (code == SQLITE_OK && (code = sqlite3_step(s)) == SQLITE_ROW) {
        uint32_t key = (uint32_t)sqlite3_column_int(s, 0) & 0xffffff;
        registers_set(registers, (uint16_t)(key >> 8), (uint8_t)key,
                      (uint16_t)sqlite3_column_int(s, 1));
        db->loaded++;
        code = SQLITE_OK;
    }
    if (code != SQLITE_DONE)
        store_db_failed(db);
    sqlite3_finalize(s);
    return code == SQLITE_DONE;
}

uint64_t store_db_loaded(const struct store_db *db)
{
    return db->loaded;
}

static void close_sqlite(struct store_db *db)
{
    for (size_t i = 0; i < STORE_STATEMENTS; i++) {
        sqlite3_finalize(db->statements[i]);
        db->statements[i] = NULL;
    }
    sqlite3_close(db->sqlite);
    db->sqlite = NULL;
}

/* What has been refused stays as it is: closing would write the log into the
 * file, and remove it. */
static void leave_alone(struct store_db *db)
{
    if (db->sqlite != NULL && store_file_has_log(db->file))
        sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
                          NULL);
}

/* Keeps the damaged one under another name, and makes a new one. */
static bool start_again(struct store_db *db, struct registers *registers,
                        char error[STORE_ERROR_MAX])
{
    char aside[4096 + 64];

    leave_alone(db);
    close_sqlite(db);
    if (store_file_set_aside(db->file, aside, sizeof aside, error) != 0)
        return false;
    close(db->fd);
    log_warning("store: %s: it is damaged, and kept as %s; this begins with "
                "an empty one",
                db->path, aside);
    db->fd = store_file_open(db->path, error);
    if (db->fd < 0)
        return false;
    db->damaged = false;
    registers_clear(registers);
    if (open_sqlite(db) && load(db, registers))
        return true;
    tell(db, error);
    return false;
}

/* Finds or makes it. SQLite gets a path that begins with a slash: one that
 * begins with "file:", or is ":memory:", would be no path for it. */
static bool open_file(struct store_db *db, const char *path,
                      char error[STORE_ERROR_MAX])
{
    db->path = strdup(path);
    db->fd = db->path != NULL ? store_file_open(path, error) : -1;
    if (db->fd < 0)
        return false;
    db->file = realpath(path, NULL);
    if (db->file == NULL)
        snprintf(error, STORE_ERROR_MAX, "%.512s: %s: name another file", path,
                 strerror(errno));
    else if (strlen(db->file) > FILE_MAX)
        snprintf(error, STORE_ERROR_MAX,
                 "%.512s: the path is longer than %u bytes: name another file",
                 db->file, FILE_MAX);
    return db->file != NULL && strlen(db->file) <= FILE_MAX;
}

/* SQLite would remove the log, which may have all that there was. */
static bool has_content(struct store_db *db)
{
    db->damaged = store_file_is_emptied(db->file);
    if (db->damaged)
        snprintf(db->why, sizeof db->why, "%s", STORE_FILE_EMPTIED);
    return !db->damaged;
}

struct store_db *store_db_open(const char *path, struct store_bounds bounds,
                               bool start_fresh, struct registers *registers,
                               char error[STORE_ERROR_MAX])
{
    struct store_db *db = calloc(1, sizeof *db);

    snprintf(error, STORE_ERROR_MAX, "%.512s: no memory for it", path);
    if (db == NULL)
        return NULL;
    db->fd = -1;
    if (!open_file(db, path, error)) {
        store_db_close(db);
        return NULL;
    }
    db->bounds = bounds;
    int64_t share = ((int64_t)bounds.max_mb << 20) / 16;
    db->log_bytes = share < LOG_BYTES ? share : LOG_BYTES;
    if (db->log_bytes < LOG_BYTES_MIN)
        db->log_bytes = LOG_BYTES_MIN;
    *error = '\0';
    if (has_content(db) && open_sqlite(db) && load(db, registers))
        return db;
    tell(db, error);
    if (start_fresh && db->damaged && start_again(db, registers, error))
        return db;
    leave_alone(db);
    store_db_close(db);
    return NULL;
}

void store_db_close(struct store_db *db)
{
    if (db == NULL)
        return;
    if (db->damaged)
        leave_alone(db);
    close_sqlite(db); /* which checkpoints, and removes the log */
    if (db->fd >= 0)
        close(db->fd);
    free(db->file);
    free(db->path);
    free(db);
}

/* --- writing --- */

bool store_db_run(struct store_db *db, enum store_statement which)
{
    sqlite3_stmt *s = db->statements[which];
    int code;

    do
        code = sqlite3_step(s);
    while (code == SQLITE_ROW);
    if (code != SQLITE_DONE)
        store_db_failed(db);
    sqlite3_reset(s);
    return code == SQLITE_DONE;
}

static void log_is_empty(struct store_db *db)
{
    db->log_pages = db->tidied_at = 0;
    db->suspect = false;
}

/* After a sync that failed nobody knows what is on the disk of the log, and a
 * later sync does not tell: the kernel has dropped what it could not write.
 * Nothing is added to such a log. Its pages go into the file, and it begins
 * again; with that goes, too, what has been refused. */
static bool renew_log(struct store_db *db)
{
    if (sqlite3_wal_checkpoint_v2(db->sqlite, NULL, SQLITE_CHECKPOINT_TRUNCATE,
                                  NULL, NULL) != SQLITE_OK)
        return store_db_failed(db);
    log_is_empty(db);
    return true;
}

bool store_db_begin(struct store_db *db, bool durable)
{
    if (db->suspect && !renew_log(db))
        return false;
    if (durable != db->durable &&
        !execute(db, durable ? "PRAGMA synchronous = FULL"
                             : "PRAGMA synchronous = NORMAL"))
        return false;
    db->durable = durable;
    return store_db_run(db, STORE_BEGIN);
}

bool store_db_commit(struct store_db *db)
{
    return store_db_run(db, STORE_COMMIT);
}

void store_db_rollback(struct store_db *db)
{
    char why[sizeof db->why];

    memcpy(why, db->why, sizeof why);
    if (!sqlite3_get_autocommit(db->sqlite)) /* else SQLite has done so */
        (void)store_db_run(db, STORE_ROLLBACK);
    memcpy(db->why, why, sizeof why);
}

bool store_db_put(struct store_db *db, uint32_t key, uint16_t value,
                  int64_t time_us, const char *who)
{
    sqlite3_stmt *s = db->statements[STORE_PUT];

    sqlite3_bind_int64(s, 1, key);
    sqlite3_bind_int(s, 2, value);
    sqlite3_bind_int64(s, 3, time_us);
    sqlite3_bind_text(s, 4, who, -1, SQLITE_STATIC);
    return store_db_run(db, STORE_PUT);
}

bool store_db_erase(struct store_db *db, uint32_t key)
{
    sqlite3_bind_int64(db->statements[STORE_ERASE], 1, key);
    return store_db_run(db, STORE_ERASE);
}

/* Empties the log, where nobody is reading in it: waits for nobody. */
static void cut_log(struct store_db *db)
{
    sqlite3_busy_timeout(db->sqlite, 0);
    if (sqlite3_wal_checkpoint_v2(db->sqlite, NULL, SQLITE_CHECKPOINT_TRUNCATE,
                                  NULL, NULL) == SQLITE_OK)
        log_is_empty(db);
    sqlite3_busy_timeout(db->sqlite, BUSY_MS);
}

/* Writes go on, but the log grows: somebody has to know. */
static void note_tidied(struct store_db *db, int code)
{
    if (code == SQLITE_OK)
        db->untidy = false;
    if ((code & 0xff) != SQLITE_IOERR)
        return;
    store_db_failed(db);
    if (!db->untidy)
        log_warning("store: %s: its log grows, and can not be written into "
                    "it: %s",
                    db->path, db->why);
    db->untidy = true;
}

void store_db_tidy(struct store_db *db)
{
    int64_t log_bytes = db->log_pages * db->page_bytes;
    int64_t grown = db->log_pages - db->tidied_at;

    if (grown < 0) /* the log began again from its start */
        grown = db->log_pages;
    if (grown * db->page_bytes >= db->log_bytes) {
        db->tidied_at = db->log_pages;
        note_tidied(db, sqlite3_wal_checkpoint_v2(db->sqlite, NULL,
                                                  SQLITE_CHECKPOINT_PASSIVE,
                                                  NULL, NULL));
    }
    if ((db->full || db->suspect ||
         log_bytes >= STORE_LOG_LONG * db->log_bytes) &&
        now_ns() - db->cut_ns >= CUT_NS) {
        db->full = false;
        cut_log(db);
        db->cut_ns = now_ns();
    }
}
