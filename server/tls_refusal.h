/* tls_refusal.h - why a client is refused, where that has to do with the
 * revocation lists.
 *
 *     tls_refusal_watch() -> the handshake -> it failed: kind and note say why;
 *     or it did not: tls_refusal_judge() -> kind
 *
 * It belongs to the session's owner and lasts as long as the session.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TLS_REFUSAL_H
#define TLS_REFUSAL_H

#include "wwep_fault.h"

#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct WOLFSSL;
struct WOLFSSL_X509_STORE_CTX;
struct tls_revocation;

struct tls_refusal {
    const struct tls_revocation *revocation; /* NULL: no lists */
    enum wwep_fault_kind kind; /* WWEP_FAULT_NONE: it has nothing to do */
    int code;                  /* the library's; 0: it found nothing */
    char *note; /* what is to be known of this one; NULL: nothing */
};

/* Has the session tell the refusal of the first thing that is wrong: what it
 * ends with may be a consequence ("unknown CA" below a revoked one). */
void tls_refusal_watch(struct tls_refusal *refusal,
                       const struct tls_revocation *revocation,
                       struct WOLFSSL *ssl);

/* The context's verify callback, which that needs. It changes no verdict. */
int tls_refusal_on_verify(int ok, struct WOLFSSL_X509_STORE_CTX *store);

/* After a handshake that the library has been content with. It remembers an
 * intermediate that it has seen, and does not look at it again for a client
 * that leaves it out: so whether its certificate, and the list that it would
 * be in, have ended meanwhile is looked at here. der: the client's
 * certificate. */
void tls_refusal_judge(struct tls_refusal *refusal, const uint8_t *der,
                       size_t len, time_t now);

void tls_refusal_deinit(struct tls_refusal *refusal);

#endif
