/* server_listeners.h - the sockets of a configuration's listeners, on their way
 * to the workers.
 *
 *     server_listeners_open() -> server_listeners_take() for each worker
 *     -> server_listeners_close()
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SERVER_LISTENERS_H
#define SERVER_LISTENERS_H

#include "config.h"
#include "listener.h"
#include "supervisor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct server_listeners {
    const struct config *config;
    size_t n;        /* listeners */
    size_t n_each;   /* sockets, one a worker */
    int *fds;        /* listener by listener; -1: none, or a worker's by now */
    uint16_t *ports; /* that they have, also where any free one was wanted */
    long *heirs;     /* the one of `before` whose sockets it takes over; -1 */
    bool *inherited; /* one for each of `before`: somebody takes it over */
};

/* Opens all, but for those that `before` (NULL: nothing)
 * has open at the same address and port, and those that the supervisor has. 0;
 * -EINVAL: error says which and what to do, and nothing is left open; -ENOMEM.
 */
int server_listeners_open(struct server_listeners *s,
                          const struct config *config, size_t n_workers,
                          const struct supervisor *supervisor,
                          const struct server_listeners *before,
                          char error[LISTENER_ERROR_MAX]);

/* The socket of a worker, which is the caller's from now on; -1: it has been
 * taken, or there is none. */
int server_listeners_take(struct server_listeners *s, size_t listener,
                          size_t worker);

/* Zero-filled is fine. */
void server_listeners_close(struct server_listeners *s);

/* Says in the log what the i-th is, and what is unsafe about it. */
void server_listeners_say(const struct server_listeners *s, size_t i);

/* The same of each that is not in `before`, from which they were opened, or is
 * another one there. */
void server_listeners_say_new(const struct server_listeners *s,
                              const struct server_listeners *before);

#endif
