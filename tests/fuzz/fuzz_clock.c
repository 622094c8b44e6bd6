/* The program's clock_gettime() comes before the C library's, also for the
 * libraries that it is linked with.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "fuzz_clock.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_ms = 1000000;

uint64_t fuzz_clock_ms(void)
{
    return now_ms;
}

void fuzz_clock_advance(uint64_t ms)
{
    now_ms += ms;
}

int clock_gettime(clockid_t clock, struct timespec *ts)
{
    if (clock != CLOCK_MONOTONIC && clock != CLOCK_MONOTONIC_COARSE)
        return (int)syscall(SYS_clock_gettime, clock, ts);
    ts->tv_sec = (time_t)(now_ms / 1000);
    ts->tv_nsec = (long)(now_ms % 1000) * 1000000;
    return 0;
}
