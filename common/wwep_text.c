/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wwep_text.h"

#include <string.h>

#define DECIMAL_MAX (3u * sizeof(size_t)) /* digits: under 3 to the byte */

bool wwep_text_printable(uint8_t byte)
{
    return byte >= ' ' && byte <= '~';
}

static size_t escape_byte(uint8_t byte, uint8_t out[WWEP_ESCAPED_MAX])
{
    /* The backslash too: else nobody could tell "\x0A" from an LF. */
    if (wwep_text_printable(byte) && byte != '\\') {
        out[0] = byte;
        return 1;
    }
    out[0] = '\\';
    out[1] = 'x';
    wwep_text_put_hex(byte, 2, out + 2);
    return WWEP_ESCAPED_MAX;
}

size_t wwep_text_escape(const uint8_t *bytes, size_t len, char *out, size_t cap)
{
    size_t used = 0;

    for (size_t i = 0; i < len; i++) {
        uint8_t shown[WWEP_ESCAPED_MAX];
        size_t n = escape_byte(bytes[i], shown);

        if (n >= cap - used) /* the NUL needs its place */
            break;
        memcpy(out + used, shown, n);
        used += n;
    }
    out[used] = '\0';
    return used;
}

/* UTF-8 may pass, but not U+0080 to U+009F: those are control characters, too.
 * To a terminal without UTF-8 they are one byte each. *rest: how many bytes of
 * a character are still to come. */
static bool drives_terminal(uint8_t byte, uint8_t next, unsigned *rest)
{
    bool is_rest = byte >= 0x80 && byte <= 0xBF && *rest > 0;
    bool is_c1 = byte == 0xC2 && next >= 0x80 && next <= 0x9F;

    if (is_rest)
        --*rest;
    else
        *rest = byte < 0xC2 || byte > 0xF4 || is_c1
                    ? 0
                    : 1u + (byte >= 0xE0) + (byte >= 0xF0);
    return byte < ' ' || byte == 0x7F || is_c1 ||
           (byte >= 0x80 && byte <= 0x9F && !is_rest);
}

void wwep_text_tame(const char *text, char *out, size_t cap)
{
    size_t len = 0;
    unsigned rest = 0;

    for (; *text != '\0' && len + 1 < cap; text++) {
        uint8_t byte = (uint8_t)text[0];

        if (!drives_terminal(byte, (uint8_t)text[1], &rest)) {
            out[len++] = *text;
            continue;
        }
        if (len + WWEP_ESCAPED_MAX >= cap)
            break;
        out[len] = '\\';
        out[len + 1] = 'x';
        wwep_text_put_hex(byte, 2, (uint8_t *)out + len + 2);
        len += WWEP_ESCAPED_MAX;
    }
    out[len] = '\0';
}

int wwep_text_hex(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if (byte >= 'A' && byte <= 'F')
        return byte - 'A' + 10;
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    return -1;
}

void wwep_text_put_hex(uint32_t value, size_t digits, uint8_t *out)
{
    static const char hex[] = "0123456789ABCDEF";

    for (size_t i = digits; i-- > 0; value >>= 4)
        out[i] = (uint8_t)hex[value & 0xF];
}

uint32_t wwep_text_get_hex(const uint8_t *in, size_t digits)
{
    uint32_t value = 0;

    for (size_t i = 0; i < digits; i++)
        value = value << 4 | (uint32_t)wwep_text_hex(in[i]);
    return value;
}

void wwep_text_start(struct wwep_text *text, char *out, size_t cap)
{
    text->out = out;
    text->cap = cap;
    text->len = 0;
    out[0] = '\0';
}

void wwep_text_add(struct wwep_text *text, const char *words)
{
    size_t len = strlen(words);
    size_t room = text->cap - 1 - text->len;

    if (len > room)
        len = room;
    memcpy(text->out + text->len, words, len);
    text->len += len;
    text->out[text->len] = '\0';
}

void wwep_text_add_number(struct wwep_text *text, size_t number)
{
    char digits[DECIMAL_MAX + 1];
    char *p = digits + DECIMAL_MAX;

    *p = '\0';
    do {
        *--p = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    wwep_text_add(text, p);
}
