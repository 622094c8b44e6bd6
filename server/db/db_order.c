/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "db_order.h"

#include "db_complain.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define REPLY_MAX     65536u
#define REPLY_WAIT_MS (10 * 60 * 1000) /* a large database is copied first */

static enum db_order failed(const char *path, int number)
{
    const char *advice = number == EACCES || number == EPERM
                             ? "be root, or the server's user"
                             : "name the server's by --control SOCKET";

    db_complain("%s: %s: %s", path, strerror(number), advice);
    return DB_ORDER_FAILED;
}

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

enum db_order db_order_send(const char *socket_path, const char *line,
                            struct db_reply *reply)
{
    static char answer[REPLY_MAX];
    int fd = connect_to(socket_path);

    if (fd == -ENOENT || fd == -ECONNREFUSED)
        return DB_ORDER_NOBODY;
    if (fd < 0)
        return failed(socket_path, -fd);
    /* Who is turned away gets a reply, too, and may not get to ask. */
    if (send_all(fd, line, strlen(line)))
        (void)send_all(fd, "\n", 1);
    bool good = receive_line(fd, answer, sizeof answer);
    close(fd);
    if (good && db_json_reply(answer, reply))
        return DB_ORDER_ANSWERED;
    db_complain("%s: no reply has come: see the server's log, whether it has "
                "been done",
                socket_path);
    return DB_ORDER_FAILED;
}
