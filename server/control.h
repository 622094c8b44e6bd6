/* control.h - orders to the running server, by a socket of this machine.
 *
 * On the main thread's loop. Who may connect is one who could as well be the
 * server: the same user, or root.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONTROL_H
#define CONTROL_H

#include "changes.h"
#include "config.h"
#include "control_socket.h"
#include "store.h"
#include "worker.h"

#include <uv.h>

struct control;

/* What orders are about; all of it stays the caller's, and must be there from
 * control_start() to control_stop()'s end. */
struct control_subject {
    const struct config *config;
    struct store *store;
    struct worker_shared *shared;
    const struct worker *workers;
    /* Orders a reload, and returns its number; control_reloaded() tells later
     * what has become of it. who: for the log. */
    uint64_t (*reload)(void *ctx, const char *who);
    void *ctx;
};

/* What has become of a reload. */
struct control_reloaded {
    const char *error; /* "": it is done */
    const struct changes *changed;
    const struct changes *restart; /* what only a restart would change */
};

/* Makes the socket, which nobody serves yet. Returns 0, and *c is NULL where
 * the configuration has none; or -1, with a line in error. */
int control_open(struct control **c, const struct config *config,
                 char error[CONTROL_ERROR_MAX]);

/* The other functions do nothing for NULL. Returns 0 or a negative errno. */
int control_start(struct control *c, uv_loop_t *loop,
                  const struct control_subject *subject);

/* Tells who ordered the reload of this number. */
void control_reloaded(struct control *c, uint64_t number,
                      const struct control_reloaded *what);

/* After control_start(): nothing new comes in, what is under way ends, and then
 * the loop has no handle of ours any more. */
void control_stop(struct control *c);

/* With the loop closed. The path is free again. */
void control_close(struct control *c);

#endif
