/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "admission.h"

#include "log.h"
#include "report.h"
#include "worker.h"

#include <stdatomic.h>

/* How many have been turned away, for whatever reason. */
static uint64_t count(const struct listener *l, enum counter which)
{
    counters_add(&l->worker->counters, which);
    return atomic_fetch_add(&l->worker->shared->turned_away, 1) + 1;
}

static void turn_away_full(const struct listener *l)
{
    struct worker_shared *shared = l->worker->shared;
    uint64_t n = count(l, COUNTER_OVER_CONNECTIONS);

    if (log_is_milestone(n))
        log_warning("%s: more than %u connections at once: %llu turned away "
                    "so far (raise limits.connections, and where the start "
                    "says so the limit of open files: ulimit -n, or "
                    "LimitNOFILE= in the unit)",
                    l->config->name, atomic_load(&shared->max_connections),
                    (unsigned long long)n);
}

static void turn_away_over(const struct listener *l, const union address *peer,
                           enum limiter_verdict verdict)
{
    static const enum counter counters[] = {
        [LIMITER_PER_ADDRESS] = COUNTER_OVER_PER_ADDRESS,
        [LIMITER_NEW_PER_SECOND] = COUNTER_OVER_NEW_PER_SECOND,
        [LIMITER_PER_NETWORK] = COUNTER_OVER_PER_ADDRESS,
        [LIMITER_NEW_PER_NETWORK] = COUNTER_OVER_NEW_PER_SECOND,
        [LIMITER_HANDSHAKES] = COUNTER_OVER_HANDSHAKES,
    };
    struct worker_shared *shared = l->worker->shared;
    const struct report r = {.verdicts = &shared->verdicts,
                             .listener = l->config,
                             .peer = peer,
                             .now_ms = uv_now(&l->worker->loop)};

    (void)count(l, counters[verdict]);
    report_over(&r, verdict, limiter_most(&shared->limiter, verdict));
}

bool admission_ask(const struct listener *l, const union address *peer,
                   struct limiter_place *place)
{
    struct worker_shared *shared = l->worker->shared;

    if (atomic_load_explicit(&shared->connections, memory_order_relaxed) >=
        atomic_load_explicit(&shared->max_connections, memory_order_relaxed)) {
        turn_away_full(l);
        return false;
    }
    enum limiter_verdict verdict =
        limiter_enter(&shared->limiter, peer, l->tls != NULL,
                      uv_now(&l->worker->loop), place);
    if (verdict == LIMITER_GRANTED)
        return true;
    turn_away_over(l, peer, verdict);
    return false;
}

void admission_failed(const struct listener *l, struct limiter_place *place)
{
    uint64_t n = count(l, COUNTER_NO_MEMORY);

    limiter_leave(&l->worker->shared->limiter, place);
    if (log_is_milestone(n))
        log_error("%s: no memory for a connection: %llu turned away so far",
                  l->config->name, (unsigned long long)n);
}
