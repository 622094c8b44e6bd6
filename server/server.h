/* server.h - wwepd as a whole: what is made once, and the workers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SERVER_H
#define SERVER_H

#include "config.h"
#include "supervisor.h"

#include <stdbool.h>

/* The exit codes of wwepd(8). */
enum server_exit {
    SERVER_OK = 0,
    SERVER_FAILURE = 1,
    SERVER_USAGE = 2,
    SERVER_CONFIG = 78 /* EX_CONFIG of sysexits.h */
};

/* Checks what the configuration points to: certificates and keys, the database,
 * the folder of the control socket. Opens no port and changes nothing; says all
 * in the log. */
enum server_exit server_check(const struct config *config);

/* Serves until SIGTERM or SIGINT, then drains; a second signal ends it at
 * once. Does not take the configuration, nor whoever started us, who is told
 * how it goes. start_fresh: a damaged database is set aside, and an empty one
 * begun. */
enum server_exit server_run(const struct config *config,
                            struct supervisor *supervisor, bool start_fresh);

#endif
