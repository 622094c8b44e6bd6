/* memory.h - how much of the heap and of the stack has been used.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOARD_MEMORY_H
#define BOARD_MEMORY_H

#include "heap.h"

#include <stddef.h>

/* All in bytes. */
struct memory_figures {
    struct heap_figures heap;
    size_t stack_peak;
    size_t stack_len;
    size_t fixed; /* variables */
    size_t flash;
};

/* Before anything else: what is below the stack's pointer is marked. */
void memory_paint_stack(void);

void memory_measure(struct memory_figures *figures);

#endif
