/* config_near.h - which of the allowed keys was meant.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONFIG_NEAR_H
#define CONFIG_NEAR_H

#include <cyaml/cyaml.h>

/* The key of the fields that is close to what was written: a slip or two away,
 * or begun alike. NULL: none is. */
const char *config_near(const cyaml_schema_field_t *fields, const char *key);

#endif
