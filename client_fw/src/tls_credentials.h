/* tls_credentials.h - our roots, our certificate and our key, from the user's
 * bytes into the library's context.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_TLS_CREDENTIALS_H
#define WWEP_TLS_CREDENTIALS_H

#include "wwep_der.h"

#include <wwep/port.h>
#include <wwep/result.h>
#include <wwep/tls.h>

struct WOLFSSL_CTX;

struct wwep_tls_credentials {
    const struct wwep_tls_config *config;
    const struct wwep_port *port; /* for its log; NULL: none */
    int64_t now;                  /* as in tls_verify.h */
    bool needs_identity; /* a certificate and a key must be there: a server */
    bool any_date;       /* roots may have ended, or not begun yet */
    bool thorough; /* also what takes long: signatures of roots, and whether an
                      EC key makes its certificate's public half; the context
                      is then good for nothing else */
    bool second;   /* its own: the second try, which is told in the log */
    /* Results: */
    struct wwep_fault fault;
    size_t certificate_len; /* of our own in DER; 0: none */
};

/* Loads all of them; but a root that is no CA is left to _is_root(), as it
 * stands for itself alone, and the library would let it sign. The context must
 * not verify yet, as some builds of the library would then look at the dates of
 * roots. WWEP_OK; WWEP_E_CREDENTIALS and c->fault says which, and the log which
 * one; WWEP_E_MEMORY. */
enum wwep_result wwep_tls_credentials_load(struct wwep_tls_credentials *c,
                                           struct WOLFSSL_CTX *ctx);

/* Whether one of the roots is a CA with this subject, a Name's content; or is
 * this certificate, byte for byte. */
bool wwep_tls_credentials_has_root(const struct wwep_tls_config *config,
                                   const struct wwep_der *subject);
bool wwep_tls_credentials_is_root(const struct wwep_tls_config *config,
                                  const struct wwep_der *certificate);

#endif
