/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "fuzz_model.h"

#include "fuzz.h"

#include <string.h>

static uint64_t arms;

static void arm(struct model *m, uint64_t deadline_ms)
{
    m->deadline_ms = deadline_ms;
    m->armed = ++arms;
}

/* --- the registers -------------------------------------------------------- */

static size_t find(const struct model_registers *r, uint16_t device,
                   uint8_t reg)
{
    size_t i = 0;

    while (i < r->n && (r->all[i].device != device || r->all[i].reg != reg))
        i++;
    return i;
}

void model_registers_set(struct model_registers *r, uint16_t device,
                         uint8_t reg, uint16_t value, bool vague)
{
    size_t i = find(r, device, reg);

    FUZZ_CHECK(i < MODEL_OUTCOMES_MAX);
    if (i == r->n)
        r->n++;
    r->all[i].device = device;
    r->all[i].reg = reg;
    r->all[i].value = value;
    r->all[i].vague = vague;
}

static void look_up(const struct model_registers *r, struct outcome *out)
{
    size_t i = find(r, out->device, out->reg);

    out->accepted = i < r->n;
    if (!out->accepted) {
        out->why = (struct wwep_reason){WWEP_REASON_NOT_FOUND, 0};
        return;
    }
    out->value = r->all[i].value;
    out->any_value = r->all[i].vague;
}

/* --- one request ---------------------------------------------------------- */

static int digit(uint8_t c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;

    return at != NULL ? (int)((at - digits) % 16) : -1;
}

static enum model_verdict refuse(struct outcome *out,
                                 enum wwep_reason_kind kind, size_t detail)
{
    out->accepted = false;
    out->why = (struct wwep_reason){kind, detail};
    return MODEL_REFUSED;
}

static bool is_end(const uint8_t *tail, size_t len)
{
    return len == 0 || (len == 1 && (*tail == '\n' || *tail == '\r')) ||
           (len == 2 && memcmp(tail, "\r\n", 2) == 0);
}

enum model_verdict model_judge(const uint8_t *bytes, size_t len, bool whole,
                               struct outcome *out)
{
    uint64_t number = 0;

    memset(out, 0, sizeof *out);
    if (len == 0)
        return MODEL_INCOMPLETE;
    if (bytes[0] != 'W' && bytes[0] != 'R')
        return refuse(out, WWEP_REASON_COMMAND, bytes[0]);
    size_t all = bytes[0] == 'W' ? 11 : 7;
    for (size_t i = 1; i < all; i++) {
        if (i == len)
            return whole ? refuse(out, WWEP_REASON_LENGTH, len)
                         : MODEL_INCOMPLETE;
        if (bytes[i] == '\r' || bytes[i] == '\n')
            return refuse(out, WWEP_REASON_LENGTH, i);
        if (digit(bytes[i]) < 0)
            return refuse(out, WWEP_REASON_CHARACTER, bytes[i]);
        number = number << 4 | (uint64_t)digit(bytes[i]);
    }
    if (!is_end(bytes + all, len - all))
        return refuse(out, WWEP_REASON_LENGTH, len);
    if (bytes[0] == 'R')
        number <<= 16;
    out->device = (uint16_t)(number >> 24);
    out->reg = (uint8_t)(number >> 16);
    out->value = (uint16_t)number;
    return MODEL_WELL_FORMED;
}

/* --- a connection --------------------------------------------------------- */

void model_open(struct model *m, bool tls, uint64_t now_ms)
{
    m->open = true;
    m->ready = !tls;
    m->accepted_ms = now_ms;
    arm(m, now_ms + (tls ? MODEL_HANDSHAKE_MS : MODEL_IDLE_MS));
}

void model_ready(struct model *m, uint64_t now_ms)
{
    m->ready = true;
    arm(m, m->accepted_ms + MODEL_IDLE_MS);
    if (m->deadline_ms < now_ms)
        m->deadline_ms = now_ms;
}

void model_bytes(struct model *m, const uint8_t *bytes, size_t len, bool record)
{
    if (record || m->n_pieces == 0)
        m->pieces[m->n_pieces++] = 0;
    FUZZ_CHECK(m->n_pieces < MODEL_PIECES_MAX);
    m->pieces[m->n_pieces - 1] += len;
    FUZZ_CHECK(len <= MODEL_BYTES_MAX - m->in_len);
    memcpy(m->in + m->in_len, bytes, len);
    m->in_len += len;
}

void model_end(struct model *m)
{
    m->ended = true;
}

static void drop(struct model *m, size_t len)
{
    m->in_len -= len;
    m->rest_len -= len < m->rest_len ? len : m->rest_len;
    memmove(m->in, m->in + len, m->in_len);
}

static void answer(struct model *m, const struct outcome *out, uint64_t now_ms)
{
    FUZZ_CHECK(m->n < MODEL_OUTCOMES_MAX);
    m->outcomes[m->n++] = *out;
    m->request_len = 0;
    if (!m->keep_open || !out->line)
        m->open = false;
    else
        arm(m, now_ms + MODEL_IDLE_MS);
}

/* What has come is all of a request; line: by its LF. */
static void serve(struct model *m, bool line, uint64_t now_ms)
{
    struct outcome out;
    bool good = model_judge(m->request, m->request_len, true, &out) ==
                MODEL_WELL_FORMED;
    bool writes = m->request[0] == 'W';

    out.line = line;
    out.accepted = good;
    if (good && writes && m->own && m->device != out.device) {
        (void)refuse(&out, WWEP_REASON_NOT_ALLOWED, 0);
    } else if (good && !writes) {
        look_up(m->registers, &out);
    } else if (good && *m->holding) {
        m->held = true;
        m->held_as = out;
        return;
    } else if (good) {
        model_registers_set(m->registers, out.device, out.reg, out.value,
                            false);
    }
    answer(m, &out, now_ms);
}

/* All of a piece, on a listener with one request a connection. */
static void take_request(struct model *m, size_t len, uint64_t now_ms)
{
    struct outcome out;

    FUZZ_CHECK(len <= MODEL_BYTES_MAX - m->request_len);
    memcpy(m->request + m->request_len, m->in, len);
    m->request_len += len;
    drop(m, len);
    if (model_judge(m->request, m->request_len, false, &out) !=
        MODEL_INCOMPLETE)
        serve(m, false, now_ms);
    else
        arm(m, now_ms + MODEL_MESSAGE_MS);
}

/* Lines, as long as they are listened to. */
static void take_lines(struct model *m, size_t len, uint64_t now_ms)
{
    while (len > 0 && m->open && !m->held) {
        size_t room = 14 - m->request_len;
        size_t reach = len < room ? len : room;
        const uint8_t *lf = memchr(m->in, '\n', reach);
        size_t taken = lf != NULL ? (size_t)(lf - m->in) + 1 : len;

        FUZZ_CHECK(taken <= MODEL_BYTES_MAX - m->request_len);
        memcpy(m->request + m->request_len, m->in, taken);
        m->request_len += taken;
        drop(m, taken);
        len -= taken;
        if (lf != NULL || m->request_len > 13)
            serve(m, lf != NULL, now_ms);
        else
            arm(m, now_ms + MODEL_MESSAGE_MS);
    }
    if (m->held)
        m->rest_len = len;
}

static void take(struct model *m, size_t len, uint64_t now_ms)
{
    if (m->keep_open)
        take_lines(m, len, now_ms);
    else
        take_request(m, len, now_ms);
}

/* What is too long a line is counted piece by piece; else it is the same. */
static void take_pieces(struct model *m, uint64_t now_ms)
{
    for (size_t i = 0; i < m->n_pieces && m->open && !m->held; i++)
        take(m, m->keep_open ? m->pieces[i] : m->in_len, now_ms);
    m->n_pieces = 0;
    if (m->held)
        m->rest_len = m->in_len;
}

bool model_is_due(const struct model *m, uint64_t now_ms)
{
    return m->open && !m->held && m->deadline_ms <= now_ms && m->in_len == 0;
}

void model_strike(struct model *m, uint64_t now_ms)
{
    if (m->ready && m->request_len > 0)
        serve(m, false, now_ms); /* which closes, or holds it for that */
    else
        m->open = false;
}

/* The client has ended its side, and all before it is taken. */
static void finish(struct model *m, uint64_t now_ms)
{
    if (m->request_len > 0 && !m->held)
        serve(m, false, now_ms);
    else if (!m->held)
        m->open = false;
}

void model_turn(struct model *m, uint64_t now_ms)
{
    if (!m->open || m->held)
        return;
    if (m->ready)
        take_pieces(m, now_ms);
    if (m->open && !m->held && m->ended)
        finish(m, now_ms);
}

void model_release(struct model *m, bool stored, uint64_t now_ms)
{
    struct outcome out = m->held_as;

    m->held = false;
    if (stored)
        model_registers_set(m->registers, out.device, out.reg, out.value,
                            false);
    else
        (void)refuse(&out, WWEP_REASON_STORAGE, 0);
    answer(m, &out, now_ms);
    size_t rest = m->rest_len;
    m->rest_len = 0;
    if (m->open && rest > 0)
        take(m, rest, now_ms);
}
