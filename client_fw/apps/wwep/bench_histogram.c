/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench_histogram.h"

#include <stddef.h>

#define CUT_BITS 7u

_Static_assert(1u << CUT_BITS == BENCH_HISTOGRAM_CUT, "one is the other's log");

/* Below 2^7 a class is one nanosecond wide; from there on each power of two
 * has the same number of classes. */
static size_t class_of(uint64_t ns)
{
    if (ns < BENCH_HISTOGRAM_CUT)
        return (size_t)ns;
    unsigned shift = 63u - (unsigned)__builtin_clzll(ns) - CUT_BITS;
    size_t at = (size_t)shift * BENCH_HISTOGRAM_CUT + (size_t)(ns >> shift);

    return at < BENCH_HISTOGRAM_CLASSES ? at : BENCH_HISTOGRAM_CLASSES - 1;
}

static uint64_t middle_of(size_t at)
{
    if (at < (size_t)2 * BENCH_HISTOGRAM_CUT)
        return at;
    size_t shift = at / BENCH_HISTOGRAM_CUT - 1;
    uint64_t low = (uint64_t)(at - shift * BENCH_HISTOGRAM_CUT) << shift;

    return low + ((UINT64_C(1) << shift) - 1) / 2;
}

void bench_histogram_add(struct bench_histogram *h, uint64_t ns)
{
    h->counts[class_of(ns)]++;
    if (h->total == 0 || ns < h->min_ns)
        h->min_ns = ns;
    if (ns > h->max_ns)
        h->max_ns = ns;
    h->total++;
    h->sum_ns += ns;
}

void bench_histogram_merge(struct bench_histogram *h,
                           const struct bench_histogram *other)
{
    if (other->total == 0)
        return;
    for (size_t i = 0; i < BENCH_HISTOGRAM_CLASSES; i++)
        h->counts[i] += other->counts[i];
    if (h->total == 0 || other->min_ns < h->min_ns)
        h->min_ns = other->min_ns;
    if (other->max_ns > h->max_ns)
        h->max_ns = other->max_ns;
    h->total += other->total;
    h->sum_ns += other->sum_ns;
}

uint64_t bench_histogram_at(const struct bench_histogram *h, double share)
{
    double wanted = share * (double)h->total;
    uint64_t seen = 0;

    if (h->total == 0)
        return 0;
    for (size_t i = 0; i < BENCH_HISTOGRAM_CLASSES; i++) {
        seen += h->counts[i];
        if (seen == 0 || (double)seen < wanted)
            continue;
        uint64_t ns = middle_of(i);
        if (ns < h->min_ns)
            return h->min_ns;
        return ns < h->max_ns ? ns : h->max_ns;
    }
    return h->max_ns;
}

double bench_histogram_mean(const struct bench_histogram *h)
{
    return h->total > 0 ? (double)h->sum_ns / (double)h->total : 0.0;
}
