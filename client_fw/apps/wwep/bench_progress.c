/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench_progress.h"

#include <inttypes.h>
#include <stdio.h>

#define SECOND_NS UINT64_C(1000000000)
#define TAKE_AWAY "\r\033[K"

void bench_progress_tell(struct bench_run *run, uint64_t now_ns)
{
    const struct bench_tally *tally = &run->shared.tally;

    if (now_ns - run->told_ns < SECOND_NS)
        return;
    double seconds = (double)(now_ns - run->told_ns) / (double)SECOND_NS;
    if (run->measuring)
        (void)fprintf(stderr,
                      TAKE_AWAY "%.0f s: %" PRIu64
                                " exchanges, %.0f a second, %" PRIu64 " errors",
                      (double)(now_ns - run->begin_ns) / (double)SECOND_NS,
                      tally->exchanges,
                      (double)(tally->exchanges - run->told) / seconds,
                      bench_tally_errors(tally));
    else
        (void)fprintf(stderr, TAKE_AWAY "opened %zu connections", run->opened);
    (void)fflush(stderr);
    run->told_ns = now_ns;
    run->told = tally->exchanges;
}

void bench_progress_end(void)
{
    (void)fputs(TAKE_AWAY, stderr);
}
