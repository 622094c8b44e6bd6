/* secure_hello.h - which kinds of key a client can verify, by its ClientHello.
 *
 * Reads bytes that anybody may have sent, and believes no length in them. What
 * is not as it must be is no hello: the handshake itself will say so.
 *
 * Source: RFC 8446, sections 4.1.2, 4.2, 4.2.1, 4.2.3 and 5.1; RFC 5246,
 * section 7.4.1; RFC 8422, section 2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_SECURE_HELLO_H
#define WICED_SECURE_HELLO_H

#include "certificate.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A hello of more bytes, with the headers of its records, is not looked at. */
#define SECURE_HELLO_MAX 8192u

enum secure_hello {
    SECURE_HELLO_WHOLE,
    SECURE_HELLO_PART, /* so far it may be one */
    SECURE_HELLO_NONE
};

/* A kind of key, as the client has it. */
struct secure_offer_kind {
    bool suite;  /* a cipher suite of TLS 1.2, one of ours */
    bool sign12; /* a signature algorithm for TLS 1.2 */
    bool sign13;
};

struct secure_offer {
    bool tls13; /* it knows TLS 1.3 */
    struct secure_offer_kind ec;
    struct secure_offer_kind rsa;
};

/* bytes: what has come so far. WHOLE: *offer is filled. */
enum secure_hello secure_hello_read(const uint8_t *bytes, size_t len,
                                    struct secure_offer *offer);

/* Whether a certificate with this kind of key will do; tls12, tls13: what we
 * ourselves allow. */
bool secure_offer_allows(const struct secure_offer *offer,
                         enum wwep_key_kind kind, bool tls12, bool tls13);

#endif
