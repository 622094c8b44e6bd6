/* listener.h - a port, in one worker.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LISTENER_H
#define LISTENER_H

#include "config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#define LISTENER_ERROR_MAX 512u

struct tls_context;
struct worker;

struct listener {
    const struct config_listener *config;
    struct tls_context *tls; /* NULL: plain; the server's reference */
    struct worker *worker;
    uv_poll_t poll;
    int fd;
    bool open;
    unsigned batch; /* how many are accepted at a time */
    unsigned full;  /* how often as many have come */
};

/* Opens n sockets that share the listener's port, one a worker, listening;
 * *port is the port they have. All or none: on failure returns a negative
 * errno, and error has one line that says what to do. The caller owns the
 * sockets. */
int listener_bind(const struct config *config,
                  const struct config_listener *listener, int *fds, size_t n,
                  uint16_t *port, char error[LISTENER_ERROR_MAX]);

/* Starts to accept on the worker's loop. Takes the socket fd, in any case.
 * Returns 0 or a negative errno. */
int listener_start(struct listener *l, struct worker *worker,
                   const struct config_listener *config,
                   struct tls_context *tls, int fd);

/* Lets nobody new in, but goes on accepting who is connected already or about
 * to be: what waits in the backlog is served. */
void listener_drain(struct listener *l);

/* Accepts who still waits, unless it is to end at once, and closes. May be
 * called again. */
void listener_stop(struct listener *l, bool at_once);

#endif
