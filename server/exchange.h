/* exchange.h - one request and what becomes of it: judged, looked up or
 * stored, answered, logged. Knows no socket and no time-out.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include "access.h"
#include "msglog.h"
#include "store.h"
#include "wwep_reply.h"
#include "wwep_request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct exchange;

/* why: NULL for an A, or the reason of the X; valid inside the call. */
typedef void (*exchange_done_fn)(struct exchange *e,
                                 const struct wwep_reason *why);

/* The owner feeds the decoder; the rest is for exchange.c. */
struct exchange {
    struct wwep_decoder decoder;
    struct wwep_request request; /* its value is the one of the reply */
    struct wwep_reason why;      /* it is refused */
    enum wwep_progress verdict;  /* EMPTY: not judged yet */
    struct store_write write;
    uint64_t begun_ns;
    enum access_verdict access; /* where it has been decoded */
    exchange_done_fn done;
};

/* The store gives writes back by the port, of this thread; peer is by whom,
 * and must stay. Its identity may be set later, in e->write. */
void exchange_init(struct exchange *e, struct store_port *port,
                   const union address *peer, exchange_done_fn done);

/* For the next request on the same connection. */
void exchange_reset(struct exchange *e);

/* The first byte has come: the clock of the message log starts. */
void exchange_begin(struct exchange *e);

/* Whether waiting for more bytes can not change the verdict any more. */
bool exchange_is_decided(struct exchange *e);

/* Judges what has come as all of a request, and carries it out if a client of
 * this listener, for this device or enum device_none, may ask that. done is
 * called once, perhaps before this returns; e must stay until then. */
void exchange_serve(struct exchange *e, struct store *store,
                    const struct config_listener *listener, int32_t device);

/* Writes the reply, with the reason of an X if explain, and returns its
 * length. */
size_t exchange_reply(const struct exchange *e, const struct wwep_reason *why,
                      bool explain, uint8_t out[WWEP_REPLY_MAX]);

/* Fills in what the message log has of the exchange itself. */
void exchange_describe(const struct exchange *e, const struct wwep_reason *why,
                       struct msglog_entry *entry);

#endif
