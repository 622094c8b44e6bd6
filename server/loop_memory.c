/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loop_memory.h"

#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define FILES_MAX 65536u /* half a megabyte of each loop */

/* libuv can not go on without: by realloc() it grows the table, and nothing
 * else that we use. */
static void *grow(void *old, size_t size)
{
    void *p = realloc(old, size);

    if (p != NULL || size == 0)
        return p;
    log_error("no memory for the event loop: wwepd can not go on: give this "
              "machine more memory, or lower the load");
    (void)log_stop(); /* writes it */
    _exit(EXIT_FAILURE);
}

int loop_memory_init(void)
{
    int pipe[2];
    uv_loop_t loop;
    int status = uv_replace_allocator(malloc, grow, calloc, free);

    if (status != 0)
        return status;
    /* The loop's own file, and the two of the pipe. */
    int own = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (own < 0)
        return -errno;
    int error = pipe2(pipe, O_CLOEXEC) == 0 ? 0 : -errno;
    close(own);
    if (error != 0)
        return error;
    close(pipe[0]);
    close(pipe[1]);
    status = uv_loop_init(&loop); /* the first makes what all loops share */
    if (status == 0)
        uv_loop_close(&loop);
    return status;
}

static void on_event(uv_poll_t *handle, int status, int events)
{
    (void)handle;
    (void)status;
    (void)events;
}

int loop_memory_reserve(uv_loop_t *loop, uv_poll_t *handle, unsigned files)
{
    int highest = (int)(files < FILES_MAX ? files : FILES_MAX) - 1;
    int any = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (any < 0)
        return -errno;
    int fd = fcntl(any, F_DUPFD_CLOEXEC, highest);
    int error = errno;
    close(any);
    if (fd < 0) /* the limit of files may be below that: then it is enough */
        return error == EINVAL || error == EMFILE ? 0 : -error;
    int status = uv_poll_init(loop, handle, fd);
    if (status == 0) {
        status = uv_poll_start(handle, UV_DISCONNECT, on_event);
        uv_close((uv_handle_t *)handle, NULL);
    }
    close(fd);
    return status;
}
