/* check_report.h - what `wwep check` prints: a list for people, or TAP.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_CHECK_REPORT_H
#define WWEP_APP_CHECK_REPORT_H

#include "check_run.h"

#include <stdio.h>

/* Zero-filled but for `tap` is a report that has not begun. */
struct check_report {
    bool tap;
    unsigned number; /* of the case */
    const char *section;
    unsigned ok;
    unsigned failed;
    unsigned skipped;
};

/* What is checked, and with which devices; cases: how many there will be. */
void check_report_begin(struct check_report *report,
                        const struct check_run *run, unsigned cases);

void check_report_case(struct check_report *report,
                       const struct check_case *check,
                       const struct check_result *result);

void check_report_end(const struct check_report *report);

/* TAP alone: no case is judged, and why. */
void check_report_bail_out(const struct check_report *report, const char *why);

#endif
