/* connection_request.c - requests on a connection, and their replies.
 *
 * Happy path: bytes -> READING -> the request is decided: SERVING -> the
 * exchange is done at once, or when the store has it on the disk -> the reply
 * -> REPLYING -> all of it with the kernel -> closed, or, keep-open, WAITING
 * again.
 * While the store takes its time reading is paused: what comes waits in the
 * socket, and what had been read behind the request in c->rest, so that
 * nothing is lost, out of order, or in our memory without a bound.
 * Failures: a client that has gone, and one that fails meanwhile, is not told
 * what has become of its write; the message log is.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "connection_state.h"

#include "msglog.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

/* In the order of their time. */
static void reply(struct connection *c, const struct wwep_reason *why);
static void on_replied(struct connection *c, int status);
static void go_on(struct connection *c);

static unsigned message_ms(const struct connection *c)
{
    return c->listener->timeouts->message_ms;
}

static bool is_keep_open(const struct connection *c)
{
    return c->listener->config->keep_open;
}

/* --- the request --- */

static bool is_listening(const struct connection *c)
{
    return c->state == CONNECTION_WAITING || c->state == CONNECTION_READING;
}

static void begin_request(struct connection *c)
{
    c->state = CONNECTION_READING;
    c->asked = true;
    exchange_begin(&c->exchange);
}

/* A keep-open connection: each LF ends a request, and more may follow. Returns
 * how many bytes it took: less than all where the connection does not listen
 * any more. */
static size_t feed_lines(struct connection *c, const uint8_t *buf, size_t len)
{
    size_t taken = 0;
    bool line;

    while (taken < len && is_listening(c)) {
        if (c->state == CONNECTION_WAITING)
            begin_request(c);
        taken += wwep_decoder_feed_line(&c->exchange.decoder, buf + taken,
                                        len - taken, &line);
        if (!line && !wwep_decoder_overlong(&c->exchange.decoder))
            break;
        c->line = line;
        if (!line)
            c->last = true;
        connection_serve(c);
    }
    return taken;
}

/* At most what the transport tells of one read. */
static void keep_rest(struct connection *c, const uint8_t *buf, size_t len)
{
    uint8_t *bytes = realloc(c->rest.bytes, c->rest.len + len);

    if (bytes == NULL) {
        connection_close(c);
        return;
    }
    memcpy(bytes + c->rest.len, buf, len);
    c->rest.bytes = bytes;
    c->rest.len += len;
}

void connection_on_data(struct connection *c, const uint8_t *buf, size_t len)
{
    bool may_ask = is_keep_open(c) && !c->last;

    if (!is_listening(c) && !(may_ask && c->paused)) {
        c->linger = true; /* more than a request */
        return;
    }
    c->fresh = true;
    c->excused = false;
    if (is_keep_open(c)) {
        size_t taken = feed_lines(c, buf, len);
        if (taken < len && c->paused && !c->last)
            keep_rest(c, buf + taken, len - taken);
        return;
    }
    if (c->state == CONNECTION_WAITING)
        begin_request(c);
    wwep_decoder_feed(&c->exchange.decoder, buf, len);
}

/* The replies to the lines that have come. What the kernel does not take stops
 * the reading too, so it is not the client that is silent then. */
static void flush_lines(struct connection *c)
{
    int status = transport_flush(c->transport);

    if (status < 0) {
        connection_close(c);
    } else if (status > 0) {
        c->blocked = true;
        connection_arm(c, connection_idle_ms(c));
    }
}

void connection_on_quiet(struct connection *c)
{
    if (!c->fresh) /* a record without content moves no timer */
        return;
    c->fresh = false;
    if (is_keep_open(c))
        flush_lines(c);
    if (c->state == CONNECTION_WAITING && c->draining)
        connection_finish(c);
    if (c->state != CONNECTION_READING)
        return;
    if (!is_keep_open(c) && exchange_is_decided(&c->exchange))
        connection_serve(c);
    else if (!c->blocked)
        connection_arm(c, message_ms(c));
}

/* The kernel has taken all that was left pending. */
void connection_on_sent(struct connection *c)
{
    bool lines = c->blocked;

    c->blocked = false;
    if (c->state == CONNECTION_REPLYING)
        on_replied(c, 0);
    else if (c->state == CONNECTION_SERVING)
        uv_timer_stop(&c->timer);
    else if (c->paused && is_listening(c))
        go_on(c);
    else if (lines && is_listening(c))
        connection_arm(c, c->state == CONNECTION_READING
                              ? message_ms(c)
                              : connection_idle_ms(c));
}

void connection_on_end(struct connection *c)
{
    if (c->paused) { /* what came before is not served yet */
        c->ended = true;
        return;
    }
    c->last = true; /* a reply that is on its way still goes out */
    if (c->state == CONNECTION_READING)
        connection_serve(c);
    if (c->state == CONNECTION_WAITING || c->state == CONNECTION_HANDSHAKE) {
        connection_tell_unused(c);
        connection_finish(c);
    }
}

/* --- served --- */

void connection_serve(struct connection *c)
{
    c->state = CONNECTION_SERVING;
    uv_timer_stop(&c->timer);
    c->open_handles++; /* the exchange has us until it is done */
    c->serving = true;
    exchange_serve(&c->exchange, c->worker->shared->store, c->listener->config,
                   c->transport->info.device);
    c->serving = false;
    if (c->state != CONNECTION_SERVING)
        return;
    counters_add(&c->worker->counters, COUNTER_STORE_BEGUN);
    c->paused = true;
    transport_pause(c->transport);
}

static void log_exchange(const struct connection *c,
                         const struct wwep_reason *why)
{
    const struct worker_shared *shared = c->worker->shared;
    const struct transport_info *info = &c->transport->info;
    struct msglog_entry *line = msglog_next(shared->msglog, c->worker->index);
    struct msglog_entry spare;
    struct msglog_entry *e = line;

    connection_judge(c, why);
    if (e == NULL) {
        if (!store_has_history(shared->store))
            return;
        memset(&spare, 0, sizeof spare);
        e = &spare;
    }
    exchange_describe(&c->exchange, why, e);
    e->conn = c->number;
    e->peer = c->peer;
    e->tls = info->tls;
    e->cipher = info->cipher;
    e->resumed = info->resumed;
    text_copy(e->listener, sizeof e->listener, c->listener->config->name);
    if (info->identity != NULL)
        text_copy(e->identity, sizeof e->identity, info->identity);
    store_add_message(shared->store, c->worker->index, e);
    if (line != NULL)
        msglog_commit(shared->msglog, c->worker->index);
}

void connection_on_served(struct exchange *e, const struct wwep_reason *why)
{
    struct connection *c =
        (struct connection *)((char *)e -
                              offsetof(struct connection, exchange));
    bool late = !c->serving;

    if (late)
        counters_add(&c->worker->counters, COUNTER_STORE_ENDED);
    if (c->state == CONNECTION_SERVING) {
        if (late && !c->last)
            c->fresh = true; /* the replies to the rest go with this one */
        reply(c, why);
        if (late)
            go_on(c);
    } else {
        log_exchange(c, why);
    }
    connection_let_go(c);
}

/* Where reading has been paused: takes what had been read already, and then
 * reads on. */
static void go_on(struct connection *c)
{
    struct connection_rest *rest = &c->rest;

    if (rest->bytes != NULL && !c->blocked && !c->last)
        rest->at += feed_lines(c, rest->bytes + rest->at, rest->len - rest->at);
    bool left = rest->at < rest->len;
    if (!left) {
        free(rest->bytes);
        *rest = (struct connection_rest){.bytes = NULL};
    }
    if (c->fresh && c->state < CONNECTION_REPLYING) {
        c->fresh = false;
        flush_lines(c);
    }
    if (!is_listening(c) || c->blocked || left)
        return;
    c->paused = false;
    if (c->ended) {
        connection_on_end(c);
    } else if (c->state == CONNECTION_WAITING && c->draining &&
               !transport_has_unread(c->transport)) {
        connection_finish(c);
    } else {
        if (c->state == CONNECTION_READING)
            connection_arm(c, message_ms(c));
        transport_resume(c->transport);
    }
}

/* --- the reply --- */

/* why: NULL for an A with the request's value, or the reason of an X. */
static void reply(struct connection *c, const struct wwep_reason *why)
{
    uint8_t bytes[WWEP_REPLY_MAX];
    size_t len = exchange_reply(&c->exchange, why,
                                c->listener->config->explain_errors, bytes);

    if (c->line)
        bytes[len++] = '\n';
    if (why != NULL && wwep_reason_is_malformed(why))
        c->linger = true; /* more may come than has been read */
    c->state = CONNECTION_REPLYING;
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
        connection_close(c);
    } else if (status > 0) {
        connection_arm(c, connection_idle_ms(c));
    } else if (!c->last) {
        exchange_reset(&c->exchange);
        c->line = false;
        c->linger = false;
        c->state = CONNECTION_WAITING;
        connection_arm(c, connection_idle_ms(c));
    } else if (c->linger || transport_has_unread(c->transport)) {
        connection_finish(c);
    } else {
        connection_close(c);
    }
}
