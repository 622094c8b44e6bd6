/* tls_wire.h - between wolfSSL and a link's carrier.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_TLS_WIRE_H
#define WWEP_TLS_WIRE_H

#include "tls_link_state.h"

/* Has link->ssl send and receive through the carrier. */
void wwep_tls_wire_start(struct wwep_tls_link *link);

/* What a call of the library, that ended with this code, failed of: first what
 * we have found ourselves, then the alert that came, then the carrier, then
 * the code. kind NONE: of the carrier (link->port_error). */
struct wwep_fault wwep_tls_wire_fault(struct wwep_tls_link *link, int code);

#endif
