/* transport_tls.c - TLS between the socket and the connection.
 *
 * Happy path: the first byte says TLS -> a session is made -> ciphertext goes
 * through wolfSSL_accept() until it is content -> READY -> wolfSSL_read() gives
 * DATA until it has none left -> QUIET -> the owner's reply and the
 * close_notify leave in one write.
 * Failures: the first byte is no TLS, the handshake fails, a record is bad, an
 * alert comes -> our own alert goes out, FAILED, with the reason in t->fault.
 *
 * wolfSSL never sees the socket: it pulls from the bytes that libuv has just
 * read, and takes all of them (what is half a record it keeps itself), and it
 * pushes into the worker's buffer, which always takes all.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "speech.h"
#include "tls_certificate.h"
#include "tls_context.h"
#include "tls_fault.h"
#include "tls_refusal.h"
#include "transport.h"

#include <wolfssl/options.h>

#include <stdlib.h>
#include <string.h>
#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

#define PLAIN_CHUNK 1024u

/* RFC 8446, sections 5.1 and 6: [1] type [2] version [2] length; an alert then
 * has [1] level [1] description. */
#define RECORD_ALERT     0x15
#define RECORD_HANDSHAKE 0x16
#define ALERT_RECORD_LEN 7u
#define ALERT_FATAL      2

enum tls_state {
    TLS_FIRST_BYTE, /* nothing has come; there is no session */
    TLS_HANDSHAKE,
    TLS_OPEN,
    TLS_ENDED /* failed, or we have said good-bye */
};

struct transport_tls {
    struct transport base;
    struct tls_context *context;
    WOLFSSL *ssl;
    enum tls_state state;
    const uint8_t *chunk; /* what has been read; inside tls_input() only */
    size_t chunk_len;
    const uint8_t *in; /* what wolfSSL has not pulled of it */
    size_t in_len;
    char *identity; /* base.info's */
    struct tls_refusal refusal;
};

static void begin_session(struct transport_tls *tt);
static void continue_handshake(struct transport_tls *tt);
static void read_records(struct transport_tls *tt);

static struct transport_tls *tls_of(struct transport *t)
{
    return (struct transport_tls *)t; /* base is the first member */
}

static int pull(WOLFSSL *ssl, char *buf, int len, void *ctx)
{
    struct transport_tls *tt = ctx;
    size_t n = tt->in_len < (size_t)len ? tt->in_len : (size_t)len;

    (void)ssl;
    if (n == 0)
        return WOLFSSL_CBIO_ERR_WANT_READ;
    memcpy(buf, tt->in, n);
    tt->in += n;
    tt->in_len -= n;
    return (int)n;
}

static int push(WOLFSSL *ssl, char *buf, int len, void *ctx)
{
    struct transport *t = ctx;

    (void)ssl;
    if (transport_queue(t, (const uint8_t *)buf, (size_t)len) != 0)
        return WOLFSSL_CBIO_ERR_CONN_CLOSE;
    return len;
}

static void fail(struct transport_tls *tt, struct wwep_fault fault)
{
    tt->state = TLS_ENDED;
    tt->base.fault = fault;
    (void)transport_flush(&tt->base); /* our alert */
    transport_fail(&tt->base);
}

/* OpenSSL's client of TLS 1.3 sends the alert by which it refuses our
 * certificate in the clear, as it has not changed its keys yet, and wolfSSL
 * takes that for a parse error. It is the one alert that a class sees most:
 * so it is looked for where it must be, at the end of what came. */
static int alert_in_the_clear(const struct transport_tls *tt)
{
    if (tt->state != TLS_HANDSHAKE || tt->chunk_len < ALERT_RECORD_LEN)
        return -1;
    const uint8_t *r = tt->chunk + tt->chunk_len - ALERT_RECORD_LEN;
    return r[0] == RECORD_ALERT && r[1] == 3 && r[3] == 0 && r[4] == 2 &&
                   r[5] == ALERT_FATAL
               ? r[6]
               : -1;
}

/* What we found ourselves, else what the library did, told as it was found
 * first. other: where neither is about the client's certificate. */
static struct wwep_fault fault_of_refusal(struct transport_tls *tt,
                                          struct wwep_fault other)
{
    const struct tls_refusal *r = &tt->refusal;

    if (r->kind != WWEP_FAULT_NONE) {
        tt->base.fault_note = r->note;
        return (struct wwep_fault){
            .kind = r->kind, .code = r->code, .alert = -1};
    }
    if (r->cause.kind != WWEP_FAULT_NONE) {
        tt->base.fault_note = r->cause.note;
        return (struct wwep_fault){
            .kind = r->cause.kind, .code = r->cause.code, .alert = -1};
    }
    tt->base.fault_note = tls_cause_note(other.code);
    return other;
}

static void fail_with_code(struct transport_tls *tt, int code)
{
    /* A write that failed on the way is the socket's trouble, not TLS's. */
    if (tt->base.error != 0) {
        tt->state = TLS_ENDED;
        transport_fail(&tt->base);
        return;
    }
    struct wwep_fault fault =
        tls_fault_of(tt->ssl, code, tt->state == TLS_OPEN);
    int alert = code == PARSE_ERROR ? alert_in_the_clear(tt) : -1;
    if (alert >= 0) {
        fault.alert = alert;
        fault.kind = wwep_fault_of_alert(alert);
    }
    if (fault.alert < 0)
        fault = fault_of_refusal(tt, fault);
    fail(tt, fault);
}

static void tls_input(struct transport *t, const uint8_t *buf, size_t len)
{
    struct transport_tls *tt = tls_of(t);

    tt->chunk = tt->in = buf;
    tt->chunk_len = tt->in_len = len;
    if (tt->state == TLS_FIRST_BYTE)
        begin_session(tt);
    if (tt->state == TLS_HANDSHAKE)
        continue_handshake(tt);
    if (tt->state == TLS_OPEN && transport_is_open(t))
        read_records(tt);
    tt->chunk = tt->in = NULL;
    tt->chunk_len = tt->in_len = 0;
    if (transport_is_open(t) && !t->failed && transport_flush(t) < 0)
        transport_fail(t);
}

static void begin_session(struct transport_tls *tt)
{
    struct wwep_fault fault = {.alert = -1};

    if (tt->in[0] != RECORD_HANDSHAKE) {
        fault.kind = tt->in[0] == 'W' || tt->in[0] == 'R'
                         ? WWEP_FAULT_PLAIN_WWEP
                         : WWEP_FAULT_NOT_TLS;
        if (fault.kind == WWEP_FAULT_NOT_TLS)
            tt->base.fault_note = speech_name(tt->in, tt->in_len);
        fail(tt, fault);
        return;
    }
    tt->ssl = tls_context_session(tt->context);
    if (tt->ssl == NULL) {
        fault.kind = WWEP_FAULT_NO_MEMORY;
        fail(tt, fault);
        return;
    }
    wolfSSL_SSLSetIORecv(tt->ssl, pull);
    wolfSSL_SSLSetIOSend(tt->ssl, push);
    wolfSSL_SetIOReadCtx(tt->ssl, tt);
    wolfSSL_SetIOWriteCtx(tt->ssl, tt);
    tls_context_watch(tt->context, tt->ssl, &tt->refusal);
    tt->state = TLS_HANDSHAKE;
}

static const char *version_name(WOLFSSL *ssl)
{
    switch (wolfSSL_version(ssl)) {
    case TLS1_2_VERSION:
        return "TLS 1.2";
    case TLS1_3_VERSION:
        return "TLS 1.3";
    default:
        return "TLS ?";
    }
}

/* Takes the name and the device from the client's certificate, if it sent one.
 */
static enum wwep_fault_kind take_identity(struct transport_tls *tt)
{
    char name[TRANSPORT_IDENTITY_MAX];
    int len;
    int status = MEMORY_E;
    WOLFSSL_X509 *x509 = wolfSSL_get_peer_certificate(tt->ssl);

    /* It is a copy. */
    if (x509 == NULL)
        return tt->refusal.came || tls_context_demands(tt->context)
                   ? WWEP_FAULT_NO_MEMORY
                   : WWEP_FAULT_NONE;
    const unsigned char *der = wolfSSL_X509_get_der(x509, &len);
    if (der != NULL)
        status = tls_certificate_identity(der, (size_t)len, name, sizeof name,
                                          &tt->base.info.device);
    wolfSSL_X509_free(x509);
    /* In the handshake it was read: if it can not be now, that is why, whatever
     * the library says. */
    if (status != 0)
        return status < 0 ? WWEP_FAULT_NO_MEMORY : WWEP_FAULT_BAD_NAME;
    if (name[0] == '\0')
        return WWEP_FAULT_NONE;
    tt->identity = strdup(name);
    return tt->identity != NULL ? WWEP_FAULT_NONE : WWEP_FAULT_NO_MEMORY;
}

static void continue_handshake(struct transport_tls *tt)
{
    struct transport *t = &tt->base;
    int status = wolfSSL_accept(tt->ssl);

    if (status != WOLFSSL_SUCCESS) {
        int code = wolfSSL_get_error(tt->ssl, status);
        if (code != WOLFSSL_ERROR_WANT_READ)
            fail_with_code(tt, code);
        return;
    }
    struct wwep_fault fault = {.kind = take_identity(tt), .alert = -1};
    if (fault.kind != WWEP_FAULT_NONE) {
        (void)wolfSSL_shutdown(tt->ssl); /* there is no alert for it */
        fail(tt, fault);
        return;
    }
    tt->state = TLS_OPEN;
    t->info.tls = version_name(tt->ssl);
    t->info.cipher = wolfSSL_get_cipher_name(tt->ssl);
    t->info.resumed = wolfSSL_session_reused(tt->ssl) == 1;
    t->info.identity = tt->identity;
    transport_emit(t, TRANSPORT_READY, NULL, 0);
}

static void read_records(struct transport_tls *tt)
{
    struct transport *t = &tt->base;
    uint8_t plain[PLAIN_CHUNK];
    int code;

    for (;;) {
        int n = wolfSSL_read(tt->ssl, plain, sizeof plain);
        if (n <= 0) {
            code = wolfSSL_get_error(tt->ssl, n);
            break;
        }
        transport_emit(t, TRANSPORT_DATA, plain, (size_t)n);
        if (!transport_is_open(t))
            return;
    }
    if (code != WOLFSSL_ERROR_WANT_READ && code != WOLFSSL_ERROR_ZERO_RETURN) {
        fail_with_code(tt, code);
        return;
    }
    transport_emit(t, TRANSPORT_QUIET, NULL, 0);
    if (code == WOLFSSL_ERROR_ZERO_RETURN && transport_is_open(t))
        transport_emit(t, TRANSPORT_END, NULL, 0);
}

static void tls_input_end(struct transport *t)
{
    struct transport_tls *tt = tls_of(t);

    if (tt->state == TLS_HANDSHAKE)
        fail(tt, (struct wwep_fault){.kind = WWEP_FAULT_CLOSED, .alert = -1});
    else if (transport_is_open(t))
        transport_emit(t, TRANSPORT_END, NULL, 0);
}

static int tls_send(struct transport *t, const uint8_t *buf, size_t len)
{
    struct transport_tls *tt = tls_of(t);

    if (tt->state != TLS_OPEN)
        return UV_ENOTCONN;
    if (wolfSSL_write(tt->ssl, buf, (int)len) != (int)len)
        return t->error != 0 ? t->error : UV_EPROTO;
    return 0;
}

static void tls_say_goodbye(struct transport *t)
{
    struct transport_tls *tt = tls_of(t);

    if (tt->state != TLS_OPEN)
        return;
    tt->state = TLS_ENDED;
    (void)wolfSSL_shutdown(tt->ssl); /* RFC 8446 6.1: no need to wait */
}

static void tls_release(struct transport *t)
{
    struct transport_tls *tt = tls_of(t);

    wolfSSL_free(tt->ssl);
    tls_context_unref(tt->context);
    free(tt->identity);
    tls_refusal_deinit(&tt->refusal);
}

static const struct transport_ops tls_ops = {
    .input = tls_input,
    .input_end = tls_input_end,
    .send = tls_send,
    .say_goodbye = tls_say_goodbye,
    .release = tls_release,
};

struct transport *transport_new_tls(uv_loop_t *loop, struct transport_io *io,
                                    struct tls_context *context)
{
    struct transport_tls *tt = calloc(1, sizeof *tt);

    if (tt == NULL)
        return NULL;
    if (transport_init(&tt->base, &tls_ops, loop, io) != 0) {
        free(tt);
        return NULL;
    }
    tt->context = tls_context_ref(context);
    return &tt->base;
}
