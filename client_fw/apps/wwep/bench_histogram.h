/* bench_histogram.h - how long things took, as counts in classes that are less
 * than 1 % wide, as HdrHistogram has them: each power of two is cut in 128.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_BENCH_HISTOGRAM_H
#define WWEP_APP_BENCH_HISTOGRAM_H

#include <stdint.h>

#define BENCH_HISTOGRAM_CUT    128u /* classes of a power of two */
#define BENCH_HISTOGRAM_POWERS 34u  /* to 2^41 ns, half an hour */
#define BENCH_HISTOGRAM_CLASSES \
    (BENCH_HISTOGRAM_CUT * (BENCH_HISTOGRAM_POWERS + 1u))

/* Zero-filled is empty. */
struct bench_histogram {
    uint64_t counts[BENCH_HISTOGRAM_CLASSES];
    uint64_t total;
    uint64_t sum_ns;
    uint64_t min_ns; /* of total > 0 */
    uint64_t max_ns;
};

void bench_histogram_add(struct bench_histogram *h, uint64_t ns);

/* Adds all of another. */
void bench_histogram_merge(struct bench_histogram *h,
                           const struct bench_histogram *other);

/* The value that this share of all (0 to 1) does not exceed, in nanoseconds:
 * the middle of its class, and neither less than the least, nor more than the
 * most. 0 where nothing was added. */
uint64_t bench_histogram_at(const struct bench_histogram *h, double share);

/* In nanoseconds; 0 where nothing was added. */
double bench_histogram_mean(const struct bench_histogram *h);

#endif
