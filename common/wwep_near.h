/* wwep_near.h - which of the allowed words was meant.
 *
 *     struct wwep_near near;
 *
 *     wwep_near_start(&near, "conect");
 *     for each word that is allowed:
 *         wwep_near_offer(&near, word);
 *     near.best is "connect", or NULL where none is near enough
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_NEAR_H
#define WWEP_NEAR_H

#include <stddef.h>

/* The caller owns it, and keeps the words as long. */
struct wwep_near {
    const char *word;
    const char *best; /* the first of the nearest; NULL: none is near */
    size_t distance;
};

void wwep_near_start(struct wwep_near *near, const char *word);

/* Near is what is a slip in four letters away, or begins with the word, if
 * that has three letters. Upper and lower case are the same. */
void wwep_near_offer(struct wwep_near *near, const char *candidate);

#endif
