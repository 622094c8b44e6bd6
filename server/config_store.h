/* config_store.h - what must hold between the keys of the store.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONFIG_STORE_H
#define CONFIG_STORE_H

#include <stdbool.h>

#include "config_document.h"
#include "config_error.h"

/* Of a document whose values are good. */
bool config_store_check(struct config_document *document,
                        const struct config_error *error);

#endif
