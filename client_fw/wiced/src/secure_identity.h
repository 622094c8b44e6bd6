/* secure_identity.h - our own keys and certificates, as a handshake needs them.
 *
 * An identity is not locked: it is the program's to see that none is changed,
 * or freed, while a handshake with it is under way.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_SECURE_IDENTITY_H
#define WICED_SECURE_IDENTITY_H

#include "certificate.h"
#include "wiced_tls.h"

#include <stdbool.h>

struct secure_pair {
    wiced_tls_credentials_info_t own; /* in the list, unless the program has
                                         one of its own for it */
    uint8_t *key;                     /* DER; NULL: none */
    size_t key_len;
    uint8_t *certificate; /* DER, then that of its chain; NULL: none */
    size_t certificate_len;
    enum wwep_key_kind kind; /* of the certificate */
};

/* The next pair that has both key and certificate, after `last`, or the first
 * for NULL. NULL: there is none. For any identity: NULL, or one that was never
 * initialised, has none. */
const struct secure_pair *secure_identity_next(
    const wiced_tls_identity_t *identity, const struct secure_pair *last);

/* Whether there are parts that make no pair: a key without certificate, or a
 * certificate without key. */
bool secure_identity_is_partial(const wiced_tls_identity_t *identity);

#endif
