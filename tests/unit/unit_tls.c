/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "unit_tls.h"

#include "unit.h"

#include <stddef.h>
#include <string.h>

/* What one side has sent and the other has not read. */
struct queue {
    char bytes[16384];
    size_t len;
};

static int push(WOLFSSL *ssl, char *buf, int len, void *ctx)
{
    struct queue *q = ctx;

    (void)ssl;
    ck_assert_uint_le(q->len + (size_t)len, sizeof q->bytes);
    memcpy(q->bytes + q->len, buf, (size_t)len);
    q->len += (size_t)len;
    return len;
}

static int pull(WOLFSSL *ssl, char *buf, int len, void *ctx)
{
    struct queue *q = ctx;
    size_t n = q->len < (size_t)len ? q->len : (size_t)len;

    (void)ssl;
    if (n == 0)
        return WOLFSSL_CBIO_ERR_WANT_READ;
    memcpy(buf, q->bytes, n);
    q->len -= n;
    memmove(q->bytes, q->bytes + n, q->len);
    return (int)n;
}

static void join(WOLFSSL *ssl, struct queue *in, struct queue *out)
{
    wolfSSL_SSLSetIORecv(ssl, pull);
    wolfSSL_SSLSetIOSend(ssl, push);
    wolfSSL_SetIOReadCtx(ssl, in);
    wolfSSL_SetIOWriteCtx(ssl, out);
}

bool unit_tls_greets(WOLFSSL *server, WOLFSSL_METHOD *method)
{
    struct queue to_server = {.len = 0};
    struct queue to_client = {.len = 0};
    WOLFSSL_CTX *ctx = wolfSSL_CTX_new(method);
    bool greeted = false;

    ck_assert_ptr_nonnull(server);
    ck_assert_ptr_nonnull(ctx);
    wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_NONE, NULL);
    WOLFSSL *client = wolfSSL_new(ctx);
    ck_assert_ptr_nonnull(client);
    join(server, &to_server, &to_client);
    join(client, &to_client, &to_server);
    for (int i = 0; i < 10 && !greeted; i++) {
        bool connected = wolfSSL_connect(client) == WOLFSSL_SUCCESS;
        greeted = wolfSSL_accept(server) == WOLFSSL_SUCCESS && connected;
    }
    wolfSSL_free(client);
    wolfSSL_CTX_free(ctx);
    wolfSSL_free(server);
    return greeted;
}
