/* tls_revocation.h - a listener's certificate revocation lists.
 *
 *     tls_authorities_add() for each CA of client_ca and of the server's chain
 *     -> tls_revocation_load() -> tls_path.h
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

#include "tls_authority.h"
#include "tls_crl.h"
#include "tls_source.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct WOLFSSL_CTX;
struct tls_revocation;

/* It marks authorities, which outlive it, as usable or revoked. NULL: no
 * memory. */
struct tls_revocation *tls_revocation_new(struct tls_authorities *authorities);
void tls_revocation_free(struct tls_revocation *r); /* NULL is fine */

/* Reads tls.crl, checks each list against `now`, and has the context check
 * clients' certificates and the intermediates by them. Returns 0, or -1 with
 * the source's error set. */
int tls_revocation_load(struct tls_revocation *r,
                        const struct tls_source *source,
                        struct WOLFSSL_CTX *ctx, time_t now);

/* The list of the authority of this name. NULL: none is loaded. */
const struct tls_crl *tls_revocation_list_of(const struct tls_revocation *r,
                                             const struct tls_name_id *issuer);

/* The n-th list (from 0). False: there are not that many. */
bool tls_revocation_list(const struct tls_revocation *r, size_t n,
                         const struct tls_crl **list);

#endif
