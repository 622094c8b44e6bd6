/* check_case.c - runs one case: its steps, and of a varied step each variation.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "check_run.h"

#include <stdio.h>
#include <string.h>

#define UNWRITTEN_TRIES 64u
#define SHORT_END_MS    50u /* once the server is known not to close */

bool check_case_fits(const struct check_run *run, const struct check_case *c)
{
    unsigned other =
        run->target.tls != NULL ? CHECK_PLAIN_ALONE : CHECK_TLS_ALONE;

    return (c->flags & other) == 0;
}

static const char *show_want(const struct check_want *want,
                             char out[CHECK_SHOWN_MAX])
{
    const char *text = want->text;

    if (want->kind == CHECK_WANT_REFUSE)
        text = "X";
    else if (want->kind == CHECK_WANT_CLOSE)
        text = "nothing, then the end";
    (void)snprintf(out, CHECK_SHOWN_MAX, "%s", text);
    return out;
}

/* What is wrong where it has little to do with what the case is about. */
static const char *meaning(const struct check_case *c,
                           const struct check_want *want,
                           enum check_fault fault)
{
    switch (fault) {
    case CHECK_NO_CONNECTION:
        return "Has the server's program crashed, or ended? Start it again "
               "where you see what it prints, and under a debugger.";
    case CHECK_NOTHING:
        if (want->kind == CHECK_WANT_REFUSE)
            return "What it refuses it must answer with X, before it closes: "
                   "else a client can't tell it from a server that has "
                   "crashed.";
        return c->means;
    case CHECK_FOREIGN:
        return "A reply is A and ten hex digits, or X, alone or with a space "
               "and a reason behind it.";
    case CHECK_ACCEPTED:
        return c->accepted != NULL ? c->accepted : c->means;
    default:
        return c->means;
    }
}

static void keep_failure(const struct check_case *c,
                         const struct check_step *step,
                         const struct check_request *request,
                         const struct check_seen *seen, enum check_fault fault,
                         struct check_result *result)
{
    result->status = CHECK_FAILED;
    result->fault = fault;
    result->tls = seen->fault;
    result->means = meaning(c, &step->want, fault);
    (void)check_sentence(fault, request, &step->want, seen, result->sentence);
    (void)check_request_show(request, result->sent);
    (void)check_seen_show(seen, result->got);
    (void)show_want(&step->want, result->want);
}

bool check_case_step(const struct check_target *target,
                     const struct check_case *c, const struct check_step *step,
                     const struct check_request *request,
                     struct check_result *result)
{
    struct check_seen seen;

    check_exchange(target, request, c->how, &seen);
    enum check_fault fault = check_judge(&step->want, &seen, c->strict);
    result->ways++;
    result->stays |= seen.total > 0 && seen.end == CHECK_END_OPEN;
    if (fault == CHECK_GOOD) {
        if ((c->flags & CHECK_TIMED) != 0 && seen.wait_ms > CHECK_USUAL_MS)
            (void)snprintf(result->note, sizeof result->note,
                           "after %u ms; the course's clients give up after "
                           "%u ms",
                           (unsigned)seen.wait_ms, CHECK_USUAL_MS);
        return true;
    }
    if (result->failed++ == 0)
        keep_failure(c, step, request, &seen, fault, result);
    else if (fault == CHECK_NO_CONNECTION)
        result->fault = fault;
    return false;
}

/* Whether the rest of the step would only take time. */
static bool is_hopeless(const struct check_result *result)
{
    switch (result->fault) {
    case CHECK_NO_CONNECTION:
    case CHECK_NO_TLS:
    case CHECK_SILENT:
    case CHECK_STAYS:
        return result->failed > 0;
    default:
        return false;
    }
}

static void run_varied(const struct check_target *target,
                       const struct check_case *c,
                       const struct check_step *step,
                       struct check_result *result)
{
    enum check_vary how = step->varied ? c->vary : CHECK_AS_IT_IS;
    size_t count = check_vary_count(how, &step->request);
    struct check_request request;

    for (size_t i = 0; i < count && !is_hopeless(result); i++) {
        check_vary(how, &step->request, i, &request);
        (void)check_case_step(target, c, step, &request, result);
    }
}

/* What leads to the point of the case counts for no way of it. */
static void run_script(struct check_run *run, const struct check_target *target,
                       const struct check_case *c, struct check_result *result)
{
    const char *at = c->script;
    struct check_step step;

    while (!is_hopeless(result) && check_script_next(&at, &run->names, &step)) {
        size_t ways = result->ways;

        run_varied(target, c, &step, result);
        if (!step.varied) {
            result->ways = ways;
            if (result->failed > 0)
                break;
        }
    }
}

static void skip(struct check_result *result, const char *why)
{
    result->status = CHECK_SKIPPED;
    (void)snprintf(result->note, sizeof result->note, "%s", why);
}

/* Whether the handshake failed as it does where a server lacks a version. */
static bool lacks_version(const struct check_result *result)
{
    if (result->fault != CHECK_NO_TLS)
        return false;
    switch (result->tls.kind) {
    case WWEP_FAULT_VERSION:
    case WWEP_FAULT_ALERT_VERSION:
    case WWEP_FAULT_NO_SHARED_CIPHER:
    case WWEP_FAULT_ALERT:
    case WWEP_FAULT_CLOSED:
        return true;
    default:
        return false;
    }
}

/* With one version of TLS alone. A server may do without 1.3. */
static void run_version(struct check_run *run, const struct check_case *c,
                        struct check_result *result)
{
    bool newer = (c->flags & CHECK_TLS_1_3) != 0;
    struct wwep_tls_config tls = *run->target.tls;
    struct check_target target = run->target;

    tls.version = newer ? WWEP_TLS_1_3 : WWEP_TLS_1_2;
    if (run->version != WWEP_TLS_ANY && run->version != tls.version) {
        skip(result, "--tls-version says otherwise");
        return;
    }
    target.tls = &tls;
    run_script(run, &target, c, result);
    if (newer && lacks_version(result)) {
        memset(result, 0, sizeof *result);
        skip(result, "the server has no TLS 1.3; the course's boards have "
                     "none either");
    }
}

/* A read of this register of either device gives X. */
static bool is_unwritten(struct check_run *run, uint8_t reg)
{
    struct check_names names = run->names;
    const char *at = "R@D@N -> X\nR@E@N -> X\n";
    struct check_step step;
    struct check_seen seen;

    names.unwritten = reg;
    while (check_script_next(&at, &names, &step)) {
        check_exchange(&run->target, &step.request, 0, &seen);
        if (check_judge(&step.want, &seen, 0) != CHECK_GOOD)
            return false;
    }
    return true;
}

bool check_find_unwritten(struct check_run *run)
{
    for (unsigned i = 0; i < UNWRITTEN_TRIES; i++) {
        uint8_t reg = (uint8_t)run->next_unwritten++;

        if (is_unwritten(run, reg)) {
            run->names.unwritten = reg;
            return true;
        }
    }
    return false;
}

/* Devices that we have made up ourselves have no values: it must be the
 * server. */
static void lacks_unwritten(struct check_run *run, struct check_result *result)
{
    if (run->none_unwritten) {
        skip(result, "there is no register without a value: see above");
        return;
    }
    run->none_unwritten = true;
    if (!run->devices_are_random) {
        skip(result, "no register without a value was found: give another "
                     "--device");
        return;
    }
    result->status = CHECK_FAILED;
    result->fault = CHECK_ACCEPTED;
    (void)snprintf(result->sentence, sizeof result->sentence,
                   "The server has no register without a value: %u reads of "
                   "devices that nobody uses were never answered by X.",
                   UNWRITTEN_TRIES);
}

void check_case_run(struct check_run *run, const struct check_case *c,
                    struct check_result *result)
{
    memset(result, 0, sizeof *result);
    if (run->gone)
        skip(result, "nobody listens any more");
    else if (c->run != NULL)
        c->run(run, result);
    else if (check_script_has_unwritten(c->script) &&
             !check_find_unwritten(run))
        lacks_unwritten(run, result);
    else if ((c->flags & (CHECK_TLS_1_2 | CHECK_TLS_1_3)) != 0)
        run_version(run, c, result);
    else
        run_script(run, &run->target, c, result);
    if (result->status == CHECK_FAILED && result->means == NULL)
        result->means = c->means;
    if (result->fault == CHECK_NO_CONNECTION)
        run->gone = true;
    if (result->stays)
        run->target.end_ms = SHORT_END_MS;
}
