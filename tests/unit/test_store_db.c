/* The database as such: what is in it, its versions, and its bounds.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "store_db.h"

#include "unit.h"
#include "unit_io.h"
#include "unit_store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct registers *registers;

static void setup(void)
{
    unit_store_setup();
    registers = registers_new();
    ck_assert_ptr_nonnull(registers);
}

static void teardown(void)
{
    registers_free(registers);
    unit_store_teardown();
}

/* The first column of the first row, as SQLite has it, from outside. */
static int64_t ask(const char *sql)
{
    sqlite3 *sqlite;
    sqlite3_stmt *s;

    ck_assert_int_eq(sqlite3_open(unit_store_path, &sqlite), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(sqlite, sql, -1, &s, NULL), SQLITE_OK);
    int code = sqlite3_step(s);
    int64_t number = code == SQLITE_ROW ? sqlite3_column_int64(s, 0) : -1;
    sqlite3_finalize(s);
    sqlite3_close(sqlite);
    return number;
}

/* So many exchanges of that time. */
static void add(struct store_db *db, time_t time, unsigned n)
{
    struct msglog_entry e = unit_store_entry("R0FAC05", "X");

    e.time.tv_sec = time;
    while (n-- > 0)
        ck_assert(store_db_add_message(db, &e));
}

/* A step of its own; whether there is more to do. */
static bool trim(struct store_db *db)
{
    bool more;

    ck_assert(store_db_begin(db, false));
    ck_assert(store_db_trim(db, 10, &more));
    ck_assert(store_db_commit(db));
    return more;
}

static const unsigned early[] = {1, 9, 10, 11, 100};

START_TEST(a_new_one)
{
    struct store_db *db = unit_store_db_open(registers);

    ck_assert_uint_eq(store_db_loaded(db), 0);
    store_db_close(db);
    ck_assert_int_eq(ask("PRAGMA application_id"), 0x57574550);
    ck_assert_int_eq(ask("PRAGMA user_version"), 1);
    ck_assert_int_eq(ask("PRAGMA auto_vacuum"), 2);
    ck_assert_int_eq(ask("SELECT count(*) FROM registers_text"), 0);
    ck_assert_int_eq(ask("SELECT count(*) FROM messages_text"), 0);
}
END_TEST

START_TEST(a_transaction)
{
    struct store_db *db = unit_store_db_open(registers);
    uint16_t value = 0;

    ck_assert(store_db_begin(db, true));
    ck_assert(store_db_put(db, 0x0fac05, 7, 1, "a"));
    ck_assert(store_db_put(db, 0x0fac05, 8, 2, "b"));
    ck_assert(store_db_put(db, 0xffffff, 0xffff, 3, "c"));
    ck_assert(store_db_commit(db));
    ck_assert(store_db_begin(db, false));
    ck_assert(store_db_put(db, 1, 1, 4, "d"));
    store_db_rollback(db);
    ck_assert(store_db_begin(db, true));
    ck_assert(store_db_erase(db, 0xffffff));
    ck_assert(store_db_commit(db));
    store_db_close(db);
    ck_assert_int_eq(ask("SELECT value FROM registers WHERE who = 'b'"), 8);
    db = unit_store_db_open(registers);
    ck_assert_uint_eq(store_db_loaded(db), 1);
    ck_assert(registers_get(registers, 0x0fac, 5, &value));
    ck_assert_uint_eq(value, 8);
    ck_assert(!registers_get(registers, 0xffff, 0xff, &value));
    store_db_close(db);
}
END_TEST

START_TEST(messages_have_numbers_that_grow)
{
    struct store_db *db = unit_store_db_open(registers);
    const struct msglog_entry e = unit_store_entry("R0FAC05\n", "A0FAC050001");

    for (int life = 0; life < 2; life++) {
        ck_assert(store_db_begin(db, true));
        ck_assert(store_db_add_message(db, &e));
        ck_assert(store_db_add_message(db, &e));
        ck_assert(store_db_commit(db));
        store_db_close(db);
        db = unit_store_db_open(registers);
    }
    store_db_close(db);
    ck_assert_int_eq(ask("SELECT count(*) FROM messages WHERE key = 1027077 "
                         "AND request = 'R0FAC05' AND reply = 'A0FAC050001' "
                         "AND time = 1769853600123456 AND us = 42 AND tls IS "
                         "NULL AND identity IS NULL AND reason IS NULL"),
                     4);
    ck_assert_int_eq(ask("SELECT max(id) FROM messages"), 4);
    ck_assert_int_eq(
        ask("SELECT time = '2026-01-31T10:00:00.123456Z' AND device = '0FAC' "
            "AND register = '05' FROM messages_text"),
        1);
}
END_TEST

START_TEST(a_request_that_names_no_register)
{
    struct store_db *db = unit_store_db_open(registers);
    const struct msglog_entry e = unit_store_entry("R0FA", "X");

    ck_assert(store_db_begin(db, true));
    ck_assert(store_db_add_message(db, &e));
    ck_assert(store_db_commit(db));
    store_db_close(db);
    ck_assert_int_eq(ask("SELECT key IS NULL FROM messages"), 1);
    ck_assert_int_eq(ask("SELECT device IS NULL FROM messages_text"), 1);
}
END_TEST

START_TEST(what_is_old_goes_in_small_steps)
{
    struct store_db *db = unit_store_db_open(registers);

    ck_assert(store_db_begin(db, true));
    add(db, time(NULL) - 31 * 86400, 25);
    add(db, time(NULL) - 29 * 86400, 1);
    ck_assert(store_db_commit(db));
    for (int left = 15; left > 0; left -= 10) {
        ck_assert(trim(db));
        ck_assert_int_eq(ask("SELECT count(*) FROM messages"), left + 1);
    }
    ck_assert(!trim(db));
    ck_assert_int_eq(ask("SELECT count(*) FROM messages"), 1);
    ck_assert_ptr_null(store_db_no_room(db));
    store_db_close(db);
}
END_TEST

/* A clock that was wrong must not keep all that came later. */
START_TEST(what_is_early_holds_nothing_back)
{
    struct store_db *db = unit_store_db_open(registers);
    const time_t now = time(NULL);
    bool more = true;
    unsigned steps = 0;

    ck_assert(store_db_begin(db, true));
    add(db, now - 31 * 86400, 1);
    add(db, now + 86400, early[_i]);
    add(db, now - 31 * 86400, 25);
    add(db, now + 86400, 25);
    add(db, now, 1);
    ck_assert(store_db_commit(db));
    while (more && steps++ < 100) {
        int64_t before = ask("SELECT count(*) FROM messages");
        more = trim(db);
        ck_assert_int_ge(ask("SELECT count(*) FROM messages"), before - 10);
    }
    ck_assert_uint_lt(steps, 100);
    ck_assert_int_eq(ask("SELECT count(*) FROM messages"), 26);
    ck_assert_int_eq(ask("SELECT min(id) FROM messages"), 27 + early[_i]);
    ck_assert_ptr_null(store_db_no_room(db));
    store_db_close(db);
}
END_TEST

/* It was the clock that was slow: nothing goes but what is old. */
START_TEST(a_clock_that_was_slow)
{
    struct store_db *db = unit_store_db_open(registers);
    const time_t soon = time(NULL) + 2;
    bool more = true;

    ck_assert(store_db_begin(db, true));
    add(db, soon, 20);
    for (int i = 0; more && i < 100; i++)
        ck_assert(store_db_trim(db, 10, &more));
    ck_assert(!more);
    add(db, soon - 31 * 86400, 1);
    ck_assert(store_db_commit(db));
    while (time(NULL) <= soon)
        usleep(10000);
    ck_assert(store_db_begin(db, true));
    more = true;
    for (int i = 0; more && i < 100; i++)
        ck_assert(store_db_trim(db, 10, &more));
    ck_assert(store_db_commit(db));
    ck_assert_int_eq(ask("SELECT count(*) FROM messages"), 21);
    store_db_close(db);
}
END_TEST

/* An older schema has not been released yet; this is what would come first. */
START_TEST(a_newer_version_is_refused)
{
    const struct store_bounds bounds = {.days = 30, .max_mb = 64};
    char error[STORE_ERROR_MAX];

    store_db_close(unit_store_db_open(registers));
    ck_assert_int_eq(ask("PRAGMA user_version = 2"), -1);
    ck_assert_ptr_null(
        store_db_open(unit_store_path, bounds, true, registers, error));
    ck_assert_msg(strstr(error, "it is of version 2, and this wwepd knows up "
                                "to 1: use the newer wwepd") != NULL,
                  "%s", error);
    ck_assert_int_eq(ask("PRAGMA user_version"), 2);
}
END_TEST

START_TEST(somebody_else_holds_it)
{
    struct store_db *db = unit_store_db_open(registers);
    void *holder = unit_store_hold(unit_store_path);

    ck_assert(!store_db_begin(db, true));
    ck_assert_ptr_nonnull(strstr(store_db_why(db), "another program"));
    store_db_rollback(db);
    ck_assert_ptr_nonnull(strstr(store_db_why(db), "another program"));
    unit_store_let_go(holder);
    ck_assert(store_db_begin(db, true));
    ck_assert(store_db_commit(db));
    store_db_close(db);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_db");
    TCase *tc = tcase_create("store_db");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_new_one);
    tcase_add_test(tc, a_transaction);
    tcase_add_test(tc, messages_have_numbers_that_grow);
    tcase_add_test(tc, a_request_that_names_no_register);
    tcase_add_test(tc, what_is_old_goes_in_small_steps);
    tcase_add_test(tc, a_clock_that_was_slow);
    tcase_add_loop_test(tc, what_is_early_holds_nothing_back, 0,
                        sizeof early / sizeof *early);
    tcase_add_test(tc, a_newer_version_is_refused);
    tcase_add_test(tc, somebody_else_holds_it);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
