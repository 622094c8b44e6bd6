/* wwep_reason.h - why a request got an X, in the words of the course's server.
 *
 * Source: WW101 course, chapter 6A, server of exercise 03; wwep(7).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_REASON_H
#define WWEP_REASON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One list for the enum and the words. BYTE: the words are followed by
 * " (the byte)"; COUNT: by " (a number of bytes)"; PLAIN: by nothing. */
#define WWEP_REASON_MAP(X)                                 \
    X(WWEP_REASON_COMMAND, BYTE, "illegal command")        \
    X(WWEP_REASON_CHARACTER, BYTE, "illegal character")    \
    X(WWEP_REASON_LENGTH, COUNT, "illegal message length") \
    X(WWEP_REASON_NOT_FOUND, PLAIN, "not found")           \
    X(WWEP_REASON_NOT_ALLOWED, PLAIN, "not allowed")       \
    X(WWEP_REASON_STORAGE, PLAIN, "storage failure")

#define WWEP_REASON_ENUM(name, detail, words) name,
enum wwep_reason_kind {
    WWEP_REASON_NONE,
    WWEP_REASON_MAP(WWEP_REASON_ENUM) WWEP_REASON_KINDS
};
#undef WWEP_REASON_ENUM

struct wwep_reason {
    enum wwep_reason_kind kind;
    size_t detail; /* the byte, or the number of bytes */
};

/* Whether the request itself was wrong, and not what it asked for. */
bool wwep_reason_is_malformed(const struct wwep_reason *why);

#define WWEP_REASON_MAX 48u /* a formatted reason with its NUL always fits */

/* Writes the words, NUL-terminated, and returns their length; "" for
 * WWEP_REASON_NONE. A byte that is not printable ASCII shows as \xNN; the
 * backslash is printable, and alone in its brackets can't be mistaken. */
size_t wwep_reason_format(const struct wwep_reason *why,
                          char out[WWEP_REASON_MAX]);

#ifdef __cplusplus
}
#endif

#endif
