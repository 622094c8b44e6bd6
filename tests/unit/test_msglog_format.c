/* The lines of the message log.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "msglog.h"

#include "unit.h"
#include "unit_io.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* --- entries -------------------------------------------------------------- */

/* A plain exchange that went well: a write. */
static struct msglog_entry plain_entry(void)
{
    struct msglog_entry e;

    memset(&e, 0, sizeof e);
    e.time = (struct timespec){1769853600, 123456789}; /* 2026-01-31 10:00 */
    e.conn = 7;
    e.us = 42;
    ck_assert_int_eq(address_parse(&e.peer, "::ffff:10.0.0.17", 49152), 0);
    snprintf(e.listener, sizeof e.listener, "plain");
    wwep_decoder_init(&e.request);
    wwep_decoder_feed(&e.request, (const uint8_t *)"W0FAC0B1234", 11);
    memcpy(e.reply, "A0FAC0B1234", 11);
    e.reply_len = 11;
    return e;
}

static struct msglog_entry secure_entry(void)
{
    struct msglog_entry e = plain_entry();

    e.tls = "TLS 1.3";
    e.cipher = "TLS_AES_128_GCM_SHA256";
    snprintf(e.listener, sizeof e.listener, "secure");
    snprintf(e.identity, sizeof e.identity, "board-17");
    return e;
}

static void set_request(struct msglog_entry *e, const void *bytes, size_t len)
{
    wwep_decoder_init(&e->request);
    wwep_decoder_feed(&e->request, bytes, len);
}

static void refuse(struct msglog_entry *e, const void *bytes, size_t len)
{
    struct wwep_request req;

    set_request(e, bytes, len);
    ck_assert_int_eq(wwep_decoder_finish(&e->request, &req, &e->reason),
                     WWEP_REFUSED);
    memset(e->reply, 0, sizeof e->reply);
    e->reply[0] = 'X';
    e->reply_len = 1;
}

/* Formats, and sees that it is one line. */
static const char *table(const struct msglog_entry *e)
{
    static char line[MSGLOG_LINE_MAX];
    const struct msglog_count count = {.plain = 12, .secure = 3};

    size_t len = msglog_format_table(e, &count, line);
    ck_assert_uint_eq(len, strlen(line));
    ck_assert_uint_eq(unit_count_lines(line), 1);
    ck_assert_int_eq(line[len - 1], '\n');
    return line;
}

/* The caller gives it back by json_decref(). */
static json_t *json(const struct msglog_entry *e)
{
    char line[MSGLOG_LINE_MAX];

    memset(line, '\n', sizeof line);
    size_t len = msglog_format_json(e, line);
    ck_assert_uint_gt(len, 0);
    ck_assert_ptr_eq(memchr(line, '\n', sizeof line), line + len - 1);
    json_t *object = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_ptr_nonnull(object);
    return object;
}

static const char *json_text(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    ck_assert_msg(json_is_string(value), "%s", key);
    return json_string_value(value);
}

/* --- the table ------------------------------------------------------------ */

START_TEST(header)
{
    char line[MSGLOG_LINE_MAX];
    size_t len = msglog_format_header(line);

    ck_assert_str_eq(line, "  plain  secure  address          port  transport "
                           "identity         request       reply       "
                           "        us  reason\n");
    ck_assert_uint_eq(len, strlen(line));
}
END_TEST

START_TEST(table_plain)
{
    struct msglog_entry e = plain_entry();

    ck_assert_str_eq(table(&e),
                     "     12          10.0.0.17       49152  plain     "
                     "-                W0FAC0B1234   A0FAC0B1234         42\n");
}
END_TEST

START_TEST(table_secure)
{
    struct msglog_entry e = secure_entry();

    ck_assert_str_eq(table(&e),
                     "              3  10.0.0.17       49152  TLS 1.3   "
                     "board-17         W0FAC0B1234   A0FAC0B1234         42\n");
}
END_TEST

START_TEST(table_refused)
{
    struct msglog_entry e = plain_entry();

    refuse(&e, "W01234\n", 7);
    ck_assert_str_eq(table(&e),
                     "     12          10.0.0.17       49152  plain     "
                     "-                W01234\\x0A    X                   42  "
                     "illegal message length (6)\n");
}
END_TEST

START_TEST(table_columns)
{
    static const char *const columns[] = {"address", "port", "request",
                                          "reply"};
    static const char *const values[] = {"10.0.0.17", "49152", "W0FAC0B1234",
                                         "A0FAC0B1234"};
    struct msglog_entry e = plain_entry();
    const char *line = table(&e);
    char head[MSGLOG_LINE_MAX];

    msglog_format_header(head);
    for (size_t i = 0; i < LENGTH(columns); i++) {
        const char *title = strstr(head, columns[i]);
        const char *value = strstr(line, values[i]);
        ck_assert_ptr_nonnull(value);
        if (i != 1) /* the port stands to the right */
            ck_assert_int_eq(title - head, value - line);
    }
}
END_TEST

START_TEST(table_addresses)
{
    struct msglog_entry e = plain_entry();

    ck_assert_int_eq(address_parse(&e.peer, "2001:db8::17", 1), 0);
    ck_assert_ptr_nonnull(strstr(table(&e), "  2001:db8::17        1  plain"));
    ck_assert_int_eq(address_parse(&e.peer, "10.1.2.3", 65535), 0);
    ck_assert_ptr_nonnull(strstr(table(&e), "  10.1.2.3        65535  plain"));
}
END_TEST

START_TEST(table_counts)
{
    const struct msglog_count many = {.plain = UINT64_MAX};
    struct msglog_entry e = plain_entry();
    char line[MSGLOG_LINE_MAX];

    ck_assert_uint_gt(msglog_format_table(&e, &many, line), 0);
    ck_assert_ptr_eq(strstr(line, "18446744073709551615 "), line);
}
END_TEST

/* --- JSON ----------------------------------------------------------------- */

START_TEST(json_plain)
{
    struct msglog_entry e = plain_entry();
    char line[MSGLOG_LINE_MAX];

    size_t len = msglog_format_json(&e, line);
    line[len] = '\0';
    ck_assert_str_eq(
        line,
        "{\"time\":\"2026-01-31T10:00:00.123456Z\",\"conn\":7,\"listener\":"
        "\"plain\",\"tls\":null,\"cipher\":null,\"resumed\":false,"
        "\"address\":\"10.0.0.17\",\"port\":49152,\"identity\":null,"
        "\"request\":\"W0FAC0B1234\",\"reply\":\"A0FAC0B1234\",\"reason\":"
        "null,\"us\":42}\n");
}
END_TEST

START_TEST(json_secure)
{
    struct msglog_entry e = secure_entry();

    e.resumed = true;
    json_t *o = json(&e);
    ck_assert_str_eq(json_text(o, "tls"), "TLS 1.3");
    ck_assert_str_eq(json_text(o, "cipher"), "TLS_AES_128_GCM_SHA256");
    ck_assert_str_eq(json_text(o, "listener"), "secure");
    ck_assert_str_eq(json_text(o, "identity"), "board-17");
    ck_assert(json_is_true(json_object_get(o, "resumed")));
    ck_assert(json_is_null(json_object_get(o, "reason")));
    ck_assert_uint_eq(json_object_size(o), 13);
    json_decref(o);
}
END_TEST

START_TEST(json_refused)
{
    struct msglog_entry e = plain_entry();

    refuse(&e, "Q\x16", 2);
    json_t *o = json(&e);
    ck_assert_str_eq(json_text(o, "request"), "Q\\x16");
    ck_assert_str_eq(json_text(o, "reply"), "X");
    ck_assert_str_eq(json_text(o, "reason"), "illegal command (Q)");
    json_decref(o);

    set_request(&e, "R0BAC0B\r\n", 9);
    e.reason = (struct wwep_reason){WWEP_REASON_NOT_FOUND, 0};
    o = json(&e);
    ck_assert_str_eq(json_text(o, "request"), "R0BAC0B"); /* well-formed */
    ck_assert_str_eq(json_text(o, "reason"), "not found");
    json_decref(o);
}
END_TEST

START_TEST(json_numbers)
{
    struct msglog_entry e = plain_entry();

    e.conn = INT64_MAX;
    e.us = 1;
    e.time = (struct timespec){0, 999};
    ck_assert_int_eq(address_parse(&e.peer, "fe80::1", 65535), 0);
    json_t *o = json(&e);
    ck_assert_int_eq(json_integer_value(json_object_get(o, "conn")), INT64_MAX);
    ck_assert_int_eq(json_integer_value(json_object_get(o, "port")), 65535);
    ck_assert_int_eq(json_integer_value(json_object_get(o, "us")), 1);
    ck_assert_str_eq(json_text(o, "time"), "1970-01-01T00:00:00.000000Z");
    ck_assert_str_eq(json_text(o, "address"), "fe80::1");
    json_decref(o);
}
END_TEST

/* --- what a client can send ----------------------------------------------- */

static const struct {
    const char *bytes;
    size_t len;
    const char *shown;
} nasty[] = {
    {"\n\n", 2, "\\x0A\\x0A"},
    {"W\"}\n{\"x\":\"", 10, "W\"}\\x0A{\"x\":\""},
    {"\\x41", 4, "\\x5Cx41"},
    {"\x1b[2J", 4, "\\x1B[2J"},
    {"W\0\0", 3, "W\\x00\\x00"},
    {"\xff\xfe\xc3\xa4\x80", 5, "\\xFF\\xFE\\xC3\\xA4\\x80"},
    {"\r\t\b\a\x7f", 5, "\\x0D\\x09\\x08\\x07\\x7F"},
    {"%s%n%d", 6, "%s%n%d"},
    {"0123456789abcdef", 16, "0123456789abcdef"},
    {"0123456789abcdefg", 17, "0123456789abcdef...(17 bytes)"},
    /* No byte of a request could be longer. */
    {"\0\1\2\3\4\5\6\7\0\1\2\3\4\5\6\7\0\1\2\3", 20,
     "\\x00\\x01\\x02\\x03\\x04\\x05\\x06\\x07"
     "\\x00\\x01\\x02\\x03\\x04\\x05\\x06\\x07...(20 bytes)"},
};

START_TEST(no_line_is_forged)
{
    struct msglog_entry e = plain_entry();
    char column[128];

    refuse(&e, nasty[_i].bytes, nasty[_i].len);
    snprintf(column, sizeof column, " %s ", nasty[_i].shown);
    ck_assert_ptr_nonnull(strstr(table(&e), column));
    json_t *o = json(&e);
    ck_assert_str_eq(json_text(o, "request"), nasty[_i].shown);
    json_decref(o);
}
END_TEST

START_TEST(line_ends_of_well_formed_requests)
{
    static const char *const ends[] = {"", "\n", "\r\n", "\r"};
    char bytes[16];
    struct msglog_entry e = plain_entry();

    snprintf(bytes, sizeof bytes, "W0fac0b1234%s", ends[_i]);
    set_request(&e, bytes, strlen(bytes));
    ck_assert_ptr_nonnull(strstr(table(&e), " W0fac0b1234   A0FAC0B1234 "));
}
END_TEST

START_TEST(an_identity_is_escaped)
{
    struct msglog_entry e = secure_entry();

    snprintf(e.identity, sizeof e.identity, "a\nb\"c\\d\x1b\xc3\xa4");
    ck_assert_ptr_nonnull(
        strstr(table(&e), " a\\x0Ab\"c\\x5Cd\\x1B\\xC3\\xA4 "));
    json_t *o = json(&e);
    ck_assert_str_eq(json_text(o, "identity"),
                     "a\\x0Ab\"c\\x5Cd\\x1B\\xC3\\xA4");
    json_decref(o);
}
END_TEST

START_TEST(the_longest_line_fits)
{
    struct msglog_entry e = secure_entry();
    uint8_t bytes[WWEP_SEEN_MAX];

    memset(bytes, 0xff, sizeof bytes);
    for (size_t i = 0; i < 1000; i++)
        wwep_decoder_feed(&e.request, bytes, sizeof bytes);
    refuse(&e, bytes, sizeof bytes);
    e.request.len = SIZE_MAX;
    memset(e.identity, 0x80, sizeof e.identity - 1);
    memset(e.listener, 'l', sizeof e.listener - 1);
    e.us = INT64_MAX;
    e.conn = INT64_MAX;
    e.cipher = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256";
    ck_assert_uint_gt(strlen(table(&e)), 4 * (sizeof e.identity - 1));
    json_t *o = json(&e);
    ck_assert_uint_eq(strlen(json_text(o, "identity")),
                      4 * (sizeof e.identity - 1));
    json_decref(o);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("msglog_format");
    TCase *tc = tcase_create("msglog_format");

    tcase_add_test(tc, header);
    tcase_add_test(tc, table_plain);
    tcase_add_test(tc, table_secure);
    tcase_add_test(tc, table_refused);
    tcase_add_test(tc, table_columns);
    tcase_add_test(tc, table_addresses);
    tcase_add_test(tc, table_counts);
    tcase_add_test(tc, json_plain);
    tcase_add_test(tc, json_secure);
    tcase_add_test(tc, json_refused);
    tcase_add_test(tc, json_numbers);
    tcase_add_loop_test(tc, no_line_is_forged, 0, (int)LENGTH(nasty));
    tcase_add_loop_test(tc, line_ends_of_well_formed_requests, 0, 4);
    tcase_add_test(tc, an_identity_is_escaped);
    tcase_add_test(tc, the_longest_line_fits);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
