/* limiter.h - how much of the server one address, one network, and all clients
 * in their handshakes, may have: the keys below limits (wwepd.yaml(5)) but for
 * connections, which the listeners compare themselves.
 *
 * A network is the /64 of IPv6 addresses: one host can have all of its
 * addresses, but so can a class. So each address has its limit, and all of a
 * network together have LIMITER_NETWORK times as much.
 *
 * All workers share one. An address is counted in a table of a fixed size; a
 * client for whose address there is no room in it, as its places are all taken
 * by addresses that are connected, is let in uncounted: so many addresses are
 * for limits.connections to bound.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LIMITER_H
#define LIMITER_H

#include "address.h"
#include "config.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define LIMITER_NETWORK 8u

struct limiter_table;

struct limiter {
    atomic_uint per_address; /* 0: no limit; so is it with the others */
    atomic_uint max_handshakes;
    atomic_uint new_per_second;
    atomic_uint handshakes;      /* under way */
    struct limiter_table *table; /* NULL: addresses are not counted */
};

enum limiter_verdict {
    LIMITER_GRANTED,
    LIMITER_PER_ADDRESS,
    LIMITER_NEW_PER_SECOND,
    LIMITER_PER_NETWORK,
    LIMITER_NEW_PER_NETWORK,
    LIMITER_HANDSHAKES
};

/* What a client has of them; its connection keeps it. */
struct limiter_place {
    uint32_t slot;    /* in the table, from 1 on; 0: not counted */
    uint32_t network; /* the same of its network */
    bool handshake;
};

/* Nothing is limited before limiter_set(). Returns 0 or -ENOMEM; then addresses
 * are not counted, and the rest works. */
int limiter_init(struct limiter *l);
void limiter_deinit(struct limiter *l);

/* Any thread, also while clients come: from now on these hold. */
void limiter_set(struct limiter *l, const struct config_limits *config);

/* A client has come; shakes: it is to make a TLS handshake. Where that is
 * granted, limiter_leave() follows with the same place. now_ms: of a clock that
 * all workers share. */
enum limiter_verdict limiter_enter(struct limiter *l, const union address *peer,
                                   bool shakes, uint64_t now_ms,
                                   struct limiter_place *place);

/* How many of these a client may have, as the limits are now. */
unsigned limiter_most(const struct limiter *l, enum limiter_verdict verdict);

/* Its handshake has ended, well or not. May be called again. */
void limiter_shaken(struct limiter *l, struct limiter_place *place);

/* It has gone. */
void limiter_leave(struct limiter *l, struct limiter_place *place);

#endif
