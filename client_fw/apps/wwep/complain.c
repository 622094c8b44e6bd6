/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "complain.h"

#include "wwep_text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#define LINE_MAX_BYTES 2048

void complain_escape(const char *text, char *out, size_t cap)
{
    wwep_text_tame(text, out, cap);
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
