/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"
#include "wwep_reason.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Formats into an array with a guard behind it, which must stay. */
static const char *format(enum wwep_reason_kind kind, size_t detail,
                          char out[WWEP_REASON_MAX + 1])
{
    const struct wwep_reason why = {kind, detail};

    memset(out, '?', WWEP_REASON_MAX + 1);
    size_t len = wwep_reason_format(&why, out);
    ck_assert_uint_lt(len, WWEP_REASON_MAX);
    ck_assert_uint_eq(strlen(out), len);
    ck_assert_int_eq(out[WWEP_REASON_MAX], '?');
    return out;
}

START_TEST(words_of_the_protocol)
{
    static const struct {
        struct wwep_reason why;
        const char *words;
    } rows[] = {
        {{WWEP_REASON_NONE, 0}, ""},
        {{WWEP_REASON_COMMAND, 'Q'}, "illegal command (Q)"},
        {{WWEP_REASON_CHARACTER, 'g'}, "illegal character (g)"},
        {{WWEP_REASON_LENGTH, 6}, "illegal message length (6)"},
        {{WWEP_REASON_NOT_FOUND, 0}, "not found"},
        {{WWEP_REASON_NOT_ALLOWED, 0}, "not allowed"},
        {{WWEP_REASON_STORAGE, 0}, "storage failure"},
    };
    char out[WWEP_REASON_MAX + 1];

    /* A new kind needs a new row here. */
    ck_assert_uint_eq(sizeof rows / sizeof rows[0], WWEP_REASON_KINDS);
    for (size_t i = 0; i < WWEP_REASON_KINDS; i++) {
        ck_assert_uint_eq(rows[i].why.kind, i);
        ck_assert_str_eq(format(rows[i].why.kind, rows[i].why.detail, out),
                         rows[i].words);
    }
}
END_TEST

START_TEST(plain_words_ignore_the_detail)
{
    char out[WWEP_REASON_MAX + 1];

    ck_assert_str_eq(format(WWEP_REASON_NONE, 7, out), "");
    ck_assert_str_eq(format(WWEP_REASON_NOT_FOUND, 7, out), "not found");
}
END_TEST

START_TEST(every_byte)
{
    char out[WWEP_REASON_MAX + 1];
    char want[64];

    for (unsigned byte = 0; byte < 256; byte++) {
        if (byte >= 0x20 && byte <= 0x7E)
            snprintf(want, sizeof want, "illegal command (%c)", (int)byte);
        else
            snprintf(want, sizeof want, "illegal command (\\x%02X)", byte);
        ck_assert_str_eq(format(WWEP_REASON_COMMAND, byte, out), want);
    }
}
END_TEST

START_TEST(a_backslash_shows_as_itself)
{
    char out[WWEP_REASON_MAX + 1];

    ck_assert_str_eq(format(WWEP_REASON_CHARACTER, '\\', out),
                     "illegal character (\\)");
}
END_TEST

START_TEST(number_of_bytes)
{
    static const size_t counts[] = {0, 1, 9, 10, 11, 99, 100, 65535, SIZE_MAX};
    char out[WWEP_REASON_MAX + 1];
    char want[64];

    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        snprintf(want, sizeof want, "illegal message length (%zu)", counts[i]);
        ck_assert_str_eq(format(WWEP_REASON_LENGTH, counts[i], out), want);
    }
}
END_TEST

START_TEST(no_such_kind)
{
    char out[WWEP_REASON_MAX + 1];

    ck_assert_str_eq(format(WWEP_REASON_KINDS, 1, out), "");
    ck_assert_str_eq(format((enum wwep_reason_kind)1000, 1, out), "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reason");
    TCase *format_case = tcase_create("format");

    tcase_add_test(format_case, words_of_the_protocol);
    tcase_add_test(format_case, plain_words_ignore_the_detail);
    tcase_add_test(format_case, every_byte);
    tcase_add_test(format_case, a_backslash_shows_as_itself);
    tcase_add_test(format_case, number_of_bytes);
    tcase_add_test(format_case, no_such_kind);
    suite_add_tcase(suite, format_case);
    return unit_run(suite);
}
