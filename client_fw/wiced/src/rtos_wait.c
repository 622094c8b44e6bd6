/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rtos_wait.h"

#include "wiced_rtos.h"

#include <errno.h>

#define NS_PER_S 1000000000L

struct rtos_deadline rtos_deadline_in(uint32_t timeout_ms)
{
    struct rtos_deadline deadline = {.never = timeout_ms == WICED_WAIT_FOREVER};

    clock_gettime(CLOCK_MONOTONIC, &deadline.at);
    deadline.at.tv_sec += (time_t)(timeout_ms / 1000);
    deadline.at.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (deadline.at.tv_nsec >= NS_PER_S) {
        deadline.at.tv_sec++;
        deadline.at.tv_nsec -= NS_PER_S;
    }
    return deadline;
}

void rtos_cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t monotonic;

    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

bool rtos_wait(pthread_cond_t *cond, pthread_mutex_t *lock,
               const struct rtos_deadline *deadline)
{
    if (deadline->never) {
        pthread_cond_wait(cond, lock);
        return true;
    }
    return pthread_cond_timedwait(cond, lock, &deadline->at) != ETIMEDOUT;
}

wiced_result_t wiced_rtos_delay_milliseconds(uint32_t milliseconds)
{
    const struct rtos_deadline end = rtos_deadline_in(milliseconds);

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end.at, NULL) ==
           EINTR)
        ;
    return WICED_SUCCESS;
}
