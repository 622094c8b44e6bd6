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
 * A client by IPv6 takes a slot of its address, and one of its network; but
 * link-local ones are all of one network, which says nothing of them.
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
    uint64_t tokens; /* thousandths of a client, that may come at once; more
                      * than the rate gives is as much as it gives */
    uint32_t open;
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

static unsigned load(const atomic_uint *limit)
{
    return atomic_load_explicit(limit, memory_order_relaxed);
}

/* --- whose it is --- */

enum kind { V4, V6, V6_NETWORK };

/* What is to be counted; 0: nothing. */
struct keys {
    uint64_t address;
    uint64_t network;
};

static uint32_t get_32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
           (uint32_t)at[2] << 8 | at[3];
}

static uint64_t get_64(const uint8_t *at)
{
    return (uint64_t)get_32(at) << 32 | get_32(at + 4);
}

/* Nobody who does not know the seed can choose two with the same. */
static uint64_t key_of(const struct limiter_table *t, enum kind kind,
                       uint64_t network, uint64_t host)
{
    uint64_t key = hash_mix(t->seed ^ (uint64_t)kind);

    key = hash_mix(hash_mix(key ^ network) ^ host);
    return key != 0 ? key : 1;
}

static struct keys keys_of(const struct limiter_table *t,
                           const union address *peer)
{
    static const struct keys this_machine = {0, 0};
    size_t len;
    const uint8_t *bytes = address_bytes(peer, &len);

    if (len == 4)
        return bytes[0] == 127
                   ? this_machine
                   : (struct keys){key_of(t, V4, 0, get_32(bytes)), 0};
    if (peer->any.sa_family != AF_INET6 ||
        IN6_IS_ADDR_LOOPBACK(&peer->v6.sin6_addr))
        return this_machine;
    uint64_t network = get_64(bytes);
    struct keys keys = {key_of(t, V6, network, get_64(bytes + 8)), 0};
    if (!IN6_IS_ADDR_LINKLOCAL(&peer->v6.sin6_addr))
        keys.network = key_of(t, V6_NETWORK, network, 0);
    return keys;
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

    /* Full, if only as the rate is less than it was. */
    if (s->tokens >= full || past * rate >= full - s->tokens)
        s->tokens = full;
    else
        s->tokens += past * rate;
    s->at_ms = now_ms > s->at_ms ? now_ms : s->at_ms;
    if (s->tokens < 1000)
        return false;
    s->tokens -= 1000;
    return true;
}

/* With the set's lock held. times: as much as an address may have. */
static enum limiter_verdict enter_slot(const struct limiter *l, struct slot *s,
                                       unsigned times, uint64_t now_ms)
{
    unsigned most = load(&l->per_address) * times;
    unsigned rate = load(&l->new_per_second) * times;

    if (most > 0 && s->open >= most)
        return LIMITER_PER_ADDRESS;
    if (rate > 0 && !take_token(s, rate, now_ms))
        return LIMITER_NEW_PER_SECOND;
    s->at_ms = now_ms > s->at_ms ? now_ms : s->at_ms;
    s->open++;
    return LIMITER_GRANTED;
}

static enum limiter_verdict enter_table(struct limiter *l, uint64_t key,
                                        unsigned times, uint64_t now_ms,
                                        uint32_t *slot)
{
    struct limiter_table *t = l->table;
    size_t set = (size_t)(key % SETS);
    struct stripe *stripe = stripe_of(t, set);
    enum limiter_verdict verdict = LIMITER_GRANTED;

    pthread_mutex_lock(&stripe->mutex);
    struct slot *s = find(&t->slots[set * WAYS], key);
    if (s != NULL && s->key != key)
        *s = (struct slot){.key = key, .at_ms = now_ms, .tokens = UINT64_MAX};
    if (s != NULL)
        verdict = enter_slot(l, s, times, now_ms);
    pthread_mutex_unlock(&stripe->mutex);
    if (s != NULL && verdict == LIMITER_GRANTED)
        *slot = (uint32_t)(s - t->slots) + 1;
    return verdict;
}

static void leave_table(struct limiter_table *t, uint32_t *slot)
{
    if (*slot == 0)
        return;
    struct stripe *stripe = stripe_of(t, (*slot - 1) / WAYS);

    pthread_mutex_lock(&stripe->mutex);
    t->slots[*slot - 1].open--;
    pthread_mutex_unlock(&stripe->mutex);
    *slot = 0;
}

/* --- a client --- */

static enum limiter_verdict enter_both(struct limiter *l, struct keys keys,
                                       uint64_t now_ms,
                                       struct limiter_place *place)
{
    enum limiter_verdict verdict = LIMITER_GRANTED;

    if (keys.address != 0)
        verdict = enter_table(l, keys.address, 1, now_ms, &place->slot);
    if (keys.network == 0 || verdict != LIMITER_GRANTED)
        return verdict;
    verdict =
        enter_table(l, keys.network, LIMITER_NETWORK, now_ms, &place->network);
    return verdict == LIMITER_PER_ADDRESS      ? LIMITER_PER_NETWORK
           : verdict == LIMITER_NEW_PER_SECOND ? LIMITER_NEW_PER_NETWORK
                                               : verdict;
}

static bool begin_handshake(struct limiter *l)
{
    unsigned most = load(&l->max_handshakes);

    if (atomic_fetch_add(&l->handshakes, 1) < most || most == 0)
        return true;
    atomic_fetch_sub(&l->handshakes, 1);
    return false;
}

enum limiter_verdict limiter_enter(struct limiter *l, const union address *peer,
                                   bool shakes, uint64_t now_ms,
                                   struct limiter_place *place)
{
    enum limiter_verdict verdict = LIMITER_GRANTED;

    *place = (struct limiter_place){.slot = 0};
    if (l->table != NULL)
        verdict = enter_both(l, keys_of(l->table, peer), now_ms, place);
    if (verdict == LIMITER_GRANTED && shakes) {
        place->handshake = begin_handshake(l);
        if (!place->handshake)
            verdict = LIMITER_HANDSHAKES;
    }
    if (verdict != LIMITER_GRANTED)
        limiter_leave(l, place);
    return verdict;
}

unsigned limiter_most(const struct limiter *l, enum limiter_verdict verdict)
{
    switch (verdict) {
    case LIMITER_PER_ADDRESS:
        return load(&l->per_address);
    case LIMITER_NEW_PER_SECOND:
        return load(&l->new_per_second);
    case LIMITER_PER_NETWORK:
        return load(&l->per_address) * LIMITER_NETWORK;
    case LIMITER_NEW_PER_NETWORK:
        return load(&l->new_per_second) * LIMITER_NETWORK;
    default:
        return load(&l->max_handshakes);
    }
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
    leave_table(l->table, &place->slot);
    leave_table(l->table, &place->network);
}
