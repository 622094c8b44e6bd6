/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"
#include "wwep_text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(printable_is_space_to_tilde)
{
    for (int byte = 0; byte < 256; byte++) {
        bool want = byte >= 0x20 && byte <= 0x7E;
        ck_assert_int_eq(wwep_text_printable((uint8_t)byte), want);
    }
}
END_TEST

START_TEST(escape_of_every_byte)
{
    for (int byte = 0; byte < 256; byte++) {
        uint8_t in = (uint8_t)byte;
        char out[WWEP_ESCAPED_MAX + 1];
        char want[WWEP_ESCAPED_MAX + 1];

        if (byte >= 0x20 && byte <= 0x7E && byte != '\\')
            snprintf(want, sizeof want, "%c", byte);
        else
            snprintf(want, sizeof want, "\\x%02hhX", in);
        ck_assert_uint_eq(wwep_text_escape(&in, 1, out, sizeof out),
                          strlen(want));
        ck_assert_str_eq(out, want);
    }
}
END_TEST

START_TEST(escape_of_a_line)
{
    static const uint8_t in[] = {'R', '0', '\\', 0, '\n', 0xFF, ' ', '~'};
    char out[64];

    ck_assert_uint_eq(wwep_text_escape(in, sizeof in, out, sizeof out), 20);
    ck_assert_str_eq(out, "R0\\x5C\\x00\\x0A\\xFF ~");
}
END_TEST

START_TEST(escape_of_nothing)
{
    char out[2] = {'?', '?'};

    ck_assert_uint_eq(wwep_text_escape(NULL, 0, out, 1), 0);
    ck_assert_int_eq(out[0], '\0');
    ck_assert_int_eq(out[1], '?');
}
END_TEST

/* At every capacity there is what fits whole, a NUL, and not a byte more. The
 * array is on the heap and exact, so that a sanitizer sees an overrun. */
START_TEST(escape_at_every_capacity)
{
    static const uint8_t in[] = {'a', '\n', 'b', 'c', 0x80, '\r'};
    static const char whole[] = "a\\x0Abc\\x80\\x0D";
    static const size_t fits[] = {0, 1, 1,  1,  1,  5,  6,  7, 7,
                                  7, 7, 11, 11, 11, 11, 15, 15};

    for (size_t cap = 1; cap <= sizeof fits / sizeof fits[0]; cap++) {
        char *out = malloc(cap);

        ck_assert_ptr_nonnull(out);
        ck_assert_uint_eq(wwep_text_escape(in, sizeof in, out, cap),
                          fits[cap - 1]);
        ck_assert_uint_eq(strlen(out), fits[cap - 1]);
        ck_assert_mem_eq(out, whole, fits[cap - 1]);
        free(out);
    }
}
END_TEST

/* A short byte behind one that did not fit must not slip in. */
START_TEST(escape_leaves_no_gap)
{
    static const uint8_t in[] = {'a', '\n', 'b'};
    char out[4];

    ck_assert_uint_eq(wwep_text_escape(in, sizeof in, out, sizeof out), 1);
    ck_assert_str_eq(out, "a");
}
END_TEST

START_TEST(hex_of_every_byte)
{
    static const char upper[] = "0123456789ABCDEF";
    static const char lower[] = "0123456789abcdef";

    for (int byte = 0; byte < 256; byte++) {
        const char *at = byte != 0 ? strchr(upper, byte) : NULL;
        int want = at != NULL ? (int)(at - upper) : -1;

        at = byte != 0 ? strchr(lower, byte) : NULL;
        if (at != NULL)
            want = (int)(at - lower);
        ck_assert_int_eq(wwep_text_hex((uint8_t)byte), want);
    }
}
END_TEST

START_TEST(put_hex_of_every_16_bits)
{
    for (uint32_t value = 0; value <= 0xFFFF; value++) {
        char want[8];
        uint8_t out[5] = {0, 0, 0, 0, '?'};

        snprintf(want, sizeof want, "%04X", (unsigned)value);
        wwep_text_put_hex(value, 4, out);
        if (memcmp(out, want, 4) != 0 || out[4] != '?' ||
            wwep_text_get_hex(out, 4) != value)
            ck_abort_msg("%s is written as %.4s", want, (const char *)out);
    }
}
END_TEST

START_TEST(put_hex_takes_the_lowest_digits)
{
    uint8_t out[12];

    memset(out, '?', sizeof out);
    wwep_text_put_hex(0x89ABCDEF, 0, out);
    ck_assert_mem_eq(out, "??", 2);
    wwep_text_put_hex(0x89ABCDEF, 1, out);
    ck_assert_mem_eq(out, "F?", 2);
    wwep_text_put_hex(0x89ABCDEF, 2, out);
    ck_assert_mem_eq(out, "EF?", 3);
    wwep_text_put_hex(0x89ABCDEF, 8, out);
    ck_assert_mem_eq(out, "89ABCDEF?", 9);
    wwep_text_put_hex(0x89ABCDEF, 10, out);
    ck_assert_mem_eq(out, "0089ABCDEF?", 11);
}
END_TEST

START_TEST(get_hex_takes_either_case)
{
    ck_assert_uint_eq(wwep_text_get_hex((const uint8_t *)"", 0), 0);
    ck_assert_uint_eq(wwep_text_get_hex((const uint8_t *)"7f", 1), 7);
    ck_assert_uint_eq(wwep_text_get_hex((const uint8_t *)"aBcDeF09", 8),
                      0xABCDEF09);
    ck_assert_uint_eq(wwep_text_get_hex((const uint8_t *)"FFFFFFFF", 8),
                      0xFFFFFFFF);
}
END_TEST

START_TEST(text_grows)
{
    char out[32];
    struct wwep_text text;

    wwep_text_start(&text, out, sizeof out);
    ck_assert_str_eq(out, "");
    wwep_text_add(&text, "len ");
    ck_assert_str_eq(out, "len ");
    wwep_text_add_number(&text, 0);
    wwep_text_add(&text, "");
    wwep_text_add(&text, ", ");
    wwep_text_add_number(&text, 1090);
    ck_assert_str_eq(out, "len 0, 1090");
    ck_assert_uint_eq(text.len, 11);
}
END_TEST

START_TEST(text_holds_the_largest_number)
{
    char out[32];
    char want[32];
    struct wwep_text text;

    wwep_text_start(&text, out, sizeof out);
    wwep_text_add_number(&text, SIZE_MAX);
    snprintf(want, sizeof want, "%zu", SIZE_MAX);
    ck_assert_str_eq(out, want);
}
END_TEST

START_TEST(text_is_cut_at_every_capacity)
{
    static const char whole[] = "ab12345cd";

    for (size_t cap = 1; cap <= sizeof whole + 1; cap++) {
        char *out = malloc(cap);
        size_t want = cap < sizeof whole ? cap - 1 : sizeof whole - 1;
        struct wwep_text text;

        ck_assert_ptr_nonnull(out);
        wwep_text_start(&text, out, cap);
        wwep_text_add(&text, "ab");
        wwep_text_add_number(&text, 12345);
        wwep_text_add(&text, "cd");
        ck_assert_uint_eq(text.len, want);
        ck_assert_uint_eq(strlen(out), want);
        ck_assert_mem_eq(out, whole, want);
        free(out);
    }
}
END_TEST

static const struct {
    const char *text;
    const char *tame;
} tames[] = {
    {"", ""},
    {"/a b/c\\", "/a b/c\\"},
    {"a\x1b[2J\n", "a\\x1B[2J\\x0A"},
    {"\x7f", "\\x7F"},
    {"gr\xc3\xbcn", "gr\xc3\xbcn"},
    {"\xc2\x9b\xc2\xa0", "\\xC2\\x9B\xc2\xa0"},
    {"\x9b[2J\xa0\xff\x90", "\\x9B[2J\xa0\xff\\x90"},
    {"\xe2\x82\xac\x9b", "\xe2\x82\xac\\x9B"},
    {"\xf0\x9f\x98\x80\x9f", "\xf0\x9f\x98\x80\\x9F"},
    {"\xe2[\x82", "\xe2[\\x82"},
    {"\xc2", "\xc2"},
};

START_TEST(what_drives_a_terminal_is_tamed)
{
    char out[64];

    wwep_text_tame(tames[_i].text, out, sizeof out);
    ck_assert_str_eq(out, tames[_i].tame);
}
END_TEST

START_TEST(a_tame_text_is_cut_where_it_does_not_fit)
{
    char out[8];

    for (size_t cap = 1; cap <= sizeof out; cap++) {
        memset(out, 'x', sizeof out);
        wwep_text_tame("ab\ncd", out, cap);
        ck_assert_uint_lt(strlen(out), cap);
        ck_assert_int_eq(strncmp("ab\\x0Acd", out, strlen(out)), 0);
        ck_assert_uint_ne(strlen(out), 3); /* no half of \x0A */
        ck_assert_uint_ne(strlen(out), 5);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text");
    TCase *escape = tcase_create("escape");
    TCase *hex = tcase_create("hex");
    TCase *text = tcase_create("text");

    tcase_add_test(escape, printable_is_space_to_tilde);
    tcase_add_test(escape, escape_of_every_byte);
    tcase_add_test(escape, escape_of_a_line);
    tcase_add_test(escape, escape_of_nothing);
    tcase_add_test(escape, escape_at_every_capacity);
    tcase_add_test(escape, escape_leaves_no_gap);
    suite_add_tcase(suite, escape);
    tcase_add_test(hex, hex_of_every_byte);
    tcase_add_test(hex, put_hex_of_every_16_bits);
    tcase_add_test(hex, put_hex_takes_the_lowest_digits);
    tcase_add_test(hex, get_hex_takes_either_case);
    suite_add_tcase(suite, hex);
    tcase_add_test(text, text_grows);
    tcase_add_test(text, text_holds_the_largest_number);
    tcase_add_test(text, text_is_cut_at_every_capacity);
    tcase_add_loop_test(text, what_drives_a_terminal_is_tamed, 0,
                        sizeof tames / sizeof *tames);
    tcase_add_test(text, a_tame_text_is_cut_where_it_does_not_fit);
    suite_add_tcase(suite, text);
    return unit_run(suite);
}
