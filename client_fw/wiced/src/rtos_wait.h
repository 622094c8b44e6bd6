/* rtos_wait.h - waits that end by the monotonic clock, in the API's units.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_RTOS_WAIT_H
#define WICED_RTOS_WAIT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* When a wait of timeout_ms that begins now is over. */
struct rtos_deadline {
    bool never;
    struct timespec at;
};

struct rtos_deadline rtos_deadline_in(uint32_t timeout_ms);

/* A condition for rtos_wait(). */
void rtos_cond_init(pthread_cond_t *cond);

/* With the lock held. False: the time is over. */
bool rtos_wait(pthread_cond_t *cond, pthread_mutex_t *lock,
               const struct rtos_deadline *deadline);

#endif
