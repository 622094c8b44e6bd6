/* tls_file.h - a certificate or key file in memory, wiped when done with.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TLS_FILE_H
#define TLS_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define TLS_FILE_MAX (1024u * 1024u)

struct tls_file {
    uint8_t *bytes;
    size_t len;
    mode_t mode;
};

/* Returns 0 and the caller frees the file; or a negative errno: -EFBIG above
 * TLS_FILE_MAX, and those of input.h. */
int tls_file_read(struct tls_file *file, const char *path);
void tls_file_free(struct tls_file *file);

#endif
