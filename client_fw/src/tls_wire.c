/* tls_wire.c - the carrier, as wolfSSL sees it, and what a failure was.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_wire.h"

#include "tls_fault.h"
#include "tls_story.h"
#include "tls_wolfssl.h"

#include <string.h>
#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>

/* RFC 8446, 5.1 and 6: [1] type [2] version [2] length; an alert then has
 * [1] level [1] description. */
#define RECORD_ALERT     0x15
#define RECORD_HANDSHAKE 0x16
#define ALERT_FATAL      2

/* A peer that gives up sends an alert, and closes: what we send then is
 * refused, while the alert still lies there to be read. So bytes that can no
 * longer be sent are taken as sent, and the reading finds out why. */
static int on_send(WOLFSSL *ssl, char *buf, int len, void *ctx)
{
    struct wwep_tls_link *link = ctx;
    const uint8_t *bytes = (const uint8_t *)buf;

    (void)ssl;
    if (link->cut)
        return len;
    int n = link->carrier.send(link->carrier.ctx, bytes, (size_t)len);
    if (n > 0 && n <= len) {
        wwep_tls_story_bytes(link, true, bytes, (size_t)n);
        return n;
    }
    if (n == WWEP_PORT_RESET) {
        link->cut = true;
        return len;
    }
    link->port_error = n < 0 ? n : WWEP_PORT_FAILED;
    return n == WWEP_PORT_TIMEOUT ? WOLFSSL_CBIO_ERR_WANT_WRITE
                                  : WOLFSSL_CBIO_ERR_GENERAL;
}

static void keep_tail(struct wwep_tls_link *link, const uint8_t *bytes,
                      size_t len)
{
    for (size_t i = len > sizeof link->tail ? len - sizeof link->tail : 0;
         i < len; i++) {
        if (link->tail_len == sizeof link->tail)
            memmove(link->tail, link->tail + 1, --link->tail_len);
        link->tail[link->tail_len++] = bytes[i];
    }
}

/* The first byte that comes tells TLS from what else may be on a port. */
static bool is_tls(struct wwep_tls_link *link, uint8_t first)
{
    if (link->tail_len > 0 || first == RECORD_HANDSHAKE ||
        first == RECORD_ALERT)
        return true;
    /* What a plain server says to a ClientHello, or a plain client asks. */
    link->fault = (struct wwep_fault){
        .kind = first == 'X' || first == 'A' || first == 'R' || first == 'W'
                    ? WWEP_FAULT_PLAIN_WWEP
                    : WWEP_FAULT_NOT_TLS,
        .alert = -1,
    };
    return false;
}

static int on_recv(WOLFSSL *ssl, char *buf, int len, void *ctx)
{
    struct wwep_tls_link *link = ctx;
    uint8_t *bytes = (uint8_t *)buf;

    (void)ssl;
    if (link->ended)
        return WOLFSSL_CBIO_ERR_CONN_CLOSE;
    int n = link->carrier.recv(link->carrier.ctx, bytes, (size_t)len);
    if (n > 0 && n <= len) {
        if (!is_tls(link, bytes[0]))
            return WOLFSSL_CBIO_ERR_GENERAL;
        wwep_tls_story_bytes(link, false, bytes, (size_t)n);
        keep_tail(link, bytes, (size_t)n);
        return n;
    }
    if (n == WWEP_PORT_TIMEOUT) {
        link->port_error = n;
        return WOLFSSL_CBIO_ERR_WANT_READ; /* may be tried again */
    }
    if (n == 0 || n == WWEP_PORT_RESET) {
        link->ended = true;
        link->port_error = WWEP_PORT_RESET;
        return WOLFSSL_CBIO_ERR_CONN_CLOSE;
    }
    link->port_error = n < 0 ? n : WWEP_PORT_FAILED;
    return WOLFSSL_CBIO_ERR_GENERAL;
}

/* --- faults --------------------------------------------------------------- */

/* OpenSSL's client of TLS 1.3 sends the alert by which it refuses our
 * certificate in the clear, which wolfSSL takes for a parse error once it has
 * seen its header: the rest is read here. The alert, or -1. */
static int alert_in_the_clear(struct wwep_tls_link *link)
{
    static const uint8_t header[] = {RECORD_ALERT, 3, 3, 0, 2};
    const uint8_t *tail = link->tail;
    size_t have; /* of the two bytes behind the header */
    uint8_t next;

    for (have = 0; have <= 2; have++)
        if (link->tail_len >= sizeof header + have &&
            memcmp(tail + link->tail_len - sizeof header - have, header,
                   sizeof header) == 0)
            break;
    if (have > 2)
        return -1;
    for (; have < 2; have++) {
        if (link->carrier.recv(link->carrier.ctx, &next, 1) != 1)
            return -1;
        keep_tail(link, &next, 1);
    }
    return tail[link->tail_len - 2] == ALERT_FATAL ? tail[link->tail_len - 1]
                                                   : -1;
}

/* The server has asked for a certificate that we do not have. In TLS 1.2 it can
 * say so only by a word that is said of many things, or not at all. */
static bool misses_certificate(const struct wwep_tls_link *link,
                               const struct wwep_fault *fault)
{
    return link->in.request && link->own_len == 0 && !link->established &&
           (fault->kind == WWEP_FAULT_NONE || fault->kind == WWEP_FAULT_ALERT ||
            fault->kind == WWEP_FAULT_ALERT_BAD_CERTIFICATE);
}

/* A server that knows no TLS 1.3 answers in 1.2, which wolfSSL takes for a
 * message that is too short. */
static bool is_older(const struct wwep_tls_link *link, int code)
{
    return code == BUFFER_ERROR && link->in.hello && link->in.encrypted == 0 &&
           link->setup.config->version == WWEP_TLS_1_3;
}

struct wwep_fault wwep_tls_wire_fault(struct wwep_tls_link *link, int code)
{
    if (link->fault.kind != WWEP_FAULT_NONE)
        return link->fault;

    struct wwep_fault fault = tls_fault_of(link->ssl, code, link->established);
    int alert = !link->established && code == PARSE_ERROR
                    ? alert_in_the_clear(link)
                    : -1;
    if (alert >= 0) {
        fault.alert = alert;
        fault.kind = wwep_fault_of_alert(alert);
    }
    if (fault.alert < 0 && link->port_error != 0)
        fault = (struct wwep_fault){.kind = WWEP_FAULT_NONE, .alert = -1};
    if (link->port_error != WWEP_PORT_TIMEOUT &&
        misses_certificate(link, &fault))
        fault.kind = WWEP_FAULT_ALERT_NO_CERTIFICATE;
    if (fault.kind == WWEP_FAULT_PROTOCOL && is_older(link, code))
        fault.kind = WWEP_FAULT_VERSION;
    return fault;
}

void wwep_tls_wire_start(struct wwep_tls_link *link)
{
    wolfSSL_SSLSetIORecv(link->ssl, on_recv);
    wolfSSL_SSLSetIOSend(link->ssl, on_send);
    wolfSSL_SetIOReadCtx(link->ssl, link);
    wolfSSL_SetIOWriteCtx(link->ssl, link);
}
