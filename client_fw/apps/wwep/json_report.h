/* json_report.h - a call of the client as a JSON object, on a line of its own.
 *
 * wwep(1) describes it; a key is always there, null where it has nothing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_JSON_REPORT_H
#define WWEP_APP_JSON_REPORT_H

#include "desk.h"

/* Of the last call. False: no memory, or standard output does not take it. */
bool json_report(const struct desk *desk, const struct wwep_outcome *outcome);

/* Of a read of all registers: written[r] says whether values[r] is one. The
 * last call is the last one of the run. */
bool json_report_all(const struct desk *desk,
                     const struct wwep_outcome *outcome, const bool *written,
                     const uint16_t *values);

#endif
