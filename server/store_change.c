/* store_change.c - a reset, or a restored copy, between two transactions.
 *
 * Happy path: the copy to be restored is judged -> a copy of the database is
 * made, in steps, between which writes go on -> with the last step, in one
 * transaction, the rows are changed -> the slots follow.
 * Failures: up to the commit nothing has changed; the copy that was made stays
 * if it is whole.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "store_change.h"

#include "log.h"
#include "store_db_state.h"
#include "store_reader.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define ROWS_EACH 256u
#define KEY_MAX   0xffffffu

static bool run_piece(struct store_job *job, struct store_db *db,
                      struct registers *registers);

static void begin(struct store_change *c)
{
    memset(c, 0, sizeof *c);
    c->job.run = run_piece;
    atomic_init(&c->cancelled, false);
}

void store_change_reset(struct store_change *c, int32_t device)
{
    begin(c);
    c->device = device;
}

void store_change_restore(struct store_change *c, const char *path)
{
    begin(c);
    c->device = -1;
    c->from = path;
}

bool store_change_run(struct store_change *c, struct store_db *db,
                      struct registers *registers)
{
    while (!run_piece(&c->job, db, registers))
        continue;
    return c->error[0] == '\0';
}

static bool failed(struct store_change *c, const struct store_db *db)
{
    snprintf(c->error, sizeof c->error, "%.512s: %s", db->path,
             store_db_why(db));
    return false;
}

/* --- the slots --- */

static void change_slots(const struct store_change *c,
                         struct registers *registers,
                         const struct registers *to)
{
    if (c->device < 0) {
        registers_assign(registers, to);
        return;
    }
    for (unsigned reg = 0; reg <= 0xff; reg++)
        registers_erase(registers, (uint16_t)c->device, (uint8_t)reg);
}

/* --- the rows --- */

/* All goes faster without a condition. */
static bool delete_rows(struct store_change *c, struct store_db *db)
{
    char sql[128] = "DELETE FROM registers";

    if (c->device >= 0)
        snprintf(sql, sizeof sql,
                 "DELETE FROM registers WHERE key BETWEEN %d AND %d",
                 (int)c->device << 8, (int)c->device << 8 | 0xff);
    if (sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL) != SQLITE_OK) {
        store_db_failed(db);
        return failed(c, db);
    }
    c->registers = (uint64_t)sqlite3_changes(db->sqlite);
    return true;
}

/* The copy's rows into the database (unless it is NULL), and into slots. */
static bool insert_rows(struct store_change *c, struct store_reader *from,
                        struct store_db *db, struct registers *to)
{
    struct store_register rows[ROWS_EACH];
    uint32_t next = 0;
    size_t n = ROWS_EACH;

    c->registers = 0;
    while (n == ROWS_EACH && next <= KEY_MAX) {
        if (!store_reader_registers(from, next, KEY_MAX, rows, &n)) {
            snprintf(c->error, sizeof c->error, "%.512s: %s", c->from,
                     store_reader_why(from));
            return false;
        }
        for (size_t i = 0; i < n; i++) {
            const struct store_register *r = &rows[i];
            if (db != NULL &&
                !store_db_put(db, r->key, r->value, r->time_us, r->who))
                return failed(c, db);
            registers_set(to, (uint16_t)(r->key >> 8), (uint8_t)r->key,
                          r->value);
            next = r->key + 1;
        }
        c->registers += n;
    }
    return true;
}

/* from: NULL for a reset. */
static bool change_rows(struct store_change *c, struct store_reader *from,
                        struct store_db *db, struct registers *to)
{
    if (db == NULL)
        return from == NULL || insert_rows(c, from, NULL, to);
    if (!store_db_begin(db, true))
        return failed(c, db);
    if (delete_rows(c, db) && (from == NULL || insert_rows(c, from, db, to))) {
        if (store_db_commit(db))
            return true;
        failed(c, db);
    }
    store_db_rollback(db);
    return false;
}

/* --- the copy that is restored --- */

static bool is_same_file(const char *a, const char *b)
{
    struct stat one;
    struct stat other;

    return stat(a, &one) == 0 && stat(b, &other) == 0 &&
           one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/* NULL: a line in error. */
static struct store_reader *open_from(struct store_change *c,
                                      const struct store_db *db)
{
    if (db != NULL && is_same_file(c->from, db->file)) {
        snprintf(c->error, sizeof c->error,
                 "%.512s: that is the database itself: name a copy of it",
                 c->from);
        return NULL;
    }
    struct store_reader *r = store_reader_open(c->from, c->error);
    if (r == NULL || store_reader_check(r))
        return r;
    snprintf(c->error, sizeof c->error, "%.512s: %s", c->from,
             store_reader_why(r));
    store_reader_close(r);
    return NULL;
}

/* --- the job --- */

static void tell(const struct store_change *c, const struct store_db *db)
{
    const char *path = db != NULL ? db->path : "memory";
    unsigned long long n = c->registers;
    char what[64] = "every device was reset";

    if (c->device >= 0)
        snprintf(what, sizeof what, "device %04X was reset",
                 (unsigned)c->device);
    if (c->from != NULL)
        log_info("store: %s: %llu registers restored from %s", path, n,
                 c->from);
    else
        log_info("store: %s: %s", path, what);
    if (c->copy[0] != '\0')
        log_info("store: what there was before is in %s", c->copy);
}

static void apply(struct store_change *c, struct store_db *db,
                  struct registers *registers)
{
    struct registers *fresh = registers_new();

    if (fresh == NULL) {
        snprintf(c->error, sizeof c->error, "no memory");
        return;
    }
    if (change_rows(c, c->reader, db, fresh)) {
        change_slots(c, registers, fresh);
        tell(c, db);
    }
    registers_free(fresh);
}

/* Judges what is to be restored, and begins the copy of what there is. */
static bool prepare(struct store_change *c, struct store_db *db)
{
    if (c->from != NULL) {
        c->reader = open_from(c, db);
        if (c->reader == NULL)
            return false;
        c->error[0] = '\0';
    }
    c->prepared = true;
    if (db == NULL)
        return true;
    c->copying =
        store_copy_begin(db, c->from != NULL ? "restore" : "reset", c->error);
    return c->copying != NULL;
}

/* A piece of the copy. */
static enum store_copy_state copy(struct store_change *c)
{
    if (atomic_load(&c->cancelled)) {
        snprintf(c->error, sizeof c->error, "the server is ending: try again");
        return STORE_COPY_FAILED;
    }
    if (c->copying == NULL)
        return STORE_COPY_DONE;
    return store_copy_step(c->copying, c->copy, c->error);
}

static bool run_piece(struct store_job *job, struct store_db *db,
                      struct registers *registers)
{
    struct store_change *c = (struct store_change *)job;
    enum store_copy_state state = STORE_COPY_FAILED;

    if (c->prepared)
        state = copy(c);
    else if (prepare(c, db))
        state = STORE_COPY_MORE;
    if (state == STORE_COPY_MORE)
        return false;
    store_copy_free(c->copying);
    if (state == STORE_COPY_DONE)
        apply(c, db, registers);
    store_reader_close(c->reader);
    return true;
}
