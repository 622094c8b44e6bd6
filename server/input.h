/* input.h - a file that is read as a whole, without waiting for it for long.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INPUT_H
#define INPUT_H

#include <stddef.h>
#include <sys/types.h>

#define INPUT_WAIT_MS 5000

/* Reads the file from its beginning, at most cap bytes; *mode (NULL is fine) is
 * what fstat(2) has of it. Returns how many, or a negative errno: -EISDIR for a
 * folder; -ENODATA for a pipe that nobody writes to for INPUT_WAIT_MS: a server
 * reads while it serves. */
ssize_t input_read(const char *path, void *buf, size_t cap, mode_t *mode);

#endif
