/* tls_print.h - fingerprints of the files that a TLS listener is made from: by
 * them a reload knows which have changed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TLS_PRINT_H
#define TLS_PRINT_H

#include "config.h"
#include "tls_file.h"

#include <stdbool.h>
#include <stdint.h>

enum tls_print_of {
    TLS_PRINT_CERTIFICATE,
    TLS_PRINT_PRIVATE_KEY,
    TLS_PRINT_CLIENT_CA,
    TLS_PRINT_CRL,
    TLS_PRINTS
};

/* SHA-256 of each; all zero: it is not read. */
struct tls_prints {
    uint8_t of[TLS_PRINTS][32];
};

/* The key of a listener, as "tls.crl". */
const char *tls_print_key(enum tls_print_of which);

/* Takes that of a file which has been read by this key. Returns 0, or -1: the
 * library fails. */
int tls_print_take(struct tls_prints *p, const char *key,
                   const struct tls_file *file);

/* Reads what this listener names, as its context would. False: one of them can
 * not be read. */
bool tls_print_read(struct tls_prints *p, const struct config_tls *tls);

bool tls_print_same(const struct tls_prints *a, const struct tls_prints *b,
                    enum tls_print_of which);

#endif
