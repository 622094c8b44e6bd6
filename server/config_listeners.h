/* config_listeners.h - what must hold between the keys of a listener, and
 * between listeners.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONFIG_LISTENERS_H
#define CONFIG_LISTENERS_H

#include <stdbool.h>

#include "config.h"
#include "config_document.h"
#include "config_error.h"

/* config is what was made of the document. */
bool config_listeners_check(const struct config *config,
                            struct config_document *document,
                            const struct config_error *error);

#endif
