/* What changes many registers at once, and the copy that is made before.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "store_change.h"

#include "unit.h"
#include "unit_io.h"
#include "unit_store.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static struct store store;
static struct unit_writer writer;
static struct store_change change;

static void on_done(struct store_job *job)
{
    ck_assert_ptr_eq(job, &change.job);
    writer.under_way--;
}

static void submit(void)
{
    change.job.port = &writer.port;
    change.job.done = on_done;
    writer.under_way++;
    store_submit(&store, &change.job);
}

static void do_it(void)
{
    submit();
    unit_writer_wait(&writer);
}

static void reset(int32_t device)
{
    store_change_reset(&change, device);
    do_it();
    ck_assert_str_eq(change.error, "");
}

static void refused(const char *from, const char *words)
{
    store_change_restore(&change, from);
    do_it();
    ck_assert_msg(strstr(change.error, words) != NULL, "\"%s\" is not in: %s",
                  words, change.error);
    ck_assert_str_eq(change.copy, "");
}

static void expect(uint16_t device, uint8_t reg, int expected)
{
    uint16_t value = 0;

    ck_assert_int_eq(store_read(&store, device, reg, &value), expected >= 0);
    if (expected >= 0)
        ck_assert_uint_eq(value, (unsigned)expected);
}

static void expect_sql(const char *file, const char *sql, const char *expected)
{
    char *got = unit_sqlite(file, sql);

    if (got != NULL)
        ck_assert_str_eq(got, expected);
    free(got);
}

/* How many files are beside the log and the database. */
static unsigned count_copies(const char *words)
{
    DIR *d = opendir(unit_store_folder);
    unsigned n = 0;

    for (struct dirent *e; (e = readdir(d)) != NULL;)
        n += strstr(e->d_name, words) != NULL;
    closedir(d);
    return n;
}

static void write_some(void)
{
    ck_assert(unit_write_one(&writer, 0, 0, 1));
    ck_assert(unit_write_one(&writer, 0x0fac, 0, 2));
    ck_assert(unit_write_one(&writer, 0x0fac, 0xff, 3));
    ck_assert(unit_write_one(&writer, 0x0fad, 0, 4));
    ck_assert(unit_write_one(&writer, 0xffff, 0xff, 5));
}

static const enum config_durability all[] = {
    CONFIG_STORE_MEMORY, CONFIG_STORE_COMMIT, CONFIG_STORE_ASYNC};

START_TEST(a_reset_of_all)
{
    unit_writer_open(&writer, &store, all[_i]);
    write_some();
    reset(-1);
    for (unsigned i = 0; i <= 0xffff; i++)
        expect((uint16_t)i, 0, -1);
    expect(0xffff, 0xff, -1);
    ck_assert_int_eq(change.copy[0] != '\0', all[_i] != CONFIG_STORE_MEMORY);
    ck_assert(unit_write_one(&writer, 0x0fac, 5, 6));
    unit_writer_close(&writer);
    if (all[_i] == CONFIG_STORE_MEMORY)
        return;
    expect_sql(unit_store_path, "SELECT key, value FROM registers",
               "1027077|6");
    unit_writer_open(&writer, &store, all[_i]);
    expect(0x0fac, 5, 6);
    expect(0x0fac, 0, -1);
    unit_writer_close(&writer);
}
END_TEST

START_TEST(a_reset_of_one_device)
{
    unit_writer_open(&writer, &store, all[_i]);
    write_some();
    reset(0x0fac);
    expect(0, 0, 1);
    expect(0x0fac, 0, -1);
    expect(0x0fac, 0xff, -1);
    expect(0x0fad, 0, 4);
    expect(0xffff, 0xff, 5);
    if (all[_i] != CONFIG_STORE_MEMORY)
        ck_assert_uint_eq(change.registers, 2);
    reset(0xffff);
    expect(0xffff, 0xff, -1);
    reset(0);
    expect(0, 0, -1);
    expect(0x0fad, 0, 4);
    unit_writer_close(&writer);
}
END_TEST

START_TEST(the_copy_has_what_there_was)
{
    struct stat st;
    struct msglog_entry message = {.time = {time(NULL), 0},
                                   .listener = "plain"};

    wwep_decoder_init(&message.request);
    unit_writer_open(&writer, &store, CONFIG_STORE_COMMIT);
    ck_assert_int_eq(chmod(unit_store_path, 0600),
                     0); /* nor is the copy for others */
    write_some();
    store_add_message(&store, 0, &message);
    reset(-1);
    ck_assert_uint_eq(change.registers, 5);
    ck_assert_msg(
        strncmp(change.copy, unit_store_path, strlen(unit_store_path)) == 0 &&
            strncmp(change.copy + strlen(unit_store_path), ".before-reset-2",
                    15) == 0 &&
            change.copy[strlen(change.copy) - 1] == 'Z',
        "%s", change.copy);
    unit_log_expect(": every device was reset");
    unit_log_expect(change.copy);
    expect_sql(change.copy, "SELECT sum(value), count(*) FROM registers",
               "15|5");
    expect_sql(change.copy, "PRAGMA integrity_check", "ok");
    expect_sql(change.copy, "PRAGMA journal_mode", "delete");
    ck_assert_int_eq(stat(change.copy, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0600);
    reset(-1); /* perhaps within the same second */
    ck_assert_uint_eq(count_copies("before-reset"), 2);
    ck_assert_uint_eq(count_copies(".part"), 0);
    ck_assert_uint_eq(count_copies("Z-wal"), 0);
    unit_writer_close(&writer);
    expect_sql(unit_store_path, "SELECT count(*) FROM registers", "0");
    expect_sql(unit_store_path, "SELECT count(*) FROM messages",
               "1"); /* it stays */
}
END_TEST

START_TEST(a_copy_is_restored)
{
    char copy[STORE_COPY_PATH_MAX];

    unit_writer_open(&writer, &store, CONFIG_STORE_COMMIT);
    write_some();
    reset(-1);
    snprintf(copy, sizeof copy, "%s", change.copy);
    unit_writer_close(&writer);
    unit_writer_open(&writer, &store, all[_i]);
    ck_assert(unit_write_one(&writer, 0x0fac, 0, 99));
    ck_assert(unit_write_one(&writer, 0x0001, 0, 98));
    store_change_restore(&change, copy);
    do_it();
    ck_assert_str_eq(change.error, "");
    ck_assert_uint_eq(change.registers, 5);
    for (int life = 0; life < 2; life++) {
        expect(0, 0, 1);
        expect(1, 0, -1);
        expect(0x0fac, 0, 2);
        expect(0x0fac, 0xff, 3);
        expect(0xffff, 0xff, 5);
        unit_writer_close(&writer);
        if (all[_i] == CONFIG_STORE_MEMORY)
            return;
        unit_writer_open(&writer, &store, all[_i]);
    }
    unit_writer_close(&writer);
    expect_sql(unit_store_path, "SELECT count(*), min(who) FROM registers",
               "5|10.0.0.1");
    expect_sql(change.copy, "SELECT value FROM registers WHERE key = 256",
               "98"); /* what there was before the restore */
}
END_TEST

START_TEST(what_is_no_copy_is_refused)
{
    char other[4096];
    char *text;

    unit_writer_open(&writer, &store, all[_i]);
    write_some();
    text = unit_write(unit_store_folder, "text",
                      "This is no database. Really, none.");
    refused(text, "damaged, or no database: name a good copy");
    free(text);
    refused("/nowhere/copy.db", "No such file or directory: name a database");
    refused(unit_store_folder, "Is a directory: name another file");
    text = unit_write(unit_store_folder, "empty", "");
    refused(text, "it is empty");
    free(text);
    snprintf(other, sizeof other, "%s/other.db", unit_store_folder);
    text = unit_sqlite(other, "CREATE TABLE registers (a)");
    if (text != NULL)
        refused(other, "it is the database of another program");
    free(text);
    snprintf(other, sizeof other, "%s/pipe", unit_store_folder);
    ck_assert_int_eq(mkfifo(other, 0600), 0);
    refused(other, "Invalid argument: name another file");
    if (all[_i] != CONFIG_STORE_MEMORY) {
        refused(unit_store_path, "that is the database itself");
        snprintf(other, sizeof other, "%s/link", unit_store_folder);
        ck_assert_int_eq(symlink(unit_store_path, other), 0);
        refused(other, "that is the database itself");
    }
    ck_assert(unit_write_one(&writer, 5, 6, 7)); /* the locks are still ours */
    expect(0x0fac, 0xff, 3);
    ck_assert_uint_eq(count_copies("before"), 0);
    unit_writer_close(&writer);
}
END_TEST

START_TEST(a_copy_that_is_damaged_inside_is_refused)
{
    char copy[STORE_COPY_PATH_MAX];

    unit_writer_open(&writer, &store, CONFIG_STORE_COMMIT);
    for (uint16_t i = 0; i < 2000; i++)
        unit_writer_begin(&writer, i, 1, i);
    unit_writer_wait(&writer);
    reset(-1);
    snprintf(copy, sizeof copy, "%s", change.copy);
    ck_assert(unit_write_one(&writer, 1, 2, 3));
    FILE *f = fopen(copy, "r+b");
    ck_assert_ptr_nonnull(f);
    for (long page = 2; page < 12; page++) {
        ck_assert_int_eq(fseek(f, page * 4096, SEEK_SET), 0);
        for (int i = 0; i < 4096; i++)
            fputc(0xa5, f);
    }
    fclose(f);
    refused(copy, "it is damaged");
    expect(1, 2, 3);
    expect(5, 1, -1);
    unit_writer_close(&writer);
    expect_sql(unit_store_path, "SELECT count(*) FROM registers", "1");
}
END_TEST

START_TEST(a_copy_of_a_newer_version_is_refused)
{
    char copy[STORE_COPY_PATH_MAX];

    unit_writer_open(&writer, &store, CONFIG_STORE_COMMIT);
    reset(-1);
    snprintf(copy, sizeof copy, "%s", change.copy);
    char *done = unit_sqlite(copy, "PRAGMA user_version = 9");
    if (done != NULL)
        refused(copy, "it is of version 9, and this program knows up to 1");
    free(done);
    unit_writer_close(&writer);
}
END_TEST

START_TEST(without_a_copy_nothing_changes)
{
    unit_writer_open(&writer, &store, CONFIG_STORE_COMMIT);
    write_some();
    unit_drop_root(unit_store_folder);
    if (access(unit_store_folder, W_OK) != 0) {
        store_change_reset(&change, -1);
        do_it();
        ck_assert_msg(strstr(change.error, "no copy can be made of it: "
                                           "Permission denied: let this user "
                                           "write to its folder") != NULL,
                      "%s", change.error);
    }
    unit_regain_root();
    expect(0x0fac, 0xff, 3);
    unit_writer_close(&writer);
}
END_TEST

START_TEST(a_locked_database_changes_nothing)
{
    unit_writer_open(&writer, &store, CONFIG_STORE_COMMIT);
    write_some();
    void *holder = unit_store_hold(unit_store_path);
    store_change_reset(&change, -1);
    do_it();
    unit_store_let_go(holder);
    ck_assert_msg(strstr(change.error, "another program has it locked") != NULL,
                  "%s", change.error);
    ck_assert_str_ne(change.copy, ""); /* it is whole, and stays */
    expect(0x0fac, 0xff, 3);
    reset(-1);
    expect(0x0fac, 0xff, -1);
    unit_writer_close(&writer);
}
END_TEST

/* Many pages, so that the copy takes many steps. */
static void fill(void)
{
    char *done = unit_sqlite(
        unit_store_path,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
        "WHERE i < 150000) INSERT INTO messages (time, connection, "
        "listener, resumed, address, port, request, reply, us) SELECT "
        "strftime('%s') * 1000000 + i, i, 'plain', 0, '127.0.0.1', 1, "
        "'R0FAC0B', 'X', 1 FROM n");

    if (done != NULL)
        ck_assert_str_eq(done, "");
    free(done);
}

START_TEST(writes_go_on_while_it_is_copied)
{
    unit_writer_open(&writer, &store, CONFIG_STORE_COMMIT);
    fill();
    store_change_reset(&change, 0x0fac);
    submit();
    for (uint16_t i = 0; i < 100; i++)
        unit_writer_begin(&writer, 1, (uint8_t)i, i);
    unit_writer_wait(&writer);
    ck_assert_str_eq(change.error, "");
    ck_assert_uint_eq(writer.stored, 100);
    unit_writer_close(&writer);
    expect_sql(change.copy, "PRAGMA integrity_check", "ok");
    expect_sql(unit_store_path, "SELECT count(*) FROM registers", "100");
}
END_TEST

START_TEST(a_copy_can_be_given_up)
{
    unit_writer_open(&writer, &store, CONFIG_STORE_COMMIT);
    fill();
    write_some();
    store_change_reset(&change, -1);
    atomic_store(&change.cancelled, true);
    do_it();
    ck_assert_str_eq(change.error, "the server is ending: try again");
    ck_assert_str_eq(change.copy, "");
    ck_assert_uint_eq(count_copies("before"), 0);
    expect(0x0fac, 0xff, 3);
    unit_writer_close(&writer);
}
END_TEST

static bool both_done;

static void on_second_done(struct store_job *job)
{
    (void)job;
    both_done = writer.under_way == 1; /* this one */
    writer.under_way--;
}

START_TEST(jobs_are_done_one_after_the_other)
{
    static struct store_change second;

    unit_writer_open(&writer, &store, CONFIG_STORE_COMMIT);
    write_some();
    store_change_reset(&change, 0);
    submit();
    store_change_reset(&second, 0x0fac);
    second.job.port = &writer.port;
    second.job.done = on_second_done;
    writer.under_way++;
    store_submit(&store, &second.job);
    unit_writer_wait(&writer);
    ck_assert(both_done);
    expect(0, 0, -1);
    expect(0x0fac, 0, -1);
    expect(0x0fad, 0, 4);
    expect_sql(second.copy, "SELECT count(*) FROM registers", "4");
    unit_writer_close(&writer);
}
END_TEST

START_TEST(what_has_been_done_is_counted)
{
    struct store_stats stats;
    struct msglog_entry message = {.listener = "plain"};

    wwep_decoder_init(&message.request);
    unit_writer_open(&writer, &store, CONFIG_STORE_COMMIT);
    store_stats(&store, &stats);
    ck_assert_uint_eq(stats.batches, 0);
    ck_assert_int_eq(stats.error_us, 0);
    write_some();
    store_add_message(&store, 1, &message);
    for (int i = 0; stats.messages == 0 && i < 1000; i++) {
        store_stats(&store, &stats);
        usleep(10000);
    }
    ck_assert_uint_eq(stats.writes, 5);
    ck_assert_uint_ge(stats.batches, 5);
    ck_assert_uint_le(stats.batches, 6);
    ck_assert_uint_eq(stats.messages, 1);
    ck_assert_uint_eq(stats.messages_dropped, 0);
    ck_assert(!stats.failing);
    void *holder = unit_store_hold(unit_store_path);
    ck_assert(!unit_write_one(&writer, 1, 1, 1));
    store_stats(&store, &stats);
    ck_assert(stats.failing);
    ck_assert_uint_eq(stats.writes, 5);
    ck_assert_int_gt(stats.error_us, 0);
    ck_assert_ptr_nonnull(strstr(stats.error, "another program has it locked"));
    unit_store_let_go(holder);
    unit_writer_close(&writer);
    unit_writer_open(&writer, &store, CONFIG_STORE_MEMORY);
    write_some();
    store_stats(&store, &stats);
    ck_assert_uint_eq(stats.writes, 0);
    unit_writer_close(&writer);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_change");
    TCase *tc = tcase_create("store_change");

    tcase_add_checked_fixture(tc, unit_store_setup, unit_store_teardown);
    tcase_add_loop_test(tc, a_reset_of_all, 0, LENGTH(all));
    tcase_add_loop_test(tc, a_reset_of_one_device, 0, LENGTH(all));
    tcase_add_test(tc, the_copy_has_what_there_was);
    tcase_add_loop_test(tc, a_copy_is_restored, 0, LENGTH(all));
    tcase_add_loop_test(tc, what_is_no_copy_is_refused, 0, LENGTH(all));
    tcase_add_test(tc, a_copy_that_is_damaged_inside_is_refused);
    tcase_add_test(tc, a_copy_of_a_newer_version_is_refused);
    tcase_add_test(tc, without_a_copy_nothing_changes);
    tcase_add_test(tc, a_locked_database_changes_nothing);
    tcase_add_test(tc, writes_go_on_while_it_is_copied);
    tcase_add_test(tc, a_copy_can_be_given_up);
    tcase_add_test(tc, jobs_are_done_one_after_the_other);
    tcase_add_test(tc, what_has_been_done_is_counted);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
