/* complain.h - a line for a person, on standard error.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_COMPLAIN_H
#define WWEP_APP_COMPLAIN_H

#include <stddef.h>

/* Writes the program's name, ": ", the text and a line end to standard error.
 * Control characters show as \xNN, whoever they came from. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Makes text fit for a terminal, in place of cap bytes with the NUL: control
 * characters become \xNN, and what no longer fits is cut. */
void complain_escape(const char *text, char *out, size_t cap);

#endif
