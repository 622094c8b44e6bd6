/* config_value.h - one value of the file: a number, a word, or a text.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

#include <cyaml/cyaml.h>
#include <stdbool.h>
#include <yaml.h>

#include "config_error.h"

/* path is the key's, as the error shows it. */
bool config_value_check(const cyaml_schema_field_t *field, const char *path,
                        const yaml_node_t *node,
                        const struct config_error *error);

/* Whether the node is a text that can be a listener's name. */
bool config_value_is_name(const yaml_node_t *node);

#endif
