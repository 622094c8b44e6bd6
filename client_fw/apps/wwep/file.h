/* file.h - a file of certificates, or of a key, in memory.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_FILE_H
#define WWEP_APP_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FILE_BYTES_MAX (1024u * 1024u)

/* Zero-filled is empty. */
struct file {
    uint8_t *bytes;
    size_t len;
};

/* Reads it, whole. False: it can not be, and has been complained of; `option`
 * says which word of the command line named it. */
bool file_read(struct file *file, const char *path, const char *option);

/* Wipes the bytes before it frees them. */
void file_free(struct file *file);

#endif
