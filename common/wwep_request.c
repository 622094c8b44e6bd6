/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wwep_request.h"

#include "wwep_text.h"

#include <string.h>

#define DEVICE_AT 1u
#define REG_AT    5u
#define VALUE_AT  7u

_Static_assert(WWEP_SEEN_MAX > WWEP_LINE_MAX,
               "the byte behind the longest line must be seen");

void wwep_decoder_init(struct wwep_decoder *d)
{
    memset(d, 0, sizeof *d);
}

void wwep_decoder_feed(struct wwep_decoder *d, const uint8_t *buf, size_t len)
{
    if (d->len < WWEP_SEEN_MAX && len > 0) {
        size_t room = WWEP_SEEN_MAX - d->len;

        memcpy(d->seen + d->len, buf, len < room ? len : room);
    }
    /* A count that went round would make a refused request an empty one. */
    d->len = len <= SIZE_MAX - d->len ? d->len + len : SIZE_MAX;
}

size_t wwep_decoder_feed_line(struct wwep_decoder *d, const uint8_t *buf,
                              size_t len, bool *line)
{
    /* How many of the next bytes may hold the LF. */
    size_t reach = d->len <= WWEP_LINE_MAX ? WWEP_LINE_MAX + 1 - d->len : 0;
    const uint8_t *lf = NULL;

    if (reach > len)
        reach = len;
    if (reach > 0)
        lf = memchr(buf, '\n', reach);

    size_t taken = lf != NULL ? (size_t)(lf - buf) + 1 : len;
    wwep_decoder_feed(d, buf, taken);
    *line = lf != NULL;
    return taken;
}

bool wwep_decoder_overlong(const struct wwep_decoder *d)
{
    return d->len > WWEP_LINE_MAX && d->seen[WWEP_LINE_MAX] != '\n';
}

static enum wwep_progress refuse(struct wwep_reason *why,
                                 enum wwep_reason_kind kind, size_t detail)
{
    why->kind = kind;
    why->detail = detail;
    return WWEP_REFUSED;
}

/* What may stand behind the last digit: nothing, LF, CRLF, or its half. */
static bool is_line_end(const uint8_t *tail, size_t len)
{
    if (len == 2)
        return tail[0] == '\r' && tail[1] == '\n';
    return len == 0 || (len == 1 && (tail[0] == '\r' || tail[0] == '\n'));
}

static void parse(const uint8_t *bytes, struct wwep_request *req)
{
    req->command = bytes[0] == WWEP_WRITE ? WWEP_WRITE : WWEP_READ;
    req->device = (uint16_t)wwep_text_get_hex(bytes + DEVICE_AT, 4);
    req->reg = (uint8_t)wwep_text_get_hex(bytes + REG_AT, 2);
    req->value = 0;
    if (req->command == WWEP_WRITE)
        req->value = (uint16_t)wwep_text_get_hex(bytes + VALUE_AT, 4);
}

enum wwep_progress wwep_decoder_judge(const struct wwep_decoder *d,
                                      struct wwep_request *req,
                                      struct wwep_reason *why)
{
    if (d->len == 0)
        return WWEP_EMPTY;
    if (d->seen[0] != WWEP_WRITE && d->seen[0] != WWEP_READ)
        return refuse(why, WWEP_REASON_COMMAND, d->seen[0]);

    size_t whole = d->seen[0] == WWEP_WRITE ? WWEP_WRITE_LEN : WWEP_READ_LEN;
    for (size_t i = 1; i < whole && i < d->len; i++) {
        uint8_t byte = d->seen[i];

        if (byte == '\r' || byte == '\n')
            return refuse(why, WWEP_REASON_LENGTH, i);
        if (wwep_text_hex(byte) < 0)
            return refuse(why, WWEP_REASON_CHARACTER, byte);
    }
    if (d->len < whole)
        return WWEP_INCOMPLETE;
    if (!is_line_end(d->seen + whole, d->len - whole))
        return refuse(why, WWEP_REASON_LENGTH, d->len);
    parse(d->seen, req);
    return WWEP_COMPLETE;
}

enum wwep_progress wwep_decoder_finish(const struct wwep_decoder *d,
                                       struct wwep_request *req,
                                       struct wwep_reason *why)
{
    enum wwep_progress progress = wwep_decoder_judge(d, req, why);

    if (progress == WWEP_INCOMPLETE)
        return refuse(why, WWEP_REASON_LENGTH, d->len);
    return progress;
}

size_t wwep_request_encode(const struct wwep_request *req,
                           uint8_t out[WWEP_WRITE_LEN])
{
    out[0] = (uint8_t)req->command;
    wwep_text_put_hex(req->device, 4, out + DEVICE_AT);
    wwep_text_put_hex(req->reg, 2, out + REG_AT);
    if (req->command != WWEP_WRITE)
        return WWEP_READ_LEN;
    wwep_text_put_hex(req->value, 4, out + VALUE_AT);
    return WWEP_WRITE_LEN;
}
