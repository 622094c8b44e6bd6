/* Databases of ours that somebody else has had in hand.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "store_db.h"
#include "store_reader.h"

#include "unit.h"
#include "unit_io.h"
#include "unit_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char *folder;
static char path[4096];
static char error[STORE_ERROR_MAX];
static struct registers *registers;

static void setup(void)
{
    folder = unit_mkdtemp();
    snprintf(path, sizeof path, "%s/wwep.db", folder);
    unit_log_open(folder, CONFIG_LOG_DEBUG);
    registers = registers_new();
    ck_assert_ptr_nonnull(registers);
}

static void teardown(void)
{
    registers_free(registers);
    unit_log_close();
    unit_rmdir(folder);
}

/* NULL: it is refused. --start-fresh is no way out: it is not damaged. */
static struct store_db *open_db(unsigned max_mb)
{
    const struct store_bounds bounds = {.days = 30, .max_mb = max_mb};

    return store_db_open(path, bounds, true, registers, error);
}

static bool has_words(const char *words)
{
    return strstr(error, words) != NULL;
}

/* One with a register in it, changed by this; false: there is no program that
 * could. */
static bool make(const char *sql)
{
    struct store_db *db = open_db(64);

    ck_assert_msg(db != NULL, "%s", error);
    ck_assert(store_db_begin(db, true));
    ck_assert(store_db_put(db, 5, 6, 1, "a"));
    ck_assert(store_db_commit(db));
    store_db_close(db);
    char *got = unit_sqlite(path, sql);
    if (got == NULL)
        return false;
    ck_assert_str_eq(got, "");
    free(got);
    return true;
}

static const char *const harmless[] = {
    "CREATE INDEX i ON registers (who)",
    "CREATE INDEX i ON messages (address, time DESC)",
    "CREATE TABLE mine (a UNIQUE CHECK (a > 1)); CREATE TRIGGER t AFTER INSERT "
    "ON mine BEGIN DELETE FROM mine; END",
    "CREATE VIEW v AS SELECT * FROM registers",
    "DROP VIEW registers_text",
};

START_TEST(what_does_no_harm)
{
    if (!make(harmless[_i]))
        return;
    struct store_reader *r = store_reader_open(path, error);
    ck_assert_msg(r != NULL, "%s", error);
    store_reader_close(r);
    struct store_db *db = open_db(64);
    ck_assert_msg(db != NULL, "%s", error);
    ck_assert_uint_eq(store_db_loaded(db), 1);
    ck_assert(store_db_begin(db, true));
    ck_assert(store_db_put(db, 7, 8, 1, "a"));
    ck_assert(store_db_commit(db));
    store_db_close(db);
}
END_TEST

static const char *const changed[] = {
    "DROP TABLE registers",
    "DROP TABLE messages",
    "ALTER TABLE registers ADD COLUMN a INTEGER AS (key + 1)",
    "ALTER TABLE messages RENAME COLUMN us TO a",
    "CREATE INDEX i ON registers (hex(who))",
    "CREATE INDEX i ON registers (key + value)",
    "CREATE INDEX i ON registers (who) WHERE who LIKE 'a' ESCAPE who",
    "CREATE UNIQUE INDEX i ON registers (value)",
    "CREATE UNIQUE INDEX i ON Messages (address)",
    "CREATE TRIGGER t AFTER INSERT ON Registers BEGIN DELETE FROM messages; "
    "END",
    "CREATE TRIGGER t BEFORE DELETE ON messages BEGIN SELECT raise(ABORT, 'a');"
    " END",
    "DROP VIEW registers_text; DROP TABLE registers; CREATE VIEW Registers AS "
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i "
    "AS key, 1 AS value, 0 AS time, 'x' AS who FROM n",
};

/* The file stays as it is, byte by byte, as far as its time tells. */
START_TEST(what_is_refused)
{
    struct stat before;
    struct stat after;

    if (!make(changed[_i]))
        return;
    ck_assert_int_eq(stat(path, &before), 0);
    ck_assert_ptr_null(store_reader_open(path, error));
    ck_assert_msg(has_words("its tables are not as wwepd makes them: name a "
                            "copy that nobody has changed"),
                  "%s", error);
    ck_assert_ptr_null(open_db(64));
    ck_assert_msg(has_words("its tables are not as wwepd makes them: put a "
                            "copy there that nobody has changed, or name "
                            "another file"),
                  "%s", error);
    ck_assert_int_eq(stat(path, &after), 0);
    ck_assert_uint_eq(before.st_ino, after.st_ino);
    ck_assert_int_eq(before.st_size, after.st_size);
    ck_assert_int_eq(before.st_mtim.tv_sec, after.st_mtim.tv_sec);
    ck_assert_int_eq(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
}
END_TEST

/* Such a file can not become smaller: nobody tries that for ever. */
START_TEST(a_file_that_keeps_its_pages)
{
    bool more = true;

    if (!make("PRAGMA auto_vacuum = 0; VACUUM;"
              "CREATE TABLE t AS SELECT zeroblob(6000000); DROP TABLE t"))
        return;
    struct store_db *db = open_db(8);
    ck_assert_msg(db != NULL, "%s", error);
    ck_assert(store_db_begin(db, true));
    ck_assert(store_db_trim(db, 10, &more));
    ck_assert(!more);
    ck_assert(store_db_commit(db));
    store_db_close(db);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_schema");
    TCase *tc = tcase_create("store_schema");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, what_does_no_harm, 0,
                        sizeof harmless / sizeof *harmless);
    tcase_add_loop_test(tc, what_is_refused, 0,
                        sizeof changed / sizeof *changed);
    tcase_add_test(tc, a_file_that_keeps_its_pages);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
