/* limiter.h - how much of the server one address, and all clients in their
 * handshakes, may have: the keys below limits (wwepd.yaml(5)) but for
 * connections, which the listeners compare themselves.
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
    LIMITER_HANDSHAKES
};

/* What a client has of them; its connection keeps it. */
struct limiter_place {
    uint32_t slot; /* in the table, from 1 on; 0: not counted */
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

/* Its handshake has ended, well or not. May be called again. */
void limiter_shaken(struct limiter *l, struct limiter_place *place);

/* It has gone. */
void limiter_leave(struct limiter *l, struct limiter_place *place);

#endif
