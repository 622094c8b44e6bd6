/* place.h - a file that is written whole, or not at all.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_TOOLS_PLACE_H
#define WWEP_TOOLS_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Puts the bytes where path says, with this mode, in the place of a file that
 * is there. False: nothing has changed, and it has been complained of. */
bool place_file(const char *path, const void *bytes, size_t len, mode_t mode);

#endif
