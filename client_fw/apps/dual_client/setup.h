/* setup.h - the words that a program is told its server by: on its command
 * line, or by an emulator.
 *
 *     server=10.0.2.2 name=localhost plain=27708 tls=40508 timeout=5000
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DUAL_CLIENT_SETUP_H
#define DUAL_CLIENT_SETUP_H

#include "board.h"

/* What is behind "key=", if the word begins so; NULL: it does not. */
const char *setup_value(const char *word, const char *key);

/* Changes what the word names; it stays. False: it is not understood. */
bool setup_take(struct board_setup *setup, const char *word);

/* Changes what the words name; they are written to, and stay. Returns the first
 * word that is not understood, or NULL. */
const char *setup_read(struct board_setup *setup, char *words);

#endif
