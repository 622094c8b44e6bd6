/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"
#include "wwep_reply.h"
#include "wwep_request.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* --- what bytes come to --------------------------------------------------- */

struct verdict {
    enum wwep_progress progress;
    struct wwep_request req; /* WWEP_COMPLETE only */
    struct wwep_reason why;  /* WWEP_REFUSED only */
};

typedef enum wwep_progress (*judge_fn)(const struct wwep_decoder *d,
                                       struct wwep_request *req,
                                       struct wwep_reason *why);

/* By fields: a copy of a struct may have other bytes between them. */
static void assert_same_request(const struct wwep_request *a,
                                const struct wwep_request *b)
{
    ck_assert_int_eq(a->command, b->command);
    ck_assert_uint_eq(a->device, b->device);
    ck_assert_uint_eq(a->reg, b->reg);
    ck_assert_uint_eq(a->value, b->value);
}

static void assert_same_reason(const struct wwep_reason *a,
                               const struct wwep_reason *b)
{
    ck_assert_int_eq(a->kind, b->kind);
    ck_assert_uint_eq(a->detail, b->detail);
}

static void assert_same(const struct verdict *a, const struct verdict *b)
{
    ck_assert_int_eq(a->progress, b->progress);
    assert_same_request(&a->req, &b->req);
    assert_same_reason(&a->why, &b->why);
}

/* Judges, and sees that only what the verdict fills is touched. */
static struct verdict judge_with(judge_fn judge, const struct wwep_decoder *d)
{
    static const struct verdict untouched = {
        WWEP_EMPTY, {(enum wwep_command)'?', 1, 2, 3}, {WWEP_REASON_KINDS, 4}};
    struct verdict v = untouched;

    v.progress = judge(d, &v.req, &v.why);
    if (v.progress != WWEP_COMPLETE)
        assert_same_request(&v.req, &untouched.req);
    if (v.progress != WWEP_REFUSED)
        assert_same_reason(&v.why, &untouched.why);
    return v;
}

static struct wwep_decoder fed(const void *bytes, size_t len)
{
    struct wwep_decoder d;

    wwep_decoder_init(&d);
    wwep_decoder_feed(&d, bytes, len);
    return d;
}

static struct verdict judged(const void *bytes, size_t len)
{
    struct wwep_decoder d = fed(bytes, len);

    return judge_with(wwep_decoder_judge, &d);
}

/* Behind every cut in two, and byte by byte, the verdict is the same. */
static void assert_cuts(const uint8_t *bytes, size_t len)
{
    struct verdict whole = judged(bytes, len);
    struct wwep_decoder single;

    wwep_decoder_init(&single);
    for (size_t cut = 0; cut <= len; cut++) {
        struct wwep_decoder d = fed(bytes, cut);

        wwep_decoder_feed(&d, bytes + cut, len - cut);
        struct verdict v = judge_with(wwep_decoder_judge, &d);
        assert_same(&v, &whole);
        if (cut < len)
            wwep_decoder_feed(&single, bytes + cut, 1);
    }

    struct verdict v = judge_with(wwep_decoder_judge, &single);
    assert_same(&v, &whole);
    ck_assert_uint_eq(single.len, len);
}

static void assert_refused(const struct verdict *v, enum wwep_reason_kind kind,
                           size_t detail)
{
    ck_assert_int_eq(v->progress, WWEP_REFUSED);
    ck_assert_int_eq(v->why.kind, kind);
    ck_assert_uint_eq(v->why.detail, detail);
}

/* --- rules 1 to 3 --------------------------------------------------------- */

static const struct {
    const char *bytes; /* a text: NUL bytes have tests of their own */
    enum wwep_progress progress;
    enum wwep_reason_kind kind;
    size_t detail;
} rows[] = {
    {"", WWEP_EMPTY, 0, 0},
    {"W", WWEP_INCOMPLETE, 0, 0},
    {"R", WWEP_INCOMPLETE, 0, 0},
    {"W0FAC0B123", WWEP_INCOMPLETE, 0, 0},
    {"R0FAC0", WWEP_INCOMPLETE, 0, 0},
    {"W0FAC0B1234", WWEP_COMPLETE, 0, 0},
    {"W0FAC0B1234\n", WWEP_COMPLETE, 0, 0},
    {"W0FAC0B1234\r", WWEP_COMPLETE, 0, 0},
    {"W0FAC0B1234\r\n", WWEP_COMPLETE, 0, 0},
    {"w0FAC0B1234", WWEP_REFUSED, WWEP_REASON_COMMAND, 'w'},
    {"r0FAC0B", WWEP_REFUSED, WWEP_REASON_COMMAND, 'r'},
    {"A0FAC0B1234", WWEP_REFUSED, WWEP_REASON_COMMAND, 'A'},
    {" R0FAC0B", WWEP_REFUSED, WWEP_REASON_COMMAND, ' '},
    {"\n", WWEP_REFUSED, WWEP_REASON_COMMAND, '\n'},
    {"\r\n", WWEP_REFUSED, WWEP_REASON_COMMAND, '\r'},
    {"W0FAG0B1234", WWEP_REFUSED, WWEP_REASON_CHARACTER, 'G'},
    {"W0FAC 0B123", WWEP_REFUSED, WWEP_REASON_CHARACTER, ' '},
    {"Wg\n", WWEP_REFUSED, WWEP_REASON_CHARACTER, 'g'},
    {"RR", WWEP_REFUSED, WWEP_REASON_CHARACTER, 'R'},
    {"W0FAC0B123x", WWEP_REFUSED, WWEP_REASON_CHARACTER, 'x'},
    {"W\n", WWEP_REFUSED, WWEP_REASON_LENGTH, 1},
    {"W\ng", WWEP_REFUSED, WWEP_REASON_LENGTH, 1},
    {"W01234\n", WWEP_REFUSED, WWEP_REASON_LENGTH, 6},
    {"W01234\r\n", WWEP_REFUSED, WWEP_REASON_LENGTH, 6},
    {"W0FAC0B123\r", WWEP_REFUSED, WWEP_REASON_LENGTH, 10},
    {"R0FAC0\n", WWEP_REFUSED, WWEP_REASON_LENGTH, 6},
    {"W0FAC0B12345", WWEP_REFUSED, WWEP_REASON_LENGTH, 12},
    {"W0FAC0B1234\n\n", WWEP_REFUSED, WWEP_REASON_LENGTH, 13},
    {"W0FAC0B1234\r\r", WWEP_REFUSED, WWEP_REASON_LENGTH, 13},
    {"W0FAC0B1234\n\r", WWEP_REFUSED, WWEP_REASON_LENGTH, 13},
    {"W0FAC0B1234\r\n\n", WWEP_REFUSED, WWEP_REASON_LENGTH, 14},
    {"W0FAC0B1234 ", WWEP_REFUSED, WWEP_REASON_LENGTH, 12},
    {"R0FAC0B1234", WWEP_REFUSED, WWEP_REASON_LENGTH, 11},
    {"R0FAC0B1234\n", WWEP_REFUSED, WWEP_REASON_LENGTH, 12},
    {"R0FAC0BR0FAC0C", WWEP_REFUSED, WWEP_REASON_LENGTH, 14},
    {"R0FAC0B\nR0FAC0C\n", WWEP_REFUSED, WWEP_REASON_LENGTH, 16},
    {"GET / HTTP/1.1\r\n\r\n", WWEP_REFUSED, WWEP_REASON_COMMAND, 'G'},
};

START_TEST(verdict)
{
    const char *bytes = rows[_i].bytes;
    struct verdict v = judged(bytes, strlen(bytes));

    ck_assert_int_eq(v.progress, rows[_i].progress);
    if (v.progress == WWEP_REFUSED)
        assert_refused(&v, rows[_i].kind, rows[_i].detail);
    assert_cuts((const uint8_t *)bytes, strlen(bytes));
}
END_TEST

/* Nothing more will come: what was incomplete is refused, with the number of
 * its bytes, and all else stays as it was. */
START_TEST(verdict_at_the_end)
{
    const char *bytes = rows[_i].bytes;
    struct wwep_decoder d = fed(bytes, strlen(bytes));
    struct verdict before = judge_with(wwep_decoder_judge, &d);
    struct verdict v = judge_with(wwep_decoder_finish, &d);

    if (before.progress == WWEP_INCOMPLETE)
        assert_refused(&v, WWEP_REASON_LENGTH, strlen(bytes));
    else
        assert_same(&v, &before);
}
END_TEST

START_TEST(every_first_byte)
{
    for (int byte = 0; byte < 256; byte++) {
        uint8_t one = (uint8_t)byte;
        struct verdict v = judged(&one, 1);

        if (byte == 'W' || byte == 'R')
            ck_assert_int_eq(v.progress, WWEP_INCOMPLETE);
        else
            assert_refused(&v, WWEP_REASON_COMMAND, one);
    }
}
END_TEST

/* Every byte in the place of every digit, where it is the last that has come
 * and where all the rest has come too. */
START_TEST(every_byte_for_every_digit)
{
    static const char *const requests[] = {"W0FAC0B1234", "R0FAC0B"};
    const char *request = requests[_i];
    size_t len = strlen(request);

    for (size_t at = 1; at < len; at++) {
        for (int byte = 0; byte < 256; byte++) {
            uint8_t bytes[WWEP_WRITE_LEN];

            memcpy(bytes, request, len);
            bytes[at] = (uint8_t)byte;
            struct verdict part = judged(bytes, at + 1);
            struct verdict whole = judged(bytes, len);
            if (byte != 0 && strchr("0123456789ABCDEFabcdef", byte) != NULL) {
                ck_assert_int_eq(whole.progress, WWEP_COMPLETE);
                continue;
            }
            assert_same(&part, &whole);
            if (byte == '\r' || byte == '\n')
                assert_refused(&whole, WWEP_REASON_LENGTH, at);
            else
                assert_refused(&whole, WWEP_REASON_CHARACTER, (size_t)byte);
        }
    }
}
END_TEST

/* All that one or two bytes behind the last digit can be. */
START_TEST(every_tail)
{
    static const char *const requests[] = {"W0FAC0B1234", "R0FAC0B"};
    size_t len = strlen(requests[_i]);
    uint8_t bytes[WWEP_WRITE_LEN + 2];

    memcpy(bytes, requests[_i], len);
    for (unsigned pair = 0; pair <= 0xFFFF; pair++) {
        bytes[len] = (uint8_t)(pair >> 8);
        bytes[len + 1] = (uint8_t)pair;

        struct wwep_request req;
        struct wwep_reason why = {WWEP_REASON_NONE, 0};
        struct wwep_decoder d = fed(bytes, len + 1);
        bool one = wwep_decoder_judge(&d, &req, &why) == WWEP_COMPLETE;
        d = fed(bytes, len + 2);
        bool two = wwep_decoder_judge(&d, &req, &why) == WWEP_COMPLETE;

        if (one != (bytes[len] == '\n' || bytes[len] == '\r') ||
            two != (pair == 0x0D0A))
            ck_abort_msg("tail %04X: %d %d", pair, one, two);
        if (!two && (why.kind != WWEP_REASON_LENGTH || why.detail != len + 2))
            ck_abort_msg("tail %04X: reason %d", pair, (int)why.kind);
    }
}
END_TEST

/* What lies beyond the bytes that are kept is counted, and only counted. */
START_TEST(more_than_is_kept)
{
    uint8_t bytes[300];

    memset(bytes, '7', sizeof bytes);
    bytes[0] = 'W';
    for (size_t len = WWEP_WRITE_LEN + 1; len <= sizeof bytes; len++) {
        struct wwep_decoder d = fed(bytes, len);
        struct verdict v = judge_with(wwep_decoder_judge, &d);

        assert_refused(&v, WWEP_REASON_LENGTH, len);
        ck_assert_uint_eq(d.len, len);
        ck_assert_mem_eq(d.seen, bytes,
                         len < WWEP_SEEN_MAX ? len : WWEP_SEEN_MAX);
    }
}
END_TEST

START_TEST(the_count_does_not_go_round)
{
    struct wwep_decoder d = fed("W", 1);

    d.len = SIZE_MAX - 1;
    wwep_decoder_feed(&d, (const uint8_t *)"abc", 3);
    ck_assert_uint_eq(d.len, SIZE_MAX);
}
END_TEST

START_TEST(feeding_nothing)
{
    struct wwep_decoder d = fed(NULL, 0);
    bool line = true;

    ck_assert_uint_eq(wwep_decoder_feed_line(&d, NULL, 0, &line), 0);
    ck_assert(!line);
    ck_assert_uint_eq(d.len, 0);
}
END_TEST

/* --- values --------------------------------------------------------------- */

/* Encodes, compares with what printf makes of it, decodes both cases. */
static void check_round_trip(const struct wwep_request *req)
{
    char want[16];
    char lower[16];
    uint8_t out[WWEP_WRITE_LEN];
    unsigned device = req->device, reg = req->reg, value = req->value;

    if (req->command == WWEP_WRITE) {
        snprintf(want, sizeof want, "W%04X%02X%04X", device, reg, value);
        snprintf(lower, sizeof lower, "W%04x%02x%04x", device, reg, value);
    } else {
        snprintf(want, sizeof want, "R%04X%02X", device, reg);
        snprintf(lower, sizeof lower, "R%04x%02x", device, reg);
    }

    size_t len = wwep_request_encode(req, out);
    if (len != strlen(want) || memcmp(out, want, len) != 0)
        ck_abort_msg("%s becomes %.*s", want, (int)len, (const char *)out);

    const void *texts[] = {out, lower};
    for (size_t i = 0; i < LENGTH(texts); i++) {
        struct wwep_decoder d = fed(texts[i], len);
        struct wwep_request back;
        struct wwep_reason why;

        if (wwep_decoder_judge(&d, &back, &why) != WWEP_COMPLETE ||
            back.command != req->command || back.device != req->device ||
            back.reg != req->reg || back.value != req->value)
            ck_abort_msg("%s is not understood", (const char *)texts[i]);
    }
}

START_TEST(every_device_register_and_value)
{
    for (unsigned n = 0; n <= 0xFFFF; n++) {
        uint16_t word = (uint16_t)n;
        uint8_t reg = (uint8_t)(n ^ n >> 8); /* each comes 256 times */
        const struct wwep_request requests[] = {
            {WWEP_WRITE, word, reg, 0x1234},
            {WWEP_WRITE, 0x0FAC, reg, word},
            {WWEP_READ, word, reg, 0},
        };

        for (size_t i = 0; i < LENGTH(requests); i++)
            check_round_trip(&requests[i]);
    }
}
END_TEST

START_TEST(a_read_writes_no_more_than_its_bytes)
{
    const struct wwep_request req = {WWEP_READ, 0x0FAC, 0x0B, 0};
    uint8_t out[WWEP_WRITE_LEN] = "???????????";

    ck_assert_uint_eq(wwep_request_encode(&req, out), WWEP_READ_LEN);
    ck_assert_mem_eq(out, "R0FAC0B????", WWEP_WRITE_LEN);
}
END_TEST

/* --- lines ---------------------------------------------------------------- */

/* The lines of a stream, one after the other in one text: what became of each,
 * and at the end what became of the rest. */
struct lines {
    char log[512];
    size_t len;
    struct wwep_decoder d;
};

static void log_verdict(struct lines *l, const struct verdict *v)
{
    uint8_t bytes[WWEP_REPLY_MAX];
    size_t len = wwep_reply_refuse(&v->why, bytes);

    if (v->progress == WWEP_COMPLETE)
        len = wwep_request_encode(&v->req, bytes);
    l->len += (size_t)snprintf(l->log + l->len, sizeof l->log - l->len, "%.*s|",
                               (int)len, (const char *)bytes);
}

static void feed_lines(struct lines *l, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        bool line;
        size_t taken = wwep_decoder_feed_line(&l->d, bytes, len, &line);

        ck_assert_uint_gt(taken, 0);
        ck_assert_uint_le(taken, len);
        ck_assert(line ? bytes[taken - 1] == '\n' : taken == len);
        if (line) {
            ck_assert(!wwep_decoder_overlong(&l->d));
            struct verdict v = judge_with(wwep_decoder_finish, &l->d);
            log_verdict(l, &v);
            wwep_decoder_init(&l->d);
        }
        bytes += taken;
        len -= taken;
    }
}

static void finish_lines(struct lines *l)
{
    struct verdict v = judge_with(wwep_decoder_finish, &l->d);

    if (wwep_decoder_overlong(&l->d))
        strcat(l->log, "overlong ");
    l->len = strlen(l->log);
    if (v.progress != WWEP_EMPTY)
        log_verdict(l, &v);
}

static const struct {
    const char *bytes;
    const char *log;
} streams[] = {
    {"", ""},
    {"\n", "X illegal command (\\x0A)|"},
    {"\r\n", "X illegal command (\\x0D)|"},
    {"R0FAC0B\n", "R0FAC0B|"},
    {"R0FAC0B", "R0FAC0B|"},
    {"R0FAC0B\r", "R0FAC0B|"},
    {"R0FAC0B\r\nR0FAC0C\n", "R0FAC0B|R0FAC0C|"},
    {"R0FAC0B\n\nR0FAC0C\n", "R0FAC0B|X illegal command (\\x0A)|R0FAC0C|"},
    {"W0123\nW0fac0b1234\r\nR0",
     "X illegal message length (5)|W0FAC0B1234|X illegal message length (2)|"},
    {"R0FAC0B1\nR0FAC0B\n", "X illegal message length (9)|R0FAC0B|"},
    {"R0FAC0B\r\r\n", "X illegal message length (10)|"},
    {"Q\nR0FAG0B\n", "X illegal command (Q)|X illegal character (G)|"},
    /* 13 bytes and the LF as the 14th are a line; 14 without it are none. */
    {"W0FAC0B123456\nR0FAC0B\n", "X illegal message length (14)|R0FAC0B|"},
    {"W0FAC0B123456", "X illegal message length (13)|"},
    {"W0FAC0B1234567", "overlong X illegal message length (14)|"},
    {"W0FAC0B1234567\nR0FAC0B\n", "overlong X illegal message length (23)|"},
    {"R0FAC0B\nGET / HTTP/1.1\r\nHost: x\r\n",
     "R0FAC0B|overlong X illegal command (G)|"},
};

START_TEST(stream)
{
    const uint8_t *bytes = (const uint8_t *)streams[_i].bytes;
    size_t len = strlen(streams[_i].bytes);
    struct lines single = {0};

    for (size_t cut = 0; cut <= len; cut++) {
        struct lines l = {0};

        feed_lines(&l, bytes, cut);
        feed_lines(&l, bytes + cut, len - cut);
        finish_lines(&l);
        ck_assert_str_eq(l.log, streams[_i].log);
        if (cut < len)
            feed_lines(&single, bytes + cut, 1);
    }
    finish_lines(&single);
    ck_assert_str_eq(single.log, streams[_i].log);
}
END_TEST

START_TEST(overlong_from_the_14th_byte)
{
    static const uint8_t bytes[] = "W0FAC0B1234567\nW0FAC0B1234\n";
    struct wwep_decoder d;
    bool line = true;

    wwep_decoder_init(&d);
    ck_assert_uint_eq(wwep_decoder_feed_line(&d, bytes, 13, &line), 13);
    ck_assert(!line);
    ck_assert(!wwep_decoder_overlong(&d));
    ck_assert_uint_eq(wwep_decoder_feed_line(&d, bytes + 13, 1, &line), 1);
    ck_assert(!line);
    ck_assert(wwep_decoder_overlong(&d));
    ck_assert_uint_eq(wwep_decoder_feed_line(&d, bytes + 14, 13, &line), 13);
    ck_assert(!line);
    ck_assert(wwep_decoder_overlong(&d));
    ck_assert_uint_eq(d.len, 27);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("request");
    TCase *judge = tcase_create("judge");
    TCase *value = tcase_create("value");
    TCase *line = tcase_create("line");

    tcase_add_loop_test(judge, verdict, 0, (int)LENGTH(rows));
    tcase_add_loop_test(judge, verdict_at_the_end, 0, (int)LENGTH(rows));
    tcase_add_test(judge, every_first_byte);
    tcase_add_loop_test(judge, every_byte_for_every_digit, 0, 2);
    tcase_add_loop_test(judge, every_tail, 0, 2);
    tcase_add_test(judge, more_than_is_kept);
    tcase_add_test(judge, the_count_does_not_go_round);
    tcase_add_test(judge, feeding_nothing);
    suite_add_tcase(suite, judge);
    tcase_add_test(value, every_device_register_and_value);
    tcase_add_test(value, a_read_writes_no_more_than_its_bytes);
    suite_add_tcase(suite, value);
    tcase_add_loop_test(line, stream, 0, (int)LENGTH(streams));
    tcase_add_test(line, overlong_from_the_14th_byte);
    suite_add_tcase(suite, line);
    return unit_run(suite);
}
