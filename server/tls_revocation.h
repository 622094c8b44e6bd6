/* tls_revocation.h - a listener's certificate revocation lists, and the
 * authorities that they are of.
 *
 *     tls_revocation_new() -> tls_revocation_add() for each CA of client_ca
 *     and of the server's chain -> tls_revocation_load() -> tls_refusal.h
 *
 * A list is good for nothing without its issuer's certificate, which signed
 * it. A class's clients bring their intermediate along, so client_ca has the
 * root alone; but the intermediate is in the server's own chain as well. From
 * there it is taken, if it leads to client_ca and is not revoked: what it lets
 * in, a client that brings it would get in by, too.
 *
 * Once loaded nothing changes, and any thread may read.
 *
 * Source: RFC 5280 sections 5 and 6.3; wolfSSL's src/crl.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TLS_REVOCATION_H
#define TLS_REVOCATION_H

#include "tls_certificate.h"
#include "tls_crl.h"
#include "tls_source.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct WOLFSSL_CTX;
struct tls_revocation;

/* NULL: no memory. */
struct tls_revocation *tls_revocation_new(void);
void tls_revocation_free(struct tls_revocation *r); /* NULL is fine */

/* Knows the n-th certificate of a PEM text, c, as an authority; what is no CA
 * is passed over. trusted: it is of client_ca, and the context has it. Returns
 * 0, or -1: no memory. */
int tls_revocation_add(struct tls_revocation *r,
                       const struct tls_certificate *c, const uint8_t *pem,
                       size_t len, size_t n, bool trusted);

/* Reads tls.crl, checks each list against `now`, and has the context check
 * clients' certificates and the intermediates by them. Returns 0, or -1 with
 * the source's error set. */
int tls_revocation_load(struct tls_revocation *r,
                        const struct tls_source *source,
                        struct WOLFSSL_CTX *ctx, time_t now);

/* Who signs certificates that are taken here, and its list. */
struct tls_revocation_issuer {
    const struct tls_certificate *certificate;
    const struct tls_crl *list;
    bool trusted; /* of client_ca: nobody is above it */
};

/* The one of this name. False: it has no certificate or no list here. */
bool tls_revocation_issuer(const struct tls_revocation *r,
                           const struct tls_name_id *name,
                           struct tls_revocation_issuer *issuer);

/* The n-th list (from 0). False: there are not that many. */
bool tls_revocation_list(const struct tls_revocation *r, size_t n,
                         const struct tls_crl **list);

#endif
