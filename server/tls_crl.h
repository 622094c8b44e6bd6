/* tls_crl.h - what a certificate revocation list (CRL) says.
 *
 * Source: RFC 5280 section 5.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TLS_CRL_H
#define TLS_CRL_H

#include "tls_certificate.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct tls_crl {
    char issuer[TLS_NAME_MAX]; /* escaped, fit to be shown */
    struct tls_name_id issuer_id;
    time_t this_update;
    time_t next_update; /* when it ends; 0: it does not say */
    /* It has a critical extension: it is for some certificates alone, or tells
     * changes alone, and must not be used by who does not know how (RFC 5280
     * section 5.2). */
    bool partial;
};

/* Reads one list in DER; its signature is not looked at. False: it is damaged,
 * or no list. */
bool tls_crl_read(struct tls_crl *crl, const uint8_t *der, size_t len);

#define TLS_WHEN_MAX 64u

/* "2026-12-01 at 10:00:00 UTC". */
void tls_crl_when(time_t t, char out[TLS_WHEN_MAX]);

/* The n-th list (from 0) of a PEM text, whatever stands between them, as DER
 * which the caller owns. Returns 0; 1: there are not that many; -1: it is
 * damaged, or there is no memory. */
int tls_crl_decode_pem(const uint8_t *pem, size_t len, size_t n, uint8_t **der,
                       size_t *der_len);

#endif
