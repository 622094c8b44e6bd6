/* config_build.h - the configuration, from what stands in the file and the
 * defaults of what does not.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONFIG_BUILD_H
#define CONFIG_BUILD_H

#include "config.h"
#include "config_schema.h"

/* Takes nothing of file: all is copied. path: of the file, which its relative
 * paths are relative to; NULL: there is none. NULL: no memory. */
struct config *config_build(const struct config_file *file, const char *path);

#endif
