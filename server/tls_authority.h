/* tls_authority.h - the authorities that a listener knows: those of client_ca,
 * which it trusts, and those of its own chain, from where tls_revocation.h
 * takes some.
 *
 * Made while the listener's context is, and not changed from then on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TLS_AUTHORITY_H
#define TLS_AUTHORITY_H

#include "tls_certificate.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tls_authority {
    struct tls_certificate c;
    uint8_t *der;
    size_t len;
    bool trusted; /* of client_ca */
    bool usable;  /* the context has it */
    bool revoked;
};

/* Zero-filled, it has none. */
struct tls_authorities {
    struct tls_authority *all; /* client_ca's come after the chain's */
    size_t n;
};

/* Knows the n-th certificate of a PEM text, c, as an authority; what is no CA
 * is passed over. trusted: it is of client_ca, and the context has it, or will.
 * Returns 0, or -1: no memory. */
int tls_authorities_add(struct tls_authorities *a,
                        const struct tls_certificate *c, const uint8_t *pem,
                        size_t len, size_t n, bool trusted);

/* Frees what it has. */
void tls_authorities_deinit(struct tls_authorities *a);

/* Of several of the name the most trusted: the server's chain may have one that
 * client_ca has, too. NULL: none. */
const struct tls_authority *tls_authorities_find(
    const struct tls_authorities *a, const struct tls_name_id *name);

/* Another one of the same name that the context has, with another key; NULL:
 * there is none. */
const struct tls_authority *tls_authorities_namesake(
    const struct tls_authorities *a, const struct tls_authority *of);

#endif
