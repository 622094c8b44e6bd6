/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "fuzz_client.h"

#include "fuzz.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void enqueue(struct client *c, const void *bytes, size_t len)
{
    FUZZ_CHECK(len <= CLIENT_QUEUE_MAX - c->len);
    memcpy(c->queue + c->len, bytes, len);
    c->len += len;
}

static int push(WOLFSSL *ssl, char *buf, int len, void *ctx)
{
    (void)ssl;
    enqueue(ctx, buf, (size_t)len);
    return len;
}

static int pull(WOLFSSL *ssl, char *buf, int len, void *ctx)
{
    struct client *c = ctx;
    size_t n = c->in_len < (size_t)len ? c->in_len : (size_t)len;

    (void)ssl;
    if (n == 0)
        return c->eof ? WOLFSSL_CBIO_ERR_CONN_CLOSE
                      : WOLFSSL_CBIO_ERR_WANT_READ;
    memcpy(buf, c->in, n);
    c->in += n;
    c->in_len -= n;
    return (int)n;
}

/* Handshake and replies, as far as they go. */
static void advance(struct client *c)
{
    if (!c->done && !c->failed) {
        int status = wolfSSL_connect(c->ssl);
        c->done = status == WOLFSSL_SUCCESS;
        if (c->done)
            c->handshake_len = c->len;
        else if (wolfSSL_get_error(c->ssl, status) != WOLFSSL_ERROR_WANT_READ)
            c->failed = true;
    }
    while (c->done && !c->failed) {
        int n = wolfSSL_read(c->ssl, c->got + c->got_len,
                             (int)(CLIENT_GOT_MAX - c->got_len));
        if (n <= 0) {
            int code = wolfSSL_get_error(c->ssl, n);
            c->failed = code != WOLFSSL_ERROR_WANT_READ;
            break;
        }
        c->got_len += (size_t)n;
        FUZZ_CHECK(c->got_len < CLIENT_GOT_MAX);
    }
}

void client_open(struct client *c, int fd, WOLFSSL_CTX *ctx)
{
    c->fd = fd;
    c->ssl = NULL;
    c->done = c->failed = c->piecewise = c->ended = c->notified = false;
    c->dirty = c->eof = false;
    c->reading = true;
    c->handshake_len = c->len = c->delivered = c->n_marks = c->n_told = 0;
    c->sent_len = c->got_len = c->in_len = 0;
    c->in = NULL;
    if (ctx == NULL)
        return;
    c->ssl = wolfSSL_new(ctx);
    FUZZ_CHECK(c->ssl != NULL);
    wolfSSL_SSLSetIORecv(c->ssl, pull);
    wolfSSL_SSLSetIOSend(c->ssl, push);
    wolfSSL_SetIOReadCtx(c->ssl, c);
    wolfSSL_SetIOWriteCtx(c->ssl, c);
    advance(c);
}

void client_close(struct client *c)
{
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
    wolfSSL_free(c->ssl);
    c->ssl = NULL;
}

static void mark(struct client *c, size_t len, bool end)
{
    FUZZ_CHECK(c->n_marks < CLIENT_MARKS_MAX);
    c->marks[c->n_marks++] = (struct client_mark){
        .at = c->len, .from = c->sent_len - len, .len = len, .end = end};
}

/* A record with nothing in it for whoever reads. TLS 1.2 has none: there it
 * can not be done. */
static bool say_nothing(struct client *c)
{
    return c->ssl != NULL && c->done && !c->failed &&
           wolfSSL_update_keys(c->ssl) == WOLFSSL_SUCCESS;
}

bool client_say(struct client *c, const uint8_t *bytes, size_t len)
{
    if (c->fd < 0 || c->ended || c->notified ||
        len > CLIENT_SENT_MAX - c->sent_len)
        return false;
    if (len == 0)
        return say_nothing(c);
    if (c->ssl == NULL)
        enqueue(c, bytes, len);
    else if (!c->done || c->failed ||
             wolfSSL_write(c->ssl, bytes, (int)len) != (int)len)
        return false;
    memcpy(c->sent + c->sent_len, bytes, len);
    c->sent_len += len;
    mark(c, len, false);
    return true;
}

void client_say_raw(struct client *c, const uint8_t *bytes, size_t len)
{
    if (c->fd < 0 || c->ended)
        return;
    c->dirty = true;
    enqueue(c, bytes, len);
}

void client_notify(struct client *c)
{
    if (c->fd < 0 || c->ssl == NULL || !c->done || c->failed || c->ended ||
        c->notified)
        return;
    c->notified = true;
    (void)wolfSSL_shutdown(c->ssl);
    mark(c, 0, true);
}

void client_end(struct client *c)
{
    if (c->fd < 0 || c->ended)
        return;
    c->ended = true;
    (void)shutdown(c->fd, SHUT_WR);
}

size_t client_deliver(struct client *c, size_t len)
{
    if (c->fd < 0 || c->ended)
        return 0;
    if (len > c->len - c->delivered)
        len = c->len - c->delivered;
    if (len == 0)
        return 0;
    ssize_t n =
        send(c->fd, c->queue + c->delivered, len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0)
        return 0; /* the server has gone, or reads no more */
    c->delivered += (size_t)n;
    return (size_t)n;
}

bool client_reached(struct client *c, struct client_mark *next)
{
    if (c->dirty || c->n_told == c->n_marks ||
        c->marks[c->n_told].at > c->delivered)
        return false;
    *next = c->marks[c->n_told++];
    return true;
}

bool client_pump(struct client *c)
{
    uint8_t bytes[16384];

    if (c->fd < 0 || !c->reading || c->eof)
        return false;
    ssize_t n = recv(c->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    c->eof = n <= 0;
    if (n < 0)
        n = 0;
    if (c->ssl != NULL) {
        c->in = bytes;
        c->in_len = (size_t)n;
        advance(c);
        c->in_len = 0;
    } else {
        FUZZ_CHECK((size_t)n < CLIENT_GOT_MAX - c->got_len);
        memcpy(c->got + c->got_len, bytes, (size_t)n);
        c->got_len += (size_t)n;
    }
    return true;
}
