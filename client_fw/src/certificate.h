/* certificate.h - what a certificate in DER says, as far as it is of interest.
 *
 * Reads, and believes nothing: whether it is signed by whom it names is the TLS
 * library's to find out. Nothing is copied: all texts and spans point into the
 * certificate.
 *
 * Source: RFC 5280, sections 4.1, 4.2.1.3, 4.2.1.6, 4.2.1.9; RFC 3279, RFC
 * 5480, RFC 8410 for the keys; RFC 3279 and RFC 4055 for the signatures.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_CERTIFICATE_H
#define WWEP_CERTIFICATE_H

#include "wwep_der.h"

#include <wwep/tls.h>

enum wwep_key_kind {
    WWEP_KEY_OTHER,
    WWEP_KEY_RSA,
    WWEP_KEY_EC,
    WWEP_KEY_ED25519
};

struct wwep_x509 {
    struct wwep_der issuer; /* a Name's content */
    struct wwep_der subject;
    int64_t not_before; /* seconds since 1970 */
    int64_t not_after;
    enum wwep_key_kind key_kind;
    unsigned key_bits;     /* 0: not known */
    struct wwep_der key;   /* RSA: the modulus, without zeros before it; EC and
                              Ed25519: the point */
    struct wwep_der names; /* the subjectAltName's content; empty: none */
    bool weak_signature;   /* what has signed it hashes by SHA-1 or MD5 */
    bool is_ca;            /* nothing keeps it from signing others */
    bool may_sign; /* others: a CA, with the key usage that says so, which it
                      needs unless it has signed itself */
    bool no_digital_signature; /* its key usage is without that: its key is not
                                  for handshakes (RFC 8446, 4.4.2.2) */
};

/* False: it is no certificate, or a damaged one. */
bool wwep_x509_read(struct wwep_x509 *c, const uint8_t *der, size_t len);

/* For people: the fields of *out but for depth and fault. */
void wwep_x509_describe(const struct wwep_x509 *c,
                        struct wwep_certificate *out);

/* A name's content as "O=Some School, CN=server", escaped, cut to cap (> 0). */
void wwep_x509_name_text(const struct wwep_der *name, char *out, size_t cap);

#endif
