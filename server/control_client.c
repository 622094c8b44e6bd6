/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control_client.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define REPLY_WAIT_MS (10 * 60 * 1000) /* a large database is copied first */

/* Returns the descriptor, or a negative errno. */
static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(path);

    if (len >= sizeof address.sun_path)
        return -ENAMETOOLONG;
    memcpy(address.sun_path, path, len + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    int number = errno;
    close(fd);
    return -number;
}

static bool send_all(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, text, len, MSG_NOSIGNAL);
        if (n < 0)
            return false;
        text += n;
        len -= (size_t)n;
    }
    return true;
}

/* One line, without its end, and a NUL; false: there is none. */
static bool receive_line(int fd, char *line, size_t cap)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    size_t len = 0;

    while (len + 1 < cap && poll(&p, 1, REPLY_WAIT_MS) == 1) {
        ssize_t n = recv(fd, line + len, cap - 1 - len, 0);
        if (n <= 0)
            return false;
        char *end = memchr(line + len, '\n', (size_t)n);
        len += (size_t)n;
        if (end != NULL) {
            *end = '\0';
            return true;
        }
    }
    return false;
}

enum control_answer control_client_ask(const char *path, const char *line,
                                       char reply[CONTROL_REPLY_MAX],
                                       int *error)
{
    int fd = connect_to(path);

    *error = fd < 0 ? fd : 0;
    if (fd == -ENOENT || fd == -ECONNREFUSED)
        return CONTROL_NOBODY;
    if (fd < 0)
        return CONTROL_REFUSED;
    /* Who is turned away gets a reply, too, and may not get to ask. */
    if (send_all(fd, line, strlen(line)))
        (void)send_all(fd, "\n", 1);
    bool good = receive_line(fd, reply, CONTROL_REPLY_MAX);
    close(fd);
    return good ? CONTROL_ANSWERED : CONTROL_REFUSED;
}

const char *control_client_advice(int error)
{
    return error == -EACCES || error == -EPERM
               ? "be root, or the server's user"
               : "name the server's by --control SOCKET";
}
