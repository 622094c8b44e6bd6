/* wwep_text.h - texts without stdio, and bytes made fit to be shown in them.
 *
 * What a peer sends must never forge a line of a log or drive a terminal:
 * whatever is not printable ASCII, and the backslash, becomes \xNN.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_TEXT_H
#define WWEP_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WWEP_ESCAPED_MAX 4u /* the most characters that one byte becomes */

/* Whether the byte is printable ASCII: from the space to the tilde. */
bool wwep_text_printable(uint8_t byte);

/* Writes as many whole escaped bytes as fit into cap (> 0) with the NUL, and
 * returns the length of the text. No byte is ever shown by half. */
size_t wwep_text_escape(const uint8_t *bytes, size_t len, char *out,
                        size_t cap);

/* Makes a text of people's (a file's name, say) fit for a terminal, in place of
 * cap bytes with the NUL: control characters become \xNN, other bytes stay, and
 * what no longer fits is cut. */
void wwep_text_tame(const char *text, char *out, size_t cap);

/* The value of a hex digit of either case; -1 for any other byte. */
int wwep_text_hex(uint8_t byte);

/* Writes value as this many upper-case hex digits, the lowest ones. */
void wwep_text_put_hex(uint32_t value, size_t digits, uint8_t *out);

/* The value of this many hex digits. The caller knows that they are such, by
 * wwep_text_hex(), and that they are no more than eight. */
uint32_t wwep_text_get_hex(const uint8_t *in, size_t digits);

/* A text that grows in an array of the caller's. It has its NUL at any time,
 * and what does not fit is cut off. */
struct wwep_text {
    char *out;
    size_t cap; /* of out, with the NUL: at least 1 */
    size_t len;
};

void wwep_text_start(struct wwep_text *text, char *out, size_t cap);
void wwep_text_add(struct wwep_text *text, const char *words);
void wwep_text_add_number(struct wwep_text *text, size_t number);

#endif
