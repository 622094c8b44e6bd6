/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json_bench.h"

#include <jansson.h>
#include <stdio.h>

static json_t *microseconds(double ns)
{
    return json_real((double)(int64_t)(ns / 100.0 + 0.5) / 10.0);
}

static json_t *share(const struct bench_histogram *h, double at)
{
    return microseconds((double)bench_histogram_at(h, at));
}

static json_t *times(const struct bench_histogram *h)
{
    return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "count",
                     (json_int_t)h->total, "min",
                     microseconds((double)h->min_ns), "p50", share(h, 0.5),
                     "p90", share(h, 0.9), "p99", share(h, 0.99), "p999",
                     share(h, 0.999), "max", microseconds((double)h->max_ns),
                     "mean", microseconds(bench_histogram_mean(h)));
}

static json_t *errors(const struct bench_tally *tally)
{
    json_t *object = json_object();

    for (size_t i = 0; object != NULL && i < BENCH_ERRORS; i++)
        (void)json_object_set_new(object, bench_tally_error_key(i),
                                  json_integer((json_int_t)tally->errors[i]));
    return object;
}

static json_t *text(const char *words)
{
    return words != NULL && words[0] != '\0' ? json_string(words) : json_null();
}

static double rate_of(const struct bench_run *run)
{
    return run->seconds > 0.0
               ? (double)run->shared.tally.exchanges / run->seconds
               : 0.0;
}

bool json_bench(const struct bench_run *run, const char *trouble)
{
    const struct bench_tally *t = &run->shared.tally;
    json_t *object = json_pack(
        "{s:I, s:I, s:I, s:o, s:o, s:f, s:f, s:o, s:o, s:o}", "exchanges",
        (json_int_t)t->exchanges, "writes", (json_int_t)t->writes, "not_found",
        (json_int_t)t->not_found, "errors", errors(t), "first_error",
        text(trouble), "seconds", run->seconds, "rate", rate_of(run),
        "latency_us", times(&t->exchange), "connect_us", times(&t->connect),
        "handshake_us", times(&t->handshake));
    json_t *rest = json_pack(
        "{s:I, s:I, s:I, s:o, s:o, s:I, s:o, s:I, s:b}", "connections",
        (json_int_t)run->wish->connections, "full", (json_int_t)t->full,
        "resumed", (json_int_t)t->resumed, "tls", text(t->security.version),
        "cipher", text(t->security.cipher), "idle", (json_int_t)run->idle,
        "late",
        run->wish->rate > 0.0 ? json_integer((json_int_t)t->late) : json_null(),
        "client_cpu_us", (json_int_t)run->cpu_us, "interrupted",
        run->interrupted);
    bool good = object != NULL && rest != NULL &&
                json_object_update(object, rest) == 0 &&
                json_dumpf(object, stdout,
                           JSON_COMPACT | JSON_REAL_PRECISION(12)) == 0 &&
                putchar('\n') != EOF && fflush(stdout) == 0;

    json_decref(rest);
    json_decref(object);
    return good;
}
