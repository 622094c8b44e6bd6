/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wwep_reply.h"

#include "wwep_text.h"

#include <string.h>

#define DEVICE_AT 1u
#define REG_AT    5u
#define VALUE_AT  7u
#define REASON_AT 2u

/* seen keeps its last place for a CR: so the longest 'X' that it holds is one
 * with a reason that fills struct wwep_reply's. */
#define KEPT_MAX (WWEP_REPLY_MAX - 1u)

_Static_assert(KEPT_MAX - REASON_AT == WWEP_REASON_MAX - 1u,
               "a kept reason and its NUL must fill struct wwep_reply's");

size_t wwep_reply_accept(const struct wwep_request *req, uint16_t value,
                         uint8_t out[WWEP_REPLY_MAX])
{
    out[0] = 'A';
    wwep_text_put_hex(req->device, 4, out + DEVICE_AT);
    wwep_text_put_hex(req->reg, 2, out + REG_AT);
    wwep_text_put_hex(value, 4, out + VALUE_AT);
    return WWEP_ACCEPT_LEN;
}

size_t wwep_reply_refuse(const struct wwep_reason *why,
                         uint8_t out[WWEP_REPLY_MAX])
{
    char words[WWEP_REASON_MAX];
    size_t len = why != NULL ? wwep_reason_format(why, words) : 0;

    out[0] = 'X';
    if (len == 0)
        return 1;
    out[1] = ' ';
    memcpy(out + REASON_AT, words, len);
    return REASON_AT + len;
}

static bool is_upper_hex(uint8_t byte)
{
    return wwep_text_hex(byte) >= 0 && byte < 'a';
}

/* What an 'A' comes to with one byte more, which is in seen already. */
static enum wwep_reply_kind judge_accept(const struct wwep_reply_decoder *d)
{
    if (d->len > 1 && !is_upper_hex(d->seen[d->len - 1]))
        return WWEP_REPLY_MALFORMED;
    return d->len < WWEP_ACCEPT_LEN ? WWEP_REPLY_PENDING : WWEP_REPLY_ACCEPTED;
}

/* What an 'X' comes to with this byte more. */
static enum wwep_reply_kind judge_refuse(const struct wwep_reply_decoder *d,
                                         uint8_t byte)
{
    if (byte == '\n')
        return WWEP_REPLY_REFUSED;
    if (d->seen[d->len - 1] == '\r')
        return WWEP_REPLY_MALFORMED;
    if (byte == '\r' || (d->len == 1 && byte == ' '))
        return WWEP_REPLY_PENDING;
    return d->len > 1 && wwep_text_printable(byte) ? WWEP_REPLY_PENDING
                                                   : WWEP_REPLY_MALFORMED;
}

static void keep(struct wwep_reply_decoder *d, uint8_t byte)
{
    if (d->len < KEPT_MAX || byte == '\r')
        d->seen[d->len++] = byte;
}

static enum wwep_reply_kind step(struct wwep_reply_decoder *d, uint8_t byte)
{
    if (d->len == 0) {
        if (byte == '\r' || byte == '\n')
            return WWEP_REPLY_PENDING;
        keep(d, byte);
        return byte == 'A' || byte == 'X' ? WWEP_REPLY_PENDING
                                          : WWEP_REPLY_MALFORMED;
    }
    if (d->seen[0] == 'A') {
        keep(d, byte);
        return judge_accept(d);
    }

    enum wwep_reply_kind kind = judge_refuse(d, byte);
    if (kind == WWEP_REPLY_PENDING)
        keep(d, byte);
    return kind;
}

static void fill(const struct wwep_reply_decoder *d, enum wwep_reply_kind kind,
                 struct wwep_reply *reply)
{
    memset(reply, 0, sizeof *reply);
    reply->kind = kind;
    if (kind == WWEP_REPLY_ACCEPTED) {
        reply->device = (uint16_t)wwep_text_get_hex(d->seen + DEVICE_AT, 4);
        reply->reg = (uint8_t)wwep_text_get_hex(d->seen + REG_AT, 2);
        reply->value = (uint16_t)wwep_text_get_hex(d->seen + VALUE_AT, 4);
    } else if (kind == WWEP_REPLY_REFUSED) {
        size_t len = d->seen[d->len - 1] == '\r' ? d->len - 1 : d->len;

        if (len > REASON_AT)
            memcpy(reply->reason, d->seen + REASON_AT, len - REASON_AT);
    }
}

/* How many bytes the line end is long that buf begins with; 0: none. */
static size_t line_end(const uint8_t *buf, size_t len)
{
    if (len >= 1 && buf[0] == '\n')
        return 1;
    return len >= 2 && buf[0] == '\r' && buf[1] == '\n' ? 2 : 0;
}

size_t wwep_reply_feed(struct wwep_reply_decoder *d, const uint8_t *buf,
                       size_t len, struct wwep_reply *reply)
{
    enum wwep_reply_kind kind = WWEP_REPLY_PENDING;
    size_t taken = 0;

    while (taken < len && kind == WWEP_REPLY_PENDING)
        kind = step(d, buf[taken++]);
    fill(d, kind, reply);
    if (kind == WWEP_REPLY_ACCEPTED && taken < len)
        taken += line_end(buf + taken, len - taken);
    if (kind != WWEP_REPLY_PENDING)
        d->len = 0;
    return taken;
}

void wwep_reply_finish(const struct wwep_reply_decoder *d,
                       struct wwep_reply *reply)
{
    enum wwep_reply_kind kind = WWEP_REPLY_PENDING;

    if (d->len > 0)
        kind = d->seen[0] == 'X' ? WWEP_REPLY_REFUSED : WWEP_REPLY_MALFORMED;
    fill(d, kind, reply);
}

bool wwep_reply_answers(const struct wwep_reply *reply,
                        const struct wwep_request *req)
{
    return reply->kind == WWEP_REPLY_ACCEPTED && reply->device == req->device &&
           reply->reg == req->reg &&
           (req->command == WWEP_READ || reply->value == req->value);
}
