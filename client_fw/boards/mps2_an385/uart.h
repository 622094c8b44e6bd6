/* uart.h - the console: the first UART, polled.
 *
 * Source: Arm DDI 0479 (CMSDK), APB UART; AN385 for its place.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOARD_UART_H
#define BOARD_UART_H

void uart_start(void);

/* Waits for room; a line ends by LF, which goes out as CR LF. */
void uart_print(const char *text);

/* The next character that was typed; -1: there is none. */
int uart_take(void);

#endif
