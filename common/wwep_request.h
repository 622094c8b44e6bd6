/* wwep_request.h - what a client asks: the incremental decoder and the encoder.
 *
 * Source: WW101 course, chapter 6A; the whole rule is in wwep(7).
 *
 *     [1] 'W' | 'R'   [4] device, hex   [2] register, hex   [4] value, hex
 * ('W')
 *
 * Nothing here allocates, reads a clock or does I/O. No function can fail: a
 * request that is not well-formed has a struct wwep_reason that says why.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_REQUEST_H
#define WWEP_REQUEST_H

#include "wwep_reason.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WWEP_WRITE_LEN 11u /* bytes of a write request */
#define WWEP_READ_LEN  7u  /* bytes of a read request */
#define WWEP_LINE_MAX  13u /* bytes of a write request and its CRLF */
#define WWEP_SEEN_MAX  16u /* bytes of a request that the decoder keeps */

enum wwep_command { WWEP_WRITE = 'W', WWEP_READ = 'R' };

struct wwep_request {
    enum wwep_command command;
    uint16_t device;
    uint8_t reg;
    uint16_t value; /* 0 in a read */
};

enum wwep_progress {
    WWEP_EMPTY,      /* not a byte has come */
    WWEP_INCOMPLETE, /* right so far, and short of its last digit */
    WWEP_COMPLETE,   /* well-formed */
    WWEP_REFUSED     /* can not become well-formed any more */
};

/* One request on its way in. The caller owns it, and may copy it; `seen` and
 * `len` are for reading (the message log shows them). */
struct wwep_decoder {
    uint8_t seen[WWEP_SEEN_MAX]; /* the first bytes, as they came */
    size_t len;                  /* bytes that have come, kept or not */
};

/* Before the first byte of every request: on a keep-open listener, too. */
void wwep_decoder_init(struct wwep_decoder *d);

/* Takes all of buf, in whatever pieces it comes. */
void wwep_decoder_feed(struct wwep_decoder *d, const uint8_t *buf, size_t len);

/* For a keep-open listener, where a request is a line: takes bytes up to and
 * with the first LF and returns how many it took. *line tells whether the LF
 * was among them; then the line is whole and wants to be judged.
 *
 * More than WWEP_LINE_MAX bytes without an LF are no line, and where the next
 * one would begin nobody knows: the decoder is overlong for good, and takes
 * all that comes. (An LF right behind WWEP_LINE_MAX bytes is in time: that
 * line is judged, as too long.) wwep_decoder_overlong() is for a decoder that
 * wwep_decoder_feed_line() has fed. */
size_t wwep_decoder_feed_line(struct wwep_decoder *d, const uint8_t *buf,
                              size_t len, bool *line);
bool wwep_decoder_overlong(const struct wwep_decoder *d);

/* Judges what has come so far (rules 1 to 3). WWEP_COMPLETE fills *req,
 * WWEP_REFUSED fills *why; neither is touched otherwise. The first byte that
 * is wrong gives the reason. */
enum wwep_progress wwep_decoder_judge(const struct wwep_decoder *d,
                                      struct wwep_request *req,
                                      struct wwep_reason *why);

/* Judges when no more will come: the line, the client or its time has ended
 * (rules 4 and 6). As above, but what is incomplete is refused. */
enum wwep_progress wwep_decoder_finish(const struct wwep_decoder *d,
                                       struct wwep_request *req,
                                       struct wwep_reason *why);

/* Writes the request, without line end, into out (upper case). Returns its
 * length: WWEP_WRITE_LEN or WWEP_READ_LEN. */
size_t wwep_request_encode(const struct wwep_request *req,
                           uint8_t out[WWEP_WRITE_LEN]);

#ifdef __cplusplus
}
#endif

#endif
