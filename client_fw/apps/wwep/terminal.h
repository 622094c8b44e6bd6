/* terminal.h - the keyboard key by key, and the terminal as it was afterwards:
 * at the end, at a signal that ends us, and while we are stopped (Ctrl-Z).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_TERMINAL_H
#define WWEP_APP_TERMINAL_H

#include <stdbool.h>

/* Standard input gives each key at once, and shows none. False: it is no
 * terminal, and is left as it is. */
bool terminal_raw(void);

/* Twice is fine, and without terminal_raw() too. */
void terminal_restore(void);

#endif
