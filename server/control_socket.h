/* control_socket.h - the socket that orders come by: made where none is in
 * use, and removed at the end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONTROL_SOCKET_H
#define CONTROL_SOCKET_H

#include <stdbool.h>
#include <sys/types.h>

#define CONTROL_ERROR_MAX 1024u /* a line, without line end, and its NUL */

struct control_socket {
    int fd;
    const char *path;
    dev_t device; /* of what is ours at that path */
    ino_t inode;
};

/* Makes the socket (mode 0600), and listens. What a server has left that is no
 * more is taken over; what one has that is alive is not touched. Returns 0; or
 * -1, with a line in error, "PATH: what is wrong: what to do". The path must
 * stay. */
int control_socket_open(struct control_socket *s, const char *path,
                        char error[CONTROL_ERROR_MAX]);

/* Whether that could be done, but for another server that has it: as far as it
 * can be told without changing anything. Returns 0, or -1 with a line in
 * error. */
int control_socket_check(const char *path, char error[CONTROL_ERROR_MAX]);

/* Ends it; what is at the path is removed if it is still ours. */
void control_socket_close(struct control_socket *s);

/* The next who waits: a descriptor, which does not block; or a negative errno,
 * -EAGAIN: nobody. Who is neither this user nor root is turned away. */
int control_socket_accept(const struct control_socket *s, pid_t *pid);

#endif
