/* tls_der.h - reads DER, one element at a time: what the TLS library has no
 * public function for.
 *
 * Every length is checked against what there is, so the bytes may be anyone's.
 * Nothing is copied: what is found lies in the bytes that were given.
 *
 * Source: X.690 section 8.1, of which tags of one byte and lengths of up to
 * four are enough here; RFC 5280 sections 4.1 and 5.1.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TLS_DER_H
#define TLS_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum {
    TLS_DER_BOOLEAN = 0x01,
    TLS_DER_INTEGER = 0x02,
    TLS_DER_OCTETS = 0x04,
    TLS_DER_OID = 0x06,
    TLS_DER_UTC_TIME = 0x17,
    TLS_DER_GENERALIZED_TIME = 0x18,
    TLS_DER_SEQUENCE = 0x30,
    TLS_DER_SET = 0x31,
    TLS_DER_CONTEXT_0 = 0xa0
};

/* Where reading goes on: no more than len bytes are left. */
struct tls_der {
    const uint8_t *at;
    size_t len;
};

struct tls_der_element {
    int tag;
    struct tls_der value; /* to be read further, if it is made of elements */
    struct tls_der whole; /* with its tag and length */
};

/* Takes the next element. False: there is none, or none that is whole; der is
 * where it was. */
bool tls_der_take(struct tls_der *der, struct tls_der_element *e);

/* Takes the next element if it has this tag; false and untouched if not. */
bool tls_der_take_tag(struct tls_der *der, int tag, struct tls_der_element *e);

/* UTCTime or GeneralizedTime in the only form that RFC 5280 allows (to the
 * second, in UTC). False: something else. */
bool tls_der_time(const struct tls_der_element *e, time_t *time);

/* The names of a certificate, as encoded. False: it is not one. */
bool tls_der_names(const uint8_t *certificate, size_t len,
                   struct tls_der *issuer, struct tls_der *subject);

#endif
