/* bench_plan.h - what a load client asks, and whether the reply is right.
 *
 * Each slot has registers of its own, which nobody else uses: so it knows what
 * they hold, and a read has one right reply. A register that this run has not
 * touched may hold anything, or nothing; the first reply settles it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_BENCH_PLAN_H
#define WWEP_APP_BENCH_PLAN_H

#include "wwep_reply.h"
#include "wwep_request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_PLAN_REGISTERS 256u /* of a device */

/* All fields are the plan's own. */
struct bench_plan {
    uint32_t *held; /* what each register holds, on the heap */
    size_t each;    /* registers of a slot */
    uint16_t device;
    unsigned writes; /* in a hundred */
    uint64_t random;
};

enum bench_verdict {
    BENCH_RIGHT,
    BENCH_NOT_FOUND, /* as is right: nobody has written the register */
    BENCH_REFUSED,   /* an X that is not right */
    BENCH_WRONG,     /* an A with what is not in the register */
    BENCH_OTHER      /* an A to something else, or no reply at all */
};

/* The devices from `device` on, `devices` of them, are shared out among the
 * slots: each gets at least one register, which the caller sees to. seed: any
 * number; the requests depend on it alone. False: no memory. */
bool bench_plan_init(struct bench_plan *plan, uint16_t device, unsigned devices,
                     size_t slots, unsigned writes, uint64_t seed);

/* Zero-filled is fine, and twice is, too. */
void bench_plan_free(struct bench_plan *plan);

/* A number that is random enough for a load. */
uint64_t bench_plan_random(struct bench_plan *plan);

/* The next request of the slot. */
void bench_plan_next(struct bench_plan *plan, size_t slot,
                     struct wwep_request *request);

/* Judges a reply that is whole, and learns from it. */
enum bench_verdict bench_plan_judge(struct bench_plan *plan,
                                    const struct wwep_request *request,
                                    const struct wwep_reply *reply);

/* There was no reply: whether a write has been done, nobody knows. */
void bench_plan_forget(struct bench_plan *plan,
                       const struct wwep_request *request);

/* What the register must hold. False: that is not known, or nothing. */
bool bench_plan_holds(const struct bench_plan *plan,
                      const struct wwep_request *request, uint16_t *value);

#endif
