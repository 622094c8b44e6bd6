/* heap.h - malloc() and its kind, for the TLS library: first fit, in the region
 * that the linker script leaves between board_heap and board_heap_end.
 *
 * Small, and it can say what is used, which newlib's can not without its
 * printf(). Not for interrupts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOARD_HEAP_H
#define BOARD_HEAP_H

#include <stddef.h>

/* All in bytes, with what each block costs besides its content. */
struct heap_figures {
    size_t used;   /* now */
    size_t peak;   /* used, at most, so far */
    size_t extent; /* of the region, that was ever used: with the holes */
    size_t len;    /* of the region */
};

void heap_measure(struct heap_figures *figures);

#endif
