/* responder.h - what the two baselines share: a socket, the registers, and the
 * reply to a request.
 *
 * A baseline is the least that serves WWEP rightly, so that a server can be
 * measured against it: one thread, one loop on epoll, and no log, no limits,
 * no timers. A client that sends too much gets its X, but may lose it to the
 * reset that closing makes; one that sends nothing may stay for ever.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RESPONDER_H
#define RESPONDER_H

#include "wwep_reply.h"
#include "wwep_request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RESPONDER_EVENTS 256 /* that one epoll_wait takes */

struct responder {
    int listener;    /* a socket that does not block */
    int epoll;       /* has the listener, with -1 for its data */
    size_t fd_limit; /* every descriptor is below it */
    uint32_t *slots; /* 2^24 registers: written? and the value */
};

/* Listens on the loopback, on the port that text names (0: any free one), and
 * says "listening on port N" on stdout. Ends the process where it can not. */
void responder_init(struct responder *r, const char *port_text);

/* The next connection, which does not block, or -1: there is none (or none can
 * be had). */
int responder_accept(const struct responder *r);

/* Has epoll tell of what comes on fd, once for all of it. Ends the process
 * where it can not. */
void responder_watch(const struct responder *r, int fd);

/* Judges what has come, and carries it out. ended: no more will come. Returns
 * the length of the reply, or 0: more must come, or none is due. */
size_t responder_reply(struct responder *r, const struct wwep_decoder *d,
                       bool ended, uint8_t out[WWEP_REPLY_MAX]);

/* Ends the process; what: what failed, as perror() has it. */
_Noreturn void responder_die(const char *what);

#endif
