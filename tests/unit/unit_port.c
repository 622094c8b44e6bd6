/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit_port.h"

#include "unit.h"

#include <stdio.h>
#include <string.h>

/* More than any test needs: a client that does as much hangs. */
#define OPERATIONS_MAX 1000000u

static struct unit_dial *current(struct unit_port *p)
{
    ck_assert_msg(p->connected, "an operation without a connection");
    return &p->dials[p->dialled - 1];
}

/* Waits for ms, but for timeout_ms at most; says whether ms were over. */
static bool wait_ms(struct unit_port *p, uint32_t ms, uint32_t timeout_ms)
{
    bool over = ms <= timeout_ms;

    p->clock_ms += over ? ms : timeout_ms;
    return over;
}

/* Whether it is this operation that fails. */
static bool fails(struct unit_port *p, uint32_t timeout_ms)
{
    uint32_t used_ms = p->clock_ms - p->limit_from_ms;

    ck_assert_msg(++p->operations < OPERATIONS_MAX, "the client hangs");
    if (p->limit_ms > 0)
        ck_assert_msg(timeout_ms == 0 || (used_ms <= p->limit_ms &&
                                          timeout_ms <= p->limit_ms - used_ms),
                      "a wait of %u ms, %u ms after the begin of %u ms",
                      timeout_ms, used_ms, p->limit_ms);
    p->clock_ms += p->step_ms < timeout_ms ? p->step_ms : timeout_ms;
    if (p->operations != p->fail_at)
        return false;
    p->failed = true;
    if (p->fail_with == WWEP_PORT_TIMEOUT)
        p->clock_ms += timeout_ms;
    return true;
}

/* --- names and connections ------------------------------------------------ */

struct wwep_address unit_port_ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    return (struct wwep_address){.bytes = {a, b, c, d}, .len = 4};
}

static bool parse(const char *host, struct wwep_address *out)
{
    unsigned n[4];
    char more;

    if (sscanf(host, "%3u.%3u.%3u.%3u%c", &n[0], &n[1], &n[2], &n[3], &more) !=
        4)
        return false;
    *out = unit_port_ipv4((uint8_t)n[0], (uint8_t)n[1], (uint8_t)n[2],
                          (uint8_t)n[3]);
    return true;
}

static int on_resolve(void *ctx, const char *host, struct wwep_address *out,
                      size_t cap, uint32_t timeout_ms)
{
    struct unit_port *p = ctx;

    ck_assert_uint_gt(cap, 0);
    ck_assert_ptr_nonnull(host);
    if (fails(p, timeout_ms))
        return p->fail_with;
    if (parse(host, &out[0]))
        return 1;
    if (!wait_ms(p, p->resolve_ms, timeout_ms))
        return WWEP_PORT_TIMEOUT;
    if (strcmp(host, p->name) != 0)
        return WWEP_PORT_NO_NAME;

    int n = p->resolved;
    if (n > 0 && (size_t)n > cap)
        n = (int)cap;
    for (int i = 0; i < n; i++)
        out[i] = p->addresses[i];
    return n;
}

static int on_connect(void *ctx, const struct wwep_address *address,
                      uint16_t port, uint32_t timeout_ms)
{
    struct unit_port *p = ctx;

    ck_assert_msg(!p->connected, "two connections at a time");
    ck_assert_uint_gt(timeout_ms, 0);
    if (fails(p, timeout_ms))
        return p->fail_with;
    ck_assert_msg(p->dialled < p->dials_n, "no connection is left");

    struct unit_dial *dial = &p->dials[p->dialled++];
    dial->address = *address;
    dial->port = port;
    dial->timeout_ms = timeout_ms;
    if (!wait_ms(p, dial->delay_ms, timeout_ms))
        return WWEP_PORT_TIMEOUT;
    if (dial->error != 0)
        return dial->error;
    p->connected = true;
    p->step = 0;
    p->step_at = 0;
    p->ready = false;
    p->peer_seen = 0;
    p->peer_ended = false;
    p->peer_at = 0;
    p->peer_len = 0;
    return 0;
}

static void on_close(void *ctx)
{
    struct unit_port *p = ctx;

    current(p)->closed = true;
    p->connected = false;
}

/* --- bytes ---------------------------------------------------------------- */

static size_t cut(const struct unit_port *p, size_t len)
{
    return p->piece > 0 && len > p->piece ? p->piece : len;
}

static int on_send(void *ctx, const uint8_t *buf, size_t len,
                   uint32_t timeout_ms)
{
    struct unit_port *p = ctx;
    struct unit_dial *dial = current(p);

    ck_assert_uint_gt(len, 0);
    if (fails(p, timeout_ms))
        return p->fail_with;
    len = cut(p, len);
    ck_assert_uint_le(dial->sent_len + len, sizeof dial->sent);
    memcpy(dial->sent + dial->sent_len, buf, len);
    dial->sent_len += len;
    return (int)len;
}

static size_t take(uint8_t *buf, size_t len, const void *from, size_t left)
{
    if (len > left)
        len = left;
    memcpy(buf, from, len);
    return len;
}

static int receive_from_peer(struct unit_port *p, struct unit_dial *dial,
                             uint8_t *buf, size_t len, uint32_t timeout_ms)
{
    if (p->peer_at == p->peer_len && !p->peer_ended) {
        size_t n = dial->peer(dial->peer_ctx, dial->sent + p->peer_seen,
                              dial->sent_len - p->peer_seen, p->peer_out,
                              sizeof p->peer_out);
        p->peer_seen = dial->sent_len;
        p->peer_ended = n == UNIT_PEER_END;
        p->peer_at = 0;
        p->peer_len = p->peer_ended ? 0 : n;
    }
    if (p->peer_ended)
        return 0;
    if (p->peer_at == p->peer_len) {
        p->clock_ms += timeout_ms;
        return WWEP_PORT_TIMEOUT;
    }

    size_t n =
        take(buf, len, p->peer_out + p->peer_at, p->peer_len - p->peer_at);
    p->peer_at += n;
    return (int)n;
}

static int receive_bytes(struct unit_port *p, const struct unit_step *step,
                         uint8_t *buf, size_t len)
{
    size_t have = step->len > 0 ? step->len : strlen(step->bytes);
    size_t n = take(buf, len, step->bytes + p->step_at, have - p->step_at);

    p->step_at += n;
    if (p->step_at == have) {
        p->step++;
        p->step_at = 0;
        p->ready = false;
    }
    return (int)n;
}

static int receive_by_steps(struct unit_port *p, struct unit_dial *dial,
                            uint8_t *buf, size_t len, uint32_t timeout_ms)
{
    const struct unit_step *step = &dial->steps[p->step];

    if (step->kind == UNIT_STEP_SILENCE || dial->sent_len < step->after_sent) {
        p->clock_ms += timeout_ms;
        return WWEP_PORT_TIMEOUT;
    }
    if (!p->ready) {
        p->ready = true;
        p->ready_ms = p->clock_ms + step->delay_ms;
    }

    uint32_t left_ms = p->ready_ms - p->clock_ms;
    if (left_ms > INT32_MAX) /* it has been ready for a while */
        left_ms = 0;
    if (!wait_ms(p, left_ms, timeout_ms))
        return WWEP_PORT_TIMEOUT;
    if (step->kind == UNIT_STEP_BYTES)
        return receive_bytes(p, step, buf, len);
    return step->kind == UNIT_STEP_END ? 0 : WWEP_PORT_RESET;
}

static int on_recv(void *ctx, uint8_t *buf, size_t len, uint32_t timeout_ms)
{
    struct unit_port *p = ctx;
    struct unit_dial *dial = current(p);

    ck_assert_uint_gt(len, 0);
    if (fails(p, timeout_ms))
        return p->fail_with;
    len = cut(p, len);
    if (dial->peer != NULL)
        return receive_from_peer(p, dial, buf, len, timeout_ms);
    return receive_by_steps(p, dial, buf, len, timeout_ms);
}

/* --- the rest ------------------------------------------------------------- */

static uint32_t on_now_ms(void *ctx)
{
    const struct unit_port *p = ctx;

    return p->clock_ms;
}

static int64_t on_wall_clock(void *ctx)
{
    const struct unit_port *p = ctx;

    return p->wall_clock;
}

/* Anybody could guess them: the far end is no enemy. */
static int on_entropy(void *ctx, uint8_t *out, size_t len)
{
    struct unit_port *p = ctx;

    if (fails(p, 0))
        return p->fail_with;
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(i * 37 + p->operations);
    return 0;
}

static void on_log(void *ctx, enum wwep_log_level level, const char *text)
{
    struct unit_port *p = ctx;
    size_t len = strlen(p->log);

    snprintf(p->log + len, sizeof p->log - len, "%c %s\n",
             level == WWEP_LOG_WARNING ? 'W' : 'I', text);
}

void unit_port_init(struct unit_port *p)
{
    memset(p, 0, sizeof *p);
    p->port = (struct wwep_port){
        .ctx = p,
        .resolve = on_resolve,
        .connect = on_connect,
        .send = on_send,
        .recv = on_recv,
        .close = on_close,
        .now_ms = on_now_ms,
        .wall_clock = on_wall_clock,
        .entropy = on_entropy,
        .log = on_log,
    };
    p->name = "server.test";
    p->addresses[0] = unit_port_ipv4(192, 0, 2, 1);
    p->resolved = 1;
    p->dials_n = 1;
    p->wall_clock = -1;
    p->fail_with = WWEP_PORT_FAILED;
}

void unit_port_says(struct unit_port *p, size_t dial, const char *bytes)
{
    ck_assert_uint_lt(dial, UNIT_PORT_DIALS);
    struct unit_step *steps = p->dials[dial].steps;

    memset(steps, 0, sizeof p->dials[dial].steps);
    if (bytes[0] != '\0')
        *steps++ = (struct unit_step){.kind = UNIT_STEP_BYTES, .bytes = bytes};
    *steps = (struct unit_step){.kind = UNIT_STEP_END};
}

void unit_port_limit(struct unit_port *p, uint32_t limit_ms)
{
    p->limit_ms = limit_ms;
    p->limit_from_ms = p->clock_ms;
}

void unit_port_expect_sent(const struct unit_port *p, size_t dial,
                           const char *text)
{
    ck_assert_uint_eq(p->dials[dial].sent_len, strlen(text));
    ck_assert_mem_eq(p->dials[dial].sent, text, strlen(text));
}
