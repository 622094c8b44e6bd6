/* server_paths.h - whether the store and the control socket of a configuration
 * could be used, as far as it can be told without changing anything.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SERVER_PATHS_H
#define SERVER_PATHS_H

#include "config.h"

#include <stdbool.h>

#define SERVER_PATHS_ERROR_MAX 1280u

/* running: what has them open; its own are not looked at again. NULL: nothing.
 * False: error has one line. */
bool server_paths_check(const struct config *config,
                        const struct config *running,
                        char error[SERVER_PATHS_ERROR_MAX]);

#endif
