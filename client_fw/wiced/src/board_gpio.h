/* board_gpio.h - the board's pins as the keyboard sees them: its buttons.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_BOARD_GPIO_H
#define WICED_BOARD_GPIO_H

#include "wiced_platform.h"

/* Presses of a button that the program has not taken yet; more are dropped,
 * with a line. */
#define BOARD_GPIO_PRESSES_MAX 1024u

/* A press, and its release. It waits until the program takes it. */
void board_gpio_press(wiced_gpio_t button);

/* Calls the handlers of all presses that wait for buttons with an interrupt.
 * On one thread alone, which stands for the interrupt. */
void board_gpio_deliver(void);

#endif
