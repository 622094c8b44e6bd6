/* tls_path.h - whether a client's certificate leads to client_ca by
 * certificates that are good now.
 *
 * wolfSSL checks signatures, and the dates of what a client sends. But it does
 * not look at the dates of whom it trusts, and it remembers an intermediate
 * that one client has sent for as long as the listener lives, also for clients
 * that leave it out: so the path is looked for once more, through those alone
 * that are in the listener's files, or have come in this very handshake.
 *
 * Source: RFC 5280, section 6.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TLS_PATH_H
#define TLS_PATH_H

#include "tls_authority.h"
#include "tls_revocation.h"
#include "wwep_der.h"
#include "wwep_fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* What a listener judges clients by; the context's. */
struct tls_path_trust {
    const struct tls_authorities *authorities;
    const struct tls_revocation *revocation; /* NULL: no lists */
};

/* Why there is no path: the first that was in the way.
 *
 *     WWEP_FAULT_EXPIRED         `certificate` has
 *     WWEP_FAULT_WEAK_SIGNATURE  `certificate` is signed so
 *     WWEP_FAULT_CRL_ENDED       `list` has
 *     WWEP_FAULT_CRL_MISSING     there is no list of who signed `certificate`
 *     WWEP_FAULT_UNKNOWN_CA      nobody is known who signed `certificate`
 *     WWEP_FAULT_BAD_CERTIFICATE, WWEP_FAULT_NO_MEMORY */
struct tls_path_fault {
    enum wwep_fault_kind kind;
    struct tls_certificate certificate;
    const struct tls_crl *list;
};

/* sent: what the client sent, n > 0, its own first. wolfSSL has been content
 * with it. False: there is none, and *fault says why. */
bool tls_path_find(const struct tls_path_trust *trust,
                   const struct wwep_der *sent, size_t n, time_t now,
                   struct tls_path_fault *fault);

#endif
