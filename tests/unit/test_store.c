/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store.h"

#include "unit.h"

#include <pthread.h>

static struct store store;

static void setup(void)
{
    ck_assert_int_eq(store_open(&store), 0);
}

static void teardown(void)
{
    store_close(&store);
}

/* A write, and what its done() has seen. */
struct observed {
    struct store_write write; /* the first member */
    unsigned calls;
    bool stored;
    bool readable; /* when done() was called */
    uint16_t value;
    pthread_t thread;
};

static void on_done(struct store_write *w, bool stored)
{
    struct observed *o = (struct observed *)w;

    o->calls++;
    o->stored = stored;
    o->thread = pthread_self();
    o->readable = store_read(&store, w->device, w->reg, &o->value);
}

static struct observed write_of(uint16_t device, uint8_t reg, uint16_t value)
{
    return (struct observed){
        .write = {
            .device = device, .reg = reg, .value = value, .done = on_done}};
}

START_TEST(done_comes_once_and_the_value_is_there)
{
    struct observed o = write_of(0x0fac, 5, 0x1234);

    store_write(&store, &o.write);
    ck_assert_uint_eq(o.calls, 1);
    ck_assert(o.stored);
    ck_assert(o.readable);
    ck_assert_uint_eq(o.value, 0x1234);
    ck_assert(pthread_equal(o.thread, pthread_self()));
}
END_TEST

START_TEST(a_write_does_not_change_the_request)
{
    struct observed o = write_of(0xffff, 0xff, 0xffff);

    store_write(&store, &o.write);
    ck_assert_uint_eq(o.write.device, 0xffff);
    ck_assert_uint_eq(o.write.reg, 0xff);
    ck_assert_uint_eq(o.write.value, 0xffff);
    ck_assert(o.write.done == on_done);
}
END_TEST

START_TEST(the_last_write_wins)
{
    struct observed first = write_of(1, 2, 3);
    struct observed second = write_of(1, 2, 4);
    uint16_t value = 0;

    store_write(&store, &first.write);
    store_write(&store, &second.write);
    ck_assert(store_read(&store, 1, 2, &value));
    ck_assert_uint_eq(value, 4);
}
END_TEST

START_TEST(nobody_has_written)
{
    struct observed o = write_of(1, 2, 3);
    uint16_t value = 77;

    store_write(&store, &o.write);
    ck_assert(!store_read(&store, 1, 3, &value));
    ck_assert(!store_read(&store, 2, 2, &value));
    ck_assert_uint_eq(value, 77);
}
END_TEST

START_TEST(closed_and_opened_again_it_is_empty)
{
    struct observed o = write_of(1, 2, 3);
    uint16_t value;

    store_write(&store, &o.write);
    store_close(&store);
    ck_assert_ptr_null(store.registers);
    ck_assert_int_eq(store_open(&store), 0);
    ck_assert(!store_read(&store, 1, 2, &value));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store");
    TCase *tc = tcase_create("store");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, done_comes_once_and_the_value_is_there);
    tcase_add_test(tc, a_write_does_not_change_the_request);
    tcase_add_test(tc, the_last_write_wins);
    tcase_add_test(tc, nobody_has_written);
    tcase_add_test(tc, closed_and_opened_again_it_is_empty);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
