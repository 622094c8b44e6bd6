/* connection.h - one client, from accept to close: the rule of wwep(7).
 *
 * A connection belongs to one worker and never leaves its thread. It frees
 * itself; who drains the worker finds it in the worker's list.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONNECTION_H
#define CONNECTION_H

#include "address.h"
#include "limiter.h"

#include <stdbool.h>
#include <stdint.h>

struct connection;
struct listener;

/* Serves a client that has been accepted. True: fd and place are the
 * connection's. False: no memory; they are still the caller's. */
bool connection_accept(struct listener *listener, int fd,
                       const union address *peer,
                       const struct limiter_place *place);

/* Asks it to end when the exchange under way is done; where there is none, when
 * none begins within grace_ms. */
void connection_drain(struct connection *c, uint64_t grace_ms);

/* Whether this listener goes on with it: it is of the same line as the one that
 * accepted it, and takes its version of TLS. */
bool connection_suits(const struct connection *c, const struct listener *l);

/* No listener does: what has been asked is served, and
 * where nothing is asked within grace_ms, it ends. */
void connection_retire(struct connection *c, uint64_t grace_ms);

/* Ends it now. */
void connection_abort(struct connection *c);

/* Whether its client still expects something of us. */
bool connection_is_busy(const struct connection *c);

/* The worker's list of its connections. */
struct connection *connection_next(const struct connection *c);

#endif
