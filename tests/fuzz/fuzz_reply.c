/* fuzz_reply.c - the reply decoder against any bytes, in any pieces.
 *
 * Held to: the pieces change nothing; no step stands still; an A is one that
 * the encoder writes; a reason is printable and ends. The escaper, which shows
 * such bytes to people, comes along.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"
#include "wwep_reply.h"
#include "wwep_text.h"

#include <string.h>

/* A stream up to its end or to what is malformed, and all that it said. */
struct stream {
    struct wwep_reply_decoder d;
    uint64_t digest;
    bool malformed;
};

static void check_accepted(const struct wwep_reply *reply)
{
    const struct wwep_request req = {WWEP_WRITE, reply->device, reply->reg,
                                     reply->value};
    struct wwep_reply_decoder d = {.len = 0};
    uint8_t out[WWEP_REPLY_MAX];
    struct wwep_reply back;

    size_t len = wwep_reply_accept(&req, reply->value, out);
    FUZZ_CHECK(wwep_reply_feed(&d, out, len, &back) == len);
    FUZZ_CHECK(wwep_reply_answers(&back, &req));
    FUZZ_CHECK(wwep_reply_answers(reply, &req));
}

static void check_reason(const struct wwep_reply *reply)
{
    FUZZ_CHECK(memchr(reply->reason, '\0', sizeof reply->reason) != NULL);
    for (const char *p = reply->reason; *p != '\0'; p++)
        FUZZ_CHECK(wwep_text_printable((uint8_t)*p));
    FUZZ_CHECK(reply->kind == WWEP_REPLY_REFUSED || reply->reason[0] == '\0');
}

static void take(struct stream *s, const struct wwep_reply *reply)
{
    check_reason(reply);
    if (reply->kind == WWEP_REPLY_PENDING)
        return;
    if (reply->kind == WWEP_REPLY_ACCEPTED)
        check_accepted(reply);
    s->malformed = reply->kind == WWEP_REPLY_MALFORMED;
    s->digest = fuzz_digest(s->digest, reply->kind);
    s->digest = fuzz_digest(s->digest, reply->device);
    s->digest = fuzz_digest(s->digest, reply->reg);
    s->digest = fuzz_digest(s->digest, reply->value);
    for (const char *p = reply->reason; *p != '\0'; p++)
        s->digest = fuzz_digest(s->digest, (uint8_t)*p);
}

static void feed(struct stream *s, const uint8_t *data, size_t size)
{
    while (size > 0 && !s->malformed) {
        struct wwep_reply reply;
        size_t taken = wwep_reply_feed(&s->d, data, size, &reply);

        FUZZ_CHECK(taken > 0 && taken <= size);
        FUZZ_CHECK(reply.kind != WWEP_REPLY_PENDING || taken == size);
        FUZZ_CHECK(s->d.len <= sizeof s->d.seen);
        if (reply.kind == WWEP_REPLY_ACCEPTED)
            FUZZ_CHECK(s->d.len == 0);
        take(s, &reply);
        data += taken;
        size -= taken;
    }
}

static uint64_t end(struct stream *s)
{
    struct wwep_reply reply;

    if (!s->malformed) {
        wwep_reply_finish(&s->d, &reply);
        FUZZ_CHECK((reply.kind == WWEP_REPLY_PENDING) == (s->d.len == 0));
        FUZZ_CHECK(reply.kind != WWEP_REPLY_ACCEPTED);
        take(s, &reply);
    }
    return s->digest;
}

static uint64_t digest_cut(const uint8_t *data, size_t size, size_t cut)
{
    struct stream s = {.digest = FUZZ_DIGEST_INIT};

    feed(&s, data, cut);
    feed(&s, data + cut, size - cut);
    return end(&s);
}

static uint64_t digest_single(const uint8_t *data, size_t size)
{
    struct stream s = {.digest = FUZZ_DIGEST_INIT};

    for (size_t i = 0; i < size; i++)
        feed(&s, data + i, 1);
    return end(&s);
}

/* The first bytes, escaped into an array that is just as large as asked. */
static void check_escape(const uint8_t *data, size_t size)
{
    if (size == 0)
        return;

    size_t cap = (size_t)data[0] + 1;
    char *out = malloc(cap);

    FUZZ_CHECK(out != NULL);
    size_t len = wwep_text_escape(data, size, out, cap);
    FUZZ_CHECK(len < cap && strlen(out) == len);
    for (size_t i = 0; i < len; i++)
        FUZZ_CHECK(wwep_text_printable((uint8_t)out[i]));
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t whole = digest_cut(data, size, size);

    FUZZ_CHECK(digest_single(data, size) == whole);
    for (size_t cut = 1; cut < size && cut < FUZZ_CUTS_MAX; cut++)
        FUZZ_CHECK(digest_cut(data, size, cut) == whole);
    check_escape(data, size);
    return 0;
}
