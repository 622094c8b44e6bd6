/* board_uart.h - the console's input, between the keyboard and the program.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_BOARD_UART_H
#define WICED_BOARD_UART_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes that the program has not read yet. */
#define BOARD_UART_BYTES_MAX 4096u

/* False: there is no room; board_wake() is called once there is. */
bool board_uart_put(uint8_t byte);

#endif
