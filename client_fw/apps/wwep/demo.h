/* demo.h - the demonstrations of `wwep demo`.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_DEMO_H
#define WWEP_APP_DEMO_H

#include <stdbool.h>

/* The man in the middle. pause: waits for Enter before each step. Returns 0 if
 * all went as it is told, else 1, or another exit code (enum wwep_exit) where
 * it could not begin; that is said. */
int demo_mim(bool pause);

#endif
