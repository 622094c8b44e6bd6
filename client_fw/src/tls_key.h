/* tls_key.h - whether keys and certificates of ours belong together.
 *
 * wolfSSL_CTX_check_private_key() compares EC keys only if the library was
 * built to validate them: the packaged one was not.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_TLS_KEY_H
#define WWEP_TLS_KEY_H

#include "certificate.h"

struct WOLFSSL_CTX;

/* Gives the context the private key, which is in DER. WOLFSSL_SUCCESS, or a
 * code. */
int wwep_tls_key_use(struct WOLFSSL_CTX *ctx, const struct wwep_der *key);

/* The private key, in DER, against our certificate; both are in the context.
 * thorough: does not believe the public half that stands beside a private EC
 * key, and makes it anew. WOLFSSL_SUCCESS, or a code. */
int wwep_tls_key_fits(struct WOLFSSL_CTX *ctx, const struct wwep_der *key,
                      const struct wwep_x509 *own, bool thorough);

/* Whether a root that is in the context has signed itself. WOLFSSL_SUCCESS, or
 * a code. Dates are not looked at. */
int wwep_tls_key_check_root(struct WOLFSSL_CTX *ctx,
                            const struct wwep_der *root);

#endif
