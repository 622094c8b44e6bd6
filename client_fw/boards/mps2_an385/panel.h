/* panel.h - the board's two LEDs and two buttons.
 *
 * Source: Arm DAI 0385, FPGA system control and I/O.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOARD_PANEL_H
#define BOARD_PANEL_H

#include <stdbool.h>
#include <stdint.h>

#define PANEL_BUTTONS 2u

void panel_led(unsigned number, bool on);

/* Which button has gone down since the last call; -1: none. now_ms: a contact
 * bounces, and is not believed for some milliseconds after a change. */
int panel_pressed(uint32_t now_ms);

#endif
