/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "msgring.h"

#include "unit.h"

#include <errno.h>

static bool add(struct msgrings *m, size_t ring, uint64_t conn)
{
    struct msglog_entry *e = msgrings_next(m, ring);

    if (e == NULL)
        return false;
    e->conn = conn;
    e->time.tv_sec = (time_t)(conn / 10);
    e->time.tv_nsec = (long)(conn % 10);
    msgrings_commit(m, ring);
    return true;
}

static uint64_t take(struct msgrings *m)
{
    size_t ring = SIZE_MAX;
    const struct msglog_entry *e = msgrings_oldest(m, &ring);

    ck_assert_ptr_nonnull(e);
    uint64_t conn = e->conn;
    msgrings_take(m, ring);
    return conn;
}

START_TEST(the_oldest_comes_first)
{
    struct msgrings m;
    size_t ring;

    ck_assert_int_eq(msgrings_init(&m, 3, 8), 0);
    ck_assert_ptr_null(msgrings_oldest(&m, &ring));
    for (uint64_t i = 0; i < 21; i++)
        ck_assert(add(&m, i * i % 3 == 0 ? 0 : 1 + i % 2, i));
    for (uint64_t i = 0; i < 21; i++)
        ck_assert_uint_eq(take(&m), i);
    ck_assert_ptr_null(msgrings_oldest(&m, &ring));
    msgrings_deinit(&m);
}
END_TEST

START_TEST(a_full_one_counts)
{
    struct msgrings m;

    ck_assert_int_eq(msgrings_init(&m, 2, 8), 0);
    for (uint64_t i = 0; i < 8; i++)
        ck_assert(add(&m, 0, i));
    for (uint64_t i = 0; i < 3; i++)
        ck_assert(!add(&m, 0, 100));
    ck_assert(add(&m, 1, 50));
    ck_assert_uint_eq(msgrings_lost_by(&m, 0), 3);
    ck_assert_uint_eq(msgrings_lost_by(&m, 1), 0);
    ck_assert_uint_eq(msgrings_lost(&m), 3);
    ck_assert_uint_eq(take(&m), 0);
    ck_assert(add(&m, 0, 8));
    ck_assert(!add(&m, 0, 100));
    for (uint64_t i = 1; i < 9; i++)
        ck_assert_uint_eq(take(&m), i);
    ck_assert_uint_eq(take(&m), 50);
    msgrings_deinit(&m);
}
END_TEST

START_TEST(how_many_it_holds)
{
    struct msgrings m;

    ck_assert_int_eq(msgrings_init(&m, 1, 64), 0);
    for (uint64_t round = 0; round < 10; round++) {
        for (uint64_t i = 0; i < 40; i++) {
            struct msglog_entry *e = msgrings_next(&m, 0);
            e->time.tv_sec = (time_t)i;
            e->time.tv_nsec = 0;
            e->conn = i;
            size_t held = msgrings_commit(&m, 0);
            ck_assert_uint_ge(held, i);
            ck_assert_uint_le(held, i + 64 / 8);
        }
        for (uint64_t i = 0; i < 40; i++)
            ck_assert_uint_eq(take(&m), i);
    }
    msgrings_deinit(&m);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("msgring");
    TCase *tc = tcase_create("msgring");

    tcase_add_test(tc, the_oldest_comes_first);
    tcase_add_test(tc, a_full_one_counts);
    tcase_add_test(tc, how_many_it_holds);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
