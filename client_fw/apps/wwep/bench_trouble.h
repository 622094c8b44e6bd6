/* bench_trouble.h - the first error of a load, in words.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_BENCH_TROUBLE_H
#define WWEP_APP_BENCH_TROUBLE_H

#include "bench_run.h"
#include "trouble.h"

#define BENCH_TROUBLE_MAX (2u * TROUBLE_TEXT_MAX)

/* The desk's options are those of the load; what it has seen of its last call
 * gives way. Writes "" where nothing went wrong. Returns the exit code. */
int bench_trouble(struct desk *desk, const struct bench_run *run,
                  char out[BENCH_TROUBLE_MAX]);

#endif
