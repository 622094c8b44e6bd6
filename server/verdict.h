/* verdict.h - failed attempts in the log: the first of a kind at once, the
 * others by their number.
 *
 * Attempts are of one kind where listener, address (without the port) and
 * fault are the same. The first has its line, those of the next minute are
 * counted, and the minute's end tells how many; what goes on, goes on to be
 * counted. So a board that tries again each second makes one line a minute.
 *
 * All workers share one, of a fixed size; and so many lines as there are
 * addresses could be too many: 200 at once are told, and 4 a second, the rest
 * is counted too. The last 50 are for addresses that have had fewer than 10
 * within a minute. No count is lost.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VERDICT_H
#define VERDICT_H

#include "address.h"
#include "config.h"

#include <stdbool.h>
#include <stdint.h>

#define VERDICT_WHAT_MAX 160u /* what is longer is cut where it is counted */

struct verdict {
    enum config_log_level level;
    const char *listener;
    const union address *peer;
    uint32_t kind;      /* of the fault, whatever the caller numbers by it */
    uint32_t detail;    /* what else must be the same, as a device */
    const char *what;   /* in words, also where it is counted */
    const char *advice; /* behind it, the first time; "": nothing */
};

struct verdict_table;

struct verdicts {
    struct verdict_table *table; /* NULL: each has its line */
};

/* Returns 0 or -ENOMEM; then each has its line. */
int verdicts_init(struct verdicts *v);

/* Any thread. now_ms: of a clock that all share. */
void verdicts_tell(struct verdicts *v, const struct verdict *what,
                   uint64_t now_ms);

/* Whether it has had its line: then it is counted, and that is all. So nobody
 * needs to make words for it: what and advice may be NULL here. */
bool verdicts_again(struct verdicts *v, const struct verdict *what);

/* Tells what has been counted for a minute: to be called now and then. */
void verdicts_tick(struct verdicts *v, uint64_t now_ms);

/* Tells all that has been counted, and ends. */
void verdicts_deinit(struct verdicts *v, uint64_t now_ms);

#endif
