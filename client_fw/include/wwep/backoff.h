/* backoff.h - how long to wait before the next attempt to connect.
 *
 * Exponential, with "full jitter": a wait is drawn evenly from 0 to a ceiling
 * that doubles from attempt to attempt, so that thirty boards that lost their
 * server together do not come back together. Pure: the caller waits, and
 * brings the random number.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_BACKOFF_H
#define WWEP_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The caller owns it; base_ms and max_ms are the limits of the ceiling. */
struct wwep_backoff {
    uint32_t base_ms;
    uint32_t max_ms;
    uint32_t attempts_max; /* 0: no end */
    uint32_t attempts;     /* that have failed */
};

/* base_ms of 0 is taken as 1, and max_ms below base_ms as base_ms. */
void wwep_backoff_init(struct wwep_backoff *b, uint32_t base_ms,
                       uint32_t max_ms, uint32_t attempts_max);

/* An attempt has failed: true and the wait, or false when it was the last. */
bool wwep_backoff_next(struct wwep_backoff *b, uint32_t random,
                       uint32_t *wait_ms);

/* An attempt has succeeded: the next failure is the first again. */
void wwep_backoff_reset(struct wwep_backoff *b);

#ifdef __cplusplus
}
#endif

#endif
