/* lan9118.h - the board's Ethernet controller, frame by frame.
 *
 * A frame goes in pieces, of any size, as a network stack keeps it: so nobody
 * needs a second buffer for it. Not for interrupts, but for the one below.
 *
 * Source: SMSC LAN9220 data sheet (the board's part, of the LAN9118 family);
 * AN385 for its place.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOARD_LAN9118_H
#define BOARD_LAN9118_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* False: it does not answer. */
bool lan9118_start(void);

void lan9118_mac(uint8_t mac[6]);

/* Whether there is a cable, and somebody at its other end. */
bool lan9118_has_link(void);

/* Its interrupt, which only ends a sleep. */
void lan9118_on_interrupt(void);

/* The next frame that has come: its length, without the checksum; 0: there is
 * none. Its bytes are then taken in pieces, and what is left of it ends with
 * lan9118_take_end(), which also lets the interrupt come again. */
size_t lan9118_take_begin(void);
void lan9118_take(uint8_t *out, size_t len);
void lan9118_take_end(void);

/* Sends a frame of len bytes, which follow in pieces, all of them. False: there
 * is no room for it now. */
bool lan9118_send_begin(size_t len);
void lan9118_send(const uint8_t *bytes, size_t len);
void lan9118_send_end(void);

#endif
