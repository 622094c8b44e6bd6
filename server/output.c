/* output.c - whole lines to a file, a pipe or a terminal.
 *
 * Happy path: write() takes it all.
 * Failures: a full disk or a reader that has gone leaves part of a line: a
 * file is cut back to where it was, so that the next line starts clean.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int output_open(struct output *out, const char *target)
{
    struct stat st;

    memset(out, 0, sizeof *out);
    if (strcmp(target, "stdout") == 0) {
        out->fd = STDOUT_FILENO;
    } else if (strcmp(target, "stderr") == 0) {
        out->fd = STDERR_FILENO;
    } else {
        out->fd = open(target, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
        if (out->fd < 0)
            return -errno;
        out->own = true;
    }
    out->regular = fstat(out->fd, &st) == 0 && S_ISREG(st.st_mode);
    return 0;
}

void output_close(struct output *out)
{
    if (out->own)
        close(out->fd);
    out->own = false;
    out->fd = -1;
}

/* Writes all of buf; returns how much of it went out. */
static size_t write_all(struct output *out, const char *buf, size_t len)
{
    size_t done = 0;

    while (done < len) {
        ssize_t n = write(out->fd, buf + done, len - done);
        if (n >= 0) {
            done += (size_t)n;
            continue;
        }
        if (errno == EINTR)
            continue;
        if (errno == EAGAIN) { /* somebody made our terminal non-blocking */
            struct pollfd p = {.fd = out->fd, .events = POLLOUT};
            (void)poll(&p, 1, -1);
            continue;
        }
        out->error = errno;
        break;
    }
    return done;
}

bool output_write(struct output *out, const char *buf, size_t len, size_t n)
{
    off_t before = out->regular ? lseek(out->fd, 0, SEEK_END) : -1;

    size_t done = write_all(out, buf, len);
    if (done == len)
        return true;
    if (done > 0 && before >= 0 && ftruncate(out->fd, before) != 0)
        (void)write_all(out, "\n", 1);
    out->lost += n;
    return false;
}
