/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit_client.h"

#include "unit.h"

#include <stdio.h>
#include <string.h>

static const char *const names[] = {
    [WWEP_EVENT_RESOLVING] = "resolving",
    [WWEP_EVENT_RESOLVED] = "resolved",
    [WWEP_EVENT_FALLBACK] = "fallback",
    [WWEP_EVENT_CONNECTING] = "connecting",
    [WWEP_EVENT_NO_CONNECT] = "no-connect",
    [WWEP_EVENT_CONNECTED] = "connected",
    [WWEP_EVENT_HANDSHAKE] = "handshake",
    [WWEP_EVENT_CERTIFICATE] = "certificate",
    [WWEP_EVENT_SECURED] = "secured",
    [WWEP_EVENT_TLS_FAILED] = "tls-failed",
    [WWEP_EVENT_RETRY] = "retry",
    [WWEP_EVENT_SENT] = "sent",
    [WWEP_EVENT_RECEIVED] = "received",
    [WWEP_EVENT_RECORDS] = "records",
    [WWEP_EVENT_SESSION] = "session",
    [WWEP_EVENT_SECRET] = "secret",
    [WWEP_EVENT_CLOSED] = "closed",
};

static void detail(const struct wwep_event *event, char out[128])
{
    char address[WWEP_ADDRESS_TEXT_MAX] = "";

    out[0] = '\0';
    if (event->address != NULL)
        wwep_address_text(event->address, address);
    switch (event->kind) {
    case WWEP_EVENT_RESOLVING:
    case WWEP_EVENT_FALLBACK:
        snprintf(out, 128, ":%s", event->text);
        break;
    case WWEP_EVENT_RESOLVED:
        snprintf(out, 128, ":%s", address);
        break;
    case WWEP_EVENT_CONNECTING:
        snprintf(out, 128, ":%s:%u", address, event->port);
        break;
    case WWEP_EVENT_NO_CONNECT:
        snprintf(out, 128, ":%d", event->error);
        break;
    case WWEP_EVENT_SENT:
        ck_assert(event->outgoing);
        snprintf(out, 128, ":%zu", event->len);
        break;
    case WWEP_EVENT_RECEIVED:
        ck_assert(!event->outgoing);
        snprintf(out, 128, ":%zu", event->len);
        break;
    default:
        break;
    }
}

static void on_event(void *ctx, const struct wwep_event *event)
{
    struct unit_client *u = ctx;
    size_t len = strlen(u->story);
    char more[128];

    ck_assert_uint_lt((size_t)event->kind, sizeof names / sizeof names[0]);
    ck_assert_uint_eq(event->at_ms, u->p.clock_ms - u->p.limit_from_ms);
    detail(event, more);
    int n = snprintf(u->story + len, sizeof u->story - len, "%s%s%s",
                     len > 0 ? " " : "", names[event->kind], more);
    ck_assert_int_lt(n, (int)(sizeof u->story - len));
}

void unit_client_init(struct unit_client *u)
{
    memset(u, 0, sizeof *u);
    unit_port_init(&u->p);
    u->observer =
        (struct wwep_observer){.ctx = u, .event = on_event, .secrets = false};
    u->config = (struct wwep_client_config){
        .port = &u->p.port,
        .host = "server.test",
        .tcp_port = 27708,
        .timeout_ms = UNIT_CLIENT_TIMEOUT_MS,
        .observer = &u->observer,
    };
}

void unit_client_start(struct unit_client *u)
{
    memset(&u->client, '?', sizeof u->client);
    ck_assert_int_eq(wwep_client_init(&u->client, &u->config), WWEP_OK);
}

static void begin(struct unit_client *u)
{
    memset(&u->outcome, '?', sizeof u->outcome);
    unit_port_limit(&u->p, u->config.timeout_ms);
}

/* What is not of this result is empty. */
static enum wwep_result check(struct unit_client *u, enum wwep_result result)
{
    const struct wwep_outcome *o = &u->outcome;
    bool port = result == WWEP_E_NAME || result == WWEP_E_CONNECT ||
                result == WWEP_E_LOST;

    ck_assert_int_eq(o->result, result);
    ck_assert_uint_le(u->p.clock_ms - u->p.limit_from_ms, u->config.timeout_ms);
    if (result != WWEP_OK)
        ck_assert_uint_eq(o->value, 0);
    if (result != WWEP_E_REFUSED)
        ck_assert_str_eq(o->reason, "");
    if (!port)
        ck_assert_int_eq(o->port_error, 0);
    if (result == WWEP_E_TLS)
        ck_assert_int_ne(o->fault.kind, WWEP_FAULT_NONE);
    else if (result != WWEP_E_CREDENTIALS)
        ck_assert_int_eq(o->fault.kind, WWEP_FAULT_NONE);
    ck_assert_ptr_nonnull(o->security.version);
    ck_assert_ptr_nonnull(o->security.cipher);
    ck_assert_ptr_nonnull(o->security.group);
    return result;
}

enum wwep_result unit_client_write(struct unit_client *u, uint16_t device,
                                   uint8_t reg, uint16_t value)
{
    begin(u);
    enum wwep_result result =
        wwep_client_write(&u->client, device, reg, value, &u->outcome);
    if (result == WWEP_OK)
        ck_assert_uint_eq(u->outcome.value, value);
    return check(u, result);
}

enum wwep_result unit_client_read(struct unit_client *u, uint16_t device,
                                  uint8_t reg)
{
    begin(u);
    return check(u, wwep_client_read(&u->client, device, reg, &u->outcome));
}

enum wwep_result unit_client_connect(struct unit_client *u)
{
    begin(u);
    return check(u, wwep_client_connect(&u->client, &u->outcome));
}

void unit_client_stop(struct unit_client *u)
{
    unit_port_limit(&u->p, u->config.timeout_ms);
    wwep_client_deinit(&u->client);
    ck_assert_msg(!u->p.connected, "a connection is left open");
}
