/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wwep_der.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(text)            \
    {                          \
        text, sizeof(text) - 1 \
    }

static struct wwep_der der_of(const char *bytes, size_t len)
{
    return wwep_der_of((const uint8_t *)bytes, len);
}

/* --- elements ------------------------------------------------------------- */

static const struct {
    const char *bytes;
    size_t len;
} whole[] = {
    BYTES("\x04\x01x"),
    BYTES("\x04\x81\x01x"),
    BYTES("\x04\x82\x00\x01x"),
    BYTES("\x04\x83\x00\x00\x01x"),
};

/* Each way to take an element: it is all of it, and then there is none. */
START_TEST(an_element)
{
    const struct wwep_der all = der_of(whole[_i].bytes, whole[_i].len);
    struct wwep_der in = all;
    struct wwep_der value;
    uint8_t tag;

    ck_assert(wwep_der_next(&in, &tag, &value));
    ck_assert_uint_eq(tag, WWEP_DER_OCTET_STRING);
    ck_assert(wwep_der_is(&value, "x", 1));
    ck_assert_uint_eq(wwep_der_len(&in), 0);
    ck_assert(!wwep_der_next(&in, &tag, &value));

    in = all;
    ck_assert(wwep_der_take(&in, WWEP_DER_OCTET_STRING, &value));
    ck_assert(wwep_der_is(&value, "x", 1));
    ck_assert_uint_eq(wwep_der_len(&in), 0);
    ck_assert(!wwep_der_take(&in, WWEP_DER_OCTET_STRING, &value));

    in = all;
    ck_assert(wwep_der_take_whole(&in, WWEP_DER_OCTET_STRING, &value));
    ck_assert_ptr_eq(value.at, all.at);
    ck_assert_ptr_eq(value.end, all.end);
    ck_assert_uint_eq(wwep_der_len(&in), 0);
    ck_assert(!wwep_der_take_whole(&in, WWEP_DER_OCTET_STRING, &value));
}
END_TEST

START_TEST(an_element_of_another_tag)
{
    const struct wwep_der all = der_of(whole[_i].bytes, whole[_i].len);
    struct wwep_der in = all;
    struct wwep_der value;
    int64_t time;

    ck_assert(!wwep_der_take(&in, WWEP_DER_SEQUENCE, &value));
    ck_assert(!wwep_der_take_whole(&in, WWEP_DER_SEQUENCE, &value));
    ck_assert(!wwep_der_take_time(&in, &time));
    ck_assert_ptr_eq(in.at, all.at);
    ck_assert_ptr_eq(in.end, all.end);
}
END_TEST

START_TEST(one_after_another)
{
    struct wwep_der in = der_of("\x30\x03\x04\x01x\x05\x00", 7);
    struct wwep_der sequence;
    struct wwep_der value;
    uint8_t tag;

    ck_assert(wwep_der_take(&in, WWEP_DER_SEQUENCE, &sequence));
    ck_assert_uint_eq(wwep_der_len(&in), 2);
    ck_assert(wwep_der_take_whole(&sequence, WWEP_DER_OCTET_STRING, &value));
    ck_assert(wwep_der_is(&value, "\x04\x01x", 3));
    ck_assert_uint_eq(wwep_der_len(&sequence), 0);
    ck_assert(wwep_der_next(&in, &tag, &value));
    ck_assert_uint_eq(tag, 0x05);
    ck_assert_uint_eq(wwep_der_len(&value), 0);
    ck_assert_uint_eq(wwep_der_len(&in), 0);
}
END_TEST

static const struct {
    const char *bytes;
    size_t len;
} broken[] = {
    BYTES(""),
    BYTES("\x04"),
    BYTES("\x04\x01"),
    BYTES("\x04\x7fx"),
    BYTES("\x04\x80x"), /* no length: BER's, to be ended by a mark */
    BYTES("\x04\x81"),
    BYTES("\x04\x81\x02x"),
    BYTES("\x04\x82\x00"),
    BYTES("\x04\x83\xff\xff\xffx"),
    BYTES("\x04\x84\x00\x00\x00\x01x"), /* nothing is as long as to need it */
    BYTES("\x04\x84\xff\xff\xff\xffx"),
    BYTES("\x04\x85\x00\x00\x00\x00\x01x"),
    BYTES("\x04\xffx"),
    BYTES("\x1f\x01x"), /* a tag of more bytes */
};

START_TEST(no_element)
{
    /* In memory of its own size, for the sanitizers to see. */
    uint8_t *bytes = malloc(broken[_i].len + 1);
    ck_assert_ptr_nonnull(bytes);
    memcpy(bytes + 1, broken[_i].bytes, broken[_i].len);
    struct wwep_der in = wwep_der_of(bytes + 1, broken[_i].len);
    struct wwep_der value;
    int64_t time;
    uint8_t tag;

    ck_assert(!wwep_der_next(&in, &tag, &value));
    ck_assert(!wwep_der_take(&in, WWEP_DER_OCTET_STRING, &value));
    ck_assert(!wwep_der_take_whole(&in, WWEP_DER_OCTET_STRING, &value));
    ck_assert(!wwep_der_take_time(&in, &time));
    ck_assert_ptr_eq(in.at, bytes + 1);
    ck_assert_uint_eq(wwep_der_len(&in), broken[_i].len);
    free(bytes);
}
END_TEST

START_TEST(nothing)
{
    struct wwep_der in = wwep_der_of(NULL, 0);
    struct wwep_der empty = der_of("", 0);
    struct wwep_der value;
    uint8_t tag;

    ck_assert_uint_eq(wwep_der_len(&in), 0);
    ck_assert(wwep_der_equal(&in, &empty));
    ck_assert(!wwep_der_next(&in, &tag, &value));
    ck_assert(!wwep_der_take_whole(&in, WWEP_DER_SEQUENCE, &value));
}
END_TEST

START_TEST(spans_are_compared_by_their_bytes)
{
    struct wwep_der a = der_of("\x04\x01x", 3);
    struct wwep_der same = der_of("\x04\x01x", 3);
    struct wwep_der other = der_of("\x04\x01y", 3);
    struct wwep_der shorter = der_of("\x04\x01", 2);

    ck_assert(wwep_der_equal(&a, &same));
    ck_assert(!wwep_der_equal(&a, &other));
    ck_assert(!wwep_der_equal(&a, &shorter));
    ck_assert(!wwep_der_equal(&shorter, &a));
}
END_TEST

/* --- times ---------------------------------------------------------------- */

#define UTC         WWEP_DER_UTC_TIME
#define GENERALIZED WWEP_DER_GENERALIZED_TIME

/* Whether it is a time; either way, `in` is where it has to be. */
static bool read_time(uint8_t tag, const char *text, int64_t *time)
{
    size_t len = strlen(text);
    /* In memory of its own size, for the sanitizers to see. */
    uint8_t *bytes = malloc(2 + len);

    ck_assert_ptr_nonnull(bytes);
    ck_assert_uint_lt(len, 128);
    bytes[0] = tag;
    bytes[1] = (uint8_t)len;
    memcpy(bytes + 2, text, len);
    struct wwep_der in = wwep_der_of(bytes, 2 + len);
    bool is = wwep_der_take_time(&in, time);
    ck_assert_msg(wwep_der_len(&in) == (is ? 0 : 2 + len), "%s", text);
    free(bytes);
    return is;
}

static const struct {
    uint8_t tag;
    const char *text;
    int64_t time;
} times[] = {
    {UTC, "700101000000Z", 0},
    {UTC, "691231235959Z", -1},
    {UTC, "500101000000Z", -631152000},
    {UTC, "491231235959Z", 2524607999},
    {UTC, "000229120000Z", 951825600},
    {UTC, "261123000000Z", 1795392000},
    {UTC, "261201000000Z", 1796083200},
    {GENERALIZED, "19700101000000Z", 0},
    {GENERALIZED, "20000229000000Z", 951782400},
    {GENERALIZED, "20261201000000Z", 1796083200},
    {GENERALIZED, "20500101000000Z", 2524608000},
    {GENERALIZED, "99991231235959Z", 253402300799},
    {GENERALIZED, "00000101000000Z", -62167219200},
};

START_TEST(a_time)
{
    int64_t time = 42;

    ck_assert(read_time(times[_i].tag, times[_i].text, &time));
    ck_assert_int_eq(time, times[_i].time);
}
END_TEST

/* Of each month of two thousand years a day or two, against the C library. */
START_TEST(all_months)
{
    for (time_t t = -62135596800 + 43200; t < 4102444800; t += 86400 * 29) {
        char text[32];
        struct tm tm;
        int64_t found;
        gmtime_r(&t, &tm);
        snprintf(text, sizeof text, "%04d%02d%02d%02d%02d%02dZ",
                 tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
                 tm.tm_min, tm.tm_sec);
        ck_assert_msg(read_time(GENERALIZED, text, &found), "%s", text);
        ck_assert_int_eq(found, t);
    }
}
END_TEST

static const struct {
    uint8_t tag;
    const char *text;
} no_times[] = {
    {UTC, ""},
    {UTC, "261123000000"},
    {UTC, "261123000000z"},
    {UTC, "2611230000Z"},
    {UTC, "261123000000+0000"},
    {UTC, "2612010000000"},
    {UTC, "20261123000000Z"},
    {GENERALIZED, ""},
    {GENERALIZED, "261123000000Z"},
    {GENERALIZED, "20261123000000.5Z"},
    {GENERALIZED, "x0261123000000Z"},
    {GENERALIZED, "20x61123000000Z"},
    {UTC, "x61123000000Z"},
    {UTC, "26112300000 Z"},
    {UTC, "26112300000xZ"},
    {UTC, "26-123000000Z"},
    {UTC, "261323000000Z"},
    {UTC, "260023000000Z"},
    {UTC, "260230000000Z"},
    {UTC, "260229000000Z"},
    {UTC, "261100000000Z"},
    {UTC, "261131000000Z"},
    {UTC, "261232000000Z"},
    {UTC, "261123240000Z"},
    {UTC, "261123006000Z"},
    {UTC, "261123000060Z"},
    {GENERALIZED, "21000229000000Z"},
    {0x16, "261123000000Z"},
    {WWEP_DER_OCTET_STRING, "261123000000Z"},
};

START_TEST(no_time)
{
    int64_t time = 42;

    ck_assert(!read_time(no_times[_i].tag, no_times[_i].text, &time));
    ck_assert_int_eq(time, 42);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("der");
    TCase *elements = tcase_create("elements");
    TCase *dates = tcase_create("times");

    tcase_add_loop_test(elements, an_element, 0, (int)LENGTH(whole));
    tcase_add_loop_test(elements, an_element_of_another_tag, 0,
                        (int)LENGTH(whole));
    tcase_add_test(elements, one_after_another);
    tcase_add_loop_test(elements, no_element, 0, (int)LENGTH(broken));
    tcase_add_test(elements, nothing);
    tcase_add_test(elements, spans_are_compared_by_their_bytes);
    suite_add_tcase(suite, elements);
    tcase_add_loop_test(dates, a_time, 0, (int)LENGTH(times));
    tcase_add_test(dates, all_months);
    tcase_add_loop_test(dates, no_time, 0, (int)LENGTH(no_times));
    suite_add_tcase(suite, dates);
    return unit_run(suite);
}
