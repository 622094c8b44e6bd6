/* tls_refusal.h - why a client is refused, where it is we who find the reason
 * and not the TLS library: by the revocation lists, and by tls_path.h. Where it
 * is the library, tls_cause.h has what is told of that.
 *
 *     tls_refusal_watch() -> the handshake -> it failed: kind and note say why
 *
 * It belongs to the session's owner and lasts as long as the session.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TLS_REFUSAL_H
#define TLS_REFUSAL_H

#include "tls_cause.h"
#include "tls_path.h"
#include "wwep_fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct WOLFSSL;
struct WOLFSSL_X509_STORE_CTX;

struct tls_refusal {
    const struct tls_path_trust *trust; /* NULL: clients are asked for none */
    enum wwep_fault_kind kind; /* WWEP_FAULT_NONE: it has nothing to do */
    int code;                  /* the library's; 0: it found nothing */
    char *note;             /* what is to be known of this one; NULL: nothing */
    struct tls_cause cause; /* where the library refuses it */
    bool came;              /* the client has sent a certificate */
};

/* Has the session tell the refusal of the first thing that is wrong: what it
 * ends with may be a consequence ("unknown CA" below a revoked one). The trust
 * lasts as long. */
void tls_refusal_watch(struct tls_refusal *refusal,
                       const struct tls_path_trust *trust, struct WOLFSSL *ssl);

/* The context's verify callback, which that needs. It never says yes where the
 * library says no. */
int tls_refusal_on_verify(int ok, struct WOLFSSL_X509_STORE_CTX *store);

/* What that does where the library is content: sent, n > 0, is what the client
 * sent, its own first. */
void tls_refusal_judge(struct tls_refusal *refusal, const struct wwep_der *sent,
                       size_t n, time_t now);

void tls_refusal_deinit(struct tls_refusal *refusal);

#endif
