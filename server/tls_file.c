/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* One byte more than may be is asked for, to see that it is too large. Works
 * for pipes too, whose size nobody knows. */
static int read_stream(struct tls_file *file, FILE *f)
{
    struct stat st;

    if (fstat(fileno(f), &st) != 0)
        return -errno;
    if (S_ISDIR(st.st_mode))
        return -EISDIR;
    file->mode = st.st_mode;
    file->bytes = malloc(TLS_FILE_MAX + 1);
    if (file->bytes == NULL)
        return -ENOMEM;
    setvbuf(f, NULL, _IONBF, 0); /* no second copy of a key */
    file->len = fread(file->bytes, 1, TLS_FILE_MAX + 1, f);
    if (ferror(f))
        return errno != 0 ? -errno : -EIO;
    return file->len > TLS_FILE_MAX ? -EFBIG : 0;
}

int tls_file_read(struct tls_file *file, const char *path)
{
    FILE *f = fopen(path, "re");

    memset(file, 0, sizeof *file);
    if (f == NULL)
        return -errno;
    int status = read_stream(file, f);
    fclose(f);
    if (status != 0)
        tls_file_free(file);
    return status;
}

void tls_file_free(struct tls_file *file)
{
    if (file->bytes != NULL)
        explicit_bzero(file->bytes, file->len);
    free(file->bytes);
    file->bytes = NULL;
    file->len = 0;
}
