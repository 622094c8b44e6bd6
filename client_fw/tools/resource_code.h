/* resource_code.h - resources as C.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_TOOLS_RESOURCE_CODE_H
#define WWEP_TOOLS_RESOURCE_CODE_H

#include "resource.h"

#include <stdbool.h>
#include <stddef.h>

/* Writes OUTDIR/IDENTIFIER.c. In the file system: the object only says where
 * the file is, which must then stay there. False: it has been complained of. */
bool resource_code_write(const struct resource *resource, const char *outdir,
                         bool in_filesystem);

/* Writes OUTDIR/resources.h, which declares all of them. */
bool resource_code_declare(const struct resource *resources, size_t count,
                           const char *outdir, bool in_filesystem);

#endif
