/* tls_security.h - what a handshake has come to.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_TLS_SECURITY_H
#define WWEP_TLS_SECURITY_H

#include "tls_link_state.h"

/* After the handshake. The texts are good for ever. */
void wwep_tls_security_of(struct wwep_tls_link *link,
                          struct wwep_security *security);

#endif
