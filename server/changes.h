/* changes.h - what a reload has changed, as texts: for a line of the log, and
 * for who ordered it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHANGES_H
#define CHANGES_H

#include <stdbool.h>
#include <stddef.h>

#define CHANGES_LINE_MAX 768u

/* Zero-filled, it is empty. */
struct changes {
    char **texts;
    size_t n;
    bool failed; /* no memory for one of them */
};

void changes_add(struct changes *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void changes_free(struct changes *c);

/* All of them, with "; " between; what has no room is counted. "": none. */
void changes_line(const struct changes *c, char out[CHANGES_LINE_MAX]);

#endif
