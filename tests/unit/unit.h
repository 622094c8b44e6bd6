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

/* Root may read all. Between these two calls the test is somebody else, for
 * whom the folder stays open, unless it was not root at all. */
void unit_drop_root(const char *folder);
void unit_regain_root(void);

/* Writes text to folder/name; the caller owns the path that is returned. */
char *unit_write(const char *folder, const char *name, const char *text);
char *unit_write_bytes(const char *folder, const char *name, const void *bytes,
                       size_t len);

#endif
