/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memory.h"

#include <stdint.h>

#define PAINT 0xA5A5A5A5u

/* The linker script's. */
extern uint32_t board_stack_bottom[], board_stack_top[];
extern uint8_t board_data[], board_bss_end[];
extern uint8_t board_flash_end[];

__attribute__((noinline)) void memory_paint_stack(void)
{
    volatile uint32_t *at = board_stack_bottom;
    /* What is above is in use. */
    uint32_t *end = __builtin_frame_address(0);

    for (end -= 8; at < end; at++)
        *at = PAINT;
}

void memory_measure(struct memory_figures *f)
{
    const uint32_t *low = board_stack_bottom;
    struct heap_figures heap;

    while (low < board_stack_top && *low == PAINT)
        low++;
    heap_measure(&heap);
    *f = (struct memory_figures){
        .heap = heap,
        .stack_peak = (size_t)(board_stack_top - low) * sizeof *low,
        .stack_len = (size_t)(board_stack_top - board_stack_bottom) *
                     sizeof *board_stack_top,
        .fixed = (size_t)(board_bss_end - board_data),
        .flash = (size_t)(uintptr_t)board_flash_end,
    };
}
