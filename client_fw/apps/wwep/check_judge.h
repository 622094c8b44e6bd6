/* check_judge.h - whether what was seen of an exchange is what was wanted, and
 * if not, in words what the server did.
 *
 * One fault of a server shall fail one case, and not each: a case forgives what
 * another one is there for (lower case, a line end behind the reply, a
 * connection that stays open), unless it is strict about it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_CHECK_JUDGE_H
#define WWEP_APP_CHECK_JUDGE_H

#include "check_exchange.h"

/* What a case is strict about. */
enum {
    CHECK_STRICT_CASE = 1 << 0,  /* upper case */
    CHECK_STRICT_BYTES = 1 << 1, /* not a byte behind the reply */
    CHECK_STRICT_END = 1 << 2,   /* the server closes */
    CHECK_STRICT_RESET = 1 << 3, /* by no RST */
    CHECK_STRICT_NOTIFY = 1 << 4 /* TLS: with a close_notify */
};

enum check_fault {
    CHECK_GOOD,
    CHECK_NO_CONNECTION, /* the server has gone */
    CHECK_NO_TLS,
    CHECK_LOST,     /* TLS broke, or a reset, before the reply */
    CHECK_NOTHING,  /* the end instead of a reply */
    CHECK_SILENT,   /* neither */
    CHECK_FOREIGN,  /* no reply of WWEP's */
    CHECK_SHORT,    /* an A of fewer than 11 bytes */
    CHECK_LOWER,    /* right, but in lower case */
    CHECK_MORE,     /* right, with bytes behind it */
    CHECK_OTHER,    /* an A with another device, register or value */
    CHECK_REFUSED,  /* X instead of A */
    CHECK_ACCEPTED, /* A instead of X */
    CHECK_ANSWERED, /* a reply instead of the end */
    CHECK_STAYS,    /* right, but the connection stays open */
    CHECK_RESETS,   /* right, but a RST behind it */
    CHECK_NO_NOTIFY /* right, but no close_notify */
};

enum check_fault check_judge(const struct check_want *want,
                             const struct check_seen *seen, unsigned strict);

#define CHECK_SENTENCE_MAX 320u

/* "The server answered X after 6 of 11 bytes." Returns out; "" for
 * CHECK_GOOD. */
const char *check_sentence(enum check_fault fault,
                           const struct check_request *request,
                           const struct check_want *want,
                           const struct check_seen *seen,
                           char out[CHECK_SENTENCE_MAX]);

#endif
