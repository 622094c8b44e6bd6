/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config_near.h"

#include "wwep_near.h"

#include <stddef.h>

const char *config_near(const cyaml_schema_field_t *fields, const char *key)
{
    struct wwep_near near;

    wwep_near_start(&near, key);
    for (; fields->key != NULL; fields++)
        wwep_near_offer(&near, fields->key);
    return near.best;
}
