/* counters.h - what has happened since the start, in numbers.
 *
 * Each worker has its own and is the only one that writes them, so that none
 * waits for another; whoever wants to know adds them up.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COUNTERS_H
#define COUNTERS_H

#include "wwep_fault.h"
#include "wwep_reason.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum counter {
    COUNTER_PLAIN, /* exchanges */
    COUNTER_TLS,
    COUNTER_FULL_1_2, /* TLS handshakes */
    COUNTER_FULL_1_3,
    COUNTER_RESUMED_1_2,
    COUNTER_RESUMED_1_3,
    COUNTER_OVER_CONNECTIONS, /* turned away: over limits.connections ... */
    COUNTER_OVER_PER_ADDRESS,
    COUNTER_OVER_HANDSHAKES,
    COUNTER_OVER_NEW_PER_SECOND,
    COUNTER_NO_MEMORY,   /* turned away */
    COUNTER_STORE_BEGUN, /* exchanges that had to wait for the store */
    COUNTER_STORE_ENDED, /* of these */
    COUNTER_REASONS,     /* and an enum wwep_reason_kind: an X for it */
    COUNTER_FAULTS = COUNTER_REASONS + WWEP_REASON_KINDS, /* of TLS */
    COUNTERS = COUNTER_FAULTS + WWEP_FAULT_KINDS
};

/* All 0 is how they begin. */
struct counters {
    atomic_uint_least64_t n[COUNTERS];
};

/* The owner's thread: no lock, as nobody else writes. */
static inline void counters_raise(atomic_uint_least64_t *n, uint64_t by)
{
    uint64_t old = atomic_load_explicit(n, memory_order_relaxed);

    atomic_store_explicit(n, old + by, memory_order_relaxed);
}

static inline void counters_add(struct counters *c, unsigned which)
{
    counters_raise(&c->n[which], 1);
}

/* Any thread: adds them to the sum. */
void counters_sum(const struct counters *c, uint64_t sum[COUNTERS]);

#define COUNTERS_KEY_MAX 40u

/* The names by which stats have them: "not_found", "alert_unknown_ca". */
void counters_reason_key(enum wwep_reason_kind kind,
                         char out[COUNTERS_KEY_MAX]);
void counters_fault_key(enum wwep_fault_kind kind, char out[COUNTERS_KEY_MAX]);

#endif
