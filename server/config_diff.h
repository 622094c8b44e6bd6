/* config_diff.h - what is different in a second configuration.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONFIG_DIFF_H
#define CONFIG_DIFF_H

#include "changes.h"
#include "config.h"

/* What a reload applies, but for listeners. */
void config_diff(const struct config *old, const struct config *new_one,
                 struct changes *out);

/* What only a start applies. */
void config_diff_start(const struct config *running,
                       const struct config *new_one, struct changes *out);

/* What is different in one listener, which has the same name in both. */
void config_diff_listener(const struct config_listener *old,
                          const struct config_listener *new_one,
                          struct changes *out);

#endif
