/* connection.c - a client's way through the rule (wwep(7), "One connection,
 * one exchange").
 *
 * Happy path: accept -> HANDSHAKE -> READY: WAITING -> the first byte: READING
 * -> the last digit: the exchange carries it out: SERVING
 * -> the reply: REPLYING -> all of it with the kernel: closed, or, keep-open,
 * WAITING again.
 * Failures:
 * - a refused request, or more than one: the reply goes out, our side ends,
 *   what still comes is dropped for LINGER_MS: LINGERING (closing a socket
 *   with unread bytes resets it, and may destroy the reply);
 * - a time-out: the rule says which; it never strikes while bytes of the
 *   client wait to be read, as then it was us who were late;
 * - the socket or TLS fails: told in the log where it is the peer's TLS; a
 *   client that resets is none of our business.
 * Two handles are open, the transport's and the timer; when both have closed,
 * and no exchange is under way, the connection frees itself.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "connection.h"

#include "exchange.h"
#include "listener.h"
#include "msglog.h"
#include "report.h"
#include "transport.h"
#include "worker.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINGER_MS 1000u

_Static_assert(TRANSPORT_IDENTITY_MAX == MSGLOG_IDENTITY_MAX,
               "an identity must fit the message log");

enum state {
    HANDSHAKE, /* nothing can be said yet */
    WAITING,   /* for the first byte of a request */
    READING,   /* a request is on its way in */
    SERVING,   /* the request is being carried out */
    REPLYING,  /* the kernel has not taken all of the reply */
    LINGERING, /* our side is ended */
    CLOSING
};

struct connection {
    struct worker *worker;
    const struct listener *listener;
    LIST_ENTRY(connection) link; /* of the worker's list */
    struct transport *transport;
    uv_timer_t timer;
    unsigned open_handles;
    enum state state;
    bool last; /* close after this reply */
    bool line; /* the request had its LF, and so will the reply */
    bool draining;
    bool reported; /* what kind of client it is: once is enough */
    bool linger;   /* and not at once */
    bool fresh;    /* bytes have come since the last QUIET */
    bool blocked;  /* replies to lines are pending, and reading has stopped */
    bool excused;  /* a time-out was put off, as bytes were waiting */
    uint64_t number;
    uint64_t accepted_ms; /* loop time */
    union address peer;
    struct exchange exchange;
};

/* In the order of their time. */
static void on_event(void *owner, enum transport_event event,
                     const uint8_t *buf, size_t len);
static void on_ready(struct connection *c);
static void on_data(struct connection *c, const uint8_t *buf, size_t len);
static void on_quiet(struct connection *c);
static void on_sent(struct connection *c);
static void on_end(struct connection *c);
static void on_failed(struct connection *c);
static void on_timer(uv_timer_t *timer);
static void serve(struct connection *c);
static void on_served(struct exchange *e, const struct wwep_reason *why);
static void reply(struct connection *c, const struct wwep_reason *why);
static void on_replied(struct connection *c, int status);
static void finish(struct connection *c);
static void close_now(struct connection *c);
static void on_handle_closed(struct connection *c);

static const struct config_timeouts *times_of(const struct connection *c)
{
    return &c->worker->shared->config->timeouts;
}

static uint64_t idle_ms(const struct connection *c)
{
    return (uint64_t)times_of(c)->idle_s * 1000;
}

static bool is_keep_open(const struct connection *c)
{
    return c->listener->config->keep_open;
}

static void arm(struct connection *c, uint64_t ms)
{
    uv_timer_start(&c->timer, on_timer, ms, 0);
}

/* It has asked nothing, and waits for nothing. */
static bool is_idle(const struct connection *c)
{
    return c->state == WAITING && !c->blocked;
}

/* --- accept --- */

static struct connection *connection_new(struct listener *l)
{
    struct worker *w = l->worker;
    struct connection *c = calloc(1, sizeof *c);

    if (c == NULL)
        return NULL;
    c->transport = l->tls != NULL ? transport_new_tls(&w->loop, &w->io, l->tls)
                                  : transport_new_plain(&w->loop, &w->io);
    if (c->transport == NULL) {
        free(c);
        return NULL;
    }
    c->worker = w;
    c->listener = l;
    c->state = HANDSHAKE;
    c->last = !l->config->keep_open;
    c->accepted_ms = uv_now(&w->loop);
    exchange_init(&c->exchange, on_served);
    uv_timer_init(&w->loop, &c->timer);
    c->timer.data = c;
    c->open_handles = 2;
    LIST_INSERT_HEAD(&w->connections, c, link);
    return c;
}

bool connection_accept(struct listener *l, int fd, const union address *peer)
{
    struct connection *c = connection_new(l);

    if (c == NULL)
        return false;
    c->number = worker_connection_opened(l->worker);
    c->peer = *peer;
    uint64_t handshake_ms = (uint64_t)times_of(c)->handshake_s * 1000;
    arm(c, handshake_ms < idle_ms(c) ? handshake_ms : idle_ms(c));
    if (transport_start(c->transport, fd, on_event, c) != 0)
        close_now(c);
    return true;
}

struct connection *connection_next(const struct connection *c)
{
    return LIST_NEXT(c, link);
}

static void on_event(void *owner, enum transport_event event,
                     const uint8_t *buf, size_t len)
{
    struct connection *c = owner;

    switch (event) {
    case TRANSPORT_READY:
        on_ready(c);
        break;
    case TRANSPORT_DATA:
        on_data(c, buf, len);
        break;
    case TRANSPORT_QUIET:
        on_quiet(c);
        break;
    case TRANSPORT_END:
        on_end(c);
        break;
    case TRANSPORT_SENT:
        on_sent(c);
        break;
    case TRANSPORT_FAILED:
        on_failed(c);
        break;
    case TRANSPORT_CLOSED:
        transport_free(c->transport);
        c->transport = NULL;
        close_now(c); /* the peer may have closed what we let linger */
        on_handle_closed(c);
        break;
    }
}

/* idle_s runs from accept on, the handshake is part of it. */
static void on_ready(struct connection *c)
{
    uint64_t spent = uv_now(&c->worker->loop) - c->accepted_ms;

    c->state = WAITING;
    arm(c, spent < idle_ms(c) ? idle_ms(c) - spent : 0);
}

/* --- the request --- */

static bool is_listening(const struct connection *c)
{
    return c->state == WAITING || c->state == READING;
}

static void begin_request(struct connection *c)
{
    c->state = READING;
    exchange_begin(&c->exchange);
}

/* A keep-open connection: each LF ends a request, and more may follow. */
static void on_line_data(struct connection *c, const uint8_t *buf, size_t len)
{
    bool line;

    while (len > 0 && is_listening(c)) {
        if (c->state == WAITING)
            begin_request(c);
        size_t n =
            wwep_decoder_feed_line(&c->exchange.decoder, buf, len, &line);
        buf += n;
        len -= n;
        if (!line && !wwep_decoder_overlong(&c->exchange.decoder))
            return;
        c->line = line;
        if (!line)
            c->last = true;
        serve(c);
    }
}

static void on_data(struct connection *c, const uint8_t *buf, size_t len)
{
    if (!is_listening(c)) { /* more than a request */
        c->linger = true;
        return;
    }
    c->fresh = true;
    c->excused = false;
    if (is_keep_open(c)) {
        on_line_data(c, buf, len);
        return;
    }
    if (c->state == WAITING)
        begin_request(c);
    wwep_decoder_feed(&c->exchange.decoder, buf, len);
}

/* The replies to the lines that have come. What the kernel does not take stops
 * the reading too, so it is not the client that is silent then. */
static void flush_lines(struct connection *c)
{
    int status = transport_flush(c->transport);

    if (status < 0) {
        close_now(c);
    } else if (status > 0) {
        c->blocked = true;
        arm(c, idle_ms(c));
    }
}

static void on_quiet(struct connection *c)
{
    if (!c->fresh) /* a record without content moves no timer */
        return;
    c->fresh = false;
    if (is_keep_open(c))
        flush_lines(c);
    if (c->state == WAITING && c->draining)
        finish(c);
    if (c->state != READING)
        return;
    if (!is_keep_open(c) && exchange_is_decided(&c->exchange))
        serve(c);
    else if (!c->blocked)
        arm(c, times_of(c)->message_ms);
}

/* The kernel has taken all that was left pending. */
static void on_sent(struct connection *c)
{
    bool lines = c->blocked;

    c->blocked = false;
    if (c->state == REPLYING)
        on_replied(c, 0);
    else if (lines && is_listening(c))
        arm(c, c->state == READING ? times_of(c)->message_ms : idle_ms(c));
}

static void on_end(struct connection *c)
{
    c->last = true; /* a reply that is on its way still goes out */
    if (c->state == READING)
        serve(c);
    if (c->state == WAITING)
        report_unused(c->listener->config, &c->peer);
    if (c->state == WAITING || c->state == HANDSHAKE)
        finish(c);
}

/* What has come is all of the request. */
static void serve(struct connection *c)
{
    c->state = SERVING;
    uv_timer_stop(&c->timer);
    c->open_handles++; /* the exchange has us until it is done */
    exchange_serve(&c->exchange, c->worker->shared->store);
}

static void on_served(struct exchange *e, const struct wwep_reason *why)
{
    struct connection *c =
        (struct connection *)((char *)e -
                              offsetof(struct connection, exchange));

    if (c->state == SERVING)
        reply(c, why);
    on_handle_closed(c);
}

/* --- the reply --- */

static void log_exchange(const struct connection *c,
                         const struct wwep_reason *why)
{
    struct worker *w = c->worker;
    struct msglog_entry *e = msglog_next(w->shared->msglog, w->index);
    const struct transport_info *info = &c->transport->info;

    if (e == NULL)
        return;
    exchange_describe(&c->exchange, why, e);
    e->conn = c->number;
    e->peer = c->peer;
    e->tls = info->tls;
    e->cipher = info->cipher;
    e->resumed = info->resumed;
    snprintf(e->listener, sizeof e->listener, "%s", c->listener->config->name);
    if (info->identity != NULL)
        snprintf(e->identity, sizeof e->identity, "%s", info->identity);
    msglog_commit(w->shared->msglog, w->index);
}

/* why: NULL for an A with the request's value, or the reason of an X. */
static void reply(struct connection *c, const struct wwep_reason *why)
{
    uint8_t bytes[WWEP_REPLY_MAX];
    size_t len = exchange_reply(&c->exchange, why,
                                c->listener->config->explain_errors, bytes);

    if (c->line)
        bytes[len++] = '\n';
    if (why != NULL && wwep_reason_is_malformed(why)) {
        c->linger = true; /* more may come than has been read */
        if (!c->reported)
            report_malformed(c->listener->config, &c->peer, why);
        c->reported = true;
    }
    c->state = REPLYING;
    int status = transport_send(c->transport, bytes, len);
    if (status == 0 && c->last)
        transport_say_goodbye(c->transport);
    if (status == 0 && (c->last || !c->fresh)) /* else on_quiet() does */
        status = transport_flush(c->transport);
    /* Also where the client did not wait for its reply: it has been served. */
    log_exchange(c, why);
    on_replied(c, status);
}

/* status: as transport_flush() has it. */
static void on_replied(struct connection *c, int status)
{
    if (status < 0) {
        close_now(c);
    } else if (status > 0) {
        arm(c, idle_ms(c));
    } else if (!c->last) {
        exchange_reset(&c->exchange);
        c->line = false;
        c->linger = false;
        c->state = WAITING;
        arm(c, idle_ms(c));
    } else if (c->linger || transport_has_unread(c->transport)) {
        finish(c);
    } else {
        close_now(c);
    }
}

/* --- the end --- */

static void on_failed(struct connection *c)
{
    const struct transport *t = c->transport;

    if (t->fault.kind != WWEP_FAULT_NONE) {
        report_fault(c->listener->config, &c->peer, &t->fault, t->fault_note);
        finish(c);
    } else {
        report_reset(c->listener->config, &c->peer, t->error);
        close_now(c);
    }
}

/* Nothing came in time. */
static void on_silence(struct connection *c)
{
    const struct wwep_fault late = {.kind = WWEP_FAULT_TIMEOUT, .alert = -1};

    if (c->state == HANDSHAKE)
        report_fault(c->listener->config, &c->peer, &late, NULL);
    else if (!c->draining) /* else it is us who end */
        report_unused(c->listener->config, &c->peer);
    finish(c);
}

static void on_timer(uv_timer_t *timer)
{
    struct connection *c = timer->data;

    if (c->blocked || c->state >= SERVING) {
        close_now(c);
    } else if (!c->excused && transport_has_unread(c->transport)) {
        c->excused = true;
        arm(c, 1); /* the loop reads before it comes here again */
    } else if (c->state == READING) {
        c->last = true;
        serve(c);
    } else {
        on_silence(c);
    }
}

static void finish(struct connection *c)
{
    if (c->state >= LINGERING)
        return;
    c->state = LINGERING;
    arm(c, LINGER_MS);
    transport_say_goodbye(c->transport);
    transport_finish(c->transport);
}

static void on_timer_closed(uv_handle_t *h)
{
    on_handle_closed(h->data);
}

static void close_now(struct connection *c)
{
    if (c->state == CLOSING)
        return;
    c->state = CLOSING;
    if (c->transport != NULL)
        transport_close(c->transport);
    uv_close((uv_handle_t *)&c->timer, on_timer_closed);
}

/* The transport, the timer or the store has let go of us. */
static void on_handle_closed(struct connection *c)
{
    struct worker *w = c->worker;

    if (--c->open_handles > 0)
        return;
    LIST_REMOVE(c, link);
    free(c);
    worker_connection_closed(w);
}

void connection_drain(struct connection *c, uint64_t grace_ms)
{
    c->draining = true;
    if (transport_has_unread(c->transport))
        return;
    if (is_idle(c))
        arm(c, grace_ms); /* its handshake may have ended this moment */
    else if (c->state == WAITING ||
             (c->state == HANDSHAKE && !transport_has_heard(c->transport)))
        finish(c);
}

void connection_abort(struct connection *c)
{
    close_now(c);
}

bool connection_is_busy(const struct connection *c)
{
    return c->state < LINGERING && !is_idle(c);
}
