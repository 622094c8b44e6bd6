/* server_reload.h - has the running server go on by its configuration as it is
 * now; and its log files.
 *
 *     server_reload_init() -> server_reload_start() -> server_reload_order()...
 *     -> server_reload_stop() -> server_reload_close() -> the workers are
 *     joined -> server_reload_deinit()
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SERVER_RELOAD_H
#define SERVER_RELOAD_H

#include "changes.h"
#include "server_listeners.h"
#include "server_look.h"
#include "server_paths.h"
#include "setup.h"
#include "worker.h"

#include <stdbool.h>
#include <stdint.h>

/* What has become of a reload: error is "" where it is done. */
struct server_reloaded {
    uint64_t number; /* of the reload, from 1 */
    const char *error;
    const struct changes *changed;
    const struct changes *restart; /* what only a restart would change */
};

typedef void (*server_reloaded_fn)(void *ctx,
                                   const struct server_reloaded *what);

#define SERVER_RELOAD_ERROR_MAX SERVER_PATHS_ERROR_MAX

/* On the main thread, but for what worker.h says. */
struct server_reload {
    const struct config *started; /* as it was at the start */
    struct worker_shared *shared;
    struct worker *workers; /* started->workers of them */
    struct server_look *look;
    const struct supervisor *supervisor;
    server_reloaded_fn on_done; /* may be NULL */
    void *ctx;
    struct setup *setup;               /* what is served by; a reference */
    struct server_listeners listeners; /* of the setup */
    struct worker_change *changes;     /* one a worker; NULL: nothing is
                                          under way */
    struct setup *next;
    struct server_listeners next_listeners;
    bool *retired;
    struct changes changed;
    struct changes restart;
    struct output log;      /* opened; no file: stays as it is */
    struct output messages; /* the same */
    uint64_t number;        /* of the last that was begun */
    uint64_t began_ms;
    bool ordered; /* another, behind the one that is under way */
    bool stopped; /* the server ends */
};

/* With started to ctx set. Takes the setup's reference and the listeners. */
void server_reload_init(struct server_reload *r, struct setup *setup,
                        struct server_listeners *listeners);

/* Before the workers run. Returns 0 or a negative errno. */
int server_reload_start(struct server_reload *r, uv_loop_t *loop);

/* Reads all again, checks it, and has it served by, or leaves all as it is; all
 * from the loop. who: for the log. Returns the number of the reload that
 * on_done() will tell of: what is on the disk now is in it. */
uint64_t server_reload_order(struct server_reload *r, const char *who);

/* What the workers go by, or are about to. */
const struct config *server_reload_config(const struct server_reload *r);

/* Opens the log files by their names again. */
void server_reload_logs(struct server_reload *r);

/* Nothing new begins; then, with the workers ended, its handle is closed; with
 * them joined, what was under way is given up. */
void server_reload_stop(struct server_reload *r);
void server_reload_close(struct server_reload *r);
void server_reload_end(struct server_reload *r);

/* What server_reload_init() took. */
void server_reload_deinit(struct server_reload *r);

#endif
