/* check_script.h - the cases of `wwep check` as text, and how they are varied.
 *
 * A script has a step a line, as in wwep(7):
 *
 *     W@D0B1234 -> A@D0B1234
 *     *R@D0|B\r\n -> A@D0B1234
 *     W@D<FIN> -> X
 *     <FIN> -> <CLOSE>
 *
 * | cuts a request: two segments, a pause between them, and two records where
 * there is TLS. <FIN> ends our side, <FILL> is 8 KiB more in the same segment.
 * \n, \r and \xNN are bytes. @D and @E are the two devices of the check, @d and
 * @e the same in lower case, @N a register that nobody has written on either.
 * A * before the request: the case varies it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_CHECK_SCRIPT_H
#define WWEP_APP_CHECK_SCRIPT_H

#include "wwep_reply.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHECK_REQUEST_MAX 48u
#define CHECK_FILL        8192u
#define CHECK_SHOWN_MAX   160u

struct check_request {
    uint8_t bytes[CHECK_REQUEST_MAX];
    size_t len;
    bool cut[CHECK_REQUEST_MAX]; /* [i]: between the bytes i - 1 and i */
    size_t fill;                 /* so many more, behind the last */
    bool fin;
};

enum check_wanted {
    CHECK_WANT_ACCEPT, /* exactly this reply */
    CHECK_WANT_REFUSE, /* X, with or without a reason */
    CHECK_WANT_CLOSE   /* no reply, and the end */
};

struct check_want {
    enum check_wanted kind;
    char text[WWEP_ACCEPT_LEN + 1]; /* of the reply */
};

struct check_step {
    bool varied;
    struct check_request request;
    struct check_want want;
};

/* What stands for @D, @E and @N. */
struct check_names {
    uint16_t device[2];
    uint8_t unwritten;
};

/* Reads the step at *at and goes behind it; false: that was the last. */
bool check_script_next(const char **at, const struct check_names *names,
                       struct check_step *step);

/* Whether it has a register that nobody has written. */
bool check_script_has_unwritten(const char *script);

enum check_vary {
    CHECK_AS_IT_IS,
    CHECK_CUT_EACH,   /* cut in two, at each place */
    CHECK_CUT_ALL,    /* byte by byte */
    CHECK_DIGIT_EACH, /* each digit in turn is none */
    CHECK_SHORT_EACH  /* all but the last digit, all but the last two, ... */
};

/* How many variations of the request there are, and the i-th of them. */
size_t check_vary_count(enum check_vary how, const struct check_request *of);
void check_vary(enum check_vary how, const struct check_request *of, size_t i,
                struct check_request *out);

/* The request as people read it: escaped, with " | " where it is cut, and what
 * is behind it in words. Returns out. */
const char *check_request_show(const struct check_request *request,
                               char out[CHECK_SHOWN_MAX]);

#endif
