/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "fuzz_file.h"

#include "fuzz.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

void fuzz_file_init(struct fuzz_file *file)
{
    file->fd = memfd_create("fuzz", MFD_CLOEXEC);
    FUZZ_CHECK(file->fd >= 0);
    snprintf(file->path, sizeof file->path, "/proc/self/fd/%d", file->fd);
}

void fuzz_file_set(struct fuzz_file *file, const void *bytes, size_t len)
{
    FUZZ_CHECK(ftruncate(file->fd, 0) == 0);
    FUZZ_CHECK(len == 0 || pwrite(file->fd, bytes, len, 0) == (ssize_t)len);
}

int fuzz_file_lowest(void)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    FUZZ_CHECK(fd >= 0);
    close(fd);
    return fd;
}
