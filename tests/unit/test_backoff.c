/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <wwep/backoff.h>

#include "unit.h"

#include <stdint.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* The longest wait that the next attempt may draw. */
static uint32_t ceiling(struct wwep_backoff *b)
{
    uint32_t wait_ms;

    ck_assert(wwep_backoff_next(b, UINT32_MAX, &wait_ms));
    return wait_ms;
}

START_TEST(ceilings)
{
    static const struct {
        uint32_t base_ms;
        uint32_t max_ms;
        uint32_t want[6];
    } cases[] = {
        {100, 1000, {100, 200, 400, 800, 1000, 1000}},
        {100, 800, {100, 200, 400, 800, 800, 800}},
        {1, 1, {1, 1, 1, 1, 1, 1}},
        {0, 4, {1, 2, 4, 4, 4, 4}},
        {0, 0, {1, 1, 1, 1, 1, 1}},
        {500, 10, {500, 500, 500, 500, 500, 500}},
        {1u << 30,
         UINT32_MAX,
         {1u << 30, 1u << 31, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX}},
        {UINT32_MAX,
         UINT32_MAX,
         {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX,
          UINT32_MAX}},
    };

    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct wwep_backoff b;

        wwep_backoff_init(&b, cases[i].base_ms, cases[i].max_ms, 0);
        for (size_t k = 0; k < LENGTH(cases[i].want); k++)
            ck_assert_uint_eq(ceiling(&b), cases[i].want[k]);
    }
}
END_TEST

/* However often, and never 0 by an overflow. */
START_TEST(stays_at_its_limit)
{
    struct wwep_backoff b;

    wwep_backoff_init(&b, 3, 70000, 0);
    for (unsigned i = 0; i < 100; i++) {
        uint64_t want = i < 40 ? UINT64_C(3) << i : 70000;

        ck_assert_uint_eq(ceiling(&b), want < 70000 ? want : 70000);
    }
    b.attempts = UINT32_MAX - 1;
    ck_assert_uint_eq(ceiling(&b), 70000);
    ck_assert_uint_eq(ceiling(&b), 70000);
    ck_assert_uint_eq(b.attempts, UINT32_MAX);
}
END_TEST

START_TEST(full_jitter)
{
    static const struct {
        uint32_t random;
        uint32_t want;
    } cases[] = {
        {0, 0}, {UINT32_MAX / 2, 50}, {UINT32_MAX / 4, 25}, {UINT32_MAX, 100}};

    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct wwep_backoff b;
        uint32_t wait_ms;

        wwep_backoff_init(&b, 100, 1000, 0);
        ck_assert(wwep_backoff_next(&b, cases[i].random, &wait_ms));
        ck_assert_uint_eq(wait_ms, cases[i].want);
    }
}
END_TEST

/* Each wait from 0 to the ceiling comes as often, as nearly as can be. */
START_TEST(even_draw)
{
    unsigned count[4] = {0};

    for (uint32_t i = 0; i < 4096; i++) {
        struct wwep_backoff b;
        uint32_t wait_ms;

        wwep_backoff_init(&b, 3, 3, 0);
        ck_assert(wwep_backoff_next(&b, i << 20, &wait_ms));
        ck_assert_uint_lt(wait_ms, LENGTH(count));
        count[wait_ms]++;
    }
    for (size_t i = 0; i < LENGTH(count); i++)
        ck_assert_uint_eq(count[i], 1024);
}
END_TEST

START_TEST(the_last_attempt)
{
    for (uint32_t max = 1; max < 5; max++) {
        struct wwep_backoff b;
        uint32_t wait_ms = 1;

        wwep_backoff_init(&b, 10, 10, max);
        for (uint32_t i = 1; i < max; i++)
            ck_assert(wwep_backoff_next(&b, 0, &wait_ms));
        wait_ms = 1;
        ck_assert(!wwep_backoff_next(&b, UINT32_MAX, &wait_ms));
        ck_assert_uint_eq(wait_ms, 0);
        ck_assert(!wwep_backoff_next(&b, UINT32_MAX, &wait_ms));
    }
}
END_TEST

START_TEST(success_starts_anew)
{
    struct wwep_backoff b;
    uint32_t wait_ms;

    wwep_backoff_init(&b, 10, 1000, 3);
    ck_assert_uint_eq(ceiling(&b), 10);
    ck_assert_uint_eq(ceiling(&b), 20);
    wwep_backoff_reset(&b);
    ck_assert_uint_eq(ceiling(&b), 10);
    ck_assert_uint_eq(ceiling(&b), 20);
    ck_assert(!wwep_backoff_next(&b, 0, &wait_ms));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("backoff");
    TCase *tc = tcase_create("backoff");

    tcase_add_test(tc, ceilings);
    tcase_add_test(tc, stays_at_its_limit);
    tcase_add_test(tc, full_jitter);
    tcase_add_test(tc, even_draw);
    tcase_add_test(tc, the_last_attempt);
    tcase_add_test(tc, success_starts_anew);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
