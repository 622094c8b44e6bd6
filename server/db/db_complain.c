/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "db_complain.h"

#include "wwep_text.h"

#include <stdarg.h>
#include <stdio.h>

#define LINE_MAX_BYTES 2048

void db_complain(const char *format, ...)
{
    char text[LINE_MAX_BYTES];
    char safe[LINE_MAX_BYTES];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    wwep_text_tame(text, safe, sizeof safe);
    fprintf(stderr, "wwep-db: %s\n", safe);
}
