/* observer.h - the story of an exchange, told while it happens.
 *
 * For people who want to read along (`wwep -v`), for a key log, and for tests.
 * A board leaves it out: compiled with WWEP_NO_STORY, the library tells
 * nothing, is some kilobytes smaller, and takes no observer (WWEP_E_ARGUMENT).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_OBSERVER_H
#define WWEP_OBSERVER_H

#include "port.h"
#include "tls.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum wwep_event_kind {
    WWEP_EVENT_RESOLVING,   /* text: the host */
    WWEP_EVENT_RESOLVED,    /* address: one of them; once for each */
    WWEP_EVENT_FALLBACK,    /* text: the address taken instead of the name's;
                               error: why */
    WWEP_EVENT_CONNECTING,  /* address, port */
    WWEP_EVENT_NO_CONNECT,  /* address, port, error */
    WWEP_EVENT_CONNECTED,   /* address, port */
    WWEP_EVENT_HANDSHAKE,   /* bytes of handshake on the wire, one flight:
                               outgoing, len; text: its messages, as far as
                               they are in the clear: "ClientHello" */
    WWEP_EVENT_CERTIFICATE, /* certificate: checked; the leaf comes last */
    WWEP_EVENT_SECURED,     /* security: the handshake is done */
    WWEP_EVENT_TLS_FAILED,  /* fault */
    WWEP_EVENT_RETRY,       /* a session was stale; once more without */
    WWEP_EVENT_SENT,        /* bytes, len: the request, before TLS */
    WWEP_EVENT_RECEIVED,    /* bytes, len: of the reply, after TLS */
    WWEP_EVENT_RECORDS,     /* outgoing, len: what went over the wire for it */
    WWEP_EVENT_SESSION,     /* a session was saved in the slot */
    WWEP_EVENT_SECRET,      /* text: a line of a key log (RFC 9850) */
    WWEP_EVENT_CLOSED
};

/* What an event does not have is 0 or NULL. Pointers are good for the call. */
struct wwep_event {
    enum wwep_event_kind kind;
    uint32_t at_ms; /* since the call of the client began */
    const char *text;
    const struct wwep_address *address;
    uint16_t port;
    int error; /* enum wwep_port_error */
    bool outgoing;
    const uint8_t *bytes;
    size_t len;
    const struct wwep_certificate *certificate;
    const struct wwep_security *security;
    const struct wwep_fault *fault;
};

/* The secrets decrypt the session: without them asked for, none is told. */
struct wwep_observer {
    void *ctx;
    void (*event)(void *ctx, const struct wwep_event *event);
    bool secrets;
};

#ifdef __cplusplus
}
#endif

#endif
