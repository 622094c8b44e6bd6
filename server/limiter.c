/* limiter.c - the table of addresses.
 *
 * Happy path: limiter_enter() finds the address's slot, or takes one that
 * nobody is connected by -> counts -> limiter_shaken() -> limiter_leave().
 * Failures: the address has all it may have -> the verdict says of what; no
 * slot is free -> the client is not counted.
 *
 * A slot holds how many are connected, and a bucket of what may still come at
 * once: it fills up at the rate, to a second's worth. A slot whose address has
 * nobody connected is the next one's that wants it, the longest unused first;
 * the bucket of who comes back is full then, so that only an attacker with
 * more addresses than slots gains by it, and he has no need to.
 *
 * IPv6 is counted by /64, as that is what one client is given, but for
 * link-local addresses, which all have the same one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "limiter.h"

#include "hash.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define WAYS    8u    /* slots of a set */
#define SETS    2048u /* a power of two: 16384 slots, 512 KiB */
#define STRIPES 64u   /* locks, each for every 64th set */

struct slot {
    uint64_t key; /* 0: never used */
    uint64_t at_ms;
    uint32_t open;
    uint32_t tokens; /* thousandths of a client, that may come at once */
};

struct stripe {
    _Alignas(64) pthread_mutex_t mutex;
};

struct limiter_table {
    struct stripe stripes[STRIPES];
    uint64_t seed; /* so that nobody can choose addresses of the same set */
    struct slot slots[SETS * WAYS];
};

int limiter_init(struct limiter *l)
{
    memset(l, 0, sizeof *l);
    struct limiter_table *t = aligned_alloc(64, sizeof *t);
    if (t == NULL)
        return -ENOMEM;
    memset(t, 0, sizeof *t);
    for (size_t i = 0; i < STRIPES; i++)
        pthread_mutex_init(&t->stripes[i].mutex, NULL);
    if (getrandom(&t->seed, sizeof t->seed, 0) != (ssize_t)sizeof t->seed)
        t->seed = (uint64_t)(uintptr_t)t;
    l->table = t;
    return 0;
}

void limiter_deinit(struct limiter *l)
{
    if (l->table == NULL)
        return;
    for (size_t i = 0; i < STRIPES; i++)
        pthread_mutex_destroy(&l->table->stripes[i].mutex);
    free(l->table);
    l->table = NULL;
}

void limiter_set(struct limiter *l, const struct config_limits *config)
{
    atomic_store(&l->per_address, config->per_address);
    atomic_store(&l->max_handshakes, config->handshakes);
    atomic_store(&l->new_per_second, config->new_per_second);
}

/* --- whose it is --- */

/* 0: not to be counted, as it is this machine. */
static uint64_t key_of_v4(uint32_t address)
{
    return address >> 24 == 127 ? 0 : UINT64_C(0xffffffff00000000) | address;
}

static uint32_t get_32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
           (uint32_t)at[2] << 8 | at[3];
}

static uint64_t get_64(const uint8_t *at)
{
    return (uint64_t)get_32(at) << 32 | get_32(at + 4);
}

static uint64_t or_one(uint64_t key)
{
    return key != 0 ? key : 1;
}

static uint64_t key_of(const union address *peer)
{
    const struct in6_addr *v6 = &peer->v6.sin6_addr;
    size_t len;
    const uint8_t *bytes = address_bytes(peer, &len);

    if (len == 4)
        return key_of_v4(get_32(bytes));
    if (peer->any.sa_family != AF_INET6 || IN6_IS_ADDR_LOOPBACK(v6))
        return 0;
    if (IN6_IS_ADDR_LINKLOCAL(v6))
        return or_one(get_64(bytes + 8));
    return or_one(get_64(bytes));
}

/* --- the table --- */

static struct stripe *stripe_of(struct limiter_table *t, size_t set)
{
    return &t->stripes[set % STRIPES];
}

/* Of the set: the key's, or else the one that has been free for longest. NULL:
 * none is. */
static struct slot *find(struct slot *set, uint64_t key)
{
    struct slot *free_one = NULL;

    for (size_t i = 0; i < WAYS; i++) {
        struct slot *s = &set[i];
        if (s->key == key)
            return s;
        if (s->open == 0 && (free_one == NULL || s->at_ms < free_one->at_ms))
            free_one = s;
    }
    return free_one;
}

/* Fills its bucket up to now, and takes one client's worth. */
static bool take_token(struct slot *s, unsigned rate, uint64_t now_ms)
{
    uint64_t full = (uint64_t)rate * 1000;
    uint64_t past = now_ms > s->at_ms ? now_ms - s->at_ms : 0;
    uint64_t tokens = s->tokens + past * rate;

    if (tokens > full) /* or the rate is less than it was */
        tokens = full;
    s->at_ms = now_ms > s->at_ms ? now_ms : s->at_ms;
    s->tokens = (uint32_t)tokens;
    if (tokens < 1000)
        return false;
    s->tokens -= 1000;
    return true;
}

/* With the set's lock held. */
static enum limiter_verdict enter_slot(const struct limiter *l, struct slot *s,
                                       uint64_t key, uint64_t now_ms)
{
    unsigned most = atomic_load_explicit(&l->per_address, memory_order_relaxed);
    unsigned rate =
        atomic_load_explicit(&l->new_per_second, memory_order_relaxed);

    if (s->key != key) {
        *s = (struct slot){.key = key, .at_ms = now_ms, .tokens = rate * 1000};
    }
    if (most > 0 && s->open >= most)
        return LIMITER_PER_ADDRESS;
    if (rate > 0 && !take_token(s, rate, now_ms))
        return LIMITER_NEW_PER_SECOND;
    s->at_ms = now_ms > s->at_ms ? now_ms : s->at_ms;
    s->open++;
    return LIMITER_GRANTED;
}

static enum limiter_verdict enter_table(struct limiter *l, uint64_t key,
                                        uint64_t now_ms, uint32_t *slot)
{
    struct limiter_table *t = l->table;
    size_t set = (size_t)(hash_mix(key ^ t->seed) % SETS);
    struct stripe *stripe = stripe_of(t, set);
    enum limiter_verdict verdict = LIMITER_GRANTED;

    pthread_mutex_lock(&stripe->mutex);
    struct slot *s = find(&t->slots[set * WAYS], key);
    if (s != NULL)
        verdict = enter_slot(l, s, key, now_ms);
    pthread_mutex_unlock(&stripe->mutex);
    if (s != NULL && verdict == LIMITER_GRANTED)
        *slot = (uint32_t)(s - t->slots) + 1;
    return verdict;
}

static void leave_table(struct limiter_table *t, uint32_t slot)
{
    struct stripe *stripe = stripe_of(t, (slot - 1) / WAYS);

    pthread_mutex_lock(&stripe->mutex);
    t->slots[slot - 1].open--;
    pthread_mutex_unlock(&stripe->mutex);
}

/* --- a client --- */

static bool begin_handshake(struct limiter *l)
{
    unsigned most =
        atomic_load_explicit(&l->max_handshakes, memory_order_relaxed);

    if (atomic_fetch_add(&l->handshakes, 1) < most || most == 0)
        return true;
    atomic_fetch_sub(&l->handshakes, 1);
    return false;
}

enum limiter_verdict limiter_enter(struct limiter *l, const union address *peer,
                                   bool shakes, uint64_t now_ms,
                                   struct limiter_place *place)
{
    uint64_t key = l->table != NULL ? key_of(peer) : 0;
    enum limiter_verdict verdict = LIMITER_GRANTED;

    *place = (struct limiter_place){.slot = 0};
    if (key != 0)
        verdict = enter_table(l, key, now_ms, &place->slot);
    if (verdict != LIMITER_GRANTED || !shakes)
        return verdict;
    place->handshake = begin_handshake(l);
    if (place->handshake)
        return LIMITER_GRANTED;
    limiter_leave(l, place);
    return LIMITER_HANDSHAKES;
}

void limiter_shaken(struct limiter *l, struct limiter_place *place)
{
    if (place->handshake)
        atomic_fetch_sub(&l->handshakes, 1);
    place->handshake = false;
}

void limiter_leave(struct limiter *l, struct limiter_place *place)
{
    limiter_shaken(l, place);
    if (place->slot != 0)
        leave_table(l->table, place->slot);
    place->slot = 0;
}
