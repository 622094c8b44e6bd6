/* unit_wiced_secure.h - a TLS that is none, in the place of secure.c's, to see
 * what the sockets do with it: a greeting of one byte each way, then records of
 * a length and as many bytes. It reads ahead, as TLS does.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UNIT_WICED_SECURE_H
#define UNIT_WICED_SECURE_H

#include "secure.h"
#include "wiced_tcpip.h"

#define UNIT_SECURE_HELLO        "H"
#define UNIT_SECURE_CLOSE_NOTIFY "\0" /* a record of no bytes */

/* How many contexts have a session. */
unsigned unit_secure_sessions(void);

/* How often a context was deinitialised. */
unsigned unit_secure_deinits(void);

#endif
