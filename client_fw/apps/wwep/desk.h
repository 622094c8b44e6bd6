/* desk.h - a client of the library made from the options: its port, its files,
 * its observer, and what is to be told of each call.
 *
 *     struct desk desk;
 *     struct wwep_outcome outcome;
 *     int status = desk_open(&desk, options);
 *
 *     if (status == WWEP_EXIT_OK)
 *         status = desk_write(&desk, 0x0FAC, 5, 1, &outcome);
 *     desk_close(&desk);
 *
 * A desk must not move between desk_open() and desk_close().
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_DESK_H
#define WWEP_APP_DESK_H

#include "file.h"
#include "keylog.h"
#include "options.h"
#include "story.h"
#include "witness.h"
#include "wwep_posix.h"

#include <stdbool.h>
#include <stdint.h>
#include <wwep/client.h>

struct desk {
    const struct wwep_options *options;
    struct wwep_posix posix;
    struct file ca;
    struct file cert;
    struct file key;
    struct keylog keylog;
    struct wwep_session session;
    struct wwep_tls_config tls;
    struct wwep_observer observer;
    struct wwep_client_config config;
    struct wwep_client client;
    struct wwep_request request; /* of the last call, for reports */
    struct witness witness;      /* of the last call */
    struct story story;
    char warned[128]; /* by the library, last: so as not to say it twice */
    bool advised;     /* to give --ca */
};

/* Reads the files that the options name, and makes the client; connects to
 * nobody. The options stay the caller's, and must stay. WWEP_EXIT_OK, or the
 * exit code: what was wrong is said. desk_close() is due in either case. */
int desk_open(struct desk *desk, const struct wwep_options *options);
void desk_close(struct desk *desk);

/* Each is one call of the client; the outcome is always filled. With -v it
 * tells the story. What went wrong it leaves to trouble.h. Returns the exit
 * code. */
int desk_write(struct desk *desk, uint16_t device, uint8_t reg, uint16_t value,
               struct wwep_outcome *outcome);
int desk_read(struct desk *desk, uint16_t device, uint8_t reg,
              struct wwep_outcome *outcome);

/* Opens a connection for several exchanges; see wwep_client_connect(). */
int desk_connect(struct desk *desk, struct wwep_outcome *outcome);

/* With -v: what an eavesdropper has seen of the last call. */
void desk_tell_eavesdropper(const struct desk *desk,
                            const struct wwep_outcome *outcome);

#endif
