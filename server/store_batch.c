/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store_batch.h"

#include "log.h"
#include "now.h"
#include "wwep_text.h"

#include <stdio.h>
#include <string.h>

#define MESSAGES_EACH 1024u /* rows of a transaction: a few milliseconds */
#define TRIM_LEAST    256u
#define SECOND_NS     UINT64_C(1000000000)

bool store_batch_open(struct store_batch *b, struct registers *registers,
                      const struct store_options *options,
                      char error[STORE_ERROR_MAX])
{
    const struct config_store *config = options->config;
    const struct store_bounds bounds = {config->history_days,
                                        config->history_max_mb};
    uint64_t begun_ns = now_ns();

    b->registers = registers;
    b->path = config->path;
    b->async = config->durability == CONFIG_STORE_ASYNC;
    b->db = store_db_open(config->path, bounds, options->start_fresh, registers,
                          error);
    if (b->db == NULL)
        return false;
    pthread_mutex_init(&b->stats_mutex, NULL);
    log_info("store: %s: %llu registers, read in %llu ms", b->path,
             (unsigned long long)store_db_loaded(b->db),
             (unsigned long long)((now_ns() - begun_ns) / 1000000));
    return true;
}

void store_batch_close(struct store_batch *b)
{
    size_t ring;

    while (msgrings_oldest(&b->rings, &ring) != NULL) {
        msgrings_take(&b->rings, ring);
        b->dropped++;
    }
    uint64_t lost = b->dropped + msgrings_lost(&b->rings);
    if (lost > 0)
        log_warning("store: exchanges missing in the history, in all: %llu",
                    (unsigned long long)lost);
    store_db_close(b->db);
    pthread_mutex_destroy(&b->stats_mutex);
}

/* --- statistics --- */

static void count_batch(struct store_batch *b, const struct store_write *first,
                        bool messages)
{
    uint64_t writes = 0;

    for (const struct store_write *w = first; w != NULL; w = w->next)
        writes++;
    pthread_mutex_lock(&b->stats_mutex);
    b->stats.batches += writes > 0 || b->added > 0;
    b->stats.writes += writes;
    if (messages)
        b->stats.messages += b->added - b->added_nowhere;
    b->stats.messages_dropped = b->dropped;
    pthread_mutex_unlock(&b->stats_mutex);
}

static void note_failure(struct store_batch *b)
{
    pthread_mutex_lock(&b->stats_mutex);
    b->stats.error_us = now_us();
    snprintf(b->stats.error, sizeof b->stats.error, "%s", store_db_why(b->db));
    b->stats.messages_dropped = b->dropped;
    pthread_mutex_unlock(&b->stats_mutex);
}

static void note_failing(struct store_batch *b)
{
    pthread_mutex_lock(&b->stats_mutex);
    b->stats.failing = b->failing;
    pthread_mutex_unlock(&b->stats_mutex);
}

void store_batch_stats(struct store_batch *b, struct store_stats *out)
{
    pthread_mutex_lock(&b->stats_mutex);
    *out = b->stats;
    pthread_mutex_unlock(&b->stats_mutex);
    out->messages_dropped += msgrings_lost(&b->rings);
}

/* --- registers --- */

static bool put(struct store_batch *b, const struct store_write *w)
{
    char who[MSGLOG_IDENTITY_TEXT_MAX];
    uint32_t key = (uint32_t)w->device << 8 | w->reg;
    uint16_t value = w->value;

    if (w->identity != NULL && *w->identity != '\0')
        wwep_text_escape((const uint8_t *)w->identity, strlen(w->identity), who,
                         sizeof who);
    else
        address_ip(w->peer, who);
    if (b->async && !registers_get(b->registers, w->device, w->reg, &value))
        return store_db_erase(b->db, key);
    return store_db_put(b->db, key, value, w->time_us, who);
}

/* --- the history --- */

static void tell_dropped(struct store_batch *b, const char *why)
{
    uint64_t lost = b->dropped + msgrings_lost(&b->rings);

    if (lost == 0 || (b->told_dropped > 0 && lost / 10 < b->told_dropped))
        return;
    b->told_dropped = lost;
    log_warning("store: exchanges missing in the history so far: %llu: %s",
                (unsigned long long)lost, why);
}

/* last: how many the transaction before it has added. */
static bool add_messages(struct store_batch *b, unsigned last)
{
    const struct msglog_entry *e = NULL;
    size_t ring = 0;
    const char *no_room;

    if (!store_db_trim(b->db, TRIM_LEAST + 2 * last, &b->trimming))
        return false;
    no_room = store_db_no_room(b->db);
    for (; b->added < MESSAGES_EACH; b->added++) {
        e = msgrings_oldest(&b->rings, &ring);
        if (e == NULL)
            break;
        if (no_room == NULL && !store_db_add_message(b->db, e))
            return false;
        b->dropped += no_room != NULL;
        b->added_nowhere += no_room != NULL;
        msgrings_take(&b->rings, ring);
    }
    b->more = e != NULL && b->added == MESSAGES_EACH;
    tell_dropped(b,
                 no_room != NULL ? no_room : "more came than could be written");
    return true;
}

/* --- the transaction --- */

static bool attempt(struct store_batch *b, const struct store_write *first,
                    bool messages)
{
    bool good = store_db_begin(b->db, first != NULL);
    unsigned last = b->added;

    b->added = b->added_nowhere = 0;
    for (const struct store_write *w = first; good && w != NULL; w = w->next)
        good = put(b, w);
    if (good && messages)
        good = add_messages(b, last);
    if (good && store_db_commit(b->db)) {
        count_batch(b, first, messages);
        return true;
    }
    store_db_rollback(b->db);
    if (messages) {
        b->dropped += b->added - b->added_nowhere;
        b->added = b->added_nowhere = 0;
        b->more = false;
        b->trimming = false;
        b->skipping = true;
        b->skip_until_ns = now_ns() + SECOND_NS;
        tell_dropped(b, store_db_why(b->db));
    }
    note_failure(b);
    return false;
}

static void tell_failed(struct store_batch *b)
{
    b->failed_ns = now_ns();
    if (b->failing)
        return;
    b->failing = true;
    log_error("store: %s: %s; until then writes are refused with X (storage "
              "failure)",
              b->path, store_db_why(b->db));
}

/* Not at the first that gets through: on a disk that is nearly full, some
 * do. */
static void tell_healed(struct store_batch *b)
{
    if (!b->failing || now_ns() - b->failed_ns < SECOND_NS)
        return;
    log_info("store: %s: writes are kept again", b->path);
    b->failing = false;
}

bool store_batch_commit(struct store_batch *b, const struct store_write *first)
{
    bool messages = now_ns() >= b->skip_until_ns;
    bool good;

    b->more = false;
    b->skipping = !messages;
    if (first == NULL && !messages)
        return true;
    good = attempt(b, first, messages);
    if (!good && messages && first != NULL)
        good = attempt(b, first, false);
    if (first == NULL)
        return true; /* of nothing, all is on the disk */
    if (good)
        tell_healed(b);
    else
        tell_failed(b);
    note_failing(b);
    return good;
}
