/* bench_progress.h - the line that tells how a load goes, on a terminal.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_BENCH_PROGRESS_H
#define WWEP_APP_BENCH_PROGRESS_H

#include "bench_run.h"

/* Once a second, in place of the line before; more often it does nothing. */
void bench_progress_tell(struct bench_run *run, uint64_t now_ns);

/* Takes the line away. */
void bench_progress_end(void);

#endif
