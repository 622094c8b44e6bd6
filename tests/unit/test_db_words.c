/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "db_words.h"

#include "unit.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define NOW          INT64_C(1769853600123456) /* 2026-01-31T10:00:00.123456Z */

START_TEST(devices_and_registers)
{
    int32_t n = -1;

    ck_assert(db_words_device("0FAC", &n));
    ck_assert_int_eq(n, 0x0fac);
    ck_assert(db_words_device("0xfFfF", &n));
    ck_assert_int_eq(n, 0xffff);
    ck_assert(db_words_register("05", &n));
    ck_assert_int_eq(n, 5);
    ck_assert(db_words_register("0XfF", &n));
    ck_assert_int_eq(n, 0xff);
    n = 7;
    static const char *const wrong[] = {"",     "FAC",   "0FACC", "0FAG",
                                        "-FAC", "0x0FA", " 0FAC", "0FAC "};
    for (size_t i = 0; i < COUNT(wrong); i++)
        ck_assert_msg(!db_words_device(wrong[i], &n), "%s", wrong[i]);
    ck_assert(!db_words_register("5", &n));
    ck_assert(!db_words_register("005", &n));
    ck_assert_int_eq(n, 7);
}
END_TEST

static const struct good {
    const char *word;
    int64_t us;
} goods[] = {
    {"1970-01-01", 0},
    {"2026-01-31", INT64_C(1769817600000000)},
    {"2026-01-31T10:00", INT64_C(1769853600000000)},
    {"2026-01-31 10:00", INT64_C(1769853600000000)},
    {"2026-01-31t10:00:07z", INT64_C(1769853607000000)},
    {"2026-01-31T10:00:00.123456Z", NOW},
    {"2026-01-31T10:00:00,123456", NOW},
    {"2026-01-31T10:00:00.1", INT64_C(1769853600100000)},
    {"2026-01-31T10:00:00.1234569", NOW},
    {"2026-01-31T11:00+01:00", INT64_C(1769853600000000)},
    {"2026-01-31T08:30-0130", INT64_C(1769853600000000)},
    {"2024-02-29", INT64_C(1709164800000000)},
    {"9999-12-31T23:59:59.999999Z", INT64_C(253402300799999999)},
    {"0s", NOW},
    {"30s", NOW - INT64_C(30000000)},
    {"10m", NOW - INT64_C(600000000)},
    {"2h", NOW - INT64_C(7200000000)},
    {"1d", NOW - INT64_C(86400000000)},
    {"20000d", NOW - INT64_C(1728000000000000)},
};

START_TEST(good_times)
{
    int64_t us = -1;

    ck_assert_msg(db_words_time(goods[_i].word, NOW, &us), "%s",
                  goods[_i].word);
    ck_assert_msg(us == goods[_i].us, "%s: %lld", goods[_i].word,
                  (long long)us);
}
END_TEST

static const char *const bad_times[] = {
    "",
    "now",
    "10",
    "10x",
    "10 m",
    "m",
    "-10m",
    "10mm",
    "2026",
    "2026-1-31",
    "2026-13-01",
    "2026-00-01",
    "2026-04-31",
    "2025-02-29",
    "2026-01-32",
    "1969-12-31",
    "2026-01-31T",
    "2026-01-31T10",
    "2026-01-31T24:00",
    "2026-01-31T10:60",
    "2026-01-31T10:00:60",
    "2026-01-31T10:00:00.",
    "2026-01-31T10:00Zx",
    "2026-01-31T10:00+1",
    "2026-01-31T10:00+24:00",
    "2026-01-31Z",
    "2026-01-31T10:00 Z",
    "99999999999999999999d",
    "100000001d",
    "999999999d",
    "31.1.2026",
    "10:00",
};

START_TEST(what_is_no_time)
{
    int64_t us = 7;

    ck_assert_msg(!db_words_time(bad_times[_i], NOW, &us), "%s: %lld",
                  bad_times[_i], (long long)us);
}
END_TEST

START_TEST(times_as_text)
{
    char text[DB_TIME_MAX];
    int64_t back;

    for (size_t i = 0; i < COUNT(goods); i++) {
        db_words_time_text(goods[i].us, text);
        ck_assert(db_words_time(text, NOW, &back));
        ck_assert_int_eq(back, goods[i].us);
    }
    db_words_time_text(NOW, text);
    ck_assert_str_eq(text, "2026-01-31T10:00:00.123456Z");
    db_words_time_text(-1, text);
    ck_assert_str_eq(text, "1969-12-31T23:59:59.999999Z");
    db_words_time_text(INT64_MAX, text);
    ck_assert_str_eq(text, "9223372036854775807");
    db_words_time_text(INT64_MIN, text);
    ck_assert_str_eq(text, "-9223372036854775808");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("db_words");
    TCase *tc = tcase_create("db_words");

    tcase_add_test(tc, devices_and_registers);
    tcase_add_loop_test(tc, good_times, 0, COUNT(goods));
    tcase_add_loop_test(tc, what_is_no_time, 0, COUNT(bad_times));
    tcase_add_test(tc, times_as_text);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
