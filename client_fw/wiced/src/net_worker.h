/* net_worker.h - the networking worker: the one thread that calls the
 * callbacks of all sockets, one after the other.
 *
 * All calls with endpoint_lock() held.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_NET_WORKER_H
#define WICED_NET_WORKER_H

#include "endpoint.h"

#include <stdbool.h>

/* Starts it, once. False: the system has no thread for it. */
bool net_worker_start(void);

/* Looks after the connection, if it has callbacks, from now until it is closed
 * or unwatched. */
void net_worker_watch(struct endpoint *ep);
void net_worker_unwatch(struct endpoint *ep);

/* Looks after a port that a socket with a connect callback listens on, until
 * one connection has come. */
void net_worker_watch_port(struct tcp_port *port);

/* Something may be there to receive that no arrival will tell: TLS has it. */
void net_worker_look(struct endpoint *ep);

/* Our own end of the endpoint's last connection is done. */
void net_worker_closed(struct endpoint *ep);

/* Of an endpoint that is forgotten: no callback of it from now on. Waits for
 * one that runs, but not for ever, as it may be waiting for the caller; nor
 * when it is the caller. */
void net_worker_drop(struct endpoint *ep);

#endif
