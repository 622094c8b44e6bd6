/* bench_report.h - what came of a load, as a table for people.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_BENCH_REPORT_H
#define WWEP_APP_BENCH_REPORT_H

#include "bench_run.h"

/* On standard output. */
void bench_report(const struct bench_run *run);

#endif
