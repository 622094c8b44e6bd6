/* What is told and what is counted, on a clock of the test's.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "verdict.h"

#include "unit.h"
#include "unit_io.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct verdicts verdicts;
static char *folder;
static uint64_t now_ms;

static void setup(void)
{
    folder = unit_mkdtemp();
    unit_log_open(folder, CONFIG_LOG_DEBUG);
    now_ms = 5000000;
    ck_assert_int_eq(verdicts_init(&verdicts), 0);
}

static void teardown(void)
{
    verdicts_deinit(&verdicts, now_ms);
    unit_log_close();
    unit_rmdir(folder);
}

static void tell(const char *ip, uint32_t kind, const char *what)
{
    static uint16_t port;
    union address a;
    const struct verdict v = {.level = CONFIG_LOG_WARNING,
                              .listener = "secure",
                              .peer = &a,
                              .kind = kind,
                              .what = what,
                              .advice = ": do this"};

    ck_assert_int_eq(address_parse(&a, ip, ++port), 0);
    verdicts_tell(&verdicts, &v, now_ms);
}

/* All numbers before " more time", and behind "that have no line ...: ". */
static unsigned long counted(void)
{
    char path[4096];
    unsigned long sum = 0;

    snprintf(path, sizeof path, "%s/log", folder);
    char *text = unit_read(path, NULL);
    for (const char *at = text; (at = strstr(at, " more time")) != NULL; at++) {
        const char *digits = at;
        while (digits[-1] >= '0' && digits[-1] <= '9')
            digits--;
        sum += strtoul(digits, NULL, 10);
    }
    for (const char *at = text;
         (at = strstr(at, "different ones came: ")) != NULL; at++)
        sum += strtoul(at + strlen("different ones came: "), NULL, 10);
    free(text);
    return sum;
}

START_TEST(the_first_and_the_rest)
{
    for (int i = 0; i < 38; i++)
        tell("10.0.0.17", 1, "it fails");
    ck_assert_uint_eq(unit_log_count("it fails"), 1);
    unit_log_expect("warning: secure: 10.0.0.17:1: it fails: do this\n");
    now_ms += 59999;
    verdicts_tick(&verdicts, now_ms);
    ck_assert_uint_eq(unit_log_count("it fails"), 1);
    now_ms += 1;
    verdicts_tick(&verdicts, now_ms);
    unit_log_expect("warning: secure: 10.0.0.17: it fails: 37 more times in "
                    "the last 60 s\n");
    /* It goes on, and is counted on. */
    tell("10.0.0.17", 1, "it fails");
    now_ms += 65000;
    verdicts_tick(&verdicts, now_ms);
    unit_log_expect("1 more time in the last 65 s\n");
    /* It has stopped: the next one has its line. */
    now_ms += 60000;
    verdicts_tick(&verdicts, now_ms);
    tell("10.0.0.17", 1, "it fails");
    ck_assert_uint_eq(unit_log_count("it fails: do this"), 2);
}
END_TEST

START_TEST(what_is_not_the_same)
{
    union address a;
    struct verdict v = {.level = CONFIG_LOG_INFO,
                        .listener = "plain",
                        .peer = &a,
                        .kind = 1,
                        .what = "it fails",
                        .advice = ""};

    tell("10.0.0.17", 1, "it fails");
    tell("10.0.0.17", 2, "it fails");
    tell("10.0.0.18", 1, "it fails");
    tell("2001:db8::1", 1, "it fails");
    tell("2001:db8::2", 1, "it fails");
    ck_assert_int_eq(address_parse(&a, "10.0.0.17", 1), 0);
    verdicts_tell(&verdicts, &v, now_ms); /* another listener */
    v.detail = 1;
    verdicts_tell(&verdicts, &v, now_ms);
    ck_assert_uint_eq(unit_log_count("it fails"), 7);
    ck_assert_uint_eq(unit_log_count("info: plain: 10.0.0.17:1: it fails\n"),
                      2);
}
END_TEST

/* Those that share a set of slots are told apart, and stay. */
START_TEST(many_kinds)
{
    union address a;
    struct verdict v = {.level = CONFIG_LOG_WARNING,
                        .listener = "secure",
                        .peer = &a,
                        .what = "it fails",
                        .advice = ""};

    ck_assert_int_eq(address_parse(&a, "10.0.0.17", 1), 0);
    for (int round = 0; round < 3; round++)
        for (uint32_t i = 0; i < 150; i++) {
            v.kind = i % 10;
            v.detail = i / 10;
            verdicts_tell(&verdicts, &v, now_ms);
        }
    ck_assert_uint_eq(unit_log_count("it fails"), 150);
}
END_TEST

START_TEST(no_count_is_lost_at_the_end)
{
    for (int i = 0; i < 5; i++)
        tell("10.0.0.17", 1, "it fails");
    verdicts_deinit(&verdicts, now_ms + 10);
    unit_log_expect("4 more times in the last 1 s\n");
    tell("10.0.0.17", 1, "it fails"); /* without a table: all have a line */
    tell("10.0.0.17", 1, "it fails");
    ck_assert_uint_eq(unit_log_count("it fails: do this"), 3);
}
END_TEST

/* More than there are slots, and more than there are lines. */
START_TEST(a_crowd)
{
    const unsigned n = 20000;
    char ip[40];

    for (unsigned i = 0; i < n; i++) {
        snprintf(ip, sizeof ip, "10.%u.%u.1", i >> 8 & 255, i & 255);
        for (int k = 0; k < 3; k++)
            tell(ip, 1, "it fails");
    }
    size_t lines = unit_log_count("it fails: do this");
    ck_assert_uint_le(lines, 200);
    ck_assert_uint_le(unit_log_count("\n"), 200);
    verdicts_deinit(&verdicts, now_ms);
    ck_assert_uint_eq(unit_log_count("it fails: do this") + counted(), 3 * n);
    ck_assert_int_eq(verdicts_init(&verdicts), 0);
}
END_TEST

START_TEST(lines_come_back)
{
    char ip[40];
    unsigned i = 0;

    for (; i < 300; i++) {
        snprintf(ip, sizeof ip, "10.%u.%u.1", i >> 8, i & 255);
        tell(ip, 1, "it fails");
    }
    ck_assert_uint_eq(unit_log_count("it fails: do this"), 200);
    now_ms += 1000;
    for (; i < 400; i++) {
        snprintf(ip, sizeof ip, "10.%u.%u.1", i >> 8, i & 255);
        tell(ip, 1, "it fails");
    }
    ck_assert_uint_eq(unit_log_count("it fails: do this"), 204);
}
END_TEST

/* One address that asks for ever other devices; then another one fails. */
START_TEST(one_of_many_faults)
{
    union address a;
    struct verdict v = {.level = CONFIG_LOG_INFO,
                        .listener = "plain",
                        .peer = &a,
                        .kind = 1,
                        .what = "it floods",
                        .advice = ": do this"};

    ck_assert_int_eq(address_parse(&a, "10.0.0.17", 1), 0);
    for (; v.detail < 1000; v.detail++)
        verdicts_tell(&verdicts, &v, now_ms);
    ck_assert_uint_eq(unit_log_count("it floods"), 150);
    for (uint32_t kind = 1; kind <= 20; kind++)
        tell("10.0.0.18", kind, "it fails");
    ck_assert_uint_eq(unit_log_count("it fails: do this"), 10);
    tell("10.0.0.19", 1, "it fails, too");
    unit_log_expect("10.0.0.19:");
    now_ms += 250; /* what comes back stays in reserve, till it is 50 */
    v.detail++;
    verdicts_tell(&verdicts, &v, now_ms);
    ck_assert_uint_eq(unit_log_count("it floods"), 150);
    verdicts_deinit(&verdicts, now_ms);
    ck_assert_uint_eq(unit_log_count(": do this") + counted(), 1022);
    ck_assert_int_eq(verdicts_init(&verdicts), 0);
}
END_TEST

START_TEST(again_without_words)
{
    union address a;
    const struct verdict v = {.listener = "secure", .peer = &a, .kind = 1};

    ck_assert_int_eq(address_parse(&a, "10.0.0.17", 1), 0);
    ck_assert(!verdicts_again(&verdicts, &v));
    ck_assert(!verdicts_again(&verdicts, &v)); /* that took no slot */
    tell("10.0.0.17", 1, "it fails");
    for (int i = 0; i < 7; i++)
        ck_assert(verdicts_again(&verdicts, &v));
    verdicts_deinit(&verdicts, now_ms);
    unit_log_expect("it fails: 7 more times");
    ck_assert(!verdicts_again(&verdicts, &v));
}
END_TEST

START_TEST(a_long_text)
{
    char what[2 * VERDICT_WHAT_MAX];

    memset(what, 'x', sizeof what);
    what[sizeof what - 1] = '\0';
    tell("10.0.0.17", 1, what);
    tell("10.0.0.17", 1, what);
    verdicts_deinit(&verdicts, now_ms);
    ck_assert_uint_eq(unit_log_count(what), 1);
    unit_log_expect("x: 1 more time in the last 0 s\n");
    ck_assert_int_eq(verdicts_init(&verdicts), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("verdict");
    TCase *tc = tcase_create("verdict");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, the_first_and_the_rest);
    tcase_add_test(tc, what_is_not_the_same);
    tcase_add_test(tc, many_kinds);
    tcase_add_test(tc, no_count_is_lost_at_the_end);
    tcase_add_test(tc, a_crowd);
    tcase_add_test(tc, lines_come_back);
    tcase_add_test(tc, one_of_many_faults);
    tcase_add_test(tc, again_without_words);
    tcase_add_test(tc, a_long_text);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
