/* json_bench.h - what came of a load, as a JSON object on a line of its own.
 * wwep(1) describes it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_JSON_BENCH_H
#define WWEP_APP_JSON_BENCH_H

#include "bench_run.h"

/* trouble: the first error in words, or "". False: no memory, or standard
 * output does not take it. */
bool json_bench(const struct bench_run *run, const char *trouble);

#endif
