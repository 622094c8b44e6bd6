/* entropy.h - where the board's entropy comes from: a file of its own, which
 * firmware.mk is told by ENTROPY. There is no substitute for it anywhere, so
 * without one nothing is built.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOARD_ENTROPY_H
#define BOARD_ENTROPY_H

#include <stddef.h>
#include <stdint.h>

/* Fills len bytes that nobody can guess. 0, or -1: there are none. */
int board_entropy(uint8_t *out, size_t len);

#endif
