/* control_stats.h - what the server has done since it started, as a reply.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONTROL_STATS_H
#define CONTROL_STATS_H

#include "control.h"
#include "store_change.h"

#include <stdint.h>

#define CONTROL_WHOLE_MAX (4096u + STORE_COPY_PATH_MAX)

/* The path of a file of ours, for who is in another folder: out, or path
 * itself. */
const char *control_whole_path(const char *path, char out[CONTROL_WHOLE_MAX]);

/* The caller owns the line; NULL: no memory. */
char *control_tell_stats(const struct control_subject *subject,
                         uint64_t uptime_s);

#endif
