/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "complain.h"

#include "wwep_text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX_BYTES 2048

/* UTF-8 may pass, for the sake of file names, but not U+0080 to U+009F: those
 * are control characters, too. */
static bool drives_terminal(unsigned char byte, unsigned char next)
{
    return byte < 0x20 || byte == 0x7F ||
           (byte == 0xC2 && next >= 0x80 && next <= 0x9F);
}

void complain_escape(const char *text, char *out, size_t cap)
{
    size_t len = 0;

    while (*text != '\0' && len + 1 < cap) {
        unsigned char byte = (unsigned char)text[0];

        if (!drives_terminal(byte, (unsigned char)text[1])) {
            out[len++] = *text++;
            continue;
        }
        if (len + WWEP_ESCAPED_MAX >= cap)
            break;
        snprintf(out + len, cap - len, "\\x%02X", (unsigned)byte);
        len += WWEP_ESCAPED_MAX;
        text++;
    }
    out[len] = '\0';
}

void complain(const char *format, ...)
{
    char text[LINE_MAX_BYTES];
    char safe[LINE_MAX_BYTES];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    complain_escape(text, safe, sizeof safe);
    fprintf(stderr, "%s: %s\n", program_invocation_short_name, safe);
}
