/* trouble.h - what went wrong in a call, in plain words: what it is, whose
 * fault, and what to do.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_TROUBLE_H
#define WWEP_APP_TROUBLE_H

#include "desk.h"

#define TROUBLE_TEXT_MAX 512u

/* Both are "" where nothing went wrong. */
struct trouble {
    char text[TROUBLE_TEXT_MAX];   /* what it is, without a full stop */
    char advice[TROUBLE_TEXT_MAX]; /* what to do; may be "" */
};

/* The exit code for this outcome. */
int trouble_exit(const struct wwep_outcome *outcome);

/* The desk has made the call. */
void trouble_find(struct trouble *t, const struct desk *desk,
                  const struct wwep_outcome *outcome);

/* Finds it, and complains of it on standard error, if there is any. */
void trouble_tell(const struct desk *desk, const struct wwep_outcome *outcome);

/* "localhost (127.0.0.1) port 27708": whom the desk talks to. */
void trouble_server(const struct desk *desk, char *out, size_t cap);

/* A fault of TLS as the client at a desk sees it; trouble_find() uses it. */
void trouble_find_tls(struct trouble *t, const struct desk *desk,
                      const struct wwep_fault *fault);

#endif
