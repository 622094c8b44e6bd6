/* wrap.c - see wrap.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "wrap.h"

#include <string.h>

void wrap_print(FILE *to, const char *first, const char *next, const char *text)
{
    size_t column = strlen(first);
    const char *space = "";

    (void)fputs(first, to);
    while (*(text += strspn(text, " ")) != '\0') {
        size_t len = strcspn(text, " ");

        if (space[0] != '\0' && column + 1 + len > WRAP_COLUMNS) {
            (void)fprintf(to, "\n%s", next);
            column = strlen(next);
            space = "";
        }
        (void)fprintf(to, "%s%.*s", space, (int)len, text);
        column += strlen(space) + len;
        space = " ";
        text += len;
    }
    (void)fputc('\n', to);
}
