/* sharing.c - who wrote to a device last.
 *
 * Happy path: sharing_note() -> the device's token has this client and this
 * minute -> done, by one load. Once a minute the token is set again.
 * Another client than before -> under the lock: its record has who that was;
 * if that is not long ago and has not been told, it is to be told.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "sharing.h"

#include "hash.h"
#include "text.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#define DEVICES    65536u
#define PAIRS      4u
#define RECENT_MIN 10
#define TOLD_MIN   60u

/* A token: 16 bits of the minute, from 1 on and around; 48 of the client's
 * hash. 0: nobody has written. */
#define CLIENT_BITS 48u
#define CLIENT_MASK ((UINT64_C(1) << CLIENT_BITS) - 1)

struct record {
    struct sharing_other last;
    uint32_t told[PAIRS];         /* hashes of two clients */
    uint32_t told_minutes[PAIRS]; /* when; 0: never */
};

struct sharing_records {
    pthread_mutex_t mutex; /* of the records */
    atomic_uint_least64_t tokens[DEVICES];
    struct record records[DEVICES];
};

/* Demand-zero: a page is there once a device in it has been written to. */
int sharing_init(struct sharing *s)
{
    void *at = mmap(NULL, sizeof *s->records, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    s->records = at != MAP_FAILED ? at : NULL;
    if (s->records == NULL)
        return -ENOMEM;
    pthread_mutex_init(&s->records->mutex, NULL);
    return 0;
}

void sharing_deinit(struct sharing *s)
{
    if (s->records == NULL)
        return;
    pthread_mutex_destroy(&s->records->mutex);
    munmap(s->records, sizeof *s->records);
    s->records = NULL;
}

/* --- who it is --- */

/* Clients hardly choose their addresses, and what they gain by a collision is
 * that they are not told apart. */
static uint64_t hash_client(const union address *peer, const char *identity)
{
    uint64_t halves[2] = {0, 0};
    size_t len;
    const uint8_t *bytes = address_bytes(peer, &len);

    memcpy(halves, bytes, len);
    uint64_t hash = hash_mix(hash_mix(halves[0]) + halves[1]);
    for (; *identity != '\0'; identity++)
        hash = hash_mix(hash + (uint8_t)*identity);
    hash &= CLIENT_MASK;
    return hash != 0 ? hash : 1;
}

static void remember(struct sharing_other *who, const union address *peer,
                     const char *identity)
{
    who->peer = *peer;
    text_copy(who->identity, sizeof who->identity, identity);
}

static bool is_same(const struct sharing_other *a,
                    const struct sharing_other *b)
{
    return address_same_ip(&a->peer, &b->peer) &&
           (a->identity[0] == '\0' || b->identity[0] == '\0' ||
            strcmp(a->identity, b->identity) == 0);
}

/* --- whether to tell --- */

/* The same for both orders. */
static uint32_t hash_pair(const struct sharing_other *a,
                          const struct sharing_other *b)
{
    uint64_t sum =
        hash_client(&a->peer, a->identity) + hash_client(&b->peer, b->identity);

    return (uint32_t)(sum ^ sum >> 32);
}

/* Whether the pair has a place among those that are told of, and has not been
 * told; then it is, from now on. */
static bool is_news(struct record *r, uint32_t pair, uint32_t minute)
{
    size_t place = PAIRS;

    for (size_t i = 0; i < PAIRS; i++) {
        bool fresh =
            r->told_minutes[i] != 0 && minute - r->told_minutes[i] < TOLD_MIN;
        if (fresh && r->told[i] == pair)
            return false;
        if (!fresh)
            place = i;
    }
    if (place == PAIRS)
        return false;
    r->told[place] = pair;
    r->told_minutes[place] = minute;
    return true;
}

static uint64_t token_of(uint64_t client, uint32_t minute)
{
    return (uint64_t)(uint16_t)minute << CLIENT_BITS | client;
}

/* Another client than at last, or the first one. With the lock held. */
static bool change_client(struct record *r, uint64_t before,
                          const struct sharing_other *now, uint32_t minute,
                          struct sharing_other *other)
{
    /* The clock of another worker may be a moment ahead. */
    int16_t ago = (int16_t)(uint16_t)(minute - (before >> CLIENT_BITS));
    bool news = before != 0 && ago >= -1 && ago < RECENT_MIN &&
                !is_same(&r->last, now) &&
                is_news(r, hash_pair(&r->last, now), minute);

    *other = r->last;
    /* Its plain exchanges show no name. */
    if (before != 0 && now->identity[0] == '\0' && is_same(&r->last, now))
        return false;
    r->last = *now;
    return news;
}

bool sharing_note(struct sharing *s, uint16_t device, const union address *peer,
                  const char *identity, uint64_t now_ms,
                  struct sharing_other *other)
{
    struct sharing_records *all = s->records;
    uint32_t minute = (uint32_t)(now_ms / 60000) + 1;
    struct sharing_other now;

    if (all == NULL)
        return false;
    if (identity == NULL)
        identity = "";
    uint64_t client = hash_client(peer, identity);
    atomic_uint_least64_t *token = &all->tokens[device];
    uint64_t before = atomic_load_explicit(token, memory_order_relaxed);
    if ((before & CLIENT_MASK) == client) {
        if (before != token_of(client, minute))
            atomic_store_explicit(token, token_of(client, minute),
                                  memory_order_relaxed);
        return false;
    }
    memset(&now, 0, sizeof now);
    remember(&now, peer, identity);
    pthread_mutex_lock(&all->mutex);
    before = atomic_exchange_explicit(token, token_of(client, minute),
                                      memory_order_relaxed);
    bool news =
        change_client(&all->records[device], before, &now, minute, other);
    pthread_mutex_unlock(&all->mutex);
    return news;
}
