/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "clock.h"

#define SYST_CSR      (*(volatile uint32_t *)0xE000E010u)
#define SYST_RVR      (*(volatile uint32_t *)0xE000E014u)
#define SYST_CVR      (*(volatile uint32_t *)0xE000E018u)

#define CSR_ENABLE    0x1u
#define CSR_INTERRUPT 0x2u
#define CSR_CORE      0x4u /* the core's own clock, not an outer one */

#define PER_MS        (CLOCK_HZ / 1000u)

static volatile uint32_t ticks_ms;
static uint32_t asleep_us;

void clock_on_tick(void)
{
    ticks_ms++;
}

void clock_start(void)
{
    SYST_RVR = PER_MS - 1u;
    SYST_CVR = 0;
    SYST_CSR = CSR_CORE | CSR_INTERRUPT | CSR_ENABLE;
}

uint32_t clock_ms(void)
{
    return ticks_ms;
}

/* Wraps at 2^32. The counter counts down, and may wrap between two looks at
 * it. */
static uint32_t now_us(void)
{
    uint32_t ms, left;

    do {
        ms = ticks_ms;
        left = SYST_CVR;
    } while (ms != ticks_ms);
    return ms * 1000u + (PER_MS - 1u - left) / (CLOCK_HZ / 1000000u);
}

/* With interrupts held back, one that comes before the sleep ends it at
 * once: none is slept through. */
void clock_sleep(void)
{
    uint32_t before_us = now_us();

    __asm__ volatile("cpsid i\n\twfi\n\tcpsie i\n\tisb" ::: "memory");
    asleep_us += now_us() - before_us;
}

uint32_t clock_busy_us(void)
{
    return now_us() - asleep_us;
}
