/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "file.h"

#include "complain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One byte more than may be is asked for, to see that it is too large. Works
 * for pipes too, whose size nobody knows. Returns 0 or an errno. */
static int read_stream(struct file *file, FILE *f)
{
    file->bytes = malloc(FILE_BYTES_MAX + 1);
    if (file->bytes == NULL)
        return ENOMEM;
    setvbuf(f, NULL, _IONBF, 0); /* no second copy of a key */
    file->len = fread(file->bytes, 1, FILE_BYTES_MAX + 1, f);
    if (ferror(f))
        return errno != 0 ? errno : EIO;
    return file->len > FILE_BYTES_MAX ? EFBIG : 0;
}

bool file_read(struct file *file, const char *path, const char *option)
{
    FILE *f = fopen(path, "re");
    int error = f != NULL ? read_stream(file, f) : errno;

    if (f != NULL)
        fclose(f);
    if (error == 0 && file->len == 0)
        complain("%s: the file is empty: give another one with %s", path,
                 option);
    else if (error != 0)
        complain("%s: %s: give a file that you may read with %s", path,
                 strerror(error), option);
    if (error == 0 && file->len > 0)
        return true;
    file_free(file);
    return false;
}

void file_free(struct file *file)
{
    if (file->bytes != NULL)
        explicit_bzero(file->bytes, file->len);
    free(file->bytes);
    file->bytes = NULL;
    file->len = 0;
}
