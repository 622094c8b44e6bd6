/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SUFFIX_MAX 64u

/* What to do about an errno. */
static const char *advice(int error)
{
    switch (error) {
    case EISDIR:
        return "name a file in it";
    case ENOENT:
        return "make the folder first";
    case EACCES:
    case EPERM:
        return "let this user write to the file and its folder";
    case EROFS:
        return "name a file on a disk that can be written to";
    case ENOSPC:
    case EDQUOT:
        return "make room on the disk";
    default:
        return "name another file";
    }
}

static int refuse(const char *path, int error, char line[STORE_ERROR_MAX])
{
    snprintf(line, STORE_ERROR_MAX, "%.512s: %s: %s", path, strerror(error),
             advice(error));
    return -1;
}

static void folder_of(const char *path, char folder[4096])
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL)
        snprintf(folder, 4096, ".");
    else
        snprintf(folder, 4096, "%.*s", (int)(slash - path + 1), path);
}

int store_file_sync_folder(const char *path)
{
    char folder[4096];
    int status = -1;

    folder_of(path, folder);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        status = fsync(fd);
        close(fd);
    }
    return status;
}

int store_file_open(const char *path, char error[STORE_ERROR_MAX])
{
    struct stat st;
    bool made = false;
    int fd = open(path, O_RDWR | O_CLOEXEC);

    if (fd < 0 && errno == ENOENT) {
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
        made = true;
    }
    if (fd < 0)
        return refuse(path, errno, error);
    if (made && store_file_sync_folder(path) != 0) {
        refuse(path, errno, error);
    } else if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        snprintf(error, STORE_ERROR_MAX, "%.512s: no regular file: name one",
                 path);
    } else if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        snprintf(error, STORE_ERROR_MAX,
                 "%.512s: another wwepd is using it: stop that one, or name "
                 "another file",
                 path);
    } else {
        return fd;
    }
    close(fd);
    return -1;
}

int store_file_check(const char *path, int64_t *size,
                     char error[STORE_ERROR_MAX])
{
    struct stat st;
    char folder[4096];
    bool is_there = stat(path, &st) == 0;

    *size = is_there ? (int64_t)st.st_size : 0;
    folder_of(path, folder);
    /* SQLite makes files beside it. */
    if ((!is_there && errno != ENOENT) ||
        faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) != 0)
        return refuse(path, errno, error);
    if (!is_there)
        return 0;
    if (!S_ISREG(st.st_mode))
        return refuse(path, S_ISDIR(st.st_mode) ? EISDIR : EINVAL, error);
    if (faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) != 0)
        return refuse(path, errno, error);
    return 0;
}

bool store_file_has_log(const char *path)
{
    char file[PATH_MAX];
    char log[PATH_MAX + SUFFIX_MAX];
    struct stat st;

    /* It is beside the file, not beside a link to it. */
    if (realpath(path, file) != NULL)
        path = file;
    snprintf(log, sizeof log, "%s-wal", path);
    return stat(log, &st) == 0 && st.st_size > 0;
}

bool store_file_is_emptied(const char *path)
{
    struct stat st;

    if (stat(path, &st) == 0 ? st.st_size > 0 : errno != ENOENT)
        return false;
    return store_file_has_log(path);
}

/* Renames where it exists. */
static bool rename_if_there(const char *from, const char *to)
{
    return rename(from, to) == 0 || errno == ENOENT;
}

int store_file_set_aside(const char *path, char *aside, size_t cap,
                         char error[STORE_ERROR_MAX])
{
    static const char *const logs[] = {"-wal", "-journal"};
    char from[4096 + SUFFIX_MAX];
    char to[4096 + 2 * SUFFIX_MAX];
    char stamp[SUFFIX_MAX];
    struct tm tm;
    time_t now = time(NULL);

    gmtime_r(&now, &tm);
    strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &tm);
    snprintf(aside, cap, "%s.corrupt-%s", path, stamp);
    if (access(aside, F_OK) == 0) {
        errno = EEXIST;
        return refuse(aside, errno, error);
    }
    /* The logs first: left behind alone, they would be taken for nobody's, or
     * for those of the next one. */
    for (size_t i = 0; i < 2; i++) {
        snprintf(from, sizeof from, "%s%s", path, logs[i]);
        snprintf(to, sizeof to, "%s%s", aside, logs[i]);
        if (!rename_if_there(from, to))
            return refuse(path, errno, error);
    }
    if (rename(path, aside) != 0)
        return refuse(path, errno, error);
    snprintf(from, sizeof from, "%s-shm", path);
    unlink(from); /* an index of the log: made again when it is needed */
    if (store_file_sync_folder(path) != 0)
        return refuse(path, errno, error);
    return 0;
}
