/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <wwep/backoff.h>

void wwep_backoff_init(struct wwep_backoff *b, uint32_t base_ms,
                       uint32_t max_ms, uint32_t attempts_max)
{
    b->base_ms = base_ms > 0 ? base_ms : 1;
    b->max_ms = max_ms > b->base_ms ? max_ms : b->base_ms;
    b->attempts_max = attempts_max;
    b->attempts = 0;
}

/* base_ms, doubled with each attempt but the first, up to max_ms. */
static uint32_t ceiling_ms(const struct wwep_backoff *b)
{
    uint32_t doublings = b->attempts - 1;

    if (doublings >= 32 || b->base_ms > b->max_ms >> doublings)
        return b->max_ms;
    return b->base_ms << doublings;
}

bool wwep_backoff_next(struct wwep_backoff *b, uint32_t random,
                       uint32_t *wait_ms)
{
    *wait_ms = 0;
    if (b->attempts < UINT32_MAX)
        b->attempts++;
    if (b->attempts_max != 0 && b->attempts >= b->attempts_max)
        return false;
    /* The upper half of a product is an even draw without a division. */
    *wait_ms =
        (uint32_t)((uint64_t)random * (ceiling_ms(b) + UINT64_C(1)) >> 32);
    return true;
}

void wwep_backoff_reset(struct wwep_backoff *b)
{
    b->attempts = 0;
}
