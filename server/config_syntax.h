/* config_syntax.h - libyaml's complaints, in words for who writes the file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONFIG_SYNTAX_H
#define CONFIG_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

#include "config_error.h"

/* text is what the parser was given. Always returns false. */
bool config_syntax_error(const struct config_error *error,
                         const yaml_parser_t *parser, const unsigned char *text,
                         size_t len);

#endif
