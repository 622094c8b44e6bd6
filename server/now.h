/* now.h - two clocks, in one number each.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NOW_H
#define NOW_H

#include <stdint.h>

/* Nanoseconds of a clock that nobody sets: for spans of time. */
uint64_t now_ns(void);

/* Microseconds since 1970, UTC. */
int64_t now_us(void);

#endif
