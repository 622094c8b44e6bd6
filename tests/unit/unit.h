/* unit.h - what all unit tests share: one main, TAP out, folders to write in.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UNIT_H
#define UNIT_H

/* Check's macros call variadic functions without variadic arguments. */
#pragma GCC diagnostic ignored "-Wpedantic"
#include <check.h>
#include <stddef.h>

/* Runs the suite, prints TAP on standard output, returns main's status. */
int unit_run(Suite *suite);

/* A new empty folder, removed with all in it by unit_rmdir(). Never NULL; the
 * caller owns the string. */
char *unit_mkdtemp(void);
void unit_rmdir(char *folder);

/* Writes text to folder/name; the caller owns the path that is returned. */
char *unit_write(const char *folder, const char *name, const char *text);

#endif
