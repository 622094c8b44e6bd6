/* board_wake.h - what wakes the main thread, which stands for the board's
 * interrupts, from its wait for keys.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_BOARD_WAKE_H
#define WICED_BOARD_WAKE_H

#include <stdbool.h>

/* Once, before the program starts. False: the system has nothing left. */
bool board_wake_start(void);

/* There is something to look at: a button's interrupt was enabled, the console
 * has room. Any thread may; before start it does nothing. */
void board_wake(void);

/* To be polled for input; then clear, and look. */
int board_wake_fd(void);
void board_wake_clear(void);

#endif
