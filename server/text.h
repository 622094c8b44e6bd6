/* text.h - a text in an array of its own.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TEXT_H
#define TEXT_H

#include <stddef.h>
#include <string.h>

/* What does not fit into cap (> 0) with the NUL is cut off. For each exchange:
 * printf() would take its time. */
static inline void text_copy(char *out, size_t cap, const char *text)
{
    size_t len = strnlen(text, cap - 1);

    memcpy(out, text, len);
    out[len] = '\0';
}

#endif
