/* fuzz_pki.h - certificates, keys and a revocation list, made by the openssl
 * command when a fuzzer starts, so that none of them is in the tree.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FUZZ_PKI_H
#define FUZZ_PKI_H

#include <stddef.h>
#include <stdint.h>

/* The order is that of the corpus: a new one goes to the end. */
enum fuzz_pki_name {
    FUZZ_PKI_CA,     /* the root */
    FUZZ_PKI_SUB,    /* an intermediate, from ca */
    FUZZ_PKI_SERVER, /* P-256, from sub */
    FUZZ_PKI_SERVER_KEY,
    FUZZ_PKI_CLIENT, /* for device 0FAC, from ca */
    FUZZ_PKI_CLIENT_KEY,
    FUZZ_PKI_OTHER, /* a client that signed itself */
    FUZZ_PKI_OTHER_KEY,
    FUZZ_PKI_RSA, /* RSA-2048, from ca */
    FUZZ_PKI_RSA_KEY,
    FUZZ_PKI_CRL, /* of ca */
    FUZZ_PKI_SUB_CRL,
    FUZZ_PKI_BELOW, /* a client for device 0001, from sub */
    FUZZ_PKI_BELOW_KEY,
    FUZZ_PKI_REVOKED, /* by ca.crl */
    FUZZ_PKI_REVOKED_KEY,
    FUZZ_PKI_BARE, /* from ca, for no device */
    FUZZ_PKI_BARE_KEY,
    FUZZ_PKI_N
};

struct fuzz_pem {
    char *text;
    size_t len;
    uint8_t *der; /* what is in its one block */
    size_t der_len;
    char label[32]; /* that of the block */
};

/* All of them; made with the first call, for as long as the process. */
const struct fuzz_pem *fuzz_pki(void);

/* Writes DER as PEM into out, and returns its length; 0: it does not fit. */
size_t fuzz_pem_write(const char *label, const uint8_t *der, size_t len,
                      char *out, size_t cap);

#endif
