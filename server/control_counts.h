/* control_counts.h - what the workers have counted, as JSON.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONTROL_COUNTS_H
#define CONTROL_COUNTS_H

#include "control_json.h"

struct json_t;

/* Each is an object of jansson's, for the caller. NULL: no memory. */
struct json_t *control_counts_connections(const struct control_stats *s);
struct json_t *control_counts_exchanges(const struct control_stats *s);
struct json_t *control_counts_tls(const struct control_stats *s);

#endif
