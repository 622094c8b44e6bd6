/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "deadline.h"

#include "wiced_constants.h"

#include <limits.h>

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* One more than asked for: the millisecond that has begun does not count. */
struct deadline deadline_in(uint32_t timeout_ms)
{
    return (struct deadline){
        .at_ms = timeout_ms == 0 ? 0 : now_ms() + timeout_ms + 1,
        .never = timeout_ms == WICED_NEVER_TIMEOUT,
    };
}

uint32_t deadline_left_ms(const struct deadline *deadline)
{
    uint64_t now;

    if (deadline->never)
        return WICED_NEVER_TIMEOUT;
    if (deadline->at_ms == 0)
        return 0;
    now = now_ms();
    return now < deadline->at_ms ? (uint32_t)(deadline->at_ms - now) : 0;
}

int deadline_poll_ms(const struct deadline *deadline)
{
    uint32_t left_ms = deadline_left_ms(deadline);

    if (deadline->never)
        return -1;
    return left_ms < INT_MAX ? (int)left_ms : INT_MAX;
}

struct timespec deadline_timespec(const struct deadline *deadline)
{
    return (struct timespec){
        .tv_sec = (time_t)(deadline->at_ms / 1000),
        .tv_nsec = (long)(deadline->at_ms % 1000) * 1000000,
    };
}
