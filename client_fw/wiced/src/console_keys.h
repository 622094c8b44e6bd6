/* console_keys.h - the keyboard: which key is a button's, and which is the
 * program's console.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_CONSOLE_KEYS_H
#define WICED_CONSOLE_KEYS_H

#include <stdbool.h>

/* The next key goes to the console, whatever it is: Ctrl-V. */
#define CONSOLE_KEYS_QUOTE 0x16u

/* Reads standard input, on the main thread, and is the interrupt of the
 * buttons. all_to_console: no key is a button's. Does not return: the board
 * has no end, even when the keys have one. */
_Noreturn void console_keys_run(bool all_to_console);

#endif
