/* folder.h - paths as they are written, and the SDK's folders.
 *
 * All texts that are returned are on the heap, and the caller's to free; NULL:
 * no memory, or what the comment says.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_TOOLS_FOLDER_H
#define WWEP_TOOLS_FOLDER_H

#include <stdbool.h>

/* The path from the root of the file system, without ".", ".." and a slash at
 * its end. Links are not followed: names of resources come from what is
 * written. */
char *folder_absolute(const char *path);

/* The same for a path relative to a folder that may not be there: ".." at its
 * beginning stays. */
char *folder_tidy(const char *path);

/* What of `path` is below `folder`, both absolute; "" for the folder itself.
 * Points into path. NULL: it is elsewhere. */
const char *folder_below(const char *path, const char *folder);

bool folder_is(const char *path);

/* The nearest folder above this absolute one that has resources/ or apps/ in
 * it, as the SDK's root has. NULL: there is none. */
char *folder_root_above(const char *path);

#endif
