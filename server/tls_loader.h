/* tls_loader.h - what the steps of making a listener's context hand around, and
 * what they all do: describe a certificate, refuse one, note when it ends.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TLS_LOADER_H
#define TLS_LOADER_H

#include "tls_certificate.h"
#include "tls_source.h"
#include "validity.h"

#include <stddef.h>
#include <time.h>

struct WOLFSSL_CTX;

/* What ends; zero-filled, it has nothing. The owner frees `all`. */
struct tls_ends {
    struct validity *all;
    size_t n;
};

/* Owns nothing. */
struct tls_loader {
    struct tls_source source;
    const struct config_listener *listener; /* the source's */
    struct WOLFSSL_CTX *ctx;
    struct tls_ends *ends;
};

/* Notes when something of this listener ends. Returns 0, or -1: no memory. */
int tls_loader_note_end(const struct tls_loader *l, enum validity_kind kind,
                        const char *name, time_t ends);

/* Says in the log what a certificate is, and what is unsafe about it. */
void tls_loader_describe(const struct tls_loader *l, const char *path,
                         const struct tls_certificate *c);

/* Why the n-th block, from 0, that looks like a certificate is none. Returns
 * -1. */
int tls_loader_refuse_block(const struct tls_loader *l, const char *key,
                            const char *path, size_t n);

#endif
