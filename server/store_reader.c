/* store_reader.c - the way into a database that must not change.
 *
 * A server keeps a log (-wal) beside its file for as long as it runs; SQLite
 * then reads both, by the locks that they share. Without that log nobody has
 * the file: it is read as one that can not change, or SQLite would make a log
 * itself, which would be ours and not the server's. A server that starts
 * meanwhile makes its log before it changes the file: what was read just then
 * is read again.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "store_reader.h"

#include "store_schema.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_MS        2000
#define NAME_MAX_BYTES (4096u + 8u)

struct store_reader {
    const char *path;
    char *real; /* without links: the log is beside that */
    sqlite3 *sqlite;
    bool alone; /* it was opened as one that nobody has */
    ino_t inode;
    int64_t data_version;
    char why[512];
};

/* --- words --- */

static const char is_empty[] =
    "it is empty: start wwepd with it first, or name another file";

static bool refuse(struct store_reader *r, const char *words)
{
    snprintf(r->why, sizeof r->why, "%s", words);
    return false;
}

static bool refuse_file(struct store_reader *r, int error)
{
    const char *advice = error == ENOENT ? "name a database that is there"
                         : error == EACCES
                             ? "let this user read it, or be its owner or root"
                             : "name another file";

    snprintf(r->why, sizeof r->why, "%s: %s", strerror(error), advice);
    return false;
}

static bool failed(struct store_reader *r)
{
    int code = sqlite3_extended_errcode(r->sqlite);

    switch (code & 0xff) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return refuse(r, "it is damaged, or no database: name a good copy");
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return refuse(r, "it can not be read: let this user read the file and "
                         "what begins with its name beside it, or be its "
                         "owner or root");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return refuse(r, "another program has it locked: end what that program "
                         "does with it");
    default:
        snprintf(r->why, sizeof r->why, "%s (SQLite %d): look at the disk",
                 sqlite3_errstr(code), code);
        return false;
    }
}

const char *store_reader_why(const struct store_reader *r)
{
    return r->why;
}

/* --- opening --- */

static bool is_there(const char *path, const char *suffix)
{
    char name[NAME_MAX_BYTES];
    struct stat st;

    snprintf(name, sizeof name, "%s%s", path, suffix);
    return stat(name, &st) == 0;
}

/* Whether nobody has it: then there is no log, and nothing to be rolled back.
 * They are beside the file, not beside a link to it. */
static bool is_alone(const char *path)
{
    return !is_there(path, "-wal") && !is_there(path, "-journal");
}

/* "file:" and the path, with what a URI takes for its own escaped. */
static void make_uri(const char *path, bool alone,
                     char uri[3 * NAME_MAX_BYTES + 32])
{
    size_t len = (size_t)sprintf(uri, "file:");

    for (const char *c = path; *c != '\0' && len < 3u * NAME_MAX_BYTES; c++)
        len += (size_t)sprintf(uri + len,
                               strchr("?#%", *c) != NULL ? "%%%02X" : "%c",
                               (unsigned)(unsigned char)*c);
    sprintf(uri + len, "?mode=ro%s", alone ? "&immutable=1" : "");
}

static bool judge(struct store_reader *r)
{
    int version;

    switch (store_schema_judge(r->sqlite, &version)) {
    case STORE_SCHEMA_OK:
        return version > 0 || refuse(r, is_empty);
    case STORE_SCHEMA_NO_MEMORY:
        return refuse(r, "no memory");
    case STORE_SCHEMA_CHANGED:
        return refuse(r, "its tables are not as wwepd makes them: name a copy "
                         "that nobody has changed");
    case STORE_SCHEMA_FOREIGN:
        return refuse(r, "it is the database of another program: name one of "
                         "wwepd's");
    case STORE_SCHEMA_NEWER:
        snprintf(r->why, sizeof r->why,
                 "it is of version %d, and this program knows up to %d: use "
                 "that of the newer wwepd which made it",
                 version, STORE_VERSION);
        return false;
    default:
        return failed(r);
    }
}

static bool connect_it(struct store_reader *r)
{
    const int flags =
        SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI;
    char uri[3 * NAME_MAX_BYTES + 32];
    struct stat st;

    if (stat(r->path, &st) != 0)
        return refuse_file(r, errno);
    if (!S_ISREG(st.st_mode)) /* a pipe would keep us waiting */
        return refuse_file(r, S_ISDIR(st.st_mode) ? EISDIR : EINVAL);
    if (st.st_size == 0) /* SQLite would remove a log that is beside it */
        return refuse(r, is_empty);
    if (faccessat(AT_FDCWD, r->path, R_OK, AT_EACCESS) != 0)
        return refuse_file(r, errno);
    free(r->real);
    r->real = realpath(r->path, NULL); /* two slashes would begin a host */
    if (r->real == NULL)
        return refuse_file(r, errno);
    r->inode = st.st_ino;
    r->alone = is_alone(r->real);
    make_uri(r->real, r->alone, uri);
    if (sqlite3_open_v2(uri, &r->sqlite, flags, NULL) != SQLITE_OK)
        return r->sqlite == NULL ? refuse(r, "no memory") : failed(r);
    sqlite3_busy_timeout(r->sqlite, BUSY_MS);
    /* What may be in a copy from anywhere runs no function of ours. */
    sqlite3_db_config(r->sqlite, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(r->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    return judge(r);
}

struct store_reader *store_reader_open(const char *path,
                                       char error[STORE_ERROR_MAX])
{
    struct store_reader *r = calloc(1, sizeof *r);

    if (r == NULL || strlen(path) > NAME_MAX_BYTES - 16) {
        snprintf(error, STORE_ERROR_MAX, "%.512s: %s", path,
                 r == NULL ? "no memory" : "the path is too long");
        free(r);
        return NULL;
    }
    r->path = path;
    r->data_version = -1;
    if (connect_it(r))
        return r;
    snprintf(error, STORE_ERROR_MAX, "%.400s: %s", path, r->why);
    store_reader_close(r);
    return NULL;
}

void store_reader_close(struct store_reader *r)
{
    if (r == NULL)
        return;
    sqlite3_close(r->sqlite);
    free(r->real);
    free(r);
}

/* A server has come, or gone, or the file is another one. */
static bool is_stale(const struct store_reader *r)
{
    struct stat st;

    return r->sqlite == NULL || r->alone != is_alone(r->real) ||
           stat(r->path, &st) != 0 || st.st_ino != r->inode;
}

static bool connect_again(struct store_reader *r)
{
    sqlite3_close(r->sqlite);
    r->sqlite = NULL;
    r->data_version = -1;
    if (connect_it(r))
        return true;
    sqlite3_close(r->sqlite);
    r->sqlite = NULL;
    return false;
}

/* --- pieces --- */

/* One piece: a statement and what is to be made of its rows. */
struct piece {
    const char *sql;
    void (*bind)(sqlite3_stmt *s, const void *arguments);
    const void *arguments;
    bool (*take)(sqlite3_stmt *s, void *rows, size_t i); /* false: no memory */
    void *rows;
    size_t cap;
    size_t n;
};

static bool read_once(struct store_reader *r, struct piece *p)
{
    sqlite3_stmt *s = NULL;
    int code = sqlite3_prepare_v2(r->sqlite, p->sql, -1, &s, NULL);

    p->n = 0;
    if (code == SQLITE_OK && p->bind != NULL)
        p->bind(s, p->arguments);
    while (code == SQLITE_OK && p->n < p->cap &&
           (code = sqlite3_step(s)) == SQLITE_ROW) {
        code = p->take(s, p->rows, p->n++) ? SQLITE_OK : SQLITE_NOMEM;
    }
    if (code != SQLITE_OK && code != SQLITE_DONE)
        failed(r);
    if (code == SQLITE_NOMEM)
        refuse(r, "no memory");
    sqlite3_finalize(s);
    return code == SQLITE_OK || code == SQLITE_DONE;
}

/* drop: gives back what rows have, before they are read again; or NULL. */
static bool read_piece(struct store_reader *r, struct piece *p,
                       void (*drop)(struct store_message *rows, size_t n))
{
    for (int i = 0; i < 3; i++) {
        if (is_stale(r) && !connect_again(r))
            return false;
        bool good = read_once(r, p);
        if (!r->alone || is_alone(r->real))
            return good;
        if (drop != NULL)
            drop(p->rows, p->n);
        p->n = 0;
    }
    return refuse(r, "it changes hands again and again: try once more");
}

static bool take_number(sqlite3_stmt *s, void *rows, size_t i)
{
    int64_t *numbers = rows;

    numbers[i] = sqlite3_column_int64(s, 0);
    return true;
}

/* The number that this selects; `otherwise` where there is no row. */
static bool number_of(struct store_reader *r, const char *sql, int64_t *number)
{
    struct piece p = {
        .sql = sql, .take = take_number, .rows = number, .cap = 1};

    return read_piece(r, &p, NULL);
}

bool store_reader_changed(struct store_reader *r, bool *changed)
{
    int64_t version = 0;

    if (is_stale(r)) {
        *changed = true;
        return connect_again(r);
    }
    if (r->alone) {
        *changed = r->data_version < 0; /* nobody has told of it yet */
        r->data_version = 0;
        return true;
    }
    if (!number_of(r, "PRAGMA data_version", &version))
        return false;
    *changed = version != r->data_version;
    r->data_version = version;
    return true;
}

static bool take_verdict(sqlite3_stmt *s, void *rows, size_t i)
{
    bool *good = rows;
    const char *words = (const char *)sqlite3_column_text(s, 0);

    (void)i;
    *good = words != NULL && strcmp(words, "ok") == 0;
    return true;
}

bool store_reader_check(struct store_reader *r)
{
    bool good = false;
    struct piece p = {.sql = "PRAGMA integrity_check('registers')",
                      .take = take_verdict,
                      .rows = &good,
                      .cap = 1};

    return read_piece(r, &p, NULL) &&
           (good || refuse(r, "it is damaged: name a good copy"));
}

/* --- registers --- */

struct keys {
    uint32_t from;
    uint32_t to;
    size_t n;
};

static void bind_keys(sqlite3_stmt *s, const void *arguments)
{
    const struct keys *k = arguments;

    sqlite3_bind_int64(s, 1, k->from);
    sqlite3_bind_int64(s, 2, k->to);
    sqlite3_bind_int64(s, 3, (int64_t)k->n);
}

static bool take_register(sqlite3_stmt *s, void *rows, size_t i)
{
    struct store_register *row = (struct store_register *)rows + i;
    const char *who = (const char *)sqlite3_column_text(s, 3);

    row->key = (uint32_t)sqlite3_column_int64(s, 0) & 0xffffff;
    row->value = (uint16_t)sqlite3_column_int64(s, 1);
    row->time_us = sqlite3_column_int64(s, 2);
    snprintf(row->who, sizeof row->who, "%s", who != NULL ? who : "");
    return true;
}

bool store_reader_registers(struct store_reader *r, uint32_t from, uint32_t to,
                            struct store_register *rows, size_t *n)
{
    const struct keys keys = {from, to, *n};
    struct piece p = {
        .sql = "SELECT key, value, time, who FROM registers"
               " WHERE key BETWEEN ?1 AND ?2 ORDER BY key LIMIT ?3",
        .bind = bind_keys,
        .arguments = &keys,
        .take = take_register,
        .rows = rows,
        .cap = *n,
    };
    bool good = read_piece(r, &p, NULL);

    *n = good ? p.n : 0;
    return good;
}

/* --- the history --- */

#define WHERE                                                   \
    " FROM messages WHERE id > ?1 AND time >= ?2 AND time < ?3" \
    " AND (?4 < 0 OR key BETWEEN ?4 AND ?5)"                    \
    " AND (?6 IS NULL OR address = ?6)"                         \
    " AND (?7 IS NULL OR request LIKE ?7)"                      \
    " AND (?8 = 0 OR reason NOTNULL) AND (?9 = 0 OR reason ISNULL)"

struct asked {
    const struct store_filter *filter;
    int64_t after;
    size_t n;
};

static void bind_filter(sqlite3_stmt *s, const void *arguments)
{
    const struct asked *a = arguments;
    const struct store_filter *f = a->filter;

    sqlite3_bind_int64(s, 1, a->after);
    sqlite3_bind_int64(s, 2, f->since_us);
    sqlite3_bind_int64(s, 3, f->until_us);
    sqlite3_bind_int(s, 4, f->from_key);
    sqlite3_bind_int(s, 5, f->to_key);
    sqlite3_bind_text(s, 6, f->address, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 7, f->like, -1, SQLITE_STATIC);
    sqlite3_bind_int(s, 8, f->failed);
    sqlite3_bind_int(s, 9, f->accepted);
    sqlite3_bind_int64(s, 10, (int64_t)a->n);
}

/* NULL stays NULL; false: no memory. */
static bool copy_text(sqlite3_stmt *s, int column, char **out)
{
    const char *text = (const char *)sqlite3_column_text(s, column);

    *out = text != NULL ? strdup(text) : NULL;
    return *out != NULL || text == NULL;
}

static bool take_message(sqlite3_stmt *s, void *rows, size_t i)
{
    struct store_message *m = (struct store_message *)rows + i;
    bool good = true;

    *m = (struct store_message){
        .id = sqlite3_column_int64(s, 0),
        .time_us = sqlite3_column_int64(s, 1),
        .connection = sqlite3_column_int64(s, 2),
        .resumed = sqlite3_column_int64(s, 3),
        .port = sqlite3_column_int64(s, 4),
        .key = sqlite3_column_type(s, 5) == SQLITE_NULL
                   ? -1
                   : sqlite3_column_int64(s, 5) & 0xffffff,
        .us = sqlite3_column_int64(s, 6),
    };
    char **const texts[] = {&m->listener, &m->tls,     &m->cipher, &m->address,
                            &m->identity, &m->request, &m->reply,  &m->reason};
    for (int k = 0; k < 8; k++)
        good = copy_text(s, 7 + k, texts[k]) && good;
    return good;
}

void store_reader_free(struct store_message *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct store_message *m = &rows[i];
        char *const texts[] = {m->listener, m->tls,     m->cipher, m->address,
                               m->identity, m->request, m->reply,  m->reason};
        for (int k = 0; k < 8; k++)
            free(texts[k]);
    }
}

bool store_reader_messages(struct store_reader *r,
                           const struct store_filter *filter, int64_t after,
                           struct store_message *rows, size_t *n)
{
    const struct asked asked = {filter, after, *n};
    struct piece p = {
        .sql = "SELECT id, time, connection, resumed, port, key, us, listener,"
               " tls, cipher, address, identity, request, reply, reason" WHERE
               " ORDER BY id LIMIT ?10",
        .bind = bind_filter,
        .arguments = &asked,
        .take = take_message,
        .rows = rows,
        .cap = *n,
    };
    bool good = read_piece(r, &p, store_reader_free);

    *n = p.n;
    return good;
}

bool store_reader_before_last(struct store_reader *r,
                              const struct store_filter *filter, size_t n,
                              int64_t *after)
{
    const struct asked asked = {filter, 0, n};
    struct piece p = {
        .sql = "SELECT ifnull(min(id), 1) - 1 FROM (SELECT id" WHERE
               " ORDER BY id DESC LIMIT ?10)",
        .bind = bind_filter,
        .arguments = &asked,
        .take = take_number,
        .rows = after,
        .cap = 1,
    };

    return read_piece(r, &p, NULL);
}
