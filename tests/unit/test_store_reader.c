/* A database that is only looked into.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "store_reader.h"

#include "store_db.h"
#include "unit.h"
#include "unit_io.h"
#include "unit_store.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char error[STORE_ERROR_MAX];
static struct registers *registers;
static struct store_db *db;
static const struct store_filter everything = {
    .since_us = INT64_MIN, .until_us = INT64_MAX, .from_key = -1};

static void setup(void)
{
    unit_store_setup();
    snprintf(unit_store_path, sizeof unit_store_path, "%s/a?b#c%%20.db",
             unit_store_folder);
    registers = registers_new();
    ck_assert_ptr_nonnull(registers);
}

static void teardown(void)
{
    registers_free(registers);
    unit_store_teardown();
}

static void open_db(void)
{
    db = unit_store_db_open(registers);
}

static void put(uint32_t key, uint16_t value)
{
    ck_assert(store_db_begin(db, true));
    ck_assert(store_db_put(db, key, value, 1769853600123456, "a"));
    ck_assert(store_db_commit(db));
}

static void add(const char *request, const char *reply, int64_t time_s)
{
    struct msglog_entry e = unit_store_entry(request, reply);

    e.time = (struct timespec){time_s, 5000};
    ck_assert(store_db_begin(db, true));
    ck_assert(store_db_add_message(db, &e));
    ck_assert(store_db_commit(db));
}

static unsigned count_files(void)
{
    DIR *d = opendir(unit_store_folder);
    unsigned n = 0;

    while (readdir(d) != NULL)
        n++;
    closedir(d);
    return n;
}

static struct store_reader *open_reader(void)
{
    struct store_reader *r = store_reader_open(unit_store_path, error);

    ck_assert_msg(r != NULL, "%s", error);
    return r;
}

static bool has_changed(struct store_reader *r)
{
    bool changed;

    ck_assert_msg(store_reader_changed(r, &changed), "%s", store_reader_why(r));
    return changed;
}

static size_t read_registers(struct store_reader *r, uint32_t from, uint32_t to,
                             struct store_register *rows, size_t n)
{
    ck_assert_msg(store_reader_registers(r, from, to, rows, &n), "%s",
                  store_reader_why(r));
    return n;
}

/* How many the filter lets through behind that id. */
static size_t count(struct store_reader *r, const struct store_filter *f,
                    int64_t after)
{
    struct store_message rows[100];
    size_t n = 100;

    ck_assert_msg(store_reader_messages(r, f, after, rows, &n), "%s",
                  store_reader_why(r));
    store_reader_free(rows, n);
    return n;
}

START_TEST(one_that_nobody_has)
{
    struct store_register rows[10];

    open_db();
    put(5, 6);
    put(0xffffff, 7);
    store_db_close(db);
    unsigned files = count_files();
    struct store_reader *r = open_reader();
    ck_assert(has_changed(r)); /* the first time */
    ck_assert(!has_changed(r));
    ck_assert(store_reader_check(r));
    ck_assert_uint_eq(read_registers(r, 0, 0xffffff, rows, 10), 2);
    ck_assert_uint_eq(rows[0].key, 5);
    ck_assert_uint_eq(rows[0].value, 6);
    ck_assert_int_eq(rows[0].time_us, 1769853600123456);
    ck_assert_str_eq(rows[0].who, "a");
    ck_assert_uint_eq(rows[1].key, 0xffffff);
    ck_assert_uint_eq(read_registers(r, 0, 0xffffff, rows, 1), 1);
    ck_assert_uint_eq(read_registers(r, 6, 0xfffffe, rows, 10), 0);
    ck_assert_uint_eq(count_files(), files);
    store_reader_close(r);
    ck_assert_uint_eq(count_files(), files);
}
END_TEST

START_TEST(one_that_is_in_use)
{
    struct store_register rows[10];

    open_db();
    put(5, 6);
    struct store_reader *r = open_reader();
    ck_assert_uint_eq(read_registers(r, 0, 0xffffff, rows, 10), 1);
    ck_assert(has_changed(r)); /* the first time */
    ck_assert(!has_changed(r));
    put(7, 8);
    ck_assert(has_changed(r));
    ck_assert_uint_eq(read_registers(r, 0, 0xffffff, rows, 10), 2);
    store_reader_close(r);
    store_db_close(db);
}
END_TEST

START_TEST(servers_come_and_go)
{
    struct store_register rows[10];

    open_db();
    put(5, 6);
    store_db_close(db);
    struct store_reader *r = open_reader();
    for (uint32_t i = 1; i < 4; i++) {
        ck_assert_uint_eq(read_registers(r, 0, 0xffffff, rows, 10), i);
        open_db();
        put(5 + i, 6);
        ck_assert(has_changed(r));
        ck_assert_uint_eq(read_registers(r, 0, 0xffffff, rows, 10), i + 1);
        store_db_close(db);
        ck_assert_uint_eq(read_registers(r, 0, 0xffffff, rows, 10), i + 1);
    }
    store_reader_close(r);
}
END_TEST

START_TEST(another_file_of_that_name)
{
    struct store_register rows[10];
    bool changed;

    open_db();
    put(5, 6);
    store_db_close(db);
    struct store_reader *r = open_reader();
    ck_assert(has_changed(r));
    ck_assert_int_eq(unlink(unit_store_path), 0);
    ck_assert(!store_reader_changed(r, &changed));
    ck_assert_ptr_nonnull(strstr(store_reader_why(r), "No such file"));
    open_db();
    store_db_close(db);
    ck_assert(has_changed(r));
    ck_assert_uint_eq(read_registers(r, 0, 0xffffff, rows, 10), 0);
    store_reader_close(r);
}
END_TEST

START_TEST(messages_by_filter)
{
    struct store_filter f = everything;
    int64_t after;

    open_db();
    add("W0FAC050001", "A0FAC050001", 1000);
    add("R0FAC05", "A0FAC050001", 2000);
    add("R0FAC06", "X", 3000);
    add("R0FAD05", "X", 4000);
    add("Q", "X", 5000);
    struct store_reader *r = open_reader();
    ck_assert_uint_eq(count(r, &f, 0), 5);
    ck_assert_uint_eq(count(r, &f, 3), 2);
    f.since_us = 2000000005;
    ck_assert_uint_eq(count(r, &f, 0), 4);
    f.since_us++;
    ck_assert_uint_eq(count(r, &f, 0), 3);
    f = everything;
    f.until_us = 2000000005;
    ck_assert_uint_eq(count(r, &f, 0), 1);
    f.until_us++;
    ck_assert_uint_eq(count(r, &f, 0), 2);
    f = everything;
    f.from_key = 0x0fac00;
    f.to_key = 0x0facff;
    ck_assert_uint_eq(count(r, &f, 0), 3);
    f.failed = true;
    ck_assert_uint_eq(count(r, &f, 0), 1);
    f.failed = false;
    f.accepted = true;
    ck_assert_uint_eq(count(r, &f, 0), 2);
    f.like = "W%";
    ck_assert_uint_eq(count(r, &f, 0), 1);
    f = everything;
    f.address = "0.0.0.0";
    ck_assert_uint_eq(count(r, &f, 0), 5);
    f.address = "0.0.0.1";
    ck_assert_uint_eq(count(r, &f, 0), 0);
    f = everything;
    ck_assert(store_reader_before_last(r, &f, 2, &after));
    ck_assert_int_eq(after, 3);
    ck_assert(store_reader_before_last(r, &f, 9, &after));
    ck_assert_int_eq(after, 0);
    f.address = "nobody";
    ck_assert(store_reader_before_last(r, &f, 9, &after));
    ck_assert_int_eq(after, 0);
    store_reader_close(r);
    store_db_close(db);
}
END_TEST

START_TEST(a_message)
{
    struct store_message m[3];
    size_t n = 1;

    open_db();
    add("W0FAC050001", "A0FAC050001", 1000);
    add("Q", "X", 1000);
    struct store_reader *r = open_reader();
    ck_assert(store_reader_messages(r, &everything, 0, m, &n));
    ck_assert_uint_eq(n, 1);
    ck_assert_int_eq(m[0].id, 1);
    ck_assert_int_eq(m[0].time_us, 1000000005);
    ck_assert_int_eq(m[0].connection, 7);
    ck_assert_int_eq(m[0].key, 0x0fac05);
    ck_assert_int_eq(m[0].us, 42);
    ck_assert_str_eq(m[0].listener, "plain");
    ck_assert_ptr_null(m[0].tls);
    ck_assert_ptr_null(m[0].identity);
    ck_assert_str_eq(m[0].request, "W0FAC050001");
    ck_assert_str_eq(m[0].reply, "A0FAC050001");
    ck_assert_ptr_null(m[0].reason);
    store_reader_free(m, n);
    n = 3;
    ck_assert(store_reader_messages(r, &everything, 1, m, &n));
    ck_assert_uint_eq(n, 1);
    ck_assert_int_eq(m[0].key, -1);
    ck_assert_str_eq(m[0].reason, "not found");
    store_reader_free(m, n);
    store_reader_close(r);
    store_db_close(db);
}
END_TEST

static void refused(const char *file, const char *words)
{
    ck_assert_ptr_null(store_reader_open(file, error));
    ck_assert_msg(strstr(error, words) != NULL, "\"%s\" is not in: %s", words,
                  error);
    ck_assert_msg(strncmp(error, file, strlen(file)) == 0, "%s", error);
}

START_TEST(what_can_not_be_read)
{
    char *file =
        unit_write(unit_store_folder, "text", "No database at all, but a text");

    refused(file, "it is damaged, or no database: name a good copy");
    free(file);
    file = unit_write(unit_store_folder, "empty", "");
    refused(file, "it is empty: start wwepd with it first");
    free(file);
    refused(unit_store_folder, "Is a directory: name another file");
    refused(unit_store_path,
            "No such file or directory: name a database that is there");
    open_db();
    store_db_close(db);
    ck_assert_int_eq(chmod(unit_store_path, 0), 0);
    unit_drop_root(unit_store_folder);
    refused(unit_store_path, "Permission denied: let this user read it");
    unit_regain_root();
}
END_TEST

/* What somebody has sent: it says that it is one of ours. */
static const struct forged {
    const char *sql;
    bool good;
} forged[] = {
    {"CREATE INDEX i ON registers (who)", true},
    {"CREATE TABLE mine (a); CREATE VIEW v AS SELECT * FROM mine", true},
    {"DROP TABLE registers", false},
    {"DROP TABLE messages", false},
    {"ALTER TABLE registers ADD COLUMN a INTEGER AS (key + 1)", false},
    {"ALTER TABLE messages RENAME COLUMN us TO a", false},
    {"CREATE INDEX i ON registers (hex(who))", false},
    {"DROP VIEW registers_text; DROP TABLE registers; CREATE VIEW Registers AS "
     "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i "
     "AS key, 1 AS value, 0 AS time, 'x' AS who FROM n WHERE i < 0",
     false},
};

START_TEST(tables_that_somebody_has_made)
{
    open_db();
    put(5, 6);
    store_db_close(db);
    char *got = unit_sqlite(unit_store_path, forged[_i].sql);
    if (got == NULL)
        return;
    ck_assert_str_eq(got, "");
    free(got);
    if (!forged[_i].good) {
        refused(unit_store_path,
                "its tables are not as wwepd makes them: name a copy "
                "that nobody has changed");
        return;
    }
    struct store_reader *r = open_reader();
    ck_assert(store_reader_check(r));
    store_reader_close(r);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_reader");
    TCase *tc = tcase_create("store_reader");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, one_that_nobody_has);
    tcase_add_test(tc, one_that_is_in_use);
    tcase_add_test(tc, servers_come_and_go);
    tcase_add_test(tc, another_file_of_that_name);
    tcase_add_test(tc, messages_by_filter);
    tcase_add_test(tc, a_message);
    tcase_add_test(tc, what_can_not_be_read);
    tcase_add_loop_test(tc, tables_that_somebody_has_made, 0,
                        sizeof forged / sizeof *forged);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
