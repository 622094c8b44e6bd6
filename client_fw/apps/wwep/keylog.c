/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keylog.h"

#include "complain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* A file that was there before may have been for others, too. */
static int keep_from_others(int fd)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return errno;
    if (!S_ISREG(st.st_mode) || (st.st_mode & (S_IRWXG | S_IRWXO)) == 0)
        return 0;
    return fchmod(fd, S_IRUSR | S_IWUSR) == 0 ? 0 : errno;
}

static const char *reason(int error)
{
    return error == ENXIO ? "nobody reads from it" : strerror(error);
}

bool keylog_open(struct keylog *log, const char *path)
{
    int error = 0;

    log->path = path;
    log->failed = false;
    /* A pipe would have us wait for its reader. */
    log->fd = open(
        path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
        S_IRUSR | S_IWUSR);
    if (log->fd < 0)
        error = errno;
    else
        error = keep_from_others(log->fd);
    if (error != 0) {
        complain("--keylog: %s: %s: give a file of your own that you may write",
                 path, reason(error));
        keylog_close(log);
        return false;
    }
    complain("warning: --keylog: whoever has %s can decrypt this connection: "
             "keep it for yourself, and delete it when you are done",
             path);
    return true;
}

void keylog_write(struct keylog *log, const char *line)
{
    /* One call for a line: others may append to the same file. */
    struct iovec parts[2] = {
        {.iov_base = (void *)(uintptr_t)line, .iov_len = strlen(line)},
        {.iov_base = (void *)(uintptr_t) "\n", .iov_len = 1}};
    ssize_t whole = (ssize_t)(parts[0].iov_len + 1);

    if (log->fd < 0 || writev(log->fd, parts, 2) == whole || log->failed)
        return;
    log->failed = true;
    complain("--keylog: %s: %s: the log is not complete", log->path,
             strerror(errno));
}

void keylog_event(void *ctx, const struct wwep_event *event)
{
    if (event->kind == WWEP_EVENT_SECRET)
        keylog_write(ctx, event->text);
}

void keylog_close(struct keylog *log)
{
    if (log->fd >= 0)
        close(log->fd);
    log->fd = -1;
}
