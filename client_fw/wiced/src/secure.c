/* Happy path: open (roots, our pair, a link, the handshake) -> send, receive ->
 * close, which says close_notify; or the context's deinit, which says nothing.
 * Failures: an opening leaves nothing behind but what was set in the context;
 * a receiving that failed, other than by its time, fails so ever after.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "secure.h"

#include "board.h"
#include "secure_choice.h"
#include "secure_session.h"
#include "wiced_constants.h"

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* --- whom it is about ------------------------------------------------------
 */

#define PEER_MAX (WWEP_ADDRESS_TEXT_MAX + 32u)

/* "the server 192.0.2.1:40508" */
static void peer_text(const struct secure_session *session, char out[PEER_MAX])
{
    const char *kind =
        session->role == WWEP_TLS_CLIENT ? "the server" : "the client";
    struct sockaddr_storage peer;
    socklen_t len = sizeof peer;
    struct wwep_address address = {.len = 0};
    char text[WWEP_ADDRESS_TEXT_MAX];
    struct sockaddr_in6 v6;
    struct sockaddr_in v4;

    memset(&peer, 0, sizeof peer);
    (void)getpeername(session->carrier.connection->fd, (struct sockaddr *)&peer,
                      &len);
    memcpy(&v4, &peer, sizeof v4);
    memcpy(&v6, &peer, sizeof v6);
    if (peer.ss_family == AF_INET) {
        memcpy(address.bytes, &v4.sin_addr, address.len = 4);
        (void)wwep_address_text(&address, text);
        (void)snprintf(out, PEER_MAX, "%s %s:%u", kind, text,
                       (unsigned)ntohs(v4.sin_port));
    } else if (peer.ss_family == AF_INET6) {
        memcpy(address.bytes, &v6.sin6_addr, address.len = 16);
        (void)wwep_address_text(&address, text);
        (void)snprintf(out, PEER_MAX, "%s [%s]:%u", kind, text,
                       (unsigned)ntohs(v6.sin6_port));
    } else {
        (void)snprintf(out, PEER_MAX, "%s", kind);
    }
}

static void say_fault(const struct secure_session *session, const char *what,
                      const struct wwep_fault *fault)
{
    char peer[PEER_MAX];
    char whose[PEER_MAX + 64];

    peer_text(session, peer);
    (void)snprintf(whose, sizeof whose, "%s with %s", what, peer);
    secure_note_say(&session->note, whose, fault);
}

/* --- warnings --------------------------------------------------------------
 */

/* What was said already, in this program: it belongs to no context. */
static atomic_bool said_of_servers;
static atomic_bool said_of_clients;
static atomic_bool said_lenient;

static void warn(const struct secure_session *session, bool switched_off)
{
    bool client = session->role == WWEP_TLS_CLIENT;
    atomic_bool *said = client ? &said_of_servers : &said_of_clients;

    if (board_options()->sdk_certificates &&
        !atomic_exchange(&said_lenient, true))
        board_say("as in the SDK, a certificate may have ended, or be signed "
                  "with SHA-1: the program was started so");
    if ((session->trusted != NULL && !switched_off) ||
        atomic_exchange(said, true))
        return;
    board_say("%s, so nobody is verified: %s",
              switched_off ? "verification is switched off"
                           : "nothing is trusted",
              client ? "whoever answers is taken for the server"
                     : "whoever connects is served");
}

/* Of a certificate that is not good, but does not matter. */
static void on_event(void *ctx, const struct wwep_event *event)
{
    const struct secure_session *session = ctx;

    if (event->kind == WWEP_EVENT_CERTIFICATE &&
        event->certificate->fault.kind != WWEP_FAULT_NONE)
        say_fault(session, "TLS, in which verification is optional,",
                  &event->certificate->fault);
}

/* --- opening ---------------------------------------------------------------
 */

static struct wwep_bytes bytes_of(const uint8_t *bytes, size_t len)
{
    return (struct wwep_bytes){bytes, len};
}

/* Whom we trust, and who we are. False: a server that is nobody. */
static bool configure(struct secure_session *session,
                      const wiced_tls_context_t *context,
                      wiced_tls_certificate_verification_t verification)
{
    struct wwep_tls_config *config = &session->config;
    enum wwep_tls_version version = board_options()->tls_version;
    bool server = session->role == WWEP_TLS_SERVER;

    session->trusted = session->roots != NULL
                           ? secure_roots_take(session->roots)
                           : secure_roots_of_program();
    *config = (struct wwep_tls_config){
        .roots = secure_roots_bytes(session->trusted),
        .unverified = verification == TLS_NO_VERIFICATION,
        .name = session->server_name,
        .version = version,
        .max_fragment = server ? 0 : session->max_fragment,
    };
    const struct secure_pair *pair = secure_choice(
        context->identity, session->role, version, &session->carrier);
    if (pair != NULL) {
        config->certificate =
            bytes_of(pair->certificate, pair->certificate_len);
        config->key = bytes_of(pair->key, pair->key_len);
        return true;
    }
    if (secure_identity_is_partial(context->identity))
        board_say("an identity of a key without a certificate, or the other "
                  "way round, is left out: give both");
    else if (server)
        board_say("a server of TLS needs an identity: a certificate and its "
                  "key, by wiced_tls_init_identity()");
    return !server;
}

static wiced_result_t failed(struct secure_session *session,
                             enum wwep_result result, struct wwep_fault *fault,
                             int port_error)
{
    char peer[PEER_MAX];

    if (result == WWEP_E_TIMEOUT)
        fault->kind = WWEP_FAULT_TIMEOUT;
    if (fault->kind != WWEP_FAULT_NONE) {
        say_fault(session, "TLS", fault);
    } else {
        peer_text(session, peer);
        board_say("TLS with %s: %s", peer,
                  result == WWEP_E_LOST       ? wwep_port_error_text(port_error)
                  : result == WWEP_E_ARGUMENT ? "the TLS library that this was "
                                                "built with has not what was "
                                                "asked of it"
                                              : wwep_result_text(result));
    }
    return result == WWEP_E_TIMEOUT ? WICED_TLS_HANDSHAKE_TIMEOUT
                                    : WICED_TLS_ERROR;
}

static wiced_result_t shake_hands(
    struct secure_session *session, const wiced_tls_context_t *context,
    wiced_tls_certificate_verification_t verification)
{
    const bool lenient = board_options()->sdk_certificates;
    const struct wwep_tls_carrier carrier =
        secure_carrier_of(&session->carrier);
    struct wwep_tls_setup setup = {
        .role = session->role,
        .config = &session->config,
        .port = &session->note.posix.port,
        .carrier = &carrier,
        .leniency = {.dates = lenient,
                     .signatures = lenient,
                     .any_name = session->server_name == NULL,
                     .optional = verification == TLS_VERIFICATION_OPTIONAL},
        .peer = context->peer_cn,
        .protocols = session->protocols,
    };
    struct wwep_security security;
    struct wwep_fault fault;
    int port_error;
    bool offered;

    session->observer = (struct wwep_observer){session, on_event, false};
    if (setup.leniency.optional && session->trusted != NULL)
        setup.observer = &session->observer;
    enum wwep_result result = wwep_tls_link_open(
        &session->link, &setup, &security, &fault, &port_error, &offered);
    return result == WWEP_OK ? WICED_SUCCESS
                             : failed(session, result, &fault, port_error);
}

wiced_result_t secure_open_within(
    wiced_tls_context_t *context, wiced_tls_endpoint_type_t type,
    wiced_tls_certificate_verification_t verification,
    struct wwep_posix *connection, const struct secure_limits *limits)
{
    wiced_result_t result = WICED_TLS_ERROR;

    if (!secure_session_is_context(context)) {
        board_say("a TLS context was not initialised: "
                  "wiced_tls_init_context() comes first");
        return WICED_TLS_ERROR;
    }
    secure_session_hang_up(context, false);
    struct secure_session *session = secure_session_make(context);
    if (session == NULL || !secure_start()) {
        board_say("no memory for TLS");
        secure_session_hang_up(context, false);
        return WICED_TLS_ERROR;
    }
    session->role =
        type == WICED_TLS_AS_SERVER ? WWEP_TLS_SERVER : WWEP_TLS_CLIENT;
    session->carrier = (struct secure_carrier){.connection = connection};
    secure_carrier_begin(&session->carrier, limits->wait_ms,
                         limits->overall_ms);
    secure_note_init(&session->note);
    if (configure(session, context, verification)) {
        warn(session, verification == TLS_NO_VERIFICATION);
        result = shake_hands(session, context, verification);
    }
    /* The program's own, which it may free from now on. */
    session->config.certificate = session->config.key = bytes_of(NULL, 0);
    if (result != WICED_SUCCESS)
        secure_session_hang_up(context, false);
    return result;
}

wiced_result_t secure_open(wiced_tls_context_t *context,
                           wiced_tls_endpoint_type_t type,
                           wiced_tls_certificate_verification_t verification,
                           struct wwep_posix *connection)
{
    const struct secure_limits limits = {WICED_TLS_HANDSHAKE_TIMEOUT_MS,
                                         WICED_TLS_HANDSHAKE_TIMEOUT_MS};

    return secure_open_within(context, type, verification, connection, &limits);
}

/* --- what is open ----------------------------------------------------------
 */

static struct secure_session *open_one(const wiced_tls_context_t *context)
{
    struct secure_session *session = secure_session_of(context);

    return session != NULL && session->link != NULL ? session : NULL;
}

bool secure_is_open(const wiced_tls_context_t *context)
{
    return open_one(context) != NULL;
}

/* A link's error, as the SDK has it. */
static wiced_result_t result_of(const struct secure_session *session, int error,
                                const struct wwep_fault *fault)
{
    if (fault->kind == WWEP_FAULT_NONE)
        return error == WWEP_PORT_TIMEOUT ? WICED_TIMEOUT
                                          : WICED_TCPIP_SOCKET_CLOSED;
    say_fault(session, "TLS", fault);
    if (fault->alert >= 0)
        return SECURE_FATAL_ALERT;
    return fault->kind == WWEP_FAULT_BAD_RECORD ? SECURE_BAD_RECORD
                                                : SECURE_INTERNAL;
}

wiced_result_t secure_send(wiced_tls_context_t *context, const uint8_t *bytes,
                           size_t len, uint32_t timeout_ms)
{
    struct secure_session *session = open_one(context);
    struct wwep_fault fault = {.alert = -1};

    if (session == NULL)
        return WICED_TLS_ERROR_UNITIALIZED_CONTEXT;
    secure_carrier_begin(&session->carrier, timeout_ms, WICED_NEVER_TIMEOUT);
    while (len > 0 && session->send_ended == WICED_SUCCESS) {
        int n = wwep_tls_link_send(session->link, bytes, len, &fault);
        if (n <= 0) {
            session->send_ended = result_of(session, n, &fault);
        } else {
            bytes += n;
            len -= (size_t)n;
        }
        /* The link takes what the peer no longer does, and leaves it to the
         * receiving to find out why. */
        if (n > 0 && session->carrier.cut)
            session->send_ended = WICED_TCPIP_SOCKET_CLOSED;
    }
    return session->send_ended;
}

wiced_result_t secure_recv(wiced_tls_context_t *context, uint8_t *buf,
                           size_t cap, uint32_t timeout_ms, size_t *got)
{
    struct secure_session *session = open_one(context);
    struct wwep_fault fault = {.alert = -1};

    *got = 0;
    if (session == NULL)
        return WICED_TLS_ERROR_UNITIALIZED_CONTEXT;
    if (cap == 0)
        return WICED_BADARG;
    if (session->recv_ended != WICED_SUCCESS)
        return session->recv_ended;
    secure_carrier_begin(&session->carrier, timeout_ms, WICED_NEVER_TIMEOUT);
    int n = wwep_tls_link_recv(session->link, buf, cap, &fault);
    if (n > 0) {
        *got = (size_t)n;
        return WICED_SUCCESS;
    }
    wiced_result_t result =
        n == 0 ? SECURE_CLOSE_NOTIFY : result_of(session, n, &fault);
    if (result != WICED_TIMEOUT)
        session->recv_ended = result;
    return result;
}

bool secure_has_more(const wiced_tls_context_t *context)
{
    const struct secure_session *session = open_one(context);

    return session != NULL && wwep_tls_link_has_more(session->link);
}

void secure_close(wiced_tls_context_t *context)
{
    struct secure_session *session = open_one(context);

    if (session == NULL)
        return;
    secure_carrier_begin(&session->carrier, WICED_TCP_DISCONNECT_TIMEOUT,
                         WICED_TCP_DISCONNECT_TIMEOUT);
    /* Behind part of a record nothing can be said. */
    secure_session_hang_up(context, session->send_ended == WICED_SUCCESS);
}
