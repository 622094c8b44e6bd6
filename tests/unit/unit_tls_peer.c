/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "unit_tls_peer.h"

#include "unit.h"
#include "wwep_request.h"

#include <stdio.h>
#include <string.h>

static void append(struct unit_tls_bytes *to, const void *bytes, size_t len)
{
    ck_assert_uint_le(to->len + len, sizeof to->bytes);
    memcpy(to->bytes + to->len, bytes, len);
    to->len += len;
}

static size_t fetch(struct unit_tls_bytes *from, void *bytes, size_t cap)
{
    size_t n = from->len < cap ? from->len : cap;

    memcpy(bytes, from->bytes, n);
    from->len -= n;
    memmove(from->bytes, from->bytes + n, from->len);
    return n;
}

static int push(WOLFSSL *ssl, char *buf, int len, void *ctx)
{
    struct unit_tls_peer *peer = ctx;

    (void)ssl;
    append(&peer->out, buf, (size_t)len);
    return len;
}

static int pull(WOLFSSL *ssl, char *buf, int len, void *ctx)
{
    struct unit_tls_peer *peer = ctx;
    size_t n = fetch(&peer->in, buf, (size_t)len);

    (void)ssl;
    return n > 0 ? (int)n : WOLFSSL_CBIO_ERR_WANT_READ;
}

WOLFSSL_CTX *unit_tls_peer_ctx(const char *folder, const char *name)
{
    WOLFSSL_CTX *ctx = wolfSSL_CTX_new(wolfSSLv23_server_method());
    char path[4096];

    ck_assert_ptr_nonnull(ctx);
    snprintf(path, sizeof path, "%s/%s.pem", folder, name);
    ck_assert_int_eq(wolfSSL_CTX_use_certificate_chain_file(ctx, path),
                     WOLFSSL_SUCCESS);
    snprintf(path, sizeof path, "%s/%s.key", folder, name);
    ck_assert_int_eq(
        wolfSSL_CTX_use_PrivateKey_file(ctx, path, WOLFSSL_FILETYPE_PEM),
        WOLFSSL_SUCCESS);
    wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_NONE, NULL);
    wolfSSL_CTX_SetIORecv(ctx, pull);
    wolfSSL_CTX_SetIOSend(ctx, push);
    return ctx;
}

void unit_tls_peer_init(struct unit_tls_peer *peer, WOLFSSL_CTX *ctx,
                        struct unit_dial *dial, const char *reply)
{
    memset(peer, 0, sizeof *peer);
    peer->ctx = ctx;
    peer->reply = reply;
    peer->ssl = wolfSSL_new(ctx);
    ck_assert_ptr_nonnull(peer->ssl);
    wolfSSL_SetIOReadCtx(peer->ssl, peer);
    wolfSSL_SetIOWriteCtx(peer->ssl, peer);
    dial->peer = unit_tls_peer_talk;
    dial->peer_ctx = peer;
}

void unit_tls_peer_deinit(struct unit_tls_peer *peer)
{
    wolfSSL_free(peer->ssl);
    peer->ssl = NULL;
}

static bool wants_more(struct unit_tls_peer *peer)
{
    return wolfSSL_get_error(peer->ssl, 0) == WOLFSSL_ERROR_WANT_READ;
}

static bool is_whole(const char *request)
{
    size_t len = strlen(request);

    return len >= (request[0] == 'W' ? WWEP_WRITE_LEN : WWEP_READ_LEN);
}

static void say_all(struct unit_tls_peer *peer)
{
    int len = (int)strlen(peer->reply);

    if (len > 0)
        ck_assert_int_eq(wolfSSL_write(peer->ssl, peer->reply, len), len);
    (void)wolfSSL_shutdown(peer->ssl);
    peer->said_all = true;
}

/* After an error it has said all, too: the alert. */
static void advance(struct unit_tls_peer *peer)
{
    if (!peer->accepted) {
        if (wolfSSL_accept(peer->ssl) != WOLFSSL_SUCCESS) {
            peer->said_all = !wants_more(peer);
            return;
        }
        peer->accepted = true;
        peer->resumed = wolfSSL_session_reused(peer->ssl) != 0;
    }
    while (!is_whole(peer->request)) {
        size_t have = strlen(peer->request);
        int n = wolfSSL_read(peer->ssl, peer->request + have,
                             (int)(sizeof peer->request - 1 - have));
        if (n <= 0) {
            peer->said_all = !wants_more(peer);
            return;
        }
    }
    say_all(peer);
}

size_t unit_tls_peer_talk(void *ctx, const uint8_t *in, size_t len,
                          uint8_t *out, size_t cap)
{
    struct unit_tls_peer *peer = ctx;

    append(&peer->in, in, len);
    if (!peer->said_all)
        advance(peer);
    if (peer->out.len == 0)
        return peer->said_all ? UNIT_PEER_END : 0;
    return fetch(&peer->out, out, cap);
}
