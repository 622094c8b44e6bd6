/* witness.h - what was seen of a call of the client, kept for those who tell
 * of it afterwards: errors, JSON, the eavesdropper's view.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_WITNESS_H
#define WWEP_APP_WITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wwep/observer.h>

#define WITNESS_ADDRESSES_MAX 8u
#define WITNESS_CHAIN_MAX     8u
#define WITNESS_BYTES_MAX     64u
#define WITNESS_NEVER         UINT32_MAX

/* Bytes as they went, or came, from the first on. */
struct witness_bytes {
    uint8_t bytes[WITNESS_BYTES_MAX];
    size_t len;   /* of bytes */
    size_t total; /* with those that are not kept */
};

/* Times are in milliseconds since the call began, or WITNESS_NEVER. */
struct witness {
    struct wwep_address tried[WITNESS_ADDRESSES_MAX]; /* in that order */
    size_t tried_count;
    uint32_t resolving_ms;
    uint32_t resolved_ms;
    uint32_t connecting_ms;
    uint32_t connected_ms; /* the last of tried is the one */
    uint32_t secured_ms;
    uint32_t sent_ms;
    uint32_t received_ms;
    uint32_t end_ms;            /* of the last event */
    bool open;                  /* there is a connection */
    size_t handshake_bytes_in;  /* on the wire */
    size_t handshake_bytes_out; /* on the wire */
    size_t record_bytes_in;     /* on the wire, after the handshake */
    size_t record_bytes_out;
    struct witness_bytes sent;
    struct witness_bytes received;
    struct wwep_certificate chain[WITNESS_CHAIN_MAX];
    size_t chain_count;
    bool asked; /* for our certificate; TLS 1.3 hides it */
    bool heard; /* of the server, in TLS: a ServerHello */
};

/* Before each call of the client. Keeps what was seen of a connection that is
 * open (address, handshake, chain), but for the times. */
void witness_begin(struct witness *w);

void witness_event(struct witness *w, const struct wwep_event *event);

/* The server's own certificate, if it was seen; else NULL. */
const struct wwep_certificate *witness_leaf(const struct witness *w);

/* The first certificate with a fault, or NULL. */
const struct wwep_certificate *witness_culprit(const struct witness *w);

#endif
