/* check_judge.c - see check_judge.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "check_judge.h"

#include "wwep_text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* --- the judgement ---------------------------------------------------------
 */

/* Where there is no byte of a reply. */
static enum check_fault judge_nothing(const struct check_want *want,
                                      const struct check_seen *seen)
{
    switch (seen->end) {
    case CHECK_END_NO_CONNECTION:
        return CHECK_NO_CONNECTION;
    case CHECK_END_NO_TLS:
        return CHECK_NO_TLS;
    case CHECK_END_OPEN:
        return want->kind == CHECK_WANT_CLOSE ? CHECK_STAYS : CHECK_SILENT;
    case CHECK_END_RESET:
    case CHECK_END_GARBLED:
        return want->kind == CHECK_WANT_CLOSE ? CHECK_GOOD : CHECK_LOST;
    case CHECK_END_CUT:
    case CHECK_END_CLOSED:
        break;
    }
    return want->kind == CHECK_WANT_CLOSE ? CHECK_GOOD : CHECK_NOTHING;
}

static bool is_hex(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (wwep_text_hex(bytes[i]) < 0)
            return false;
    return true;
}

static enum check_fault judge_accept(const struct check_want *want,
                                     const struct check_seen *seen,
                                     unsigned strict)
{
    const char *got = (const char *)seen->bytes;
    size_t digits = seen->len - 1;

    if (digits > WWEP_ACCEPT_LEN - 1)
        digits = WWEP_ACCEPT_LEN - 1;
    if (want->kind != CHECK_WANT_ACCEPT)
        return want->kind == CHECK_WANT_CLOSE ? CHECK_ANSWERED : CHECK_ACCEPTED;
    if (!is_hex(seen->bytes + 1, digits))
        return CHECK_FOREIGN;
    if (seen->len < WWEP_ACCEPT_LEN)
        return CHECK_SHORT;
    if (strncasecmp(got, want->text, WWEP_ACCEPT_LEN) != 0)
        return CHECK_OTHER;
    if ((strict & CHECK_STRICT_CASE) != 0 &&
        memcmp(got, want->text, WWEP_ACCEPT_LEN) != 0)
        return CHECK_LOWER;
    if (seen->total > WWEP_ACCEPT_LEN && (strict & CHECK_STRICT_BYTES) != 0)
        return CHECK_MORE;
    return CHECK_GOOD;
}

/* X alone, or with a space and a reason behind it. */
static enum check_fault judge_refuse(const struct check_want *want,
                                     const struct check_seen *seen,
                                     unsigned strict)
{
    if (want->kind != CHECK_WANT_REFUSE)
        return want->kind == CHECK_WANT_CLOSE ? CHECK_ANSWERED : CHECK_REFUSED;
    if ((strict & CHECK_STRICT_BYTES) == 0 || seen->total == 1)
        return CHECK_GOOD;
    if (seen->bytes[1] != ' ')
        return CHECK_MORE;
    for (size_t i = 2; i < seen->len; i++)
        if (!wwep_text_printable(seen->bytes[i]))
            return CHECK_MORE;
    return CHECK_GOOD;
}

/* How it went on behind a reply that was right. */
static enum check_fault judge_end(const struct check_seen *seen,
                                  unsigned strict)
{
    if (seen->end == CHECK_END_OPEN && (strict & CHECK_STRICT_END) != 0)
        return CHECK_STAYS;
    if (seen->end == CHECK_END_RESET && (strict & CHECK_STRICT_RESET) != 0)
        return CHECK_RESETS;
    if (seen->end != CHECK_END_CLOSED && (strict & CHECK_STRICT_NOTIFY) != 0)
        return CHECK_NO_NOTIFY;
    return CHECK_GOOD;
}

enum check_fault check_judge(const struct check_want *want,
                             const struct check_seen *seen, unsigned strict)
{
    enum check_fault fault = CHECK_FOREIGN;

    if (seen->total == 0)
        fault = judge_nothing(want, seen);
    else if (check_seen_letter(seen) == 'A')
        fault = judge_accept(want, seen, strict);
    else if (check_seen_letter(seen) == 'X')
        fault = judge_refuse(want, seen, strict);
    return fault == CHECK_GOOD ? judge_end(seen, strict) : fault;
}

/* --- the words -------------------------------------------------------------
 */

/* " after 6 of 11 bytes", where it was too early. */
static const char *when(const struct check_request *request,
                        const struct check_seen *seen, char out[48])
{
    out[0] = '\0';
    if (seen->early)
        (void)snprintf(out, 48, " after %zu of %zu bytes", seen->sent,
                       request->len);
    return out;
}

/* The part of an A that is not what was asked for. */
static const char *other_part(const struct check_want *want,
                              const struct check_seen *seen)
{
    const char *got = (const char *)seen->bytes;

    if (strncasecmp(got + 1, want->text + 1, 4) != 0)
        return "another device";
    if (strncasecmp(got + 5, want->text + 5, 2) != 0)
        return "another register";
    return "another value";
}

static const char *sentence_of_tls(const struct check_seen *seen,
                                   char out[CHECK_SENTENCE_MAX])
{
    char line[WWEP_FAULT_LINE_MAX];

    (void)wwep_fault_format(&seen->fault, line);
    (void)snprintf(out, CHECK_SENTENCE_MAX, "No TLS: %s.", line);
    return out;
}

const char *check_sentence(enum check_fault fault,
                           const struct check_request *request,
                           const struct check_want *want,
                           const struct check_seen *seen,
                           char out[CHECK_SENTENCE_MAX])
{
    static const char *const formats[] = {
        [CHECK_GOOD] = "",
        [CHECK_NO_CONNECTION] = "No connection to the server any more: ",
        [CHECK_NO_TLS] = "",
        [CHECK_LOST] = "The connection was cut off before a reply",
        [CHECK_NOTHING] = "The server closed the connection without a reply",
        [CHECK_SILENT] = "No reply within 2 s",
        [CHECK_FOREIGN] = "The server said what is no reply of WWEP",
        [CHECK_SHORT] = "The reply has fewer than 11 bytes",
        [CHECK_LOWER] = "The reply has lower-case letters",
        [CHECK_MORE] = "There are more bytes behind the reply",
        [CHECK_OTHER] = "The reply has ",
        [CHECK_REFUSED] = "The server answered X",
        [CHECK_ACCEPTED] = "The server answered A: it took the request",
        [CHECK_ANSWERED] = "The server answered where nothing was asked",
        [CHECK_STAYS] = "The server does not close the connection",
        [CHECK_RESETS] =
            "The server resets the connection (RST) behind its reply",
        [CHECK_NO_NOTIFY] = "The server ends TLS without a close_notify",
    };
    char time[48];
    const char *detail = "";

    if (fault == CHECK_NO_TLS)
        return sentence_of_tls(seen, out);
    if (fault == CHECK_NO_CONNECTION)
        detail = wwep_port_error_text(seen->port_error);
    if (fault == CHECK_OTHER)
        detail = other_part(want, seen);
    (void)snprintf(out, CHECK_SENTENCE_MAX, "%s%s%s%s", formats[fault], detail,
                   when(request, seen, time), fault == CHECK_GOOD ? "" : ".");
    return out;
}
