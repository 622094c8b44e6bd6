/* disk_layer.c - between a server and its disk, by LD_PRELOAD: a disk that is
 * full, and a trace of what would be on it after a power cut.
 *
 * WWEP_DISK_FOLDER  what is not in this folder is left alone
 * WWEP_DISK_FULL    while this file exists, no file becomes longer
 * WWEP_DISK_BAD     while this file exists, what is written can be read, but no
 *                   sync succeeds
 * WWEP_DISK_TRACE   each change is appended to this file, when it is done:
 *                   a struct record, the path, and the bytes written
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/* wwep_disk.py reads it: "<cxxxIQQ". */
struct record {
    char what; /* W, T(runcate), S(ync), U(nlink), R(ename) */
    uint32_t path_len;
    uint64_t offset; /* or the new length */
    uint64_t len;    /* of what follows the path: R: the new path */
};

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int is_ours(const char *path)
{
    const char *folder = getenv("WWEP_DISK_FOLDER");

    return folder != NULL && strncmp(path, folder, strlen(folder)) == 0;
}

/* Its path, where it is ours. */
static int path_of(int fd, char path[PATH_MAX])
{
    char link[64];

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, PATH_MAX - 1);
    if (len <= 0)
        return 0;
    path[len] = '\0';
    return is_ours(path);
}

static void trace(char what, const char *path, uint64_t offset,
                  const void *bytes, size_t len)
{
    const char *file = getenv("WWEP_DISK_TRACE");
    struct record r;

    if (file == NULL)
        return;
    memset(&r, 0, sizeof r);
    r.what = what;
    r.path_len = (uint32_t)strlen(path);
    r.offset = offset;
    r.len = len;
    struct iovec parts[] = {
        {&r, sizeof r}, {(void *)path, r.path_len}, {(void *)bytes, len}};
    int fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || writev(fd, parts, 3) < 0)
        abort();
    close(fd);
}

static int is_there(const char *name)
{
    const char *flag = getenv(name);

    return flag != NULL && access(flag, F_OK) == 0;
}

static ssize_t write_at(int fd, const void *buf, size_t n, off_t offset)
{
    char path[PATH_MAX];
    struct stat st;

    if (!path_of(fd, path))
        return REAL(pwrite)(fd, buf, n, offset);
    if (is_there("WWEP_DISK_FULL") && fstat(fd, &st) == 0 &&
        offset + (off_t)n > st.st_size) {
        if (offset >= st.st_size || n < 2) {
            errno = ENOSPC;
            return -1;
        }
        n = (size_t)(st.st_size - offset); /* a part of it fits */
    }
    ssize_t written = REAL(pwrite)(fd, buf, n, offset);
    if (written > 0)
        trace('W', path, (uint64_t)offset, buf, (size_t)written);
    return written;
}

ssize_t pwrite(int fd, const void *buf, size_t n, off_t offset)
{
    return write_at(fd, buf, n, offset);
}

ssize_t pwrite64(int fd, const void *buf, size_t n, off64_t offset)
{
    return write_at(fd, buf, n, offset);
}

static int synced(int fd, int (*sync)(int))
{
    char path[PATH_MAX];
    int ours = path_of(fd, path);

    if (ours && is_there("WWEP_DISK_BAD")) {
        errno = EIO;
        return -1;
    }
    int status = sync(fd);
    if (status == 0 && ours)
        trace('S', path, 0, "", 0);
    return status;
}

int fsync(int fd)
{
    return synced(fd, REAL(fsync));
}

int fdatasync(int fd)
{
    return synced(fd, REAL(fdatasync));
}

static int truncated(int fd, off_t len, int status)
{
    char path[PATH_MAX];

    if (status == 0 && path_of(fd, path))
        trace('T', path, (uint64_t)len, "", 0);
    return status;
}

int ftruncate(int fd, off_t len)
{
    return truncated(fd, len, REAL(ftruncate)(fd, len));
}

int ftruncate64(int fd, off64_t len)
{
    return truncated(fd, len, REAL(ftruncate64)(fd, len));
}

int unlink(const char *path)
{
    int status = REAL(unlink)(path);

    if (status == 0 && is_ours(path))
        trace('U', path, 0, "", 0);
    return status;
}

int rename(const char *from, const char *to)
{
    int status = REAL(rename)(from, to);

    if (status == 0 && is_ours(from))
        trace('R', from, 0, to, strlen(to));
    return status;
}
