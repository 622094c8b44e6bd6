/* store_messages.c - the history in the database: what everybody asked, and
 * got.
 *
 * Both of its bounds are kept in small steps, the oldest rows first, inside
 * the transactions that add new ones: pages that come free are used again, so
 * the file stops growing; where it is larger than it may be, it gives some
 * back.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "store_db.h"

#include "now.h"
#include "store_db_state.h"

#include <string.h>

#define US_PER_DAY INT64_C(86400000000)
/* What one more transaction may add to the log, at most, or nearly so. */
#define TRANSACTION_BYTES (1 << 20)

/* The number that a statement gives; -1: it fails. */
static int64_t number_of(struct store_db *db, enum store_statement which)
{
    sqlite3_stmt *s = db->statements[which];
    int64_t number =
        sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int64(s, 0) : -1;

    if (number < 0)
        store_db_failed(db);
    sqlite3_reset(s);
    return number;
}

/* What the file takes, and what is in use of it. */
static bool measure(struct store_db *db)
{
    int64_t pages = number_of(db, STORE_PAGE_COUNT);
    int64_t unused = pages >= 0 ? number_of(db, STORE_FREE_COUNT) : -1;

    if (unused < 0)
        return false;
    db->file_bytes = pages * db->page_bytes;
    db->used_bytes = (pages - unused) * db->page_bytes;
    return true;
}

bool store_messages_start(struct store_db *db)
{
    static const char *const sql[] = {
        "PRAGMA page_size", "PRAGMA auto_vacuum",
        "SELECT ifnull(max(id), 0) + 1 FROM messages"};
    int64_t *const to[] = {&db->page_bytes, &db->auto_vacuum, &db->next_id};

    for (size_t i = 0; i < sizeof to / sizeof *to; i++) {
        sqlite3_stmt *s = NULL;
        bool found =
            sqlite3_prepare_v2(db->sqlite, sql[i], -1, &s, NULL) == SQLITE_OK &&
            sqlite3_step(s) == SQLITE_ROW;
        if (found)
            *to[i] = sqlite3_column_int64(s, 0);
        else
            store_db_failed(db);
        sqlite3_finalize(s);
        if (!found)
            return false;
    }
    return measure(db);
}

/* NULL, and a text that is empty, are NULL. */
static void bind_text(sqlite3_stmt *s, int column, const char *text)
{
    if (text == NULL || *text == '\0')
        sqlite3_bind_null(s, column);
    else
        sqlite3_bind_text(s, column, text, -1, SQLITE_STATIC);
}

static void bind_key(sqlite3_stmt *s, int column, const struct msglog_entry *e)
{
    struct wwep_request request;
    struct wwep_reason why;

    if (wwep_decoder_finish(&e->request, &request, &why) == WWEP_COMPLETE)
        sqlite3_bind_int(s, column, request.device << 8 | request.reg);
    else
        sqlite3_bind_null(s, column);
}

bool store_db_add_message(struct store_db *db, const struct msglog_entry *e)
{
    sqlite3_stmt *s = db->statements[STORE_ADD_MESSAGE];
    char ip[ADDRESS_IP_MAX];
    char identity[MSGLOG_IDENTITY_TEXT_MAX];
    char request[MSGLOG_REQUEST_MAX];
    char reply[WWEP_ACCEPT_LEN + 1];
    char reason[WWEP_REASON_MAX];

    address_ip(&e->peer, ip);
    msglog_identity_text(e, identity);
    msglog_request_text(e, request);
    msglog_reply_text(e, reply);
    wwep_reason_format(&e->reason, reason);
    sqlite3_bind_int64(s, 1, db->next_id);
    sqlite3_bind_int64(
        s, 2, (int64_t)e->time.tv_sec * 1000000 + e->time.tv_nsec / 1000);
    sqlite3_bind_int64(s, 3, (int64_t)e->conn);
    sqlite3_bind_text(s, 4, e->listener, -1, SQLITE_STATIC);
    bind_text(s, 5, e->tls);
    bind_text(s, 6, e->cipher);
    sqlite3_bind_int(s, 7, e->resumed);
    sqlite3_bind_text(s, 8, ip, -1, SQLITE_STATIC);
    sqlite3_bind_int(s, 9, address_port(&e->peer));
    bind_text(s, 10, identity);
    bind_key(s, 11, e);
    sqlite3_bind_text(s, 12, request, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 13, reply, -1, SQLITE_STATIC);
    bind_text(s, 14, reason);
    sqlite3_bind_int64(s, 15, (int64_t)e->us);
    if (!store_db_run(db, STORE_ADD_MESSAGE))
        return false;
    db->next_id++;
    return true;
}

/* --- bounds --- */

static int64_t max_bytes(const struct store_db *db)
{
    return (int64_t)db->bounds.max_mb << 20;
}

/* What the file may take: the rest is the log's, and room for it to become
 * too long. */
static int64_t file_bound(const struct store_db *db)
{
    return max_bytes(db) - 2 * STORE_LOG_LONG * db->log_bytes;
}

const char *store_db_no_room(const struct store_db *db)
{
    int64_t log_bytes = db->log_pages * db->page_bytes;
    /* While the file is too large, what is added takes the place of what has
     * been removed. */
    int64_t bytes =
        db->file_bytes < max_bytes(db) ? db->file_bytes : db->used_bytes;

    if (bytes + log_bytes + TRANSACTION_BYTES < max_bytes(db))
        return NULL;
    if (log_bytes >= STORE_LOG_LONG * db->log_bytes)
        return "somebody has been reading the database for long, and its log "
               "grows: end that program";
    return db->no_messages
               ? "registers alone take all of store.history_max_mb: raise it"
               : "more came than could be written";
}

/* Of the oldest rows behind an id, n at most. */
struct oldest {
    int64_t behind;
    unsigned n;
    unsigned looked;    /* how many there were to look at */
    int64_t last;       /* of them; -1: none */
    int64_t last_to_go; /* the last one that has to go; -1: none */
    int64_t early_us;   /* the earliest time that is yet to come */
    bool stopped;       /* at one that stays */
};

/* A row with a time that is yet to come is one of a clock that was wrong: it
 * stays until one that came later has to go. */
static bool look_at_oldest(struct store_db *db, struct oldest *o, int64_t now,
                           bool crowded)
{
    sqlite3_stmt *s = db->statements[STORE_OLDEST_MESSAGES];
    int64_t before =
        db->bounds.days > 0 ? now - db->bounds.days * US_PER_DAY : INT64_MIN;
    int code;

    sqlite3_bind_int64(s, 1, o->n);
    sqlite3_bind_int64(s, 2, o->behind);
    while ((code = sqlite3_step(s)) == SQLITE_ROW && !o->stopped) {
        int64_t time = sqlite3_column_int64(s, 1);
        o->last = sqlite3_column_int64(s, 0);
        o->looked++;
        if (crowded || o->last <= db->doomed_to || time < before)
            o->last_to_go = o->last;
        else
            o->stopped = time <= now;
        if (time > now && time < o->early_us)
            o->early_us = time;
    }
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        store_db_failed(db);
    sqlite3_reset(s);
    return code == SQLITE_ROW || code == SQLITE_DONE;
}

/* The last of the n oldest rows that has to go; -1: none; -2: it fails. */
static int64_t last_to_go(struct store_db *db, unsigned n, bool *more)
{
    int64_t now = now_us();
    bool crowded = db->used_bytes > file_bound(db);

    /* Their time has come, or it was the clock that was slow: they are as good
     * as any others. */
    if (now >= db->early_us)
        db->early_to = 0;
    bool from_start = crowded || db->doomed_to > 0;
    struct oldest o = {.behind = from_start ? 0 : db->early_to,
                       .n = n,
                       .last = -1,
                       .last_to_go = -1,
                       .early_us = INT64_MAX};

    if (!look_at_oldest(db, &o, now, crowded))
        return -2;
    *more = o.looked == n && !o.stopped;
    db->no_messages = o.looked == 0 && o.behind == 0;
    if (o.last_to_go < 0) {
        db->doomed_to = 0;
        if (*more) {
            if (db->early_to == 0 || o.early_us < db->early_us)
                db->early_us = o.early_us;
            db->early_to = o.last;
        }
    } else if (o.behind > 0) { /* and with it all that came before it */
        db->doomed_to = o.last_to_go;
        db->early_to = 0;
        *more = true;
        return -1;
    }
    return o.last_to_go;
}

bool store_db_trim(struct store_db *db, unsigned n, bool *more)
{
    *more = false;
    if (!measure(db))
        return false;
    int64_t last = last_to_go(db, n, more);
    if (last == -2)
        return false;
    if (last >= 0) {
        sqlite3_bind_int64(db->statements[STORE_TRIM_MESSAGES], 1, last);
        if (!store_db_run(db, STORE_TRIM_MESSAGES))
            return false;
    }
    if (db->file_bytes <= file_bound(db) || db->file_bytes == db->used_bytes ||
        db->auto_vacuum == 0)
        return true;
    *more = true;
    return store_db_run(db, STORE_VACUUM);
}
