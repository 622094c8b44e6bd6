/* deadline.h - a moment until which something is waited for.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_DEADLINE_H
#define WICED_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Of the clock that is never set. */
struct deadline {
    uint64_t at_ms;
    bool never; /* waits for ever */
};

/* timeout_ms may be WICED_NEVER_TIMEOUT. */
struct deadline deadline_in(uint32_t timeout_ms);

/* 0: it has passed. WICED_NEVER_TIMEOUT: there is none. */
uint32_t deadline_left_ms(const struct deadline *deadline);

/* As poll() wants it: -1 for ever. A long one is cut, so ask again. */
int deadline_poll_ms(const struct deadline *deadline);

/* For pthread_cond_timedwait() by CLOCK_MONOTONIC. */
struct timespec deadline_timespec(const struct deadline *deadline);

#endif
