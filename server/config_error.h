/* config_error.h - the one line that says what is wrong with the file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONFIG_ERROR_H
#define CONFIG_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

#include "wwep_text.h"

#define CONFIG_SHOWN_MAX 40u /* a longer value is cut, in bytes */

struct config_error {
    const char *file;
    char *line; /* CONFIG_ERROR_MAX bytes of the caller of config_load() */
};

/* A value of the file, quoted, fit to be shown: escaped, and cut when long. */
struct config_shown {
    char text[CONFIG_SHOWN_MAX * WWEP_ESCAPED_MAX + sizeof "\"...\""];
};

/* Writes "file:line:column: " and the text. Always returns false, so that a
 * check can return it. */
bool config_error_at(const struct config_error *error, yaml_mark_t mark,
                     const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for what is wrong with the file as a whole: "file: " and the
 * text. */
bool config_error_file(const struct config_error *error, const char *format,
                       ...) __attribute__((format(printf, 2, 3)));

/* The NUL-terminated text of shown is returned. */
const char *config_error_show(const void *bytes, size_t len,
                              struct config_shown *shown);

#endif
