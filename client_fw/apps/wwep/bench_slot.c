/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench_slot.h"

#include <string.h>
#include <time.h>

uint64_t bench_now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void bench_slot_init(struct bench_slot *s, const struct bench_shared *shared,
                     size_t number)
{
    memset(s, 0, sizeof *s);
    s->number = number;
    s->connection.fd = -1;
    s->connection.owner = s;
    if (shared->tls != NULL)
        s->tls = *shared->tls;
    s->tls.session = shared->resume ? &s->session : NULL;
}

static void close_connection(struct bench_slot *s)
{
    bench_connection_close(&s->connection);
    s->state = BENCH_SLOT_CLOSED;
}

void bench_slot_free(struct bench_slot *s)
{
    close_connection(s);
    wwep_session_clear(&s->session);
}

/* --- what goes wrong -------------------------------------------------------
 */

static void describe(const struct bench_slot *s,
                     const struct bench_shared *shared, struct bench_failure *f)
{
    f->request = s->request;
    f->requested = s->state >= BENCH_SLOT_WAITING;
    f->secured = shared->tls == NULL || s->state >= BENCH_SLOT_WAITING;
    f->answered = s->state == BENCH_SLOT_ENDING;
    if (f->error == BENCH_ERROR_WRONG)
        f->holds = bench_plan_holds(&shared->plan, &s->request, &f->held);
}

static enum bench_slot_news fail(struct bench_slot *s,
                                 struct bench_shared *shared,
                                 struct bench_failure *f)
{
    describe(s, shared, f);
    bench_tally_fail(&shared->tally, f);
    /* A server that was started anew may not bear the sight of it. */
    if (s->state == BENCH_SLOT_SECURING)
        wwep_session_clear(&s->session);
    if (s->state == BENCH_SLOT_WAITING && f->error != BENCH_ERROR_WRONG)
        bench_plan_forget(&shared->plan, &s->request);
    close_connection(s);
    return BENCH_SLOT_FAILED;
}

static enum bench_error error_of(const struct bench_why *why)
{
    switch (why->result) {
    case WWEP_E_CONNECT:
        return why->port_error == WWEP_PORT_TIMEOUT ? BENCH_ERROR_TIMEOUT
                                                    : BENCH_ERROR_CONNECT;
    case WWEP_E_LOST:
        return BENCH_ERROR_LOST;
    case WWEP_E_TLS:
    case WWEP_E_CREDENTIALS:
        return BENCH_ERROR_TLS;
    default:
        return BENCH_ERROR_OTHER;
    }
}

static enum bench_slot_news fail_step(struct bench_slot *s,
                                      struct bench_shared *shared,
                                      const struct bench_why *why)
{
    struct bench_failure f = {.error = error_of(why),
                              .outcome = {.result = why->result,
                                          .fault = why->fault,
                                          .port_error = why->port_error},
                              .system = why->system};

    return fail(s, shared, &f);
}

/* The server has ended, or cut, a connection that waits for a reply. */
static enum bench_slot_news fail_lost(struct bench_slot *s,
                                      struct bench_shared *shared,
                                      int port_error)
{
    struct bench_why why = {.result = WWEP_E_LOST, .port_error = port_error};

    return fail_step(s, shared, &why);
}

/* What has come for a reply: for the words, if it is none. */
struct seen {
    struct wwep_reply_decoder earlier;
    uint8_t bytes[WWEP_REPLY_MAX];
    size_t len;
};

static void note_bytes(struct witness_bytes *to, const uint8_t *bytes,
                       size_t len)
{
    size_t room = sizeof to->bytes - to->len;

    if (len > room)
        len = room;
    memcpy(to->bytes + to->len, bytes, len);
    to->len += len;
}

static enum bench_slot_news fail_reply(struct bench_slot *s,
                                       struct bench_shared *shared,
                                       enum bench_verdict verdict,
                                       const struct wwep_reply *reply,
                                       const struct seen *seen)
{
    struct bench_failure f = {
        .error = BENCH_ERROR_REPLY,
        .outcome = {.result = WWEP_E_REPLY, .value = reply->value}};

    if (verdict == BENCH_WRONG)
        f.error = BENCH_ERROR_WRONG;
    if (verdict == BENCH_REFUSED) {
        f.error = BENCH_ERROR_REFUSED;
        f.outcome.result = WWEP_E_REFUSED;
        memcpy(f.outcome.reason, reply->reason, sizeof f.outcome.reason);
    }
    note_bytes(&f.received, seen->earlier.seen, seen->earlier.len);
    note_bytes(&f.received, seen->bytes, seen->len);
    return fail(s, shared, &f);
}

enum bench_slot_news bench_slot_give_up(struct bench_slot *s,
                                        struct bench_shared *shared)
{
    struct bench_failure f = {.error = BENCH_ERROR_TIMEOUT,
                              .outcome = {.result = WWEP_E_TIMEOUT}};

    if (s->state == BENCH_SLOT_CONNECTING)
        f.outcome = (struct wwep_outcome){.result = WWEP_E_CONNECT,
                                          .port_error = WWEP_PORT_TIMEOUT};
    return fail(s, shared, &f);
}

/* --- the exchange ----------------------------------------------------------
 */

static enum bench_slot_news send_request(struct bench_slot *s,
                                         struct bench_shared *shared)
{
    uint8_t bytes[WWEP_WRITE_LEN + 1];
    size_t len = wwep_request_encode(&s->request, bytes);
    struct bench_why why;

    if (shared->keep_open)
        bytes[len++] = '\n';
    memset(&s->decoder, 0, sizeof s->decoder);
    s->state = BENCH_SLOT_WAITING;
    if (!bench_connection_send(&s->connection, &shared->wire, bytes, len, &why))
        return fail_step(s, shared, &why);
    return BENCH_SLOT_BUSY;
}

/* Connected, and secured if that is wanted. */
static enum bench_slot_news begin_use(struct bench_slot *s,
                                      struct bench_shared *shared)
{
    struct bench_why why;

    s->lines = false;
    s->replies = 0;
    if (!s->only_open)
        return send_request(s, shared);
    s->state = BENCH_SLOT_OPEN;
    if (!bench_connection_flush(&s->connection, &shared->wire, &why))
        return fail_step(s, shared, &why);
    return BENCH_SLOT_OPENED;
}

static enum bench_slot_news secure(struct bench_slot *s,
                                   struct bench_shared *shared)
{
    struct bench_tally *tally = &shared->tally;
    struct bench_why why;

    s->state = BENCH_SLOT_SECURING;
    switch (bench_connection_secure(&s->connection, &shared->wire, &s->tls,
                                    &tally->security, &why)) {
    case BENCH_AGAIN:
        return BENCH_SLOT_BUSY;
    case BENCH_FAILED:
        return fail_step(s, shared, &why);
    default:
        break;
    }
    bench_histogram_add(&tally->handshake, bench_now_ns() - s->connected_ns);
    if (tally->security.resumed)
        tally->resumed++;
    else
        tally->full++;
    return begin_use(s, shared);
}

static enum bench_slot_news go_on_connected(struct bench_slot *s,
                                            struct bench_shared *shared)
{
    s->connected_ns = bench_now_ns();
    bench_histogram_add(&shared->tally.connect,
                        s->connected_ns - s->dialled_ns);
    return shared->tls != NULL ? secure(s, shared) : begin_use(s, shared);
}

static enum bench_slot_news dial(struct bench_slot *s,
                                 struct bench_shared *shared)
{
    struct bench_why why;

    s->dialled_ns = bench_now_ns();
    s->began_ns = s->dialled_ns;
    s->state = BENCH_SLOT_CONNECTING;
    switch (bench_connection_open(&s->connection, &shared->wire, &why)) {
    case BENCH_AGAIN:
        return BENCH_SLOT_BUSY;
    case BENCH_FAILED:
        return fail_step(s, shared, &why);
    default:
        return go_on_connected(s, shared);
    }
}

enum bench_slot_news bench_slot_open(struct bench_slot *s,
                                     struct bench_shared *shared)
{
    s->only_open = true;
    return dial(s, shared);
}

enum bench_slot_news bench_slot_start(struct bench_slot *s,
                                      struct bench_shared *shared,
                                      uint64_t due_ns)
{
    bench_plan_next(&shared->plan, s->number, &s->request);
    s->only_open = false;
    if (s->state != BENCH_SLOT_OPEN) {
        s->due_ns = due_ns;
        enum bench_slot_news news = dial(s, shared);

        if (due_ns == 0)
            s->due_ns = s->dialled_ns;
        return news;
    }
    s->began_ns = bench_now_ns();
    s->due_ns = due_ns != 0 ? due_ns : s->began_ns;
    return send_request(s, shared);
}

/* --- the reply -------------------------------------------------------------
 */

/* A reply that is right: what is left is the end of the connection. */
static enum bench_slot_news finish(struct bench_slot *s,
                                   struct bench_shared *shared,
                                   enum bench_verdict verdict)
{
    struct bench_tally *tally = &shared->tally;

    shared->replied_ns = bench_now_ns();
    bench_histogram_add(&tally->exchange, shared->replied_ns - s->due_ns);
    tally->exchanges++;
    tally->writes += s->request.command == WWEP_WRITE;
    tally->not_found += verdict == BENCH_NOT_FOUND;
    if (shared->resume && s->connection.link != NULL && s->replies == 0)
        wwep_tls_link_save(s->connection.link);
    s->replies++;
    return BENCH_SLOT_FREE;
}

/* Whether the rest of what came with a reply may belong to it. */
static bool is_line_end(const uint8_t *bytes, size_t len)
{
    while (len > 0 && (bytes[len - 1] == '\r' || bytes[len - 1] == '\n'))
        len--;
    return len == 0;
}

/* Behind the last byte of a right reply. */
static enum bench_slot_news await_end(struct bench_slot *s,
                                      struct bench_shared *shared)
{
    s->state = BENCH_SLOT_ENDING;
    if (!bench_connection_ended(&s->connection, &shared->wire))
        return BENCH_SLOT_BUSY;
    close_connection(s);
    return BENCH_SLOT_FREE;
}

static enum bench_slot_news take_reply(struct bench_slot *s,
                                       struct bench_shared *shared,
                                       const struct wwep_reply *reply,
                                       const struct seen *seen)
{
    enum bench_verdict verdict =
        bench_plan_judge(&shared->plan, &s->request, reply);

    if (verdict != BENCH_RIGHT && verdict != BENCH_NOT_FOUND)
        return fail_reply(s, shared, verdict, reply, seen);
    enum bench_slot_news news = finish(s, shared, verdict);
    if (!shared->keep_open)
        return await_end(s, shared);
    s->lines = seen->len > 0 && seen->bytes[seen->len - 1] == '\n';
    s->state = BENCH_SLOT_OPEN;
    return news;
}

/* A connection that was to be kept open has ended: on a listener that keeps
 * none the last reply had no LF. */
static void note_end(const struct bench_slot *s, struct bench_shared *shared)
{
    if (shared->keep_open && s->replies > 0 && !s->lines)
        shared->closes = true;
}

/* The end, before the reply was whole: but for an X, which the end makes
 * whole. */
static enum bench_slot_news take_end(struct bench_slot *s,
                                     struct bench_shared *shared, int error)
{
    const struct seen seen = {.earlier = s->decoder};
    struct wwep_reply reply;

    wwep_reply_finish(&s->decoder, &reply);
    if (reply.kind == WWEP_REPLY_PENDING) {
        note_end(s, shared);
        return fail_lost(s, shared, error);
    }
    enum bench_slot_news news = take_reply(s, shared, &reply, &seen);
    if (news != BENCH_SLOT_FAILED)
        close_connection(s);
    return news == BENCH_SLOT_BUSY ? BENCH_SLOT_FREE : news;
}

/* On a connection that is kept open: what has come behind the reply, and is in
 * the wire's buffer, which is for the next connection then. */
static bool more_came(struct bench_slot *s, struct bench_shared *shared)
{
    uint8_t bytes[WWEP_REPLY_MAX];
    struct bench_why why;
    size_t len;

    return bench_wire_has_more(&shared->wire) &&
           bench_connection_recv(&s->connection, &shared->wire, bytes,
                                 sizeof bytes, &len, &why) == BENCH_DONE &&
           !is_line_end(bytes, len);
}

static enum bench_slot_news read_reply(struct bench_slot *s,
                                       struct bench_shared *shared)
{
    struct wwep_reply reply;
    struct bench_why why;
    struct seen seen;

    for (;;) {
        enum bench_step step =
            bench_connection_recv(&s->connection, &shared->wire, seen.bytes,
                                  sizeof seen.bytes, &seen.len, &why);

        if (step == BENCH_AGAIN)
            return BENCH_SLOT_BUSY;
        if (step == BENCH_FAILED && why.result != WWEP_E_LOST)
            return fail_step(s, shared, &why);
        if (step == BENCH_FAILED || seen.len == 0)
            return take_end(s, shared,
                            step == BENCH_FAILED ? why.port_error : 0);
        seen.earlier = s->decoder;
        size_t taken =
            wwep_reply_feed(&s->decoder, seen.bytes, seen.len, &reply);
        if (reply.kind == WWEP_REPLY_PENDING)
            continue;
        if (!is_line_end(seen.bytes + taken, seen.len - taken) ||
            (shared->keep_open && more_came(s, shared)))
            reply.kind = WWEP_REPLY_MALFORMED;
        return take_reply(s, shared, &reply, &seen);
    }
}

/* --- events ----------------------------------------------------------------
 */

/* A connection that was kept open is no more: its slot, which is free, opens
 * another when it needs it. */
static enum bench_slot_news lose_idle(struct bench_slot *s,
                                      struct bench_shared *shared, bool spoke)
{
    struct bench_failure f = {.error = BENCH_ERROR_REPLY,
                              .outcome = {.result = WWEP_E_REPLY}};

    note_end(s, shared);
    if (spoke)
        (void)fail(s, shared, &f);
    close_connection(s);
    return BENCH_SLOT_BUSY;
}

/* Something comes on a connection that nothing is asked of: a session ticket,
 * the LF of the last reply, or the end. */
static enum bench_slot_news look_at_idle(struct bench_slot *s,
                                         struct bench_shared *shared)
{
    struct bench_failure f = {.error = BENCH_ERROR_IDLE};
    struct bench_why why;
    uint8_t bytes[WWEP_REPLY_MAX];
    size_t len;

    for (;;) {
        enum bench_step step = bench_connection_recv(
            &s->connection, &shared->wire, bytes, sizeof bytes, &len, &why);

        if (step == BENCH_AGAIN)
            return BENCH_SLOT_BUSY;
        bool spoke = step == BENCH_DONE && len > 0;
        if (s->idle)
            return fail(s, shared, &f);
        if (!spoke || s->replies == 0 || !is_line_end(bytes, len))
            return lose_idle(s, shared, spoke);
        s->lines = true;
    }
}

enum bench_slot_news bench_slot_event(struct bench_slot *s,
                                      struct bench_shared *shared,
                                      uint32_t events)
{
    struct bench_why why;

    bench_connection_wake(&s->connection, &shared->wire, events);
    switch (s->state) {
    case BENCH_SLOT_CONNECTING:
        if (bench_connection_connected(&s->connection, &why) == BENCH_FAILED)
            return fail_step(s, shared, &why);
        return go_on_connected(s, shared);
    case BENCH_SLOT_SECURING: {
        enum bench_slot_news news = secure(s, shared);
        /* What came with the server's last flight is in the wire's buffer. */
        if (news == BENCH_SLOT_BUSY && s->state == BENCH_SLOT_WAITING)
            news = read_reply(s, shared);
        else if (news == BENCH_SLOT_OPENED &&
                 look_at_idle(s, shared) == BENCH_SLOT_FAILED)
            news = BENCH_SLOT_FAILED;
        return news;
    }
    case BENCH_SLOT_WAITING:
        return read_reply(s, shared);
    case BENCH_SLOT_ENDING:
        return await_end(s, shared);
    case BENCH_SLOT_OPEN:
        return look_at_idle(s, shared);
    default:
        return BENCH_SLOT_BUSY;
    }
}
