/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench_plan.h"

#include <stdlib.h>
#include <string.h>

/* What a register holds: not known, nothing, or a value and this. */
#define UNKNOWN 0u
#define NOTHING 1u
#define VALUE   0x10000u

bool bench_plan_init(struct bench_plan *plan, uint16_t device, unsigned devices,
                     size_t slots, unsigned writes, uint64_t seed)
{
    size_t registers = (size_t)devices * BENCH_PLAN_REGISTERS;

    *plan = (struct bench_plan){
        .held = calloc(registers, sizeof *plan->held),
        .each = registers / slots,
        .device = device,
        .writes = writes,
        .random = seed | 1u, /* never 0: it would stay so */
    };
    return plan->held != NULL;
}

void bench_plan_free(struct bench_plan *plan)
{
    free(plan->held);
    plan->held = NULL;
}

/* Marsaglia, Xorshift RNGs, Journal of Statistical Software 8 (2003), 14. */
uint64_t bench_plan_random(struct bench_plan *plan)
{
    plan->random ^= plan->random << 13;
    plan->random ^= plan->random >> 7;
    plan->random ^= plan->random << 17;
    return plan->random;
}

static uint32_t *held_by(const struct bench_plan *plan,
                         const struct wwep_request *request)
{
    size_t device = (uint16_t)(request->device - plan->device);

    return &plan->held[device * BENCH_PLAN_REGISTERS + request->reg];
}

void bench_plan_next(struct bench_plan *plan, size_t slot,
                     struct wwep_request *request)
{
    uint64_t random = bench_plan_random(plan);
    size_t at = slot * plan->each + (size_t)(random >> 32) % plan->each;

    *request = (struct wwep_request){
        .command = (random & 0xFFFF) * 100 / 0x10000 < plan->writes ? WWEP_WRITE
                                                                    : WWEP_READ,
        .device = (uint16_t)(plan->device + at / BENCH_PLAN_REGISTERS),
        .reg = (uint8_t)(at % BENCH_PLAN_REGISTERS),
    };
    if (request->command == WWEP_WRITE)
        request->value = (uint16_t)(random >> 16);
}

static enum bench_verdict judge_refusal(uint32_t *held,
                                        const struct wwep_request *request,
                                        const struct wwep_reply *reply)
{
    bool not_found =
        reply->reason[0] == '\0' || strcmp(reply->reason, "not found") == 0;

    if (request->command == WWEP_WRITE || !not_found || *held >= VALUE)
        return BENCH_REFUSED;
    *held = NOTHING;
    return BENCH_NOT_FOUND;
}

enum bench_verdict bench_plan_judge(struct bench_plan *plan,
                                    const struct wwep_request *request,
                                    const struct wwep_reply *reply)
{
    uint32_t *held = held_by(plan, request);

    if (reply->kind == WWEP_REPLY_REFUSED)
        return judge_refusal(held, request, reply);
    if (reply->kind != WWEP_REPLY_ACCEPTED ||
        !wwep_reply_answers(reply, request))
        return BENCH_OTHER;
    if (request->command == WWEP_READ && *held != UNKNOWN &&
        *held != (VALUE | reply->value))
        return BENCH_WRONG;
    *held = VALUE | reply->value;
    return BENCH_RIGHT;
}

void bench_plan_forget(struct bench_plan *plan,
                       const struct wwep_request *request)
{
    if (request->command == WWEP_WRITE)
        *held_by(plan, request) = UNKNOWN;
}

bool bench_plan_holds(const struct bench_plan *plan,
                      const struct wwep_request *request, uint16_t *value)
{
    uint32_t held = *held_by(plan, request);

    *value = (uint16_t)held;
    return held >= VALUE;
}
