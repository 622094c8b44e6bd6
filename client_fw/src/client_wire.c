/* Happy path: dial -> shake hands -> send, receive -> close.
 * Failures: a handshake fails with a session that the server does not want any
 * more (a TLS 1.2 server that was started anew) -> once more without it, on a
 * new connection; anything else ends the connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "client_wire.h"

#include "client_dial.h"
#include "client_story.h"
#include "tls_link.h"

/* --- what carries TLS ----------------------------------------------------- */

/* A port that says it has done more than it was asked for has broken its word:
 * nothing it says can be used. */
static int within(int n, size_t len)
{
    return n > 0 && (size_t)n > len ? WWEP_PORT_FAILED : n;
}

/* Has no end of its own: what we have to send is little, and what is sent
 * after the deadline, to say good-bye, does not wait. */
static int carry_out(void *ctx, const uint8_t *buf, size_t len)
{
    const struct wwep_client *client = ctx;
    const struct wwep_port *port = client->config->port;
    int n = port->send(port->ctx, buf, len, wwep_story_left_ms(client));

    return n == 0 ? WWEP_PORT_FAILED : within(n, len);
}

/* A peer that never stops must not keep us, though there is no wait. */
static int carry_in(void *ctx, uint8_t *buf, size_t len)
{
    const struct wwep_client *client = ctx;
    const struct wwep_port *port = client->config->port;
    uint32_t left_ms = wwep_story_left_ms(client);

    if (left_ms == 0)
        return WWEP_PORT_TIMEOUT;
    return within(port->recv(port->ctx, buf, len, left_ms), len);
}

static uint32_t carry_elapsed_ms(void *ctx)
{
    return wwep_story_elapsed_ms(ctx);
}

/* --- opening -------------------------------------------------------------- */

/* On an error the connection is closed. */
static enum wwep_result shake_hands(struct wwep_client *client, bool *offered)
{
    const struct wwep_client_config *config = client->config;
    const struct wwep_tls_carrier carrier = {
        .ctx = client,
        .send = carry_out,
        .recv = carry_in,
        .elapsed_ms = carry_elapsed_ms,
    };
    const struct wwep_tls_setup setup = {
        .role = WWEP_TLS_CLIENT,
        .config = config->tls,
        .port = config->port,
        .carrier = &carrier,
        .observer = config->observer,
        .host = config->host,
        .tcp_port = config->tcp_port,
    };
    struct wwep_tls_link *link = NULL;

    *offered = false;
    client->port_error = 0; /* what failed before a retry is forgotten */
    client->fault = (struct wwep_fault){WWEP_FAULT_NONE, 0, -1};
    enum wwep_result result =
        wwep_tls_link_open(&link, &setup, &client->security, &client->fault,
                           &client->port_error, offered);
    client->tls = link;
    if (result != WWEP_OK)
        wwep_wire_close(client);
    return result;
}

/* Whether it may have been the session that the handshake failed with. */
static bool is_stale(enum wwep_result result, bool offered)
{
    return offered && (result == WWEP_E_TLS || result == WWEP_E_LOST);
}

static enum wwep_result secure(struct wwep_client *client,
                               const struct wwep_address *server)
{
    bool offered;
    enum wwep_result result = shake_hands(client, &offered);

    if (is_stale(result, offered)) {
        wwep_session_clear(client->config->tls->session);
        wwep_story_tell_kind(client, WWEP_EVENT_RETRY);
        result = wwep_dial_again(client, server);
        if (result == WWEP_OK)
            result = shake_hands(client, &offered);
    }
    if (result == WWEP_OK && !client->security.verified)
        wwep_story_log(client, WWEP_LOG_WARNING,
                       "unverified: nobody has checked that this is the real "
                       "server; a man in the middle could read and change "
                       "all that is sent");
    return result;
}

enum wwep_result wwep_wire_open(struct wwep_client *client)
{
    struct wwep_address server;
    enum wwep_result result = wwep_dial(client, &server);

    if (result == WWEP_OK && client->config->tls != NULL)
        result = secure(client, &server);
    return result;
}

/* --- bytes ---------------------------------------------------------------- */

static enum wwep_result result_of(struct wwep_client *client, int error)
{
    if (error == WWEP_PORT_TIMEOUT)
        return WWEP_E_TIMEOUT;
    if (client->tls != NULL && client->fault.kind != WWEP_FAULT_NONE)
        return client->fault.kind == WWEP_FAULT_NO_MEMORY ? WWEP_E_MEMORY
                                                          : WWEP_E_TLS;
    client->port_error = error;
    return WWEP_E_LOST;
}

enum wwep_result wwep_wire_send(struct wwep_client *client, const uint8_t *buf,
                                size_t len)
{
    while (len > 0) {
        if (wwep_story_left_ms(client) == 0)
            return WWEP_E_TIMEOUT;

        int n = client->tls != NULL
                    ? wwep_tls_link_send(client->tls, buf, len, &client->fault)
                    : carry_out(client, buf, len);
        if (n <= 0)
            return result_of(client, n);
        buf += n;
        len -= (size_t)n;
    }
    return WWEP_OK;
}

enum wwep_result wwep_wire_recv(struct wwep_client *client, uint8_t *buf,
                                size_t len, size_t *got)
{
    int n = client->tls != NULL
                ? wwep_tls_link_recv(client->tls, buf, len, &client->fault)
                : carry_in(client, buf, len);

    *got = n > 0 ? (size_t)n : 0;
    return n >= 0 ? WWEP_OK : result_of(client, n);
}

void wwep_wire_save(struct wwep_client *client)
{
    if (client->tls != NULL)
        wwep_tls_link_save(client->tls);
}

void wwep_wire_close(struct wwep_client *client)
{
    const struct wwep_port *port = client->config->port;

    if (!client->connected)
        return;
    wwep_tls_link_close(client->tls);
    client->tls = NULL;
    client->connected = false;
    client->keep_open = false;
    port->close(port->ctx);
    wwep_story_tell_kind(client, WWEP_EVENT_CLOSED);
}
