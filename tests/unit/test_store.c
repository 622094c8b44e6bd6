/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store.h"

#include "unit.h"
#include "unit_io.h"
#include "unit_store.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static struct store store;
static struct unit_writer writer;

static void expect(uint16_t device, uint8_t reg, uint16_t expected)
{
    uint16_t value = 0;

    ck_assert(store_read(&store, device, reg, &value));
    ck_assert_uint_eq(value, expected);
}

/* What SQLite's shell finds. */
static void expect_sql(const char *sql, const char *expected)
{
    char *got = unit_sqlite(unit_store_path, sql);

    if (got != NULL)
        ck_assert_str_eq(got, expected);
    free(got);
}

static const enum config_durability all[] = {
    CONFIG_STORE_MEMORY, CONFIG_STORE_COMMIT, CONFIG_STORE_ASYNC};
static const enum config_durability kept[] = {CONFIG_STORE_COMMIT,
                                              CONFIG_STORE_ASYNC};

/* --- whatever is promised ------------------------------------------------- */

/* A write, and what its done() has seen. */
struct observed {
    struct store_write write; /* the first member */
    unsigned calls;
    bool stored;
    uint16_t value; /* read when done() was called */
    pthread_t thread;
};

static void on_done(struct store_write *w, bool stored)
{
    struct observed *o = (struct observed *)w;

    o->calls++;
    o->stored = stored;
    o->thread = pthread_self();
    ck_assert(store_read(&store, w->device, w->reg, &o->value));
    writer.under_way--;
}

START_TEST(done_comes_once_and_the_value_is_there)
{
    struct observed o = {.write = {.device = 0x0fac,
                                   .reg = 5,
                                   .value = 0x1234,
                                   .peer = &writer.peer,
                                   .port = &writer.port,
                                   .done = on_done}};

    unit_writer_open(&writer, &store, all[_i]);
    writer.under_way++;
    store_write(&store, &o.write);
    unit_writer_wait(&writer);
    ck_assert_uint_eq(o.calls, 1);
    ck_assert(o.stored);
    ck_assert_uint_eq(o.value, 0x1234);
    ck_assert(pthread_equal(o.thread, pthread_self()));
    ck_assert_uint_eq(o.write.device, 0x0fac);
    ck_assert_uint_eq(o.write.reg, 5);
    ck_assert_uint_eq(o.write.value, 0x1234);
    ck_assert(o.write.done == on_done);
    unit_writer_close(&writer);
    ck_assert_uint_eq(o.calls, 1);
}
END_TEST

START_TEST(the_last_write_wins)
{
    unit_writer_open(&writer, &store, all[_i]);
    for (uint16_t i = 0; i < 100; i++) /* in few transactions */
        unit_writer_begin(&writer, 1, 2, i);
    unit_writer_wait(&writer);
    expect(1, 2, 99);
    ck_assert(unit_write_one(&writer, 1, 2, 7));
    expect(1, 2, 7);
    unit_writer_close(&writer);
}
END_TEST

START_TEST(nobody_has_written)
{
    uint16_t value = 77;

    unit_writer_open(&writer, &store, all[_i]);
    ck_assert(unit_write_one(&writer, 1, 2, 3));
    ck_assert(!store_read(&store, 1, 3, &value));
    ck_assert(!store_read(&store, 2, 2, &value));
    ck_assert_uint_eq(value, 77);
    unit_writer_close(&writer);
}
END_TEST

/* --- threads --- */

#define THREADS 4u
#define EACH    2000u

struct thread {
    pthread_t id;
    uint8_t number;
};

static void *work(void *arg)
{
    const struct thread *t = arg;
    struct unit_writer w;

    unit_writer_init(&w, &store, t->number);
    for (unsigned i = 0; i < EACH; i++) {
        uint16_t value = (uint16_t)(i * 7 + t->number);
        unit_writer_begin(&w, t->number, (uint8_t)i, value);
        unit_writer_begin(&w, 99, 1, value); /* which everybody writes */
        if (i % 50 == 0)
            unit_writer_wait(&w);
    }
    unit_writer_wait(&w);
    ck_assert_uint_eq(w.stored, 2 * EACH);
    ck_assert_uint_eq(w.refused, 0);
    unit_writer_deinit(&w);
    return NULL;
}

START_TEST(threads_side_by_side)
{
    struct thread threads[THREADS];
    uint16_t shared = 0;

    unit_writer_open(&writer, &store, all[_i]);
    for (uint8_t i = 0; i < THREADS; i++) {
        threads[i].number = i;
        ck_assert_int_eq(
            pthread_create(&threads[i].id, NULL, work, &threads[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i].id, NULL), 0);
    ck_assert(store_read(&store, 99, 1, &shared));
    unit_writer_close(&writer);
    if (all[_i] == CONFIG_STORE_MEMORY)
        return;
    unit_writer_open(&writer, &store, all[_i]);
    expect(99, 1, shared); /* what was read is what is kept */
    for (unsigned i = EACH - 256; i < EACH; i++)
        for (uint16_t n = 0; n < THREADS; n++)
            expect(n, (uint8_t)i, (uint16_t)(i * 7 + n));
    unit_writer_close(&writer);
}
END_TEST

/* --- kept ----------------------------------------------------------------- */

START_TEST(memory_keeps_nothing)
{
    uint16_t value;

    unit_writer_open(&writer, &store, CONFIG_STORE_MEMORY);
    ck_assert(unit_write_one(&writer, 1, 2, 3));
    unit_writer_close(&writer);
    ck_assert_int_ne(access(unit_store_path, F_OK), 0);
    unit_writer_open(&writer, &store, CONFIG_STORE_MEMORY);
    ck_assert(!store_read(&store, 1, 2, &value));
    unit_writer_close(&writer);
}
END_TEST

START_TEST(it_is_there_again)
{
    unit_writer_open(&writer, &store, kept[_i]);
    ck_assert(unit_write_one(&writer, 0, 0, 0));
    ck_assert(unit_write_one(&writer, 0xffff, 0xff, 0xffff));
    ck_assert(unit_write_one(&writer, 0x0fac, 5, 1));
    ck_assert(unit_write_one(&writer, 0x0fac, 5, 0xabcd));
    unit_writer_close(&writer);
    expect_sql("SELECT device, register, value, who FROM registers_text",
               "0000|00|0000|10.0.0.1\n0FAC|05|ABCD|10.0.0.1\n"
               "FFFF|FF|FFFF|10.0.0.1");
    expect_sql("PRAGMA integrity_check", "ok");
    unit_writer_open(&writer, &store, kept[_i]);
    unit_log_expect(": 3 registers, read in ");
    expect(0, 0, 0);
    expect(0xffff, 0xff, 0xffff);
    expect(0x0fac, 5, 0xabcd);
    unit_writer_close(&writer);
}
END_TEST

START_TEST(an_acknowledged_write_is_in_the_file)
{
    unit_writer_open(&writer, &store, CONFIG_STORE_COMMIT);
    ck_assert(unit_write_one(&writer, 0x0fac, 5, 0xabcd));
    expect_sql("SELECT key, value, who, abs(time / 1000000 - strftime('%s')) "
               "< 60 FROM registers",
               "1027077|43981|10.0.0.1|1");
    unit_writer_close(&writer);
}
END_TEST

START_TEST(async_is_in_the_file_within_a_second)
{
    uint64_t until = unit_now_ms() + 1000;
    char *got = NULL;

    unit_writer_open(&writer, &store, CONFIG_STORE_ASYNC);
    ck_assert(unit_write_one(&writer, 0x0fac, 5, 0xabcd));
    ck_assert_uint_eq(writer.under_way, 0);
    do {
        free(got);
        got = unit_sqlite(unit_store_path, "SELECT value FROM registers");
    } while (got != NULL && strcmp(got, "43981") != 0 &&
             unit_now_ms() < until + UNIT_DEADLINE_MS);
    if (got != NULL)
        ck_assert_str_eq(got, "43981");
    free(got);
    unit_writer_close(&writer);
}
END_TEST

START_TEST(by_whom)
{
    unit_writer_open(&writer, &store, CONFIG_STORE_COMMIT);
    struct observed o = {.write = {.device = 1,
                                   .reg = 2,
                                   .value = 3,
                                   .peer = &writer.peer,
                                   .identity = "board \xff\\",
                                   .port = &writer.port,
                                   .done = on_done}};
    writer.under_way++;
    store_write(&store, &o.write);
    unit_writer_wait(&writer);
    unit_writer_close(&writer);
    expect_sql("SELECT who FROM registers", "board \\xFF\\x5C");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store");
    TCase *tc = tcase_create("store");

    tcase_add_checked_fixture(tc, unit_store_setup, unit_store_teardown);
    tcase_add_loop_test(tc, done_comes_once_and_the_value_is_there, 0,
                        LENGTH(all));
    tcase_add_loop_test(tc, the_last_write_wins, 0, LENGTH(all));
    tcase_add_loop_test(tc, nobody_has_written, 0, LENGTH(all));
    tcase_add_loop_test(tc, threads_side_by_side, 0, LENGTH(all));
    tcase_add_test(tc, memory_keeps_nothing);
    tcase_add_loop_test(tc, it_is_there_again, 0, LENGTH(kept));
    tcase_add_test(tc, an_acknowledged_write_is_in_the_file);
    tcase_add_test(tc, async_is_in_the_file_within_a_second);
    tcase_add_test(tc, by_whom);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
