/* connection_verdict.c - what is counted and told of a connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "connection_state.h"

#include "report.h"

#include <string.h>

static struct report report_of(const struct connection *c)
{
    return (struct report){.verdicts = &c->worker->shared->verdicts,
                           .listener = c->listener->config,
                           .peer = &c->peer,
                           .info = &c->transport->info,
                           .now_ms = uv_now(&c->worker->loop)};
}

/* --- before a request --- */

void connection_count_handshake(struct connection *c)
{
    const struct transport_info *info = &c->transport->info;

    limiter_shaken(&c->worker->shared->limiter, &c->place);
    if (info->tls == NULL)
        return;
    bool old = strcmp(info->tls, "TLS 1.2") == 0;
    if (info->resumed)
        counters_add(&c->worker->counters,
                     old ? COUNTER_RESUMED_1_2 : COUNTER_RESUMED_1_3);
    else
        counters_add(&c->worker->counters,
                     old ? COUNTER_FULL_1_2 : COUNTER_FULL_1_3);
}

static void tell_fault(const struct connection *c,
                       const struct wwep_fault *fault, const char *note)
{
    const struct report r = report_of(c);

    counters_add(&c->worker->counters, COUNTER_FAULTS + (unsigned)fault->kind);
    report_fault(&r, fault, note);
}

void connection_tell_failed(struct connection *c)
{
    static const struct wwep_fault closed = {.kind = WWEP_FAULT_CLOSED,
                                             .alert = -1};
    const struct transport *t = c->transport;
    const struct report r = report_of(c);

    limiter_shaken(&c->worker->shared->limiter, &c->place);
    if (t->fault.kind != WWEP_FAULT_NONE)
        tell_fault(c, &t->fault, t->fault_note);
    else if (c->state == CONNECTION_HANDSHAKE && transport_has_heard(t))
        tell_fault(c, &closed, "it reset the connection");
    else if (c->state == CONNECTION_READING)
        report_cut(&r, &c->exchange.decoder);
    else if (c->state <= CONNECTION_WAITING && !c->asked)
        report_unused(&r);
    else
        report_reset(&r, t->error);
}

void connection_tell_late(struct connection *c)
{
    static const struct wwep_fault late = {.kind = WWEP_FAULT_TIMEOUT,
                                           .alert = -1};

    limiter_shaken(&c->worker->shared->limiter, &c->place);
    tell_fault(c, &late,
               transport_has_heard(c->transport) ? NULL
                                                 : "the peer sent nothing");
}

void connection_tell_unused(const struct connection *c)
{
    const struct report r = report_of(c);

    if (!c->asked)
        report_unused(&r);
}

/* --- a request --- */

static void look_for_others(const struct connection *c)
{
    const struct wwep_request *request = &c->exchange.request;
    struct sharing_other other;

    if (request->command != WWEP_WRITE)
        return;
    const struct report r = report_of(c);
    if (sharing_note(&c->worker->shared->sharing, request->device, r.peer,
                     r.info->identity, r.now_ms, &other))
        report_sharing(&r, request->device, &other);
}

void connection_judge(const struct connection *c, const struct wwep_reason *why)
{
    struct counters *counters = &c->worker->counters;
    const struct exchange *e = &c->exchange;

    counters_add(counters,
                 c->transport->info.tls != NULL ? COUNTER_TLS : COUNTER_PLAIN);
    if (why == NULL)
        look_for_others(c);
    else
        counters_add(counters, COUNTER_REASONS + (unsigned)why->kind);
    if (why == NULL && e->access == ACCESS_GRANTED)
        return;
    const struct report r = report_of(c);
    if (e->access != ACCESS_GRANTED)
        report_not_allowed(&r, &e->request);
    else
        report_refused(&r, why, &e->decoder, &e->request);
}
