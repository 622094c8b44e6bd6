/* report.h - what happened, in words, a line for each exchange.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DUAL_CLIENT_REPORT_H
#define DUAL_CLIENT_REPORT_H

#include "board.h"
#include "credentials.h"

#include <wwep/client.h>

/* How an exchange went, besides its outcome. */
struct report_facts {
    unsigned button;
    bool led[2];
    uint16_t device;
    uint32_t took_ms;
    uint32_t busy_us; /* 0: not known */
};

/* What the board is, and what it is going to do. */
void report_start(const struct board_setup *setup, uint16_t device,
                  const struct credentials_origin *origin);

void report_exchange(const struct report_facts *facts,
                     const struct wwep_outcome *outcome);

/* "what: why" */
void report_trouble(const char *what, const char *why);

#endif
