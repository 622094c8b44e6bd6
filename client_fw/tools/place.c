/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "place.h"

#include "complain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* 0 or an errno. */
static int write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t done = write(fd, bytes, len);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return errno;
        bytes += done;
        len -= (size_t)done;
    }
    return 0;
}

/* 0 or an errno. The temporary file is private from its first moment. */
static int write_temporary(char *temporary, const void *bytes, size_t len,
                           mode_t mode)
{
    int fd = mkstemp(temporary);
    int error;

    if (fd < 0)
        return errno;
    error = write_all(fd, bytes, len);
    if (error == 0 && fchmod(fd, mode) != 0)
        error = errno;
    if (error == 0 && fsync(fd) != 0 && errno != EINVAL)
        error = errno;
    if (close(fd) != 0 && error == 0)
        error = errno;
    if (error != 0)
        unlink(temporary);
    return error;
}

bool place_file(const char *path, const void *bytes, size_t len, mode_t mode)
{
    struct stat old;
    char *temporary;
    int error;

    /* A device, or a pipe, would be replaced by the file. */
    if (stat(path, &old) == 0 && !S_ISREG(old.st_mode)) {
        complain("%s: is not a file, and stays: give the name of one", path);
        return false;
    }
    if (asprintf(&temporary, "%s.XXXXXX", path) < 0) {
        complain("no memory is left");
        return false;
    }
    error = write_temporary(temporary, bytes, len, mode);
    if (error == 0 && rename(temporary, path) != 0) {
        error = errno;
        unlink(temporary);
    }
    if (error != 0)
        complain("%s: can not be written: %s", path, strerror(error));
    free(temporary);
    return error == 0;
}
