/* server_look.h - looks, now and then, at when certificates and lists end, and
 * says so in the log.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SERVER_LOOK_H
#define SERVER_LOOK_H

#include "setup.h"

#include <time.h>
#include <uv.h>

struct server_look {
    uv_timer_t timer;
    const struct setup *setup;
    time_t last;
};

/* Says what has ended, or is about to. */
void server_look_at(struct server_look *look, const struct setup *setup,
                    time_t now);

/* Looks again once a day, at the setup of the last server_look_at(); until
 * server_look_stop(), after which the loop closes it. */
void server_look_start(struct server_look *look, uv_loop_t *loop);
void server_look_stop(struct server_look *look);

#endif
