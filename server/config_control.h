/* config_control.h - what must hold of the control socket's path.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONFIG_CONTROL_H
#define CONFIG_CONTROL_H

#include <stdbool.h>

#include "config.h"
#include "config_document.h"
#include "config_error.h"

/* Of the configuration that has been made of the document. */
bool config_control_check(const struct config *config,
                          struct config_document *document,
                          const struct config_error *error);

#endif
