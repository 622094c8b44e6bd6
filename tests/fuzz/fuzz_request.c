/* fuzz_request.c - the request decoder against any bytes, in any pieces.
 *
 * Held to: the pieces change nothing; what is well-formed is just what a plain
 * reading of the rule says; a request survives encoding and decoding; a reason
 * survives its way through an X.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"
#include "wwep_reply.h"
#include "wwep_request.h"
#include "wwep_text.h"

#include <string.h>

struct verdict {
    enum wwep_progress progress;
    struct wwep_request req;
    struct wwep_reason why;
};

static struct verdict judge(const struct wwep_decoder *d)
{
    struct verdict v = {WWEP_EMPTY, {WWEP_READ, 0, 0, 0}, {0, 0}};

    v.progress = wwep_decoder_judge(d, &v.req, &v.why);
    return v;
}

static struct verdict finish(const struct wwep_decoder *d)
{
    struct verdict v = {WWEP_EMPTY, {WWEP_READ, 0, 0, 0}, {0, 0}};

    v.progress = wwep_decoder_finish(d, &v.req, &v.why);
    return v;
}

static uint64_t digest_verdict(uint64_t digest, const struct verdict *v)
{
    digest = fuzz_digest(digest, v->progress);
    digest = fuzz_digest(digest, v->req.command);
    digest = fuzz_digest(digest, v->req.device);
    digest = fuzz_digest(digest, v->req.reg);
    digest = fuzz_digest(digest, v->req.value);
    digest = fuzz_digest(digest, v->why.kind);
    return fuzz_digest(digest, v->why.detail);
}

static bool same(const struct verdict *a, const struct verdict *b)
{
    return digest_verdict(0, a) == digest_verdict(0, b);
}

/* --- one request --- */

/* The rule once more, in other words than the decoder's. */
static bool is_well_formed(const uint8_t *data, size_t size)
{
    static const char hex[] = "0123456789ABCDEFabcdef";
    char text[WWEP_LINE_MAX + 1] = "";

    if (size > WWEP_LINE_MAX || memchr(data, '\0', size) != NULL)
        return false;
    memcpy(text, data, size);

    size_t digits = text[0] == 'W' ? 10 : 6;
    if ((text[0] != 'W' && text[0] != 'R') || strspn(text + 1, hex) != digits)
        return false;

    const char *tail = text + 1 + digits;
    return strcmp(tail, "") == 0 || strcmp(tail, "\n") == 0 ||
           strcmp(tail, "\r") == 0 || strcmp(tail, "\r\n") == 0;
}

static void check_complete(const struct verdict *v, const uint8_t *data)
{
    uint8_t out[WWEP_WRITE_LEN];
    size_t len = wwep_request_encode(&v->req, out);
    struct wwep_decoder d;

    FUZZ_CHECK(out[0] == data[0]);
    for (size_t i = 1; i < len; i++)
        FUZZ_CHECK(wwep_text_hex(out[i]) == wwep_text_hex(data[i]));

    wwep_decoder_init(&d);
    wwep_decoder_feed(&d, out, len);
    struct verdict back = judge(&d);
    FUZZ_CHECK(same(&back, v));
}

static void check_refused(const struct verdict *v)
{
    struct wwep_reply_decoder d = {.len = 0};
    char words[WWEP_REASON_MAX];
    uint8_t out[WWEP_REPLY_MAX];
    struct wwep_reply reply;

    FUZZ_CHECK(v->why.kind == WWEP_REASON_COMMAND ||
               v->why.kind == WWEP_REASON_CHARACTER ||
               v->why.kind == WWEP_REASON_LENGTH);
    FUZZ_CHECK(wwep_reason_format(&v->why, words) == strlen(words));

    size_t len = wwep_reply_refuse(&v->why, out);
    FUZZ_CHECK(wwep_reply_feed(&d, out, len, &reply) == len);
    wwep_reply_finish(&d, &reply);
    FUZZ_CHECK(reply.kind == WWEP_REPLY_REFUSED);
    FUZZ_CHECK(strcmp(reply.reason, words) == 0);
}

static void check_finish(const struct wwep_decoder *d, const struct verdict *v)
{
    struct verdict end = finish(d);

    if (v->progress == WWEP_INCOMPLETE) {
        FUZZ_CHECK(end.progress == WWEP_REFUSED);
        FUZZ_CHECK(end.why.kind == WWEP_REASON_LENGTH);
        FUZZ_CHECK(end.why.detail == d->len);
    } else {
        FUZZ_CHECK(same(&end, v));
    }
}

static struct verdict judge_whole(const uint8_t *data, size_t size)
{
    struct wwep_decoder d;

    wwep_decoder_init(&d);
    wwep_decoder_feed(&d, data, size);
    struct verdict v = judge(&d);
    FUZZ_CHECK((v.progress == WWEP_EMPTY) == (size == 0));
    FUZZ_CHECK((v.progress == WWEP_COMPLETE) == is_well_formed(data, size));
    if (v.progress == WWEP_COMPLETE)
        check_complete(&v, data);
    else if (v.progress == WWEP_REFUSED)
        check_refused(&v);
    check_finish(&d, &v);
    return v;
}

static void check_request(const uint8_t *data, size_t size)
{
    struct verdict whole = judge_whole(data, size);
    struct wwep_decoder single;

    wwep_decoder_init(&single);
    for (size_t cut = 0; cut < size; cut++) {
        wwep_decoder_feed(&single, data + cut, 1);
        if (cut >= FUZZ_CUTS_MAX)
            continue;

        struct wwep_decoder d;
        wwep_decoder_init(&d);
        wwep_decoder_feed(&d, data, cut);
        /* Once refused, refused for good. */
        if (judge(&d).progress == WWEP_REFUSED)
            FUZZ_CHECK(whole.progress == WWEP_REFUSED);
        wwep_decoder_feed(&d, data + cut, size - cut);
        struct verdict v = judge(&d);
        FUZZ_CHECK(same(&v, &whole));
    }
    struct verdict v = judge(&single);
    FUZZ_CHECK(same(&v, &whole));
}

/* --- lines --- */

static uint64_t feed_lines(struct wwep_decoder *d, const uint8_t *data,
                           size_t size, uint64_t digest)
{
    while (size > 0) {
        bool line;
        size_t taken = wwep_decoder_feed_line(d, data, size, &line);

        FUZZ_CHECK(taken > 0 && taken <= size);
        FUZZ_CHECK(line ? data[taken - 1] == '\n' : taken == size);
        if (line) {
            FUZZ_CHECK(!wwep_decoder_overlong(d));
            FUZZ_CHECK(d->len <= WWEP_LINE_MAX + 1);
            struct verdict v = finish(d);
            digest = digest_verdict(digest, &v);
            wwep_decoder_init(d);
        }
        data += taken;
        size -= taken;
    }
    return digest;
}

/* All of a stream, in two pieces or (step 1) byte by byte from the cut on. */
static uint64_t digest_lines(const uint8_t *data, size_t size, size_t cut,
                             size_t step)
{
    struct wwep_decoder d;
    uint64_t digest = FUZZ_DIGEST_INIT;

    wwep_decoder_init(&d);
    digest = feed_lines(&d, data, cut, digest);
    for (size_t at = cut; at < size; at += step) {
        size_t piece = size - at < step ? size - at : step;

        digest = feed_lines(&d, data + at, piece, digest);
    }
    struct verdict v = finish(&d);
    digest = digest_verdict(digest, &v);
    return fuzz_digest(digest, wwep_decoder_overlong(&d));
}

static void check_lines(const uint8_t *data, size_t size)
{
    uint64_t whole = digest_lines(data, size, size, 1);

    FUZZ_CHECK(digest_lines(data, size, 0, 1) == whole);
    for (size_t cut = 1; cut < size && cut < FUZZ_CUTS_MAX; cut++)
        FUZZ_CHECK(digest_lines(data, size, cut, size) == whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_request(data, size);
    check_lines(data, size);
    return 0;
}
