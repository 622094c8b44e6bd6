/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "fuzz_rig.h"

#include "connection.h"
#include "device.h"
#include "fuzz.h"
#include "fuzz_clock.h"
#include "fuzz_file.h"
#include "fuzz_setting.h"
#include "fuzz_slot.h"
#include "setup.h"
#include "store.h"
#include "worker.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TURNS_MAX 1000
#define HELD_MAX  RIG_SLOTS

/* What is held, and by whom. */
struct held {
    struct store_write *write;
    struct slot *slot;
};

static struct {
    struct slot slots[RIG_SLOTS];
    struct slot *pending; /* has said what the server has not read */
    bool holding;
    bool told; /* the worker, to end */
    struct held held[HELD_MAX];
    size_t n_held;
    struct model_registers registers;
    struct worker worker;
    struct worker_shared shared;
    struct store store;
    struct setup setup;
    struct tls_context *contexts[RIG_LISTENERS];
    struct msglog_entry entry;
    int lowest;
} rig;

/* --- the message log ------------------------------------------------------ */

struct msglog_entry *msglog_next(struct msglog *m, size_t ring)
{
    (void)m;
    (void)ring;
    memset(&rig.entry, 0, sizeof rig.entry);
    return &rig.entry;
}

void msglog_commit(struct msglog *m, size_t ring)
{
    (void)m;
    (void)ring;
    for (size_t i = 0; i < RIG_SLOTS; i++)
        if (rig.slots[i].used && rig.slots[i].number == rig.entry.conn) {
            slot_log(&rig.slots[i], &rig.entry, &rig.registers);
            return;
        }
    FUZZ_CHECK(rig.entry.conn == 0); /* of nobody */
}

/* --- the store ------------------------------------------------------------ */

void __real_store_write(struct store *s, struct store_write *w);
void __wrap_store_write(struct store *s, struct store_write *w);

void __wrap_store_write(struct store *s, struct store_write *w)
{
    if (!rig.holding) {
        __real_store_write(s, w);
        return;
    }
    size_t i = ntohs(w->peer->v4.sin_port);
    FUZZ_CHECK(i < RIG_SLOTS && rig.n_held < HELD_MAX);
    rig.held[rig.n_held++] = (struct held){w, &rig.slots[i]};
}

void rig_toggle_holding(void)
{
    rig_turn();
    rig.holding = !rig.holding;
}

void rig_release(bool stored)
{
    if (rig.n_held == 0)
        return;
    rig_turn();
    struct held h = rig.held[0];
    rig.n_held--;
    memmove(rig.held, rig.held + 1, rig.n_held * sizeof *rig.held);
    uv_update_time(&rig.worker.loop);
    if (stored)
        __real_store_write(&rig.store, h.write);
    else
        h.write->done(h.write, false);
    if (h.slot->sure) {
        FUZZ_CHECK(h.slot->model.held);
        model_release(&h.slot->model, stored, fuzz_clock_ms());
    }
    rig_turn();
}

/* --- the start ------------------------------------------------------------ */

static void start(void)
{
    const struct store_options options = {.config = &setting_config.store,
                                          .n_workers = 1};
    char words[STORE_ERROR_MAX];

    signal(SIGPIPE, SIG_IGN); /* as wwepd does */
    setting_make();
    FUZZ_CHECK(store_open(&rig.store, &options, words) == 0);
    for (size_t i = 0; i < RIG_LISTENERS; i++)
        rig.contexts[i] = setting_context((enum rig_listener)i);
    rig.setup.config = &setting_config;
    rig.setup.contexts = rig.contexts;
    atomic_init(&rig.setup.refs, 1);
}

void rig_begin(void)
{
    struct worker *w = &rig.worker;

    if (rig.store.registers == NULL)
        start();
    rig.lowest = fuzz_file_lowest();
    rig.pending = NULL;
    rig.holding = rig.told = false;
    rig.n_held = 0;
    rig.registers.n = 0;
    registers_clear(rig.store.registers);
    memset(&rig.shared, 0, sizeof rig.shared);
    worker_shared_init(&rig.shared, &setting_config);
    rig.shared.store = &rig.store;
    FUZZ_CHECK(worker_init(w, &rig.shared, 0, RIG_LISTENERS) == 0);
    for (size_t i = 0; i < RIG_LISTENERS; i++) {
        struct listener *l = listener_new(&rig.setup, i, -1);
        FUZZ_CHECK(l != NULL);
        l->worker = w;
        w->listeners[w->n_listeners++] = l;
    }
    for (size_t i = 0; i < RIG_SLOTS; i++)
        rig.slots[i].used = false;
}

/* --- clients -------------------------------------------------------------- */

static struct slot *slot_at(size_t i)
{
    struct slot *s = &rig.slots[i % RIG_SLOTS];

    return s->used && s->client.fd >= 0 ? s : NULL;
}

static void begin_slot(struct slot *s, const struct rig_options *o)
{
    const struct config_listener *l = &setting_listeners[o->listener];
    const struct setting_identity *who =
        o->listener == RIG_MUTUAL ? setting_identity(o->client) : NULL;
    struct model *m = &s->model;

    s->used = true;
    s->listener = o->listener;
    s->n_logged = 0;
    s->unread = 0;
    s->explains = l->explain_errors;
    s->greets = l->tls == NULL ||
                (o->client != RIG_RAW &&
                 (o->listener != RIG_MUTUAL || (who != NULL && who->good)));
    s->identity = who != NULL ? who->name : "";
    s->sure = s->greets;
    s->whole = !o->small;
    m->registers = &rig.registers;
    m->holding = &rig.holding;
    m->keep_open = l->keep_open;
    m->own = l->write == CONFIG_WRITE_OWN;
    m->device = who != NULL ? who->device : DEVICE_NONE;
    m->held = m->ended = false;
    m->in_len = m->n_pieces = m->rest_len = m->request_len = m->n = 0;
    model_open(m, l->tls != NULL, fuzz_clock_ms());
}

void rig_open(size_t slot, const struct rig_options *o)
{
    struct slot *s = &rig.slots[slot % RIG_SLOTS];
    struct listener *l = rig.worker.listeners[o->listener];
    struct limiter_place place;
    union address peer = {.v4 = {.sin_family = AF_INET}};
    bool speaks = l->config->tls != NULL && o->client != RIG_RAW;
    int least = 1;
    int fds[2];

    if (s->used || rig.told)
        return;
    rig_turn(); /* the loop's time is the clock's now */
    FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                          0, fds) == 0);
    if (o->small)
        (void)setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &least, sizeof least);
    peer.v4.sin_port = htons((uint16_t)(slot % RIG_SLOTS));
    begin_slot(s, o);
    s->number = rig.shared.accepted + 1;
    client_open(&s->client, fds[1],
                speaks ? setting_client(o->client, o->tls_1_2) : NULL);
    s->client.piecewise = o->piecewise;
    FUZZ_CHECK(limiter_enter(&rig.shared.limiter, &peer, l->tls != NULL,
                             fuzz_clock_ms(), &place) == LIMITER_GRANTED);
    FUZZ_CHECK(connection_accept(l, fds[0], &peer, &place));
    if (!s->sure)
        s->model.open = false;
}

static void tell_model(struct slot *s, const uint8_t *bytes, size_t len)
{
    if (len > MODEL_BYTES_MAX - s->model.in_len)
        s->sure = false;
    if (s->sure)
        model_bytes(&s->model, bytes, len, s->client.ssl != NULL);
}

/* The server reads at most so much at once, and the model all. */
static void note_pending(struct slot *s, size_t len)
{
    struct client *c = &s->client;
    struct client_mark mark;

    if (len == 0)
        return;
    rig.pending = s;
    s->unread += len;
    if (s->unread > MODEL_BYTES_MAX)
        s->sure = false;
    if (c->ssl == NULL)
        tell_model(s, c->queue + c->delivered - len, len);
    while (c->ssl != NULL && client_reached(c, &mark)) {
        tell_model(s, c->sent + mark.from, mark.len);
        if (mark.end)
            model_end(&s->model);
    }
}

/* Two at a time would come in an order that nobody knows. */
static void make_way(const struct slot *s)
{
    if (rig.pending != NULL && rig.pending != s)
        rig_turn();
}

void rig_deliver(size_t slot, size_t len)
{
    struct slot *s = slot_at(slot);

    if (s == NULL)
        return;
    make_way(s);
    note_pending(s, client_deliver(&s->client, len));
}

static void deliver_all(struct slot *s, size_t slot)
{
    if (!s->client.piecewise)
        rig_deliver(slot, CLIENT_QUEUE_MAX);
}

void rig_say(size_t slot, const uint8_t *bytes, size_t len)
{
    struct slot *s = slot_at(slot);

    if (s != NULL && client_say(&s->client, bytes, len))
        deliver_all(s, slot);
}

void rig_say_raw(size_t slot, const uint8_t *bytes, size_t len)
{
    struct slot *s = slot_at(slot);

    if (s == NULL)
        return;
    s->sure = false;
    client_say_raw(&s->client, bytes, len);
    deliver_all(s, slot);
}

void rig_damage(size_t slot, size_t at, uint8_t bits)
{
    struct slot *s = slot_at(slot);
    struct client *c = s != NULL ? &s->client : NULL;

    if (c == NULL || c->ssl == NULL || c->delivered == c->len)
        return;
    c->queue[c->delivered + at % (c->len - c->delivered)] ^= bits;
    c->dirty = true;
    s->sure = false;
}

void rig_notify(size_t slot)
{
    struct slot *s = slot_at(slot);

    if (s == NULL)
        return;
    client_notify(&s->client);
    deliver_all(s, slot);
}

void rig_hang_up(size_t slot)
{
    struct slot *s = slot_at(slot);

    if (s == NULL || s->client.ended)
        return;
    make_way(s);
    client_end(&s->client);
    model_end(&s->model);
    rig.pending = s;
}

void rig_reset(size_t slot)
{
    struct slot *s = slot_at(slot);

    if (s == NULL)
        return;
    s->sure = false;
    close(s->client.fd);
    s->client.fd = -1;
}

void rig_toggle_reading(size_t slot)
{
    struct slot *s = slot_at(slot);

    if (s == NULL)
        return;
    s->client.reading = !s->client.reading;
    s->sure = false; /* what the kernel takes is its own business */
}

void rig_tell(bool abort)
{
    if (rig.told)
        return;
    rig_turn();
    rig.told = true;
    for (size_t i = 0; i < RIG_SLOTS; i++)
        rig.slots[i].sure = false;
    worker_tell(&rig.worker, abort ? WORKER_ABORT : WORKER_DRAIN);
    rig_turn();
}

/* --- time ----------------------------------------------------------------- */

/* A partial record puts a time-out off, and the model knows no records. */
static void doubt_the_late(void)
{
    for (size_t i = 0; i < RIG_SLOTS; i++) {
        struct slot *s = &rig.slots[i];
        if (s->used && s == rig.pending && s->client.ssl != NULL &&
            s->model.deadline_ms <= fuzz_clock_ms())
            s->sure = false;
    }
}

static bool loop_has_work(void)
{
    struct pollfd p = {.fd = uv_backend_fd(&rig.worker.loop), .events = POLLIN};

    return uv_loop_alive(&rig.worker.loop) &&
           (uv_backend_timeout(&rig.worker.loop) == 0 || poll(&p, 1, 0) > 0);
}

static bool move_clients(void)
{
    bool moved = false;

    for (size_t i = 0; i < RIG_SLOTS; i++) {
        struct slot *s = slot_at(i);
        if (s == NULL)
            continue;
        while (client_pump(&s->client))
            moved = true;
        /* Handshakes go on by themselves. */
        size_t n = s->client.piecewise || s->client.ssl == NULL
                       ? 0
                       : client_deliver(&s->client, CLIENT_QUEUE_MAX);
        note_pending(s, n);
        moved = moved || n > 0;
    }
    return moved;
}

static void strike_models(void)
{
    for (;;) {
        struct model *first = NULL;
        for (size_t i = 0; i < RIG_SLOTS; i++) {
            struct slot *s = &rig.slots[i];
            struct model *m = &s->model;
            if (s->used && s->sure && model_is_due(m, fuzz_clock_ms()) &&
                (first == NULL || m->deadline_ms < first->deadline_ms ||
                 (m->deadline_ms == first->deadline_ms &&
                  m->armed < first->armed)))
                first = m;
        }
        if (first == NULL)
            return;
        model_strike(first, fuzz_clock_ms());
    }
}

static void move_models(void)
{
    uint64_t now = fuzz_clock_ms();

    strike_models();
    for (size_t i = 0; i < RIG_SLOTS; i++) {
        struct slot *s = &rig.slots[i];
        const struct client *c = &s->client;
        if (!s->used || !s->sure)
            continue;
        if (!s->model.ready && c->done && c->delivered >= c->handshake_len &&
            s->model.open)
            model_ready(&s->model, now);
        model_turn(&s->model, now);
    }
    strike_models(); /* of whom the handshake took all the time there was */
}

void rig_turn(void)
{
    int turns = 0;

    doubt_the_late();
    do {
        uv_run(&rig.worker.loop, UV_RUN_NOWAIT);
        FUZZ_CHECK(++turns < TURNS_MAX);
    } while (move_clients() || loop_has_work());
    rig.pending = NULL;
    move_models();
    for (size_t i = 0; i < RIG_SLOTS; i++) {
        slot_compare(&rig.slots[i]);
        if (!rig.slots[i].model.held)
            rig.slots[i].unread = 0;
    }
}

/* In steps: of two time-outs the first comes first. */
void rig_advance(uint64_t ms)
{
    uint64_t until = fuzz_clock_ms() + ms;

    while (fuzz_clock_ms() < until) {
        uint64_t next = until;
        for (size_t i = 0; i < RIG_SLOTS; i++) {
            const struct slot *s = &rig.slots[i];
            if (s->used && s->sure && s->model.open && !s->model.held &&
                s->model.deadline_ms > fuzz_clock_ms() &&
                s->model.deadline_ms < next)
                next = s->model.deadline_ms;
        }
        fuzz_clock_advance(next - fuzz_clock_ms());
        rig_turn();
    }
}

void rig_end(void)
{
    rig_turn();
    rig.holding = false;
    while (rig.n_held > 0)
        rig_release(true);
    for (int i = 0; i < 4; i++)
        rig_advance(MODEL_IDLE_MS + 1);
    FUZZ_CHECK(atomic_load(&rig.shared.connections) == 0);
    worker_deinit(&rig.worker);
    worker_shared_deinit(&rig.shared);
    for (size_t i = 0; i < RIG_SLOTS; i++) {
        slot_finish(&rig.slots[i]);
        if (rig.slots[i].used)
            client_close(&rig.slots[i].client);
    }
    FUZZ_CHECK(fuzz_file_lowest() == rig.lowest);
}
