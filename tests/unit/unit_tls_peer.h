/* unit_tls_peer.h - a TLS server as the far end of a unit_port: one request,
 * one reply, without sockets and threads.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UNIT_TLS_PEER_H
#define UNIT_TLS_PEER_H

#include <wolfssl/options.h>

#include "unit_port.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wolfssl/ssl.h>

struct unit_tls_bytes {
    uint8_t bytes[UNIT_PORT_SENT_MAX];
    size_t len;
};

struct unit_tls_peer {
    WOLFSSL_CTX *ctx;  /* the test's: sessions are resumed within one */
    const char *reply; /* what it says to a request, and then ends */

    char request[64]; /* what has come so far, and a NUL */
    bool accepted;    /* the handshake is done */
    bool resumed;
    bool said_all;

    WOLFSSL *ssl;
    struct unit_tls_bytes in;
    struct unit_tls_bytes out;
};

/* A context for both versions, with NAME.pem and NAME.key of the folder. The
 * caller frees it. */
WOLFSSL_CTX *unit_tls_peer_ctx(const char *folder, const char *name);

/* Gives the connection a peer of this context. */
void unit_tls_peer_init(struct unit_tls_peer *peer, WOLFSSL_CTX *ctx,
                        struct unit_dial *dial, const char *reply);
void unit_tls_peer_deinit(struct unit_tls_peer *peer);

/* The unit_peer_fn that unit_tls_peer_init() sets; ctx: the peer. */
size_t unit_tls_peer_talk(void *ctx, const uint8_t *in, size_t len,
                          uint8_t *out, size_t cap);

#endif
