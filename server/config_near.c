/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config_near.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#define KEY_MAX 32u /* longer than every key that there is */

static size_t min_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool same(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* How many letters must be inserted, removed, replaced, or swapped with the
 * next to make b of a. Both are shorter than KEY_MAX. */
static size_t distance(const char *a, const char *b)
{
    size_t d[KEY_MAX][KEY_MAX]; /* of the first i letters to the first j */
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

const char *config_near(const cyaml_schema_field_t *fields, const char *key)
{
    const char *near = NULL;
    size_t len = strlen(key);
    /* A slip in four letters; with more any key is like any other. */
    size_t least = (len + 2) / 4 + 1;

    if (len >= KEY_MAX)
        return NULL;
    for (; fields->key != NULL; fields++) {
        if (len >= 3 && strncasecmp(key, fields->key, len) == 0)
            return fields->key;
        size_t d = distance(key, fields->key);
        if (d < least) {
            near = fields->key;
            least = d;
        }
    }
    return near;
}
