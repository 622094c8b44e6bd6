/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "counters.h"

#include "unit.h"

#include <string.h>

START_TEST(added_up)
{
    static struct counters workers[2];
    uint64_t sum[COUNTERS] = {0};

    counters_add(&workers[0], COUNTER_PLAIN);
    counters_add(&workers[1], COUNTER_PLAIN);
    counters_add(&workers[1], COUNTERS - 1);
    for (size_t i = 0; i < 2; i++)
        counters_sum(&workers[i], sum);
    for (size_t i = 0; i < COUNTERS; i++)
        ck_assert_uint_eq(sum[i], i == COUNTER_PLAIN  ? 2
                                  : i == COUNTERS - 1 ? 1
                                                      : 0);
}
END_TEST

START_TEST(keys)
{
    char key[COUNTERS_KEY_MAX];
    char other[COUNTERS_KEY_MAX];

    counters_reason_key(WWEP_REASON_NOT_FOUND, key);
    ck_assert_str_eq(key, "not_found");
    counters_fault_key(WWEP_FAULT_ALERT_UNKNOWN_CA, key);
    ck_assert_str_eq(key, "alert_unknown_ca");
    /* None is cut to be another one's. */
    for (int i = 0; i < WWEP_FAULT_KINDS; i++) {
        counters_fault_key((enum wwep_fault_kind)i, key);
        ck_assert_uint_lt(strlen(key), COUNTERS_KEY_MAX - 1);
        ck_assert_uint_gt(strlen(key), 0);
        for (int k = 0; k < i; k++) {
            counters_fault_key((enum wwep_fault_kind)k, other);
            ck_assert_str_ne(key, other);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("counters");
    TCase *tc = tcase_create("counters");

    tcase_add_test(tc, added_up);
    tcase_add_test(tc, keys);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
