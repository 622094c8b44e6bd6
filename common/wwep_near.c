/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wwep_near.h"

#include <stdbool.h>
#include <string.h>

#define WORD_MAX 32u /* longer than every word that there is */

static size_t min_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same(char a, char b)
{
    return lower(a) == lower(b);
}

static bool begins_with(const char *text, const char *beginning)
{
    while (*beginning != '\0')
        if (!same(*text++, *beginning++))
            return false;
    return true;
}

/* How many letters must be inserted, removed, replaced, or swapped with the
 * next to make b of a. Both are shorter than WORD_MAX. */
static size_t distance_of(const char *a, const char *b)
{
    size_t d[WORD_MAX][WORD_MAX]; /* of the first i letters to the first j */
    size_t rows = strlen(a);
    size_t columns = strlen(b);

    for (size_t i = 0; i <= rows; i++)
        d[i][0] = i;
    for (size_t j = 0; j <= columns; j++)
        d[0][j] = j;
    for (size_t i = 1; i <= rows; i++) {
        for (size_t j = 1; j <= columns; j++) {
            size_t cost = same(a[i - 1], b[j - 1]) ? 0 : 1;
            size_t least = min_of(d[i - 1][j], d[i][j - 1]) + 1;
            least = min_of(least, d[i - 1][j - 1] + cost);
            if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) &&
                same(a[i - 2], b[j - 1]))
                least = min_of(least, d[i - 2][j - 2] + 1);
            d[i][j] = least;
        }
    }
    return d[rows][columns];
}

void wwep_near_start(struct wwep_near *near, const char *word)
{
    near->word = word;
    near->best = NULL;
    /* A slip in four letters; with more any word is like any other. */
    near->distance = (strlen(word) + 2) / 4 + 1;
}

void wwep_near_offer(struct wwep_near *near, const char *candidate)
{
    size_t len = strlen(near->word);

    if (len >= WORD_MAX || strlen(candidate) >= WORD_MAX)
        return;
    size_t d = distance_of(near->word, candidate);
    if (len >= 3 && begins_with(candidate, near->word))
        d = 0;
    if (d < near->distance) {
        near->best = candidate;
        near->distance = d;
    }
}
