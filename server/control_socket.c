/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG      16
#define LOCK_TRIES   100
#define LOCK_WAIT_MS 10

#define FOLDER_MAX   (sizeof((struct sockaddr_un *)0)->sun_path + 2)

/* --- words --- */

static const char in_the_way[] = "something is there, and no socket: name "
                                 "another path, or remove it if nobody needs "
                                 "it";

static int refuse(const char *path, const char *words, char *error)
{
    snprintf(error, CONTROL_ERROR_MAX, "%.512s: %s", path, words);
    return -1;
}

static int refuse_errno(const char *path, int number, char *error)
{
    char words[256];
    const char *advice = "name another path";

    if (number == ENOENT)
        advice = "make its folder first";
    else if (number == EACCES || number == EPERM)
        advice = "let this user write to its folder";
    else if (number == EROFS)
        advice = "name a path on a disk that can be written to";
    snprintf(words, sizeof words, "%s: %s", strerror(number), advice);
    return refuse(path, words, error);
}

/* --- making it --- */

static void folder_of(const char *path, char folder[FOLDER_MAX])
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL)
        snprintf(folder, FOLDER_MAX, ".");
    else
        snprintf(folder, FOLDER_MAX, "%.*s", (int)(slash - path + 1), path);
}

/* Two servers that start at once must not both take over what a third has
 * left. Returns a descriptor that holds the lock; -1: errno. */
static int lock_folder(const char *path)
{
    char folder[FOLDER_MAX];

    folder_of(path, folder);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; fd >= 0 && i < LOCK_TRIES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
            break; /* a file system without locks: rather without */
        poll(NULL, 0, LOCK_WAIT_MS);
    }
    return fd;
}

/* Whether somebody answers there. Not to be waited for: who is alive but busy
 * has a full queue. */
static bool is_alive(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool alive = fd >= 0 && (connect(fd, (const struct sockaddr *)address,
                                     sizeof *address) == 0 ||
                             errno != ECONNREFUSED);

    if (fd >= 0)
        close(fd);
    return alive;
}

/* What is in the way goes, if it is of a server that is no more. */
static int clear_way(const struct sockaddr_un *address, char *error)
{
    const char *path = address->sun_path;
    struct stat st;

    if (lstat(path, &st) != 0)
        return errno == ENOENT ? 0 : refuse_errno(path, errno, error);
    if (!S_ISSOCK(st.st_mode))
        return refuse(path, in_the_way, error);
    if (is_alive(address))
        return refuse(path,
                      "another wwepd has it: stop that one, or name another "
                      "path",
                      error);
    return unlink(path) == 0 ? 0 : refuse_errno(path, errno, error);
}

static int bind_it(struct control_socket *s, const struct sockaddr_un *address,
                   char *error)
{
    struct stat st;

    /* The mode goes to the file; changed behind bind() it would be late. */
    if (fchmod(s->fd, 0600) != 0 ||
        bind(s->fd, (const struct sockaddr *)address, sizeof *address) != 0)
        return refuse_errno(s->path, errno, error);
    if (listen(s->fd, BACKLOG) != 0 || lstat(s->path, &st) != 0) {
        int number = errno;
        unlink(s->path);
        return refuse_errno(s->path, number, error);
    }
    s->device = st.st_dev;
    s->inode = st.st_ino;
    return 0;
}

int control_socket_open(struct control_socket *s, const char *path,
                        char error[CONTROL_ERROR_MAX])
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(path);

    s->path = path;
    if (len >= sizeof address.sun_path)
        return refuse_errno(path, ENAMETOOLONG, error);
    memcpy(address.sun_path, path, len + 1);
    int folder = lock_folder(path);
    if (folder < 0)
        return refuse_errno(path, errno, error);
    s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int status = s->fd < 0 ? refuse_errno(path, errno, error)
                           : clear_way(&address, error);
    if (status == 0)
        status = bind_it(s, &address, error);
    if (status != 0 && s->fd >= 0)
        close(s->fd);
    close(folder);
    return status;
}

int control_socket_check(const char *path, char error[CONTROL_ERROR_MAX])
{
    char folder[FOLDER_MAX];
    struct stat st;

    if (strlen(path) >= sizeof((struct sockaddr_un *)0)->sun_path)
        return refuse_errno(path, ENAMETOOLONG, error);
    folder_of(path, folder);
    if (faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) != 0)
        return refuse_errno(path, errno, error);
    if (lstat(path, &st) == 0 && !S_ISSOCK(st.st_mode))
        return refuse(path, in_the_way, error);
    return 0;
}

void control_socket_close(struct control_socket *s)
{
    struct stat st;

    if (lstat(s->path, &st) == 0 && st.st_dev == s->device &&
        st.st_ino == s->inode)
        unlink(s->path);
    close(s->fd);
}

/* --- who comes --- */

static bool may_order(int fd, pid_t *pid)
{
    struct ucred peer;
    socklen_t len = sizeof peer;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
        return false;
    *pid = peer.pid;
    return peer.uid == 0 || peer.uid == geteuid();
}

int control_socket_accept(const struct control_socket *s, pid_t *pid)
{
    int fd;

    while ((fd = accept4(s->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >=
           0) {
        if (may_order(fd, pid))
            return fd;
        close(fd);
    }
    return -errno;
}
