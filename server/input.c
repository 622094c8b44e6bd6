/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether there is something to read, or its end, in time. */
static bool wait_for_some(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int n;

    while ((n = poll(&p, 1, INPUT_WAIT_MS)) < 0 && errno == EINTR)
        ;
    return n != 0;
}

/* Of a file that may have nothing just now. */
static ssize_t read_some(int fd, char *buf, size_t cap)
{
    ssize_t n;

    while ((n = read(fd, buf, cap)) < 0) {
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN)
            return -errno;
        if (!wait_for_some(fd))
            return -ENODATA;
    }
    return n;
}

static ssize_t read_all(int fd, char *buf, size_t cap)
{
    size_t len = 0;
    ssize_t n = 1;

    while (len < cap && n > 0) {
        n = read_some(fd, buf + len, cap - len);
        if (n < 0)
            return n;
        len += (size_t)n;
    }
    return (ssize_t)len;
}

ssize_t input_read(const char *path, void *buf, size_t cap, mode_t *mode)
{
    struct stat st;
    /* To open a pipe that nobody writes to would wait for somebody. */
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return -errno;
    ssize_t len = fstat(fd, &st) == 0 ? 0 : -errno;
    if (len == 0 && S_ISFIFO(st.st_mode) && !wait_for_some(fd))
        len = -ENODATA; /* its end, before somebody has opened it */
    if (len == 0)
        len = read_all(fd, buf, cap);
    close(fd);
    if (len < 0)
        return len;
    if (mode != NULL)
        *mode = st.st_mode;
    return len == 0 && S_ISFIFO(st.st_mode) ? -ENODATA : len;
}
