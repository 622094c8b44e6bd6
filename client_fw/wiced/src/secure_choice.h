/* secure_choice.h - which of an identity's pairs is shown.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_SECURE_CHOICE_H
#define WICED_SECURE_CHOICE_H

#include "secure_carrier.h"
#include "secure_identity.h"

/* A client shows the first. A server with several kinds of key waits for the
 * client's hello, within the carrier's time, without taking it off the
 * connection, and shows the first pair that the client can verify; where that
 * can not be told, the first. NULL: there is none. */
const struct secure_pair *secure_choice(const wiced_tls_identity_t *identity,
                                        enum wwep_tls_role role,
                                        enum wwep_tls_version version,
                                        const struct secure_carrier *carrier);

#endif
