/* fuzz_clock.h - a monotonic clock that moves only where it is told to, for
 * libuv and all else in the process. The wall clock is the real one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FUZZ_CLOCK_H
#define FUZZ_CLOCK_H

#include <stdint.h>

uint64_t fuzz_clock_ms(void);
void fuzz_clock_advance(uint64_t ms);

#endif
