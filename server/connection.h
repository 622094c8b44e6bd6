/* connection.h - one client, from accept to close: the rule of wwep(7).
 *
 * A connection belongs to one worker and never leaves its thread. It frees
 * itself; who drains the worker finds it in the worker's list.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONNECTION_H
#define CONNECTION_H

#include <stdbool.h>

struct connection;
struct listener;

/* Accepts what waits on the listener. False: no memory for it; it still
 * waits. */
bool connection_accept(struct listener *listener);

/* Asks it to end when the exchange under way is done; at once where there is
 * none. */
void connection_drain(struct connection *c);

/* Ends it now. */
void connection_abort(struct connection *c);

/* Whether its client still expects something of us. */
bool connection_is_busy(const struct connection *c);

/* The worker's list of its connections. */
struct connection *connection_next(const struct connection *c);

#endif
