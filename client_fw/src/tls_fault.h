/* tls_fault.h - from wolfSSL's codes to the faults of wwep_fault.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TLS_FAULT_H
#define TLS_FAULT_H

#include "wwep_fault.h"

#include <stdbool.h>

struct WOLFSSL;
struct WOLFSSL_X509_STORE_CTX;

/* What the code of wolfSSL_get_error() means for this session; established:
 * its handshake has been done. */
struct wwep_fault tls_fault_of(struct WOLFSSL *ssl, int code, bool established);

/* The same for a code without a session. */
enum wwep_fault_kind tls_fault_of_code(int code);

/* The library's code for what it has against a certificate. */
int tls_fault_code(const struct WOLFSSL_X509_STORE_CTX *store);

#endif
