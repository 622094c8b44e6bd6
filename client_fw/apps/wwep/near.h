/* near.h - what somebody may have meant.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_NEAR_H
#define WWEP_APP_NEAR_H

#include <stddef.h>

/* One word to compare with; start with near_start(), offer each candidate. */
struct near {
    const char *word;
    const char *best; /* NULL: none is near enough */
    size_t distance;
};

void near_start(struct near *near, const char *word);
void near_offer(struct near *near, const char *candidate);

#endif
