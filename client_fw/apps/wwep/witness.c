/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "witness.h"

#include <string.h>

/* A second connection, in the clear or not, begins anew. */
static void forget_handshake(struct witness *w)
{
    w->secured_ms = WITNESS_NEVER;
    w->handshake_bytes_in = 0;
    w->handshake_bytes_out = 0;
    w->chain_count = 0;
    w->asked = false;
    w->heard = false;
}

void witness_begin(struct witness *w)
{
    w->resolving_ms = WITNESS_NEVER;
    w->resolved_ms = WITNESS_NEVER;
    w->connecting_ms = WITNESS_NEVER;
    w->connected_ms = WITNESS_NEVER;
    w->secured_ms = WITNESS_NEVER;
    w->sent_ms = WITNESS_NEVER;
    w->received_ms = WITNESS_NEVER;
    w->end_ms = 0;
    w->record_bytes_in = 0;
    w->record_bytes_out = 0;
    memset(&w->sent, 0, sizeof w->sent);
    memset(&w->received, 0, sizeof w->received);
    if (w->open)
        return;
    w->tried_count = 0;
    forget_handshake(w);
}

static void add_address(struct witness *w, const struct wwep_address *address)
{
    if (w->tried_count == WITNESS_ADDRESSES_MAX)
        w->tried_count--; /* the last one is the one that counts */
    w->tried[w->tried_count++] = *address;
}

static void add_certificate(struct witness *w,
                            const struct wwep_certificate *certificate)
{
    if (w->chain_count < WITNESS_CHAIN_MAX)
        w->chain[w->chain_count++] = *certificate;
}

static void add_bytes(struct witness_bytes *kept, const uint8_t *bytes,
                      size_t len)
{
    size_t room = WITNESS_BYTES_MAX - kept->len;
    size_t n = len < room ? len : room;

    kept->total += len;
    if (n > 0)
        memcpy(kept->bytes + kept->len, bytes, n);
    kept->len += n;
}

static void add_flight(struct witness *w, const struct wwep_event *event)
{
    const char *text = event->text != NULL ? event->text : "";

    if (event->outgoing) {
        w->handshake_bytes_out += event->len;
        return;
    }
    w->handshake_bytes_in += event->len;
    w->heard = w->heard || strstr(text, "ServerHello") != NULL;
    w->asked = w->asked || strstr(text, "CertificateRequest") != NULL;
}

static void take_way(struct witness *w, const struct wwep_event *event)
{
    switch (event->kind) {
    case WWEP_EVENT_RESOLVING:
        w->resolving_ms = event->at_ms;
        break;
    case WWEP_EVENT_RESOLVED:
        w->resolved_ms = event->at_ms;
        break;
    case WWEP_EVENT_CONNECTING:
        if (w->connecting_ms == WITNESS_NEVER)
            w->connecting_ms = event->at_ms;
        w->connected_ms = WITNESS_NEVER;
        add_address(w, event->address);
        forget_handshake(w);
        break;
    case WWEP_EVENT_CONNECTED:
        w->connected_ms = event->at_ms;
        w->open = true;
        break;
    case WWEP_EVENT_CLOSED:
        w->open = false;
        break;
    default:
        break;
    }
}

static void take_traffic(struct witness *w, const struct wwep_event *event)
{
    switch (event->kind) {
    case WWEP_EVENT_HANDSHAKE:
        add_flight(w, event);
        break;
    case WWEP_EVENT_CERTIFICATE:
        add_certificate(w, event->certificate);
        break;
    case WWEP_EVENT_SECURED:
        w->secured_ms = event->at_ms;
        break;
    case WWEP_EVENT_SENT:
        w->sent_ms = event->at_ms;
        add_bytes(&w->sent, event->bytes, event->len);
        break;
    case WWEP_EVENT_RECEIVED:
        w->received_ms = event->at_ms;
        add_bytes(&w->received, event->bytes, event->len);
        break;
    case WWEP_EVENT_RECORDS:
        *(event->outgoing ? &w->record_bytes_out : &w->record_bytes_in) +=
            event->len;
        break;
    default:
        break;
    }
}

void witness_event(struct witness *w, const struct wwep_event *event)
{
    w->end_ms = event->at_ms;
    take_way(w, event);
    take_traffic(w, event);
}

const struct wwep_certificate *witness_leaf(const struct witness *w)
{
    for (size_t i = 0; i < w->chain_count; i++)
        if (w->chain[i].depth == 0)
            return &w->chain[i];
    return NULL;
}

const struct wwep_certificate *witness_culprit(const struct witness *w)
{
    for (size_t i = 0; i < w->chain_count; i++)
        if (w->chain[i].fault.kind != WWEP_FAULT_NONE)
            return &w->chain[i];
    return NULL;
}
