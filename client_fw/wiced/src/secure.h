/* secure.h - a context's TLS, as the sockets see it: over a connection of the
 * POSIX port that is there.
 *
 * What fails, other than by a time-out or the peer's end, is said on the
 * console, in one line. Once for the program, and for each kind of peer, it is
 * also said that nobody is verified; and once, that certificates are judged as
 * the SDK does.
 *
 * In TLS 1.3 a client has shaken hands before the server has looked at its
 * certificate: that the server refuses it, or misses it, is then what the first
 * secure_recv() says (-0x7780), where in TLS 1.2 secure_open() fails.
 *
 * A context is for one thread at a time; the socket that has it sees to that.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_SECURE_H
#define WICED_SECURE_H

#include "wiced_tls.h"
#include "wwep_posix.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Shakes hands. Each wait is WICED_TLS_HANDSHAKE_TIMEOUT_MS at most, and so are
 * all of them together. The connection is the caller's, and must stay open
 * until secure_close() or the context's deinit. A session that the context
 * still had is freed. WICED_SUCCESS; WICED_TLS_ERROR (4), and the console says
 * why; WICED_TLS_HANDSHAKE_TIMEOUT (5031); the TCP connection is left open. */
wiced_result_t secure_open(wiced_tls_context_t *context,
                           wiced_tls_endpoint_type_t type,
                           wiced_tls_certificate_verification_t verification,
                           struct wwep_posix *connection);

/* The same, with other limits: of each wait, and of all of them together. */
struct secure_limits {
    uint32_t wait_ms;
    uint32_t overall_ms;
};
wiced_result_t secure_open_within(
    wiced_tls_context_t *context, wiced_tls_endpoint_type_t type,
    wiced_tls_certificate_verification_t verification,
    struct wwep_posix *connection, const struct secure_limits *limits);

/* Whether the context has shaken hands, and was neither closed nor
 * deinitialised since. Safe for one that was never initialised. */
bool secure_is_open(const wiced_tls_context_t *context);

/* mbedTLS's own numbers, as the SDK passes them on. */
#define SECURE_CLOSE_NOTIFY ((wiced_result_t)-0x7880)
#define SECURE_FATAL_ALERT  ((wiced_result_t)-0x7780)
#define SECURE_BAD_RECORD   ((wiced_result_t)-0x7180)
#define SECURE_INTERNAL     ((wiced_result_t)-0x6C00)

/* Sends all of it; timeout_ms is for each wait. WICED_SUCCESS, WICED_TIMEOUT,
 * WICED_TCPIP_SOCKET_CLOSED, a negative number of mbedTLS's, which are all for
 * good: part of a record may have gone out;
 * WICED_TLS_ERROR_UNITIALIZED_CONTEXT (5044): not open. */
wiced_result_t secure_send(wiced_tls_context_t *context, const uint8_t *bytes,
                           size_t len, uint32_t timeout_ms);

/* Receives up to cap (> 0) bytes of one record; *got > 0 with WICED_SUCCESS.
 * timeout_ms is for each wait. Also WICED_TIMEOUT, after which it may be called
 * again, and finds what has come of a record meanwhile;
 * WICED_TCPIP_SOCKET_CLOSED: the peer ended TCP without a word; -0x7880: it
 * said close_notify; other negative numbers; 5044: not open. */
wiced_result_t secure_recv(wiced_tls_context_t *context, uint8_t *buf,
                           size_t cap, uint32_t timeout_ms, size_t *got);

/* Whether secure_recv() would find something though the connection itself has
 * nothing to be read. */
bool secure_has_more(const wiced_tls_context_t *context);

/* Says close_notify, if TLS is open, and frees the session; the context may
 * shake hands again. Does nothing to one that is not open, or was never
 * initialised. */
void secure_close(wiced_tls_context_t *context);

#endif
