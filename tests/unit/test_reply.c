/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"
#include "wwep_reply.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* A reason that just fits struct wwep_reply, and so an 'X'. */
#define LONGEST_REASON "a reason of forty-seven characters, as it stood"

static const uint8_t *bytes_of(const char *text)
{
    return (const uint8_t *)text;
}

/* --- encoders ------------------------------------------------------------- */

START_TEST(accept_every_value)
{
    for (unsigned n = 0; n <= 0xFFFF; n++) {
        struct wwep_request req = {WWEP_READ, (uint16_t)~n, (uint8_t)n, 0};
        struct wwep_reply_decoder d = {0};
        uint8_t out[WWEP_REPLY_MAX];
        struct wwep_reply reply;
        char want[32];

        snprintf(want, sizeof want, "A%04X%02X%04X", ~n & 0xFFFF, n & 0xFF, n);
        size_t len = wwep_reply_accept(&req, (uint16_t)n, out);
        if (len != WWEP_ACCEPT_LEN || memcmp(out, want, len) != 0)
            ck_abort_msg("%s becomes %.11s", want, (const char *)out);
        if (wwep_reply_feed(&d, out, len, &reply) != len ||
            !wwep_reply_answers(&reply, &req) || reply.value != n)
            ck_abort_msg("%s is not understood", want);
    }
}
END_TEST

static void assert_refusal(const struct wwep_reason *why, const char *want)
{
    uint8_t out[WWEP_REPLY_MAX];

    memset(out, '?', sizeof out);
    size_t len = wwep_reply_refuse(why, out);
    ck_assert_uint_eq(len, strlen(want));
    ck_assert_uint_lt(len, WWEP_REPLY_MAX); /* an LF must fit behind it */
    ck_assert_mem_eq(out, want, len);
    ck_assert_int_eq(out[len], '?');
}

START_TEST(refuse_with_and_without_a_reason)
{
    static const struct {
        struct wwep_reason why;
        const char *want;
    } cases[] = {
        {{WWEP_REASON_NONE, 0}, "X"},
        {{WWEP_REASON_COMMAND, 'Q'}, "X illegal command (Q)"},
        {{WWEP_REASON_COMMAND, '\n'}, "X illegal command (\\x0A)"},
        {{WWEP_REASON_CHARACTER, 'g'}, "X illegal character (g)"},
        {{WWEP_REASON_LENGTH, 6}, "X illegal message length (6)"},
        {{WWEP_REASON_NOT_FOUND, 0}, "X not found"},
        {{WWEP_REASON_NOT_ALLOWED, 0}, "X not allowed"},
        {{WWEP_REASON_STORAGE, 0}, "X storage failure"},
    };

    assert_refusal(NULL, "X");
    for (size_t i = 0; i < LENGTH(cases); i++)
        assert_refusal(&cases[i].why, cases[i].want);
}
END_TEST

START_TEST(refuse_with_the_longest_reason)
{
    const struct wwep_reason why = {WWEP_REASON_LENGTH, SIZE_MAX};
    char want[64];

    snprintf(want, sizeof want, "X illegal message length (%zu)", SIZE_MAX);
    assert_refusal(&why, want);
}
END_TEST

/* --- decoder -------------------------------------------------------------- */

/* The replies of a stream, one after the other in one text. */
struct replies {
    char log[512];
    struct wwep_reply_decoder d;
    bool stop; /* after what was malformed nothing more is read */
};

static void log_reply(struct replies *r, const struct wwep_reply *reply)
{
    char text[128] = "";

    if (reply->kind == WWEP_REPLY_ACCEPTED) {
        ck_assert_str_eq(reply->reason, "");
        snprintf(text, sizeof text, "A%04X/%02X=%04X|", reply->device,
                 reply->reg, reply->value);
    } else {
        ck_assert_uint_eq(reply->device | reply->reg | reply->value, 0);
        if (reply->kind == WWEP_REPLY_REFUSED)
            snprintf(text, sizeof text, "X%s|", reply->reason);
        else
            ck_assert_str_eq(reply->reason, "");
    }
    if (reply->kind == WWEP_REPLY_MALFORMED)
        strcat(text, "malformed|");
    ck_assert_uint_lt(strlen(r->log) + strlen(text), sizeof r->log);
    strcat(r->log, text);
}

static void feed(struct replies *r, const uint8_t *bytes, size_t len)
{
    while (len > 0 && !r->stop) {
        struct wwep_reply reply;

        memset(&reply, '?', sizeof reply);
        size_t taken = wwep_reply_feed(&r->d, bytes, len, &reply);
        ck_assert_uint_gt(taken, 0);
        ck_assert_uint_le(taken, len);
        if (reply.kind == WWEP_REPLY_PENDING)
            ck_assert_uint_eq(taken, len);
        else
            ck_assert_uint_eq(r->d.len, 0);
        log_reply(r, &reply);
        r->stop = reply.kind == WWEP_REPLY_MALFORMED;
        bytes += taken;
        len -= taken;
    }
}

static void finish(struct replies *r)
{
    struct wwep_reply reply;

    memset(&reply, '?', sizeof reply);
    if (r->stop)
        return;
    wwep_reply_finish(&r->d, &reply);
    if (r->d.len == 0)
        ck_assert_int_eq(reply.kind, WWEP_REPLY_PENDING);
    log_reply(r, &reply);
}

static const struct {
    const char *bytes;
    const char *log;
} streams[] = {
    {"", ""},
    {"A0FAC0B1234", "A0FAC/0B=1234|"},
    {"A0FAC0B1234\n", "A0FAC/0B=1234|"},
    {"A0FAC0B1234\r\n", "A0FAC/0B=1234|"},
    {"AFFFFFFFFFF", "AFFFF/FF=FFFF|"},
    {"A0000000000", "A0000/00=0000|"},
    {"X", "X|"},
    {"X\n", "X|"},
    {"X\r\n", "X|"},
    {"X\r", "X|"},
    {"X ", "X|"},
    {"X \n", "X|"},
    {"X not found", "Xnot found|"},
    {"X not found\n", "Xnot found|"},
    {"X not found\r\n", "Xnot found|"},
    {"X  two spaces ", "X two spaces |"},
    {"X illegal character (\\x0A)\n", "Xillegal character (\\x0A)|"},
    {"X " LONGEST_REASON, "X" LONGEST_REASON "|"},
    {"X " LONGEST_REASON "\r\n", "X" LONGEST_REASON "|"},
    {"X " LONGEST_REASON ", and more of it\r\nX\n", "X" LONGEST_REASON "|X|"},
    {"X " LONGEST_REASON "!\r", "X" LONGEST_REASON "|"},
    {"X " LONGEST_REASON ", and\x01", "malformed|"},
    {"X " LONGEST_REASON ", and\rmore", "malformed|"},
    /* keep-open */
    {"A0FAC0B1234\nX\nA0FAC0C5678\n", "A0FAC/0B=1234|X|A0FAC/0C=5678|"},
    {"X not found\nA0FAC0B1234\nA0", "Xnot found|A0FAC/0B=1234|malformed|"},
    {"A0FAC0B1234\r\nX\r\n", "A0FAC/0B=1234|X|"},
    {"\nX", "X|"},
    {"\r\n", ""},
    /* What comes behind an 'A' is no part of it. */
    {"A0FAC0B12345", "A0FAC/0B=1234|malformed|"},
    {"A0FAC0B1234A0FAC0C5678", "A0FAC/0B=1234|A0FAC/0C=5678|"},
    {"a0FAC0B1234", "malformed|"},
    {"x", "malformed|"},
    {" X", "malformed|"},
    {"HTTP/1.1 400 Bad Request\r\n", "malformed|"},
    {"W0FAC0B1234", "malformed|"},
    {"A", "malformed|"},
    {"A0FAC0B123", "malformed|"},
    {"A0FAC0B123\n", "malformed|"},
    {"A0FAC0B123\r\n", "malformed|"},
    {"A0FAc0B1234", "malformed|"},
    {"A0FAC0B123f", "malformed|"},
    {"A0FAG0B1234", "malformed|"},
    {"XX", "malformed|"},
    {"Xnot found", "malformed|"},
    {"X\r\r\n", "malformed|"},
    {"X\rX", "malformed|"},
    {"X\r ", "malformed|"},
    {"X not\tfound", "malformed|"},
    {"X not found\x7F", "malformed|"},
    {"X \xC3\xA9t\xC3\xA9", "malformed|"},
};

START_TEST(stream)
{
    const uint8_t *bytes = bytes_of(streams[_i].bytes);
    size_t len = strlen(streams[_i].bytes);
    struct replies single = {0};

    for (size_t cut = 0; cut <= len; cut++) {
        struct replies r = {0};

        feed(&r, bytes, cut);
        feed(&r, bytes + cut, len - cut);
        finish(&r);
        ck_assert_str_eq(r.log, streams[_i].log);
        feed(&single, bytes + cut, cut < len);
    }
    finish(&single);
    ck_assert_str_eq(single.log, streams[_i].log);
}
END_TEST

START_TEST(every_first_byte)
{
    for (int byte = 0; byte < 256; byte++) {
        const uint8_t one = (uint8_t)byte;
        struct wwep_reply_decoder d = {0};
        struct wwep_reply reply;
        bool well = byte == 'A' || byte == 'X' || byte == '\r' || byte == '\n';

        ck_assert_uint_eq(wwep_reply_feed(&d, &one, 1, &reply), 1);
        ck_assert_int_eq(reply.kind,
                         well ? WWEP_REPLY_PENDING : WWEP_REPLY_MALFORMED);
    }
}
END_TEST

START_TEST(every_byte_for_every_digit)
{
    for (size_t at = 1; at < WWEP_ACCEPT_LEN; at++) {
        for (int byte = 0; byte < 256; byte++) {
            uint8_t bytes[] = "A0FAC0B1234";
            struct wwep_reply_decoder d = {0};
            struct wwep_reply reply;
            bool digit = byte != 0 && strchr("0123456789ABCDEF", byte) != NULL;

            bytes[at] = (uint8_t)byte;
            ck_assert_uint_eq(
                wwep_reply_feed(&d, bytes, WWEP_ACCEPT_LEN, &reply),
                digit ? WWEP_ACCEPT_LEN : at + 1);
            ck_assert_int_eq(reply.kind, digit ? WWEP_REPLY_ACCEPTED
                                               : WWEP_REPLY_MALFORMED);
        }
    }
}
END_TEST

START_TEST(every_byte_in_a_reason)
{
    for (int byte = 0; byte < 256; byte++) {
        uint8_t bytes[] = "X a?b";
        struct wwep_reply_decoder d = {0};
        struct wwep_reply reply;

        bytes[3] = (uint8_t)byte;
        size_t taken = wwep_reply_feed(&d, bytes, 5, &reply);
        if (byte >= 0x20 && byte <= 0x7E) {
            ck_assert_int_eq(reply.kind, WWEP_REPLY_PENDING);
            wwep_reply_finish(&d, &reply);
            ck_assert_mem_eq(reply.reason, bytes + 2, 4);
        } else if (byte == '\n') {
            ck_assert_uint_eq(taken, 4);
            ck_assert_int_eq(reply.kind, WWEP_REPLY_REFUSED);
        } else {
            ck_assert_int_eq(reply.kind, WWEP_REPLY_MALFORMED);
        }
    }
}
END_TEST

/* An 'A' takes the line end that is there, and nothing else. */
START_TEST(what_an_accept_takes)
{
    static const struct {
        const char *bytes;
        size_t taken;
    } cases[] = {
        {"A0FAC0B1234", 11},     {"A0FAC0B1234\n", 12},
        {"A0FAC0B1234\r\n", 13}, {"A0FAC0B1234\n\n", 12},
        {"A0FAC0B1234\r", 11},   {"A0FAC0B1234\rX", 11},
        {"A0FAC0B12345", 11},    {"A0FAC0B1234\nA0FAC0C5678\n", 12},
    };

    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct wwep_reply_decoder d = {0};
        struct wwep_reply reply;

        ck_assert_uint_eq(wwep_reply_feed(&d, bytes_of(cases[i].bytes),
                                          strlen(cases[i].bytes), &reply),
                          cases[i].taken);
        ck_assert_int_eq(reply.kind, WWEP_REPLY_ACCEPTED);
    }
}
END_TEST

/* An 'X' takes its own line end: another one is no part of it. */
START_TEST(what_a_refusal_takes)
{
    struct wwep_reply_decoder d = {0};
    struct wwep_reply reply;

    ck_assert_uint_eq(wwep_reply_feed(&d, bytes_of("X\n\nX"), 4, &reply), 2);
    ck_assert_int_eq(reply.kind, WWEP_REPLY_REFUSED);
}
END_TEST

/* However long a reason is, it is cut to what fits. */
START_TEST(reasons_of_every_length)
{
    for (size_t len = 0; len <= 3u * WWEP_REPLY_MAX; len++) {
        uint8_t bytes[3u * WWEP_REPLY_MAX + 3u];
        struct wwep_reply_decoder d = {0};
        struct wwep_reply reply;
        size_t want = len < WWEP_REASON_MAX ? len : WWEP_REASON_MAX - 1;

        memset(bytes, 'r', sizeof bytes);
        memcpy(bytes, "X ", 2);
        bytes[2 + len] = '\n';
        ck_assert_uint_eq(wwep_reply_feed(&d, bytes, len + 3, &reply), len + 3);
        ck_assert_int_eq(reply.kind, WWEP_REPLY_REFUSED);
        ck_assert_uint_eq(strlen(reply.reason), want);
    }
}
END_TEST

START_TEST(every_reason_comes_back)
{
    for (int kind = WWEP_REASON_NONE; kind < WWEP_REASON_KINDS; kind++) {
        for (size_t detail = 0; detail < 256; detail++) {
            const struct wwep_reason why = {(enum wwep_reason_kind)kind,
                                            detail};
            struct wwep_reply_decoder d = {0};
            char words[WWEP_REASON_MAX];
            uint8_t out[WWEP_REPLY_MAX];
            struct wwep_reply reply;

            size_t len = wwep_reply_refuse(&why, out);
            out[len++] = '\n';
            ck_assert_uint_eq(wwep_reply_feed(&d, out, len, &reply), len);
            ck_assert_int_eq(reply.kind, WWEP_REPLY_REFUSED);
            wwep_reason_format(&why, words);
            ck_assert_str_eq(reply.reason, words);
        }
    }
}
END_TEST

START_TEST(feeding_nothing)
{
    struct wwep_reply_decoder d = {0};
    struct wwep_reply reply;

    memset(&reply, '?', sizeof reply);
    ck_assert_uint_eq(wwep_reply_feed(&d, NULL, 0, &reply), 0);
    ck_assert_int_eq(reply.kind, WWEP_REPLY_PENDING);
    ck_assert_str_eq(reply.reason, "");
}
END_TEST

START_TEST(which_request_a_reply_answers)
{
    const struct wwep_request write = {WWEP_WRITE, 0x0FAC, 0x0B, 0x1234};
    const struct wwep_request read = {WWEP_READ, 0x0FAC, 0x0B, 0};
    const struct wwep_reply good = {WWEP_REPLY_ACCEPTED, 0x0FAC, 0x0B, 0x1234,
                                    ""};
    struct wwep_reply other = good;

    ck_assert(wwep_reply_answers(&good, &write));
    ck_assert(wwep_reply_answers(&good, &read));
    other.value++;
    ck_assert(!wwep_reply_answers(&other, &write));
    ck_assert(wwep_reply_answers(&other, &read));
    other = good;
    other.device ^= 0x0100;
    ck_assert(!wwep_reply_answers(&other, &write));
    ck_assert(!wwep_reply_answers(&other, &read));
    other = good;
    other.reg++;
    ck_assert(!wwep_reply_answers(&other, &write));
    ck_assert(!wwep_reply_answers(&other, &read));
    for (int kind = WWEP_REPLY_PENDING; kind <= WWEP_REPLY_MALFORMED; kind++) {
        other = good;
        other.kind = (enum wwep_reply_kind)kind;
        ck_assert_int_eq(wwep_reply_answers(&other, &write),
                         kind == WWEP_REPLY_ACCEPTED);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reply");
    TCase *encode = tcase_create("encode");
    TCase *decode = tcase_create("decode");
    TCase *answers = tcase_create("answers");

    tcase_add_test(encode, accept_every_value);
    tcase_add_test(encode, refuse_with_and_without_a_reason);
    tcase_add_test(encode, refuse_with_the_longest_reason);
    suite_add_tcase(suite, encode);
    tcase_add_loop_test(decode, stream, 0, (int)LENGTH(streams));
    tcase_add_test(decode, every_first_byte);
    tcase_add_test(decode, every_byte_for_every_digit);
    tcase_add_test(decode, every_byte_in_a_reason);
    tcase_add_test(decode, what_an_accept_takes);
    tcase_add_test(decode, what_a_refusal_takes);
    tcase_add_test(decode, reasons_of_every_length);
    tcase_add_test(decode, every_reason_comes_back);
    tcase_add_test(decode, feeding_nothing);
    suite_add_tcase(suite, decode);
    tcase_add_test(answers, which_request_a_reply_answers);
    suite_add_tcase(suite, answers);
    return unit_run(suite);
}
