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
 * - the socket or TLS fails: connection_verdict.c tells it.
 * Two handles are open, the transport's and the timer; when both have closed,
 * and no exchange is under way, the connection frees itself.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "connection.h"

#include "connection_state.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define LINGER_MS 1000u

_Static_assert(TRANSPORT_IDENTITY_MAX == MSGLOG_IDENTITY_MAX,
               "an identity must fit the message log");

static void on_event(void *owner, enum transport_event event,
                     const uint8_t *buf, size_t len);
static void on_ready(struct connection *c);
static void on_failed(struct connection *c);
static void on_timer(uv_timer_t *timer);

static const struct config_timeouts *times_of(const struct connection *c)
{
    return c->listener->timeouts;
}

uint64_t connection_idle_ms(const struct connection *c)
{
    return (uint64_t)times_of(c)->idle_s * 1000;
}

void connection_arm(struct connection *c, uint64_t ms)
{
    uv_timer_start(&c->timer, on_timer, ms, 0);
}

/* It has asked nothing, and waits for nothing. */
static bool is_idle(const struct connection *c)
{
    return c->state == CONNECTION_WAITING && !c->blocked;
}

/* --- accept --- */

static struct connection *connection_new(struct listener *l)
{
    struct worker *w = l->worker;
    /* Not calloc(), which does not take what free() has just given back, and
     * not by memset(): compilers make calloc() of that. */
    struct connection *c = malloc(sizeof *c);

    if (c == NULL)
        return NULL;
    *c = (struct connection){.worker = w};
    c->transport = l->tls != NULL ? transport_new_tls(&w->loop, &w->io, l->tls)
                                  : transport_new_plain(&w->loop, &w->io);
    if (c->transport == NULL) {
        free(c);
        return NULL;
    }
    c->listener = l;
    listener_hold(l);
    c->state = CONNECTION_HANDSHAKE;
    c->last = !l->config->keep_open;
    c->draining = l->retired;
    c->accepted_ms = uv_now(&w->loop);
    exchange_init(&c->exchange, &w->port, &c->peer, connection_on_served);
    uv_timer_init(&w->loop, &c->timer);
    c->timer.data = c;
    c->open_handles = 2;
    LIST_INSERT_HEAD(&w->connections, c, link);
    return c;
}

bool connection_accept(struct listener *l, int fd, const union address *peer,
                       const struct limiter_place *place)
{
    struct connection *c = connection_new(l);

    if (c == NULL)
        return false;
    uint64_t handshake_ms = (uint64_t)times_of(c)->handshake_s * 1000;
    c->number = worker_connection_opened(l->worker);
    c->peer = *peer;
    c->place = *place;
    if (transport_start(c->transport, fd, on_event, c) != 0)
        connection_close(c);
    if (c->state == CONNECTION_HANDSHAKE) /* a plain one is READY by now */
        connection_arm(c, handshake_ms < connection_idle_ms(c)
                              ? handshake_ms
                              : connection_idle_ms(c));
    return true;
}

/* A handshake under way may still end with the oldest. */
static bool is_new_enough(const struct connection *c, const struct listener *l)
{
    const char *version = c->transport->info.tls;

    return l->config->tls == NULL ||
           l->config->tls->min_version < CONFIG_TLS_1_3 ||
           (version != NULL && strcmp(version, "TLS 1.3") == 0);
}

bool connection_suits(const struct connection *c, const struct listener *l)
{
    return c->listener->line == l->line && is_new_enough(c, l);
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
        connection_on_data(c, buf, len);
        break;
    case TRANSPORT_QUIET:
        connection_on_quiet(c);
        break;
    case TRANSPORT_END:
        connection_on_end(c);
        break;
    case TRANSPORT_SENT:
        connection_on_sent(c);
        break;
    case TRANSPORT_FAILED:
        on_failed(c);
        break;
    case TRANSPORT_CLOSED:
        connection_close(c); /* the peer may have closed what we let linger */
        connection_let_go(c);
        break;
    }
}

/* idle_s runs from accept on, the handshake is part of it. */
static void on_ready(struct connection *c)
{
    uint64_t spent = uv_now(&c->worker->loop) - c->accepted_ms;

    c->state = CONNECTION_WAITING;
    connection_count_handshake(c);
    c->exchange.write.identity = c->transport->info.identity;
    connection_arm(
        c, spent < connection_idle_ms(c) ? connection_idle_ms(c) - spent : 0);
}

/* --- the end --- */

static void on_failed(struct connection *c)
{
    connection_tell_failed(c);
    if (c->transport->fault.kind != WWEP_FAULT_NONE)
        connection_finish(c);
    else
        connection_close(c);
}

/* Nothing came in time. */
static void on_silence(struct connection *c)
{
    if (c->state == CONNECTION_HANDSHAKE)
        connection_tell_late(c);
    else if (!c->draining) /* else it is us who end */
        connection_tell_unused(c);
    connection_finish(c);
}

static void on_timer(uv_timer_t *timer)
{
    struct connection *c = timer->data;

    if (c->blocked || c->state >= CONNECTION_SERVING) {
        connection_close(c);
    } else if (!c->excused && transport_has_unread(c->transport)) {
        c->excused = true;
        connection_arm(c, 1); /* the loop reads before it comes here again */
    } else if (c->state == CONNECTION_READING) {
        c->last = true;
        connection_serve(c);
    } else {
        on_silence(c);
    }
}

void connection_finish(struct connection *c)
{
    if (c->state >= CONNECTION_LINGERING)
        return;
    c->state = CONNECTION_LINGERING;
    connection_arm(c, LINGER_MS);
    transport_say_goodbye(c->transport);
    transport_finish(c->transport);
}

static void on_timer_closed(uv_handle_t *h)
{
    connection_let_go(h->data);
}

void connection_close(struct connection *c)
{
    if (c->state == CONNECTION_CLOSING)
        return;
    c->state = CONNECTION_CLOSING;
    transport_close(c->transport);
    uv_close((uv_handle_t *)&c->timer, on_timer_closed);
}

void connection_let_go(struct connection *c)
{
    struct worker *w = c->worker;

    if (--c->open_handles > 0)
        return;
    LIST_REMOVE(c, link);
    transport_free(c->transport);
    listener_release(c->listener);
    limiter_leave(&w->shared->limiter, &c->place);
    free(c->rest.bytes);
    free(c);
    worker_connection_closed(w);
}

void connection_drain(struct connection *c, uint64_t grace_ms)
{
    c->draining = true;
    if (transport_has_unread(c->transport))
        return;
    if (is_idle(c))
        connection_arm(c, grace_ms); /* its handshake may have just ended */
    else if (c->state == CONNECTION_WAITING ||
             (c->state == CONNECTION_HANDSHAKE &&
              !transport_has_heard(c->transport)))
        connection_finish(c);
}

void connection_retire(struct connection *c, uint64_t grace_ms)
{
    if (c->draining || c->last)
        return;
    c->draining = true;
    if (is_idle(c) && !transport_has_unread(c->transport))
        connection_arm(c, grace_ms);
}

void connection_abort(struct connection *c)
{
    connection_close(c);
}

bool connection_is_busy(const struct connection *c)
{
    return c->state < CONNECTION_LINGERING && !is_idle(c);
}
