/* exchange.c - from the bytes of a request to the bytes of its reply.
 *
 * Happy path: exchange_begin() -> bytes into the decoder -> exchange_serve()
 * -> a read is looked up, a write goes to the store -> done -> the owner sends
 * exchange_reply() and logs exchange_describe().
 * Failures: every one is an X with its reason.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "exchange.h"

#include "now.h"

#include <string.h>

static void on_stored(struct store_write *w, bool stored);

void exchange_init(struct exchange *e, struct store_port *port,
                   const union address *peer, exchange_done_fn done)
{
    exchange_reset(e);
    e->write =
        (struct store_write){.peer = peer, .port = port, .done = on_stored};
    e->done = done;
}

void exchange_reset(struct exchange *e)
{
    wwep_decoder_init(&e->decoder);
    e->verdict = WWEP_EMPTY;
}

void exchange_begin(struct exchange *e)
{
    e->begun_ns = now_ns();
}

bool exchange_is_decided(struct exchange *e)
{
    e->verdict = wwep_decoder_judge(&e->decoder, &e->request, &e->why);
    return e->verdict == WWEP_COMPLETE || e->verdict == WWEP_REFUSED;
}

static void refuse(struct exchange *e, enum wwep_reason_kind kind)
{
    const struct wwep_reason why = {kind, 0};

    e->done(e, &why);
}

static void serve_read(struct exchange *e, const struct store *store)
{
    uint16_t value;

    if (!store_read(store, e->request.device, e->request.reg, &value)) {
        refuse(e, WWEP_REASON_NOT_FOUND);
        return;
    }
    e->request.value = value;
    e->done(e, NULL);
}

static void serve_write(struct exchange *e, struct store *store)
{
    e->write.device = e->request.device;
    e->write.reg = e->request.reg;
    e->write.value = e->request.value;
    store_write(store, &e->write);
}

static void on_stored(struct store_write *w, bool stored)
{
    struct exchange *e =
        (struct exchange *)((char *)w - offsetof(struct exchange, write));

    if (stored)
        e->done(e, NULL);
    else
        refuse(e, WWEP_REASON_STORAGE);
}

void exchange_serve(struct exchange *e, struct store *store,
                    const struct config_listener *listener, int32_t device)
{
    e->access = ACCESS_GRANTED;
    if (e->verdict != WWEP_COMPLETE && e->verdict != WWEP_REFUSED)
        e->verdict = wwep_decoder_finish(&e->decoder, &e->request, &e->why);
    if (e->verdict != WWEP_COMPLETE) {
        e->done(e, &e->why);
        return;
    }
    e->access = access_check(listener, device, &e->request);
    if (e->access == ACCESS_REFUSED)
        refuse(e, WWEP_REASON_NOT_ALLOWED);
    else if (e->request.command == WWEP_WRITE)
        serve_write(e, store);
    else
        serve_read(e, store);
}

size_t exchange_reply(const struct exchange *e, const struct wwep_reason *why,
                      bool explain, uint8_t out[WWEP_REPLY_MAX])
{
    if (why != NULL)
        return wwep_reply_refuse(explain ? why : NULL, out);
    return wwep_reply_accept(&e->request, e->request.value, out);
}

void exchange_describe(const struct exchange *e, const struct wwep_reason *why,
                       struct msglog_entry *entry)
{
    uint8_t reply[WWEP_REPLY_MAX];

    clock_gettime(CLOCK_REALTIME, &entry->time);
    entry->us = (now_ns() - e->begun_ns) / 1000;
    entry->request = e->decoder;
    entry->reply_len = (uint8_t)exchange_reply(e, why, false, reply);
    memcpy(entry->reply, reply, entry->reply_len);
    if (why != NULL)
        entry->reason = *why;
}
