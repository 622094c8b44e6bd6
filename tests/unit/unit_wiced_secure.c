/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit_wiced_secure.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define HANDSHAKE_MS 20000u
#define MAGIC        UINT64_C(0x5EC)

struct session {
    struct wwep_posix *connection;
    uint8_t ahead[4096];
    size_t len;
};

static atomic_uint sessions;
static atomic_uint deinits;

unsigned unit_secure_sessions(void)
{
    return atomic_load(&sessions);
}

unsigned unit_secure_deinits(void)
{
    return atomic_load(&deinits);
}

static struct session *session_of(const wiced_tls_context_t *context)
{
    return context != NULL && context->context_id == MAGIC ? context->session
                                                           : NULL;
}

static void end_session(wiced_tls_context_t *context)
{
    struct session *s = session_of(context);

    if (s == NULL)
        return;
    free(s);
    context->session = NULL;
    atomic_fetch_sub(&sessions, 1);
}

wiced_result_t wiced_tls_init_context(wiced_tls_context_t *context,
                                      wiced_tls_identity_t *identity,
                                      const char *peer_cn)
{
    if (context == NULL)
        return WICED_ERROR;
    *context = (wiced_tls_context_t){
        .context_id = MAGIC, .identity = identity, .peer_cn = peer_cn};
    return WICED_SUCCESS;
}

wiced_result_t wiced_tls_deinit_context(wiced_tls_context_t *context)
{
    end_session(context);
    *context = (wiced_tls_context_t){0};
    atomic_fetch_add(&deinits, 1);
    return WICED_SUCCESS;
}

/* --- bytes ---------------------------------------------------------------- */

static wiced_result_t put(struct session *s, const uint8_t *bytes, size_t len,
                          uint32_t timeout_ms)
{
    const struct wwep_port *port = &s->connection->port;

    while (len > 0) {
        int n = port->send(port->ctx, bytes, len, timeout_ms);

        if (n <= 0)
            return n == WWEP_PORT_TIMEOUT ? WICED_TIMEOUT
                                          : WICED_TCPIP_SOCKET_CLOSED;
        bytes += n;
        len -= (size_t)n;
    }
    return WICED_SUCCESS;
}

/* Until so many bytes are there. */
static wiced_result_t need(struct session *s, size_t len, uint32_t timeout_ms)
{
    const struct wwep_port *port = &s->connection->port;

    while (s->len < len) {
        int n = port->recv(port->ctx, s->ahead + s->len,
                           sizeof s->ahead - s->len, timeout_ms);

        if (n <= 0)
            return n == WWEP_PORT_TIMEOUT ? WICED_TIMEOUT
                                          : WICED_TCPIP_SOCKET_CLOSED;
        s->len += (size_t)n;
    }
    return WICED_SUCCESS;
}

static void drop(struct session *s, size_t len)
{
    memmove(s->ahead, s->ahead + len, s->len - len);
    s->len -= len;
}

/* --- secure.h ------------------------------------------------------------- */

wiced_result_t secure_open(wiced_tls_context_t *context,
                           wiced_tls_endpoint_type_t type,
                           wiced_tls_certificate_verification_t verification,
                           struct wwep_posix *connection)
{
    (void)verification;
    if (context == NULL || context->context_id != MAGIC)
        return WICED_TLS_ERROR;
    end_session(context);

    struct session *s = calloc(1, sizeof *s);
    const uint8_t hello = type == WICED_TLS_AS_CLIENT ? 'C' : 'S';
    s->connection = connection;
    context->session = s;
    atomic_fetch_add(&sessions, 1);
    if (put(s, &hello, 1, HANDSHAKE_MS) != WICED_SUCCESS ||
        need(s, 1, HANDSHAKE_MS) != WICED_SUCCESS ||
        s->ahead[0] != UNIT_SECURE_HELLO[0]) {
        end_session(context);
        return WICED_TLS_ERROR;
    }
    drop(s, 1);
    return WICED_SUCCESS;
}

bool secure_is_open(const wiced_tls_context_t *context)
{
    return session_of(context) != NULL;
}

wiced_result_t secure_send(wiced_tls_context_t *context, const uint8_t *bytes,
                           size_t len, uint32_t timeout_ms)
{
    struct session *s = session_of(context);
    uint8_t record[1 + 255];

    if (s == NULL)
        return WICED_TLS_ERROR_UNITIALIZED_CONTEXT;
    if (len > 255)
        len = 255;
    record[0] = (uint8_t)len;
    memcpy(record + 1, bytes, len);
    return put(s, record, 1 + len, timeout_ms);
}

wiced_result_t secure_recv(wiced_tls_context_t *context, uint8_t *buf,
                           size_t cap, uint32_t timeout_ms, size_t *got)
{
    struct session *s = session_of(context);

    *got = 0;
    if (s == NULL)
        return WICED_TLS_ERROR_UNITIALIZED_CONTEXT;

    wiced_result_t result = need(s, 1, timeout_ms);
    if (result == WICED_SUCCESS && s->ahead[0] == 0)
        return (wiced_result_t)-0x7880;
    if (result == WICED_SUCCESS)
        result = need(s, 1u + s->ahead[0], timeout_ms);
    if (result != WICED_SUCCESS)
        return result;
    *got = s->ahead[0] < cap ? s->ahead[0] : cap;
    memcpy(buf, s->ahead + 1, *got);
    drop(s, 1 + *got);
    return WICED_SUCCESS;
}

bool secure_has_more(const wiced_tls_context_t *context)
{
    const struct session *s = session_of(context);

    return s != NULL && s->len > 0 && s->len > s->ahead[0];
}

void secure_close(wiced_tls_context_t *context)
{
    static const uint8_t close_notify[] = {0};
    struct session *s = session_of(context);

    if (s == NULL)
        return;
    (void)put(s, close_notify, 1, HANDSHAKE_MS);
    end_session(context);
}
