/* activation.h - sockets that we were started with.
 *
 * The protocol of sd_listen_fds(3), by hand: whoever starts us, systemd as a
 * rule, may have opened the ports already. Then clients that come while we
 * start, or start anew, wait and are served. Each such socket is for one
 * listener of the configuration: for the one that has its name
 * (FileDescriptorName= of the socket unit), or else for the one that has its
 * address and port.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ACTIVATION_H
#define ACTIVATION_H

#include "address.h"
#include "config.h"

#include <stdbool.h>
#include <stddef.h>

#define ACTIVATION_MAX       64u /* sockets */
#define ACTIVATION_NAME_MAX  256u
#define ACTIVATION_ERROR_MAX 768u

struct activation_socket {
    int fd;
    union address address;
    char name[ACTIVATION_NAME_MAX]; /* "": none */
};

/* It owns the sockets: a listener gets copies of one (see listener.h), so that
 * one that a reload takes away can come back. */
struct activation {
    size_t n;
    struct activation_socket sockets[ACTIVATION_MAX];
};

/* Reads $LISTEN_FDS, $LISTEN_PID and $LISTEN_FDNAMES and takes them out of the
 * environment, so before there is a second thread, and before another file is
 * opened. Returns 0, also where there is nothing to read or it is for another
 * process; else -1, a->n is 0, and error has one line that says what to do. */
int activation_take(struct activation *a, char error[ACTIVATION_ERROR_MAX]);

/* Whether each socket is for one listener, and no listener has two. Returns 0;
 * else -1, and error has one line that says what to do. */
int activation_check(const struct activation *a, const struct config *config,
                     char error[ACTIVATION_ERROR_MAX]);

/* Returns the socket that is for this listener, of this configuration, which
 * stays a's; or -1. */
int activation_find(const struct activation *a, const struct config *config,
                    const struct config_listener *listener);

/* Whether fd is one of the sockets, or a copy of one. a: NULL is fine. */
bool activation_has(const struct activation *a, int fd);

/* Makes n copies of one of the sockets, one a worker: all accept from the one.
 * *port is the port that it has. All or none; the caller owns the copies.
 * Returns 0 or a negative errno. */
int activation_copy(int fd, int *fds, size_t n, uint16_t *port);

/* Gives the sockets back. May be called again. */
void activation_close(struct activation *a);

#endif
