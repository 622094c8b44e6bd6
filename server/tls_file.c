/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_file.h"

#include "input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One byte more than may be is asked for, to see that it is too large. Works
 * for pipes too, whose size nobody knows. */
int tls_file_read(struct tls_file *file, const char *path)
{
    memset(file, 0, sizeof *file);
    file->bytes = malloc(TLS_FILE_MAX + 1);
    if (file->bytes == NULL)
        return -ENOMEM;
    ssize_t len = input_read(path, file->bytes, TLS_FILE_MAX + 1, &file->mode);
    file->len = len > 0 ? (size_t)len : 0;
    if (len >= 0 && len <= (ssize_t)TLS_FILE_MAX)
        return 0;
    tls_file_free(file);
    return len < 0 ? (int)len : -EFBIG;
}

void tls_file_free(struct tls_file *file)
{
    if (file->bytes != NULL)
        explicit_bzero(file->bytes, file->len);
    free(file->bytes);
    file->bytes = NULL;
    file->len = 0;
}
