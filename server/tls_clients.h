/* tls_clients.h - whom a listener takes for its clients: whether it asks them
 * for certificates, and what it judges those by.
 *
 *     tls_clients_init() -> tls_clients_note() for each certificate of the
 *     server's chain -> tls_clients_load() -> tls_refusal.h, in each session
 *
 * Once loaded nothing changes, and any thread may read.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TLS_CLIENTS_H
#define TLS_CLIENTS_H

#include "config.h"
#include "tls_authority.h"
#include "tls_loader.h"
#include "tls_path.h"
#include "tls_revocation.h"

struct tls_clients {
    enum config_client_auth auth;
    struct tls_authorities authorities; /* none, where nobody is asked */
    struct tls_revocation *revocation;  /* NULL: no lists */
    struct tls_path_trust trust;        /* the two; it must not be moved */
};

/* Returns 0, or -1: no memory. */
int tls_clients_init(struct tls_clients *clients, const struct config_tls *tls);
void tls_clients_deinit(struct tls_clients *clients);

/* Knows the n-th certificate of the server's own chain, c, which may have
 * signed clients', too. Returns 0, or -1: no memory. */
int tls_clients_note(struct tls_clients *clients,
                     const struct tls_certificate *c,
                     const struct tls_file *file, size_t n);

/* Reads client_ca and crl, and has the context ask. Returns 0, or -1 with the
 * source's error set. */
int tls_clients_load(struct tls_clients *clients, const struct tls_loader *l);

#endif
