/* keylog.h - the secrets of the TLS connections, in a file for Wireshark.
 *
 * The format is that of RFC 9850, which NSS began with. The file is appended
 * to, and is for its owner alone.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_KEYLOG_H
#define WWEP_APP_KEYLOG_H

#include <stdbool.h>
#include <wwep/observer.h>

struct keylog {
    int fd; /* -1: none */
    const char *path;
    bool failed; /* to write; said once */
};

/* Opens it, and warns of what it means. False: it can not be opened, or not be
 * kept from others; that is said. */
bool keylog_open(struct keylog *log, const char *path);

/* One line, without its end. */
void keylog_write(struct keylog *log, const char *line);

/* An observer's callback that keeps nothing but secrets; its ctx is the log. */
void keylog_event(void *ctx, const struct wwep_event *event);

void keylog_close(struct keylog *log);

#endif
