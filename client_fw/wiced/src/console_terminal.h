/* console_terminal.h - the keyboard key by key, and the terminal as it was
 * afterwards: at the end, at a signal that ends us, and while we are stopped
 * (Ctrl-Z).
 *
 * All signals that it takes are for the main thread; the others block them, so
 * that none of the program's own waits is interrupted.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_CONSOLE_TERMINAL_H
#define WICED_CONSOLE_TERMINAL_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* The signals that threads of the program block. */
void console_terminal_signals(sigset_t *out);

/* Handlers for the signals, whatever standard input is. Once, on the main
 * thread. */
void console_terminal_start(void);

/* The process ends after that time, with status 0. */
void console_terminal_end_in(uint32_t ms);

/* Whether standard input is a terminal. */
bool console_terminal_is(void);

/* Whether it is, and its keys are ours to read: standard input gives each key
 * at once from then on, and shows none. False in the background, and after
 * restore. Cheap when nothing has changed: asked before each read. */
bool console_terminal_raw(void);

/* As it was. Twice is fine, and without raw too. */
void console_terminal_restore(void);

#endif
