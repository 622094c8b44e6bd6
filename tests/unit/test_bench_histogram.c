/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench_histogram.h"
#include "unit.h"

#include <math.h>
#include <string.h>

static struct bench_histogram histogram;

static void empty(void)
{
    memset(&histogram, 0, sizeof histogram);
}

/* Within 1 %, as the header promises. */
static void expect_about(uint64_t got, uint64_t want)
{
    double off = fabs((double)got - (double)want);

    ck_assert_msg(off <= 0.01 * (double)want, "%llu is not about %llu",
                  (unsigned long long)got, (unsigned long long)want);
}

START_TEST(nothing)
{
    ck_assert_uint_eq(bench_histogram_at(&histogram, 0.5), 0);
    ck_assert_uint_eq(bench_histogram_at(&histogram, 1.0), 0);
    ck_assert(bench_histogram_mean(&histogram) == 0.0);
}
END_TEST

/* Each value, and those around the places where the classes get wider. */
START_TEST(one_value_is_exact)
{
    static const uint64_t values[] = {
        0,   1,   127,  128,     129,       255,          256,          257,
        511, 512, 1000, 1000000, 123456789, 999999999999, 1800000000000};

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        empty();
        bench_histogram_add(&histogram, values[i]);
        ck_assert_uint_eq(bench_histogram_at(&histogram, 0.0), values[i]);
        ck_assert_uint_eq(bench_histogram_at(&histogram, 0.5), values[i]);
        ck_assert_uint_eq(bench_histogram_at(&histogram, 1.0), values[i]);
        ck_assert_uint_eq(histogram.min_ns, values[i]);
        ck_assert_uint_eq(histogram.max_ns, values[i]);
    }
}
END_TEST

/* Among others the class alone tells it. */
START_TEST(classes_are_narrow)
{
    for (uint64_t ns = 1; ns < UINT64_C(1) << 40; ns = ns * 33 / 32 + 1) {
        empty();
        bench_histogram_add(&histogram, 0);
        bench_histogram_add(&histogram, ns);
        bench_histogram_add(&histogram, UINT64_C(1) << 40);
        expect_about(bench_histogram_at(&histogram, 0.5), ns);
    }
}
END_TEST

START_TEST(percentiles)
{
    for (uint64_t us = 1; us <= 100000; us++)
        bench_histogram_add(&histogram, us * 1000);
    ck_assert_uint_eq(histogram.total, 100000);
    expect_about(bench_histogram_at(&histogram, 0.5), 50000000);
    expect_about(bench_histogram_at(&histogram, 0.9), 90000000);
    expect_about(bench_histogram_at(&histogram, 0.99), 99000000);
    expect_about(bench_histogram_at(&histogram, 0.999), 99900000);
    expect_about(bench_histogram_at(&histogram, 1.0), 100000000);
    ck_assert(fabs(bench_histogram_mean(&histogram) - 50000500.0) < 1.0);
}
END_TEST

/* One in a thousand is at p99.9 not to be seen yet, two are. */
START_TEST(rare)
{
    for (int i = 0; i < 998; i++)
        bench_histogram_add(&histogram, 1000);
    bench_histogram_add(&histogram, 9000000);
    expect_about(bench_histogram_at(&histogram, 0.998), 1000);
    bench_histogram_add(&histogram, 9000000);
    expect_about(bench_histogram_at(&histogram, 0.999), 9000000);
    expect_about(bench_histogram_at(&histogram, 0.99), 1000);
}
END_TEST

START_TEST(too_long_is_kept)
{
    bench_histogram_add(&histogram, UINT64_MAX / 2);
    bench_histogram_add(&histogram, 1);
    ck_assert_uint_eq(histogram.max_ns, UINT64_MAX / 2);
    ck_assert_uint_eq(bench_histogram_at(&histogram, 0.5), 1);
    ck_assert_uint_gt(bench_histogram_at(&histogram, 1.0), UINT64_C(1) << 40);
}
END_TEST

START_TEST(merge)
{
    static struct bench_histogram other, none;

    memset(&other, 0, sizeof other);
    bench_histogram_add(&other, 50);
    bench_histogram_add(&other, 7000);
    bench_histogram_merge(&histogram, &none);
    ck_assert_uint_eq(histogram.total, 0);
    bench_histogram_merge(&histogram, &other);
    ck_assert_mem_eq(&histogram, &other, sizeof other);
    bench_histogram_add(&histogram, 20);
    bench_histogram_merge(&histogram, &other);
    ck_assert_uint_eq(histogram.total, 5);
    ck_assert_uint_eq(histogram.min_ns, 20);
    ck_assert_uint_eq(histogram.max_ns, 7000);
    ck_assert_uint_eq(histogram.sum_ns, 14120);
    ck_assert_uint_eq(bench_histogram_at(&histogram, 0.5), 50);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bench_histogram");
    TCase *tcase = tcase_create("bench_histogram");

    tcase_add_checked_fixture(tcase, empty, NULL);
    tcase_add_test(tcase, nothing);
    tcase_add_test(tcase, one_value_is_exact);
    tcase_add_test(tcase, classes_are_narrow);
    tcase_add_test(tcase, percentiles);
    tcase_add_test(tcase, rare);
    tcase_add_test(tcase, too_long_is_kept);
    tcase_add_test(tcase, merge);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
