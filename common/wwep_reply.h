/* wwep_reply.h - what the server answers: the encoders and the decoder.
 *
 * Source: WW101 course, chapter 6A; the whole rule is in wwep(7).
 *
 *     [1] 'A'   [4] device, hex   [2] register, hex   [4] value, hex
 *     [1] 'X'   then, where the server explains errors, ' ' and a reason
 *
 * Hex digits are upper case. A reply has no line end, but on a keep-open
 * connection, where it has an LF. Nothing here allocates or does I/O.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_REPLY_H
#define WWEP_REPLY_H

#include "wwep_reason.h"
#include "wwep_request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WWEP_ACCEPT_LEN 11u                    /* bytes of an 'A' */
#define WWEP_REPLY_MAX  (2u + WWEP_REASON_MAX) /* any reply, its LF with it */

/* Writes 'A' with the request's device and register and this value; returns
 * WWEP_ACCEPT_LEN. */
size_t wwep_reply_accept(const struct wwep_request *req, uint16_t value,
                         uint8_t out[WWEP_REPLY_MAX]);

/* Writes 'X', and ' ' and the reason behind it unless why is NULL or has none;
 * returns the length. */
size_t wwep_reply_refuse(const struct wwep_reason *why,
                         uint8_t out[WWEP_REPLY_MAX]);

enum wwep_reply_kind {
    WWEP_REPLY_PENDING,  /* more must come, or the end */
    WWEP_REPLY_ACCEPTED, /* 'A' */
    WWEP_REPLY_REFUSED,  /* 'X' */
    WWEP_REPLY_MALFORMED /* no WWEP server says this */
};

struct wwep_reply {
    enum wwep_reply_kind kind;
    uint16_t device; /* 'A' only, as are the next two */
    uint8_t reg;
    uint16_t value;
    char reason[WWEP_REASON_MAX]; /* 'X' only; "" where none was given */
};

/* One reply on its way in; the caller owns it. Zero-filled is empty, and so it
 * is again when a reply is whole. */
struct wwep_reply_decoder {
    uint8_t seen[WWEP_REPLY_MAX]; /* of a longer reply the beginning */
    size_t len;                   /* bytes in seen */
};

/* Takes bytes until a reply is whole, and returns how many it took; *reply is
 * always filled. An 'A' is whole at its last digit, and a line end that is
 * there already is taken with it; an 'X' is whole at its LF (or CRLF), and
 * else by wwep_reply_finish(). At the first byte that no reply has there, a
 * lower-case digit too, the reply is WWEP_REPLY_MALFORMED, and the stream of
 * no more use.
 *
 * A reply may come in any pieces. So that a line end may come in a piece of
 * its own, CRs and LFs in front of a reply are taken and dropped. A reason
 * that does not fit is cut. */
size_t wwep_reply_feed(struct wwep_reply_decoder *d, const uint8_t *buf,
                       size_t len, struct wwep_reply *reply);

/* The server has ended the connection: what came since the last whole reply is
 * judged as it stands; nothing at all is WWEP_REPLY_PENDING. */
void wwep_reply_finish(const struct wwep_reply_decoder *d,
                       struct wwep_reply *reply);

/* Whether an accepted reply is one to this request: the same device and
 * register, and for a write the same value. */
bool wwep_reply_answers(const struct wwep_reply *reply,
                        const struct wwep_request *req);

#ifdef __cplusplus
}
#endif

#endif
