/* clock.h - milliseconds by the core's own timer, and how much of them the
 * program was awake.
 *
 * Source: Arm DDI 0403E, B3.3 (SysTick).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOARD_CLOCK_H
#define BOARD_CLOCK_H

#include <stdint.h>

#define CLOCK_HZ 25000000u /* of the core, and of its timer */

void clock_start(void);

/* The timer's interrupt. */
void clock_on_tick(void);

/* Since the start; wraps at 2^32. */
uint32_t clock_ms(void);

/* Sleeps until an interrupt, at most until the next millisecond. */
void clock_sleep(void);

/* Since the start, without the time asleep; in microseconds, wraps at 2^32. */
uint32_t clock_busy_us(void);

#endif
