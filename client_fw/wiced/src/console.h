/* console.h - the terminal as the board sees it: what the program prints, and
 * lines of our own between.
 *
 * There is one for the process, and any thread may write to it. A line of ours
 * never stands within one of printf()'s; where the program's line has not
 * ended, it is ended before.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_CONSOLE_H
#define WICED_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From now on the program's standard output comes through here, at once, and
 * never ends the program: what can not be written is dropped. Once, before the
 * program starts. False: no memory. */
bool console_start(void);

/* A line of our own, "wwep-wiced: TEXT", on standard error. If the program's
 * last line on the console has not ended, and both are the same terminal, a
 * line end comes first. Control characters show as \xNN. */
void console_say(const char *text);

/* A line that shows the board, on standard output. */
void console_show(const char *text);

/* Bytes of the program's, as if it had printed them. */
void console_put(const void *bytes, size_t len);

#endif
