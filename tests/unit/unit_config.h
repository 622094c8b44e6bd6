/* unit_config.h - files of configuration in unit tests.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UNIT_CONFIG_H
#define UNIT_CONFIG_H

#include "config.h"

/* Where a test's files are: a checked fixture makes and removes it. */
extern char *unit_config_folder;
void unit_config_setup(void);
void unit_config_teardown(void);

/* Every key, and no value that is the default. */
extern const char unit_config_full[];

/* Loads a file of this text, and fails with the reason where that fails. The
 * caller owns it. */
struct config *unit_config_load(const char *text);

/* The path is that of this name in the folder. */
void unit_config_assert_in_folder(const char *path, const char *name);

/* All is the same but the listeners. */
void unit_config_assert_same(const struct config *a, const struct config *b);

/* It is the listener that there is without a file. */
void unit_config_assert_plain(const struct config_listener *listener);

#endif
