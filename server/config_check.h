/* config_check.h - each key and value of the document against the schema.
 *
 * libcyaml checks by the same schema while it loads, but says so in its own
 * words, over several lines and not always with a place; and what it takes is
 * wider: any word but no, off and false is "yes", 010 is 8.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONFIG_CHECK_H
#define CONFIG_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "config_document.h"
#include "config_error.h"

/* What this lets through, libcyaml loads. false: error has the first mistake
 * of the file. */
bool config_check(struct config_document *document,
                  const struct config_error *error);

#endif
