/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench_report.h"

#include <inttypes.h>
#include <stdio.h>

static void print_errors(const struct bench_tally *t)
{
    const char *before = "";

    if (bench_tally_errors(t) == 0) {
        puts("errors        none");
        return;
    }
    printf("errors        %" PRIu64 ": ", bench_tally_errors(t));
    for (size_t i = 0; i < BENCH_ERRORS; i++) {
        if (t->errors[i] == 0)
            continue;
        printf("%s%" PRIu64 " %s", before, t->errors[i],
               bench_tally_error_key(i));
        before = ", ";
    }
    printf("\n");
}

static void print_times(const char *what, const struct bench_histogram *h)
{
    static const double shares[] = {0.5, 0.9, 0.99, 0.999};

    if (h->total == 0)
        return;
    printf("%-12s%9.0f", what, (double)h->min_ns / 1000.0);
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++)
        printf("%10.0f", (double)bench_histogram_at(h, shares[i]) / 1000.0);
    printf("%10.0f\n", (double)h->max_ns / 1000.0);
}

static void print_tls(const struct bench_tally *t)
{
    if (t->full + t->resumed == 0)
        return;
    printf("handshakes    %" PRIu64 " full, %" PRIu64 " resumed\n"
           "TLS           %s, %s\n",
           t->full, t->resumed, t->security.version, t->security.cipher);
}

static void print_rate(const struct bench_run *run)
{
    const struct bench_tally *t = &run->shared.tally;

    printf("exchanges     %" PRIu64 " (%" PRIu64 " writes, %" PRIu64 " reads",
           t->exchanges, t->writes, t->exchanges - t->writes);
    if (t->not_found > 0)
        printf(", %" PRIu64 " of them of nothing: X", t->not_found);
    printf(")\nseconds       %.2f\n", run->seconds);
    if (run->seconds > 0.0)
        printf("rate          %.0f a second\n",
               (double)t->exchanges / run->seconds);
    if (run->wish->rate > 0.0)
        printf("late          %" PRIu64 " started more than 1 ms behind their "
               "time\n",
               t->late);
}

void bench_report(const struct bench_run *run)
{
    const struct bench_tally *t = &run->shared.tally;

    print_rate(run);
    print_errors(t);
    print_tls(t);
    if (run->wish->idle > 0)
        printf("idle          %zu connections\n", run->idle);
    if (t->exchanges > 0)
        printf("own CPU       %.1f us an exchange\n",
               (double)run->cpu_us / (double)t->exchanges);
    if (t->connect.total > 0)
        printf("\n%-12s%9s%10s%10s%10s%10s%10s\n", "microseconds", "min", "p50",
               "p90", "p99", "p99.9", "max");
    print_times("connect", &t->connect);
    print_times("handshake", &t->handshake);
    print_times("exchange", &t->exchange);
}
