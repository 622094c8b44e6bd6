/* defaults.h - settings from the environment and from the configuration file.
 *
 * The file is $XDG_CONFIG_HOME/wwep/config, or ~/.config/wwep/config: lines of
 * "key = value", empty ones, and comments from a # that begins a word to the
 * line's end. It may be missing. A path in it is relative to its folder; "~/"
 * is the home folder.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_DEFAULTS_H
#define WWEP_APP_DEFAULTS_H

#include "options.h"

#include <stdbool.h>

/* False: something is wrong with a setting, and has been complained of. */
bool defaults_take_environment(struct wwep_options *o);
bool defaults_take_file(struct wwep_options *o);

#endif
