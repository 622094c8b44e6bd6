/* settings.h - what can be set in more than one place: on the command line, in
 * the environment, in the configuration file. A new setting is a row of the
 * table in settings.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_SETTINGS_H
#define WWEP_APP_SETTINGS_H

#include "options.h"

#include <stdbool.h>

#define SETTINGS_PROBLEM_MAX 256u

struct setting {
    const char *key;         /* in the file; "--key" on the command line */
    const char *environment; /* the variable */
    bool is_path;
    bool means_tls; /* who sets it wants TLS */
    /* Takes the text, or fills problem and returns false. */
    bool (*set)(struct wwep_options *o, const char *text,
                char problem[SETTINGS_PROBLEM_MAX]);
};

/* The rows; one without a key ends them. */
extern const struct setting settings[];

/* The row of this key, or NULL. */
const struct setting *settings_find(const char *key);

/* Takes the text, unless a higher layer has set it before: then it is checked
 * and dropped. False: it is wrong, and problem says how, and what to do. */
bool settings_take(struct wwep_options *o, const struct setting *setting,
                   const char *text, enum options_layer layer,
                   char problem[SETTINGS_PROBLEM_MAX]);

/* When all is taken: sets what was set nowhere, and decides about TLS. False:
 * no memory. */
bool settings_finish(struct wwep_options *o);

#endif
