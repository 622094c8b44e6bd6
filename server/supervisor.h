/* supervisor.h - whoever started us and watches us: systemd, or nobody.
 *
 * It may have opened ports for us (activation.h), and wants to be told how it
 * goes (notify.h). A watchdog is fed by the main loop, and only while each
 * worker turns its loop too: where one of them hangs, the supervisor ends us
 * and starts us anew.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SUPERVISOR_H
#define SUPERVISOR_H

#include "activation.h"
#include "listener.h"
#include "notify.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct worker;

struct supervisor {
    struct notify notify;
    struct activation activation;
    char notify_error[NOTIFY_ERROR_MAX];         /* "": none */
    char activation_error[ACTIVATION_ERROR_MAX]; /* "": none */
    uv_timer_t timer;
    uint64_t rest_ms; /* from one sign of life to the next */
    struct worker *workers;
    unsigned n_workers;
    bool watching;
    bool late; /* a worker has been, since the last sign */
    bool deaf; /* it did not take the last sign */
};

/* Takes what the environment has, which is to be the first thing that main()
 * does. What is wrong with it, supervisor_check() tells: there is no log yet.
 */
void supervisor_take(struct supervisor *s);

/* Whether what we were started with fits the configuration. If not, says so in
 * the log, and returns false. */
bool supervisor_check(const struct supervisor *s, const struct config *config);

/* As listener_bind(), but for a listener whose port is open already, which
 * gets copies of that socket. */
int supervisor_listen(const struct supervisor *s, const struct config *config,
                      const struct config_listener *listener, int *fds,
                      size_t n, uint16_t *port, char error[LISTENER_ERROR_MAX]);

/* With all workers running, config->workers of them: tells that we serve, and
 * feeds the watchdog, where there is one, from this loop. The workers are the
 * caller's, and stay until supervisor_stop(). */
void supervisor_start(struct supervisor *s, const struct config *config,
                      uv_loop_t *loop, struct worker *workers);

/* Closes what supervisor_start() opened. May be called without it. */
void supervisor_stop(struct supervisor *s);

/* We serve again, after supervisor_reloading(), whether that has changed
 * anything or not. */
void supervisor_ready(const struct supervisor *s, const struct config *config);
void supervisor_reloading(const struct supervisor *s);
void supervisor_stopping(const struct supervisor *s,
                         const struct config *config);

/* Gives back what supervisor_take() took. */
void supervisor_leave(struct supervisor *s);

#endif
