/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config_error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "wwep_text.h"

/* The file's path gets at most half of the line: what is wrong with the file
 * must be in it, too. */
#define FILE_MAX     (CONFIG_ERROR_MAX / 2)

#define ESCAPED_SIZE (CONFIG_SHOWN_MAX * WWEP_ESCAPED_MAX + 1)

/* An editor shall find the file by what stands here, so its path is not
 * escaped as values are; but a line it stays. */
static size_t put_file(const struct config_error *error)
{
    size_t len = 0;

    for (const char *c = error->file; *c != '\0' && len < FILE_MAX; c++) {
        bool control = (unsigned char)*c < 0x20 || *c == 0x7f;
        error->line[len++] = control ? '?' : *c;
    }
    return len;
}

bool config_error_at(const struct config_error *error, yaml_mark_t mark,
                     const char *format, ...)
{
    size_t len = put_file(error);
    va_list args;

    /* libyaml counts from 0, people and editors from 1. */
    int n = snprintf(error->line + len, CONFIG_ERROR_MAX - len,
                     ":%zu:%zu: ", mark.line + 1, mark.column + 1);
    len += (size_t)n;
    va_start(args, format);
    vsnprintf(error->line + len, CONFIG_ERROR_MAX - len, format, args);
    va_end(args);
    return false;
}

bool config_error_file(const struct config_error *error, const char *format,
                       ...)
{
    size_t len = put_file(error);
    va_list args;

    error->line[len++] = ':';
    error->line[len++] = ' ';
    va_start(args, format);
    vsnprintf(error->line + len, CONFIG_ERROR_MAX - len, format, args);
    va_end(args);
    return false;
}

const char *config_error_show(const void *bytes, size_t len,
                              struct config_shown *shown)
{
    size_t part = len < CONFIG_SHOWN_MAX ? len : CONFIG_SHOWN_MAX;
    char *out = shown->text;

    *out++ = '"';
    out += wwep_text_escape(bytes, part, out, ESCAPED_SIZE);
    strcpy(out, part < len ? "...\"" : "\"");
    return shown->text;
}
