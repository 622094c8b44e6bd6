/* listener.h - a port, in one worker.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LISTENER_H
#define LISTENER_H

#include "config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <uv.h>

#define LISTENER_ERROR_MAX 512u

struct listener_port;
struct setup;
struct tls_context;
struct worker;

/* What a port serves by, in one worker, as one configuration has it; a reload
 * puts another in its place. A connection holds the one that it was accepted
 * by, so it goes on as it began. */
struct listener {
    struct setup *setup; /* has the next three; a reference */
    const struct config_listener *config;
    const struct config_timeouts *timeouts;
    struct tls_context *tls; /* NULL: plain */
    struct worker *worker;
    struct listener_port *port; /* the socket; NULL: another's, or closed */
    TAILQ_ENTRY(listener) link; /* of those that are leaving */
    uint64_t leaves_ms;         /* loop time */
    unsigned uses;              /* connections, and the worker */
    uint64_t line; /* in its worker: the same as that of the one that it came
                      after, where who was connected to that may stay */
    bool retired;  /* by a reload: keep-open connections shall come again */
};

/* Opens n sockets that share the listener's port, one a worker, listening;
 * *port is the port they have. All or none: on failure returns a negative
 * errno, and error has one line that says what to do. The caller owns the
 * sockets. */
int listener_bind(const struct config *config,
                  const struct config_listener *listener, int *fds, size_t n,
                  uint16_t *port, char error[LISTENER_ERROR_MAX]);

/* The same where sockets of our own have that port at an overlapping address:
 * then nobody else has it. */
int listener_bind_beside(const struct config *config,
                         const struct config_listener *listener, int *fds,
                         size_t n, uint16_t *port,
                         char error[LISTENER_ERROR_MAX]);

/* The setup's i-th, with this socket, which it takes in any case; -1: it will
 * have another's. NULL: no memory. */
struct listener *listener_new(struct setup *setup, size_t i, int fd);

/* A connection holds it; who lets go last frees it, on the worker's thread, or
 * where that is not running. A socket that it still has is closed, if it was
 * never started. */
void listener_hold(struct listener *l);
void listener_release(struct listener *l);

/* Starts to accept on the worker's loop. Returns 0 or a negative errno: then it
 * is closed. */
int listener_start(struct listener *l, struct worker *worker);

/* Accepts who waits now. */
void listener_serve_backlog(struct listener *l);

/* Goes on with the socket of one that has been started: nobody is missed. */
void listener_take_over(struct listener *l, struct listener *from);

bool listener_is_open(const struct listener *l);

/* Lets nobody new in, but goes on accepting who is connected already or about
 * to be: what waits in the backlog is served. On a socket that we were started
 * with who is new waits for whoever has it next. */
void listener_drain(struct listener *l);

/* Accepts who still waits, unless it is to end at once, and closes. May be
 * called again. */
void listener_stop(struct listener *l, bool at_once);

#endif
