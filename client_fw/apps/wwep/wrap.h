/* wrap.h - text for a terminal of 80 columns.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_WRAP_H
#define WWEP_APP_WRAP_H

#include <stdio.h>

#define WRAP_COLUMNS 79u

/* Prints the text's words, in as many lines as it takes. `first` stands before
 * the first line, `next` before the others. A word that is too long for a line
 * has one to itself. */
void wrap_print(FILE *to, const char *first, const char *next,
                const char *text);

#endif
