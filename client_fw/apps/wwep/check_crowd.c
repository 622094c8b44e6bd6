/* check_crowd.c - the cases with more than one client at a time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "check_run.h"

#include "wwep_text.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define CLIENTS        8u
#define FIRST_REGISTER 0x20u

static const struct check_case plain_case = {.name = ""};

/* --- eight at once ---------------------------------------------------------
 */

struct client {
    const struct check_target *target;
    struct check_names names;
    uint8_t reg;
    struct check_result result;
    pthread_t thread;
    bool runs;
};

/* Each writes, and reads, a register of its own. */
static void *run_client(void *arg)
{
    struct client *me = arg;
    struct check_step step;
    const char *at = "W@D@N1357 -> A@D@N1357\nR@D@N -> A@D@N1357\n";

    me->names.unwritten = me->reg;
    while (check_script_next(&at, &me->names, &step))
        if (!check_case_step(me->target, &plain_case, &step, &step.request,
                             &me->result))
            break;
    return NULL;
}

void check_many_at_once(struct check_run *run, struct check_result *result)
{
    struct check_target target = run->target;
    struct client clients[CLIENTS];
    unsigned good = 0;

    target.observer = NULL; /* it is for one thread */
    memset(clients, 0, sizeof clients);
    for (unsigned i = 0; i < CLIENTS; i++) {
        clients[i].target = &target;
        clients[i].names = run->names;
        clients[i].reg = (uint8_t)(FIRST_REGISTER + i);
        clients[i].runs = pthread_create(&clients[i].thread, NULL, run_client,
                                         &clients[i]) == 0;
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        if (clients[i].runs)
            (void)pthread_join(clients[i].thread, NULL);
        good += clients[i].runs && clients[i].result.failed == 0;
    }
    for (unsigned i = 0; i < CLIENTS && result->failed == 0; i++)
        if (clients[i].result.failed > 0)
            *result = clients[i].result;
    result->ways = CLIENTS;
    result->failed = CLIENTS - good;
    result->means = NULL;
}

/* --- one that holds up others ----------------------------------------------
 */

static void exchange_meanwhile(struct check_run *run,
                               struct check_result *result,
                               const char *what_the_other_does)
{
    const char *at = "W@D0B2121 -> A@D0B2121\n";
    struct check_step step;

    (void)check_script_next(&at, &run->names, &step);
    if (check_case_step(&run->target, &plain_case, &step, &step.request,
                        result))
        return;
    result->means = NULL;
    if (result->fault == CHECK_SILENT || result->fault == CHECK_NO_TLS ||
        result->fault == CHECK_NO_CONNECTION)
        (void)snprintf(result->sentence, sizeof result->sentence,
                       "While another client %s, this one got no reply within "
                       "2 s.",
                       what_the_other_does);
    /* It may well be there again when the other client has gone. */
    if (result->fault == CHECK_NO_CONNECTION)
        result->fault = CHECK_SILENT;
}

/* A client with nothing to say says no ClientHello either. */
void check_silent_client(struct check_run *run, struct check_result *result)
{
    struct check_target in_the_clear = run->target;
    struct check_seen seen;
    struct line holder;

    in_the_clear.tls = NULL;
    if (check_open(&in_the_clear, &holder, &seen) == CHECK_END_OPEN) {
        line_pause_ms(CHECK_GAP_MS);
        exchange_meanwhile(run, result, "was connected and silent");
    }
    line_close(&holder);
}

/* A server that gives up after its 250 ms is in time. */
void check_halting_client(struct check_run *run, struct check_result *result)
{
    struct check_seen seen;
    struct line holder;

    if (check_open(&run->target, &holder, &seen) == CHECK_END_OPEN) {
        (void)line_send(&holder, "W", 1, CHECK_PATIENCE_MS);
        line_pause_ms(CHECK_GAP_MS);
        exchange_meanwhile(run, result, "had sent a W and no more");
    }
    line_close(&holder);
}
