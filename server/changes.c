/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MORE_MAX 32u /* "; and 123 more" */

void changes_add(struct changes *c, const char *fmt, ...)
{
    char **grown = realloc(c->texts, (c->n + 1) * sizeof *grown);
    va_list args;

    if (grown == NULL) {
        c->failed = true;
        return;
    }
    c->texts = grown;
    va_start(args, fmt);
    if (vasprintf(&grown[c->n], fmt, args) >= 0)
        c->n++;
    else
        c->failed = true;
    va_end(args);
}

void changes_free(struct changes *c)
{
    for (size_t i = 0; i < c->n; i++)
        free(c->texts[i]);
    free(c->texts);
    *c = (struct changes){.n = 0};
}

void changes_line(const struct changes *c, char out[CHANGES_LINE_MAX])
{
    size_t len = 0;
    size_t i = 0;

    out[0] = '\0';
    for (; i < c->n; i++) {
        size_t need = strlen(c->texts[i]) + 2;
        if (len + need + MORE_MAX > CHANGES_LINE_MAX)
            break;
        len += (size_t)snprintf(out + len, CHANGES_LINE_MAX - len, "%s%s",
                                i > 0 ? "; " : "", c->texts[i]);
    }
    if (i < c->n)
        snprintf(out + len, CHANGES_LINE_MAX - len, "%s%zu more",
                 i > 0 ? "; and " : "", c->n - i);
}
