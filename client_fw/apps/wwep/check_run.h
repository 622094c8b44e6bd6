/* check_run.h - a case of `wwep check`, and a run through all of them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_CHECK_RUN_H
#define WWEP_APP_CHECK_RUN_H

#include "check_exchange.h"
#include "check_judge.h"
#include "check_script.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a case is set up, beside what check_exchange.h has. */
enum {
    CHECK_TLS_ALONE = 1 << 0,   /* not for a server in the clear */
    CHECK_PLAIN_ALONE = 1 << 1, /* not for one over TLS */
    CHECK_TLS_1_2 = 1 << 2,     /* with this version; the others take any */
    CHECK_TLS_1_3 = 1 << 3,
    CHECK_TIMED = 1 << 4 /* the time to the reply is told where it is long */
};

struct check_run;
struct check_result;

/* All texts are ours. `means`: what is likely wrong in the server's program if
 * the case fails; `accepted`: the same, if it answered A where X was due (NULL:
 * `means` fits). */
struct check_case {
    const char *section; /* NULL: that of the case before */
    const char *name;
    const char *script; /* NULL: there is a function instead */
    enum check_vary vary;
    unsigned flags;
    unsigned how;    /* for check_exchange() */
    unsigned strict; /* for check_judge() */
    void (*run)(struct check_run *run, struct check_result *result);
    const char *means;
    const char *accepted;
};

/* The table, in the order in which they run; one without a name ends it. */
extern const struct check_case check_cases[];

enum check_status { CHECK_OK, CHECK_FAILED, CHECK_SKIPPED };

struct check_result {
    enum check_status status;
    size_t ways;                /* exchanges that were to show it */
    size_t failed;              /* of them */
    char note[CHECK_SHOWN_MAX]; /* for CHECK_OK and CHECK_SKIPPED; or "" */

    bool stays; /* the server has kept a connection open behind its reply */

    /* The first failure. */
    enum check_fault fault;
    struct wwep_fault tls; /* where it is CHECK_NO_TLS */
    const char *means;     /* never NULL where a case has failed */
    char sentence[CHECK_SENTENCE_MAX];
    char sent[CHECK_SHOWN_MAX]; /* "": not to be shown, with the next two */
    char got[CHECK_SHOWN_MAX];
    char want[CHECK_SHOWN_MAX];
};

struct check_run {
    struct check_target target;
    struct check_names names;
    bool devices_are_random;       /* both; none was given */
    unsigned next_unwritten;       /* where the search goes on */
    bool none_unwritten;           /* it has failed */
    enum wwep_tls_version version; /* the only one, by the command line */
    bool gone;                     /* nobody listens any more */
};

/* Whether the case is for this server at all. */
bool check_case_fits(const struct check_run *run, const struct check_case *c);

void check_case_run(struct check_run *run, const struct check_case *c,
                    struct check_result *result);

/* One exchange of a case that has a function: judges it, and keeps the first
 * failure. False: it has failed. */
bool check_case_step(const struct check_target *target,
                     const struct check_case *c, const struct check_step *step,
                     const struct check_request *request,
                     struct check_result *result);

/* Finds a register that nobody has written on either device, for @N. */
bool check_find_unwritten(struct check_run *run);

/* The cases with a function: check_crowd.c. */
void check_many_at_once(struct check_run *run, struct check_result *result);
void check_silent_client(struct check_run *run, struct check_result *result);
void check_halting_client(struct check_run *run, struct check_result *result);

#endif
