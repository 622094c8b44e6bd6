/* secure_carrier.h - carries TLS over a connection of the POSIX port, and
 * watches the time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_SECURE_CARRIER_H
#define WICED_SECURE_CARRIER_H

#include "tls_link.h"
#include "wwep_posix.h"

#include <stdbool.h>
#include <stdint.h>

/* The connection is the caller's. */
struct secure_carrier {
    struct wwep_posix *connection;
    uint32_t began_ms;
    uint32_t wait_ms;    /* each wait at most; WICED_NEVER_TIMEOUT: any time */
    uint32_t overall_ms; /* all since it began; WICED_NEVER_TIMEOUT: any time */
    bool cut;            /* the peer takes nothing more */
};

/* For the call that now begins. */
void secure_carrier_begin(struct secure_carrier *carrier, uint32_t wait_ms,
                          uint32_t overall_ms);

/* How long a wait may still be. */
uint32_t secure_carrier_left_ms(const struct secure_carrier *carrier);

/* As a link wants it; it points to the carrier, which must not move. */
struct wwep_tls_carrier secure_carrier_of(struct secure_carrier *carrier);

#endif
