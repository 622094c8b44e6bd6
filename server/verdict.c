/* verdict.c - the table of what has been told.
 *
 * Happy path: verdicts_tell() -> it has no slot -> it gets one, and its line;
 * it has -> it is counted -> verdicts_tick(): the minute is over -> the count
 * is told, and the next minute begins; or nothing more has come, and the slot
 * is free: the next one will have its line again.
 * Failures: the slots of its set are all taken -> the oldest goes, and its
 * count is told; too many lines -> counted, and that is told as well.
 * Lines are made without the lock.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "verdict.h"

#include "log.h"
#include "text.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define WAYS      8u  /* slots of a set */
#define SETS      64u /* a power of two */
#define WINDOW_MS 60000u
#define NAME_MAX  33u  /* a listener's, and its NUL */
#define LINES_MAX 200u /* at once */
#define LINE_MS   250u /* for another one */
#define RESERVED  50u  /* of them, for addresses that have had fewer than FEW */
#define FEW       10u
#define OWNERS    256u

struct slot {
    bool used;
    char listener[NAME_MAX];
    union address peer;
    uint32_t kind;
    uint32_t detail;
    enum config_log_level level;
    uint64_t begun_ms; /* the minute */
    uint64_t more;     /* since then, without the line */
    char what[VERDICT_WHAT_MAX];
};

/* An address that has had lines; of two with the same place the later one. */
struct owner {
    uint32_t hash;
    unsigned lines; /* in this minute */
    uint64_t begun_ms;
};

struct verdict_table {
    pthread_mutex_t mutex;
    struct slot slots[SETS * WAYS];
    struct owner owners[OWNERS];
    unsigned lines; /* that may be told at once */
    uint64_t lines_ms;
    uint64_t untold; /* attempts, for which there was no line */
};

int verdicts_init(struct verdicts *v)
{
    v->table = calloc(1, sizeof *v->table);
    if (v->table == NULL)
        return -ENOMEM;
    pthread_mutex_init(&v->table->mutex, NULL);
    v->table->lines = LINES_MAX;
    return 0;
}

/* --- lines --- */

static void say_first(const struct verdict *v)
{
    char who[ADDRESS_TEXT_MAX];

    address_format(v->peer, who);
    if (v->level == CONFIG_LOG_WARNING)
        log_warning("%s: %s: %s%s", v->listener, who, v->what, v->advice);
    else
        log_info("%s: %s: %s%s", v->listener, who, v->what, v->advice);
}

/* Of a copy. */
static void say_more(const struct slot *s, uint64_t now_ms)
{
    char who[ADDRESS_IP_MAX];
    uint64_t past_s = (now_ms - s->begun_ms + 999) / 1000;
    unsigned long long n = s->more;
    const char *times = n == 1 ? "time" : "times";

    if (n == 0)
        return;
    address_ip(&s->peer, who);
    if (s->level == CONFIG_LOG_WARNING)
        log_warning("%s: %s: %s: %llu more %s in the last %llu s", s->listener,
                    who, s->what, n, times, (unsigned long long)past_s);
    else
        log_info("%s: %s: %s: %llu more %s in the last %llu s", s->listener,
                 who, s->what, n, times, (unsigned long long)past_s);
}

static void say_untold(uint64_t n)
{
    if (n > 0)
        log_warning("failed attempts that have no line, as too many different "
                    "ones came: %llu",
                    (unsigned long long)n);
}

/* --- slots --- */

static uint32_t hash_bytes(uint32_t hash, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ at[i]) * 0x01000193u;
    return hash;
}

static size_t set_of(const struct verdict *v)
{
    size_t len;
    const void *bytes = address_bytes(v->peer, &len);
    uint32_t hash = hash_bytes(0x811c9dc5u, bytes, len);

    hash = hash_bytes(hash, &v->kind, sizeof v->kind);
    hash = hash_bytes(hash, &v->detail, sizeof v->detail);
    hash = hash_bytes(hash, v->listener, strlen(v->listener));
    return (hash ^ hash >> 16) % SETS * WAYS;
}

static bool is_its(const struct slot *s, const struct verdict *v)
{
    return s->used && s->kind == v->kind && s->detail == v->detail &&
           address_same_ip(&s->peer, v->peer) &&
           strncmp(s->listener, v->listener, NAME_MAX - 1) == 0;
}

/* Its own, else a free one, else the oldest. */
static struct slot *find(struct verdict_table *t, const struct verdict *v)
{
    struct slot *set = &t->slots[set_of(v)];
    struct slot *best = &set[0];

    for (size_t i = 0; i < WAYS; i++) {
        struct slot *s = &set[i];
        if (is_its(s, v))
            return s;
        if (best->used && (!s->used || s->begun_ms < best->begun_ms))
            best = s;
    }
    return best;
}

static void take(struct slot *s, const struct verdict *v, uint64_t now_ms)
{
    memset(s, 0, sizeof *s);
    s->used = true;
    s->peer = *v->peer;
    s->kind = v->kind;
    s->detail = v->detail;
    s->level = v->level;
    s->begun_ms = now_ms;
    text_copy(s->listener, sizeof s->listener, v->listener);
    text_copy(s->what, sizeof s->what, v->what);
}

/* --- how many lines --- */

static struct owner *owner_of(struct verdict_table *t,
                              const union address *peer, uint64_t now_ms)
{
    size_t len;
    const uint8_t *bytes = address_bytes(peer, &len);
    uint32_t hash = hash_bytes(0x811c9dc5u, bytes, len);
    struct owner *o = &t->owners[(hash ^ hash >> 16) % OWNERS];

    if (o->hash != hash || now_ms >= o->begun_ms + WINDOW_MS)
        *o = (struct owner){.hash = hash, .begun_ms = now_ms};
    return o;
}

/* With the mutex held. One address that fails in ever new ways does not have
 * the lines of all the others. */
static bool take_line(struct verdict_table *t, const union address *peer,
                      uint64_t now_ms)
{
    struct owner *o = owner_of(t, peer, now_ms);
    uint64_t n = now_ms > t->lines_ms ? (now_ms - t->lines_ms) / LINE_MS : 0;

    t->lines_ms += n * LINE_MS;
    t->lines = n < LINES_MAX - t->lines ? t->lines + (unsigned)n : LINES_MAX;
    if (t->lines == 0 || (t->lines <= RESERVED && o->lines >= FEW))
        return false;
    t->lines--;
    o->lines++;
    return true;
}

void verdicts_tell(struct verdicts *v, const struct verdict *what,
                   uint64_t now_ms)
{
    struct verdict_table *t = v->table;
    struct slot gone = {.used = false};

    if (t == NULL) {
        say_first(what);
        return;
    }
    pthread_mutex_lock(&t->mutex);
    struct slot *s = find(t, what);
    bool first = !is_its(s, what);
    if (first) {
        gone = *s;
        take(s, what, now_ms);
        if (!gone.used)
            gone.more = 0;
        if (gone.more > 0 && !take_line(t, &gone.peer, now_ms)) {
            t->untold += gone.more;
            gone.more = 0;
        }
        first = take_line(t, what->peer, now_ms);
        t->untold += !first;
    } else {
        s->more++;
    }
    pthread_mutex_unlock(&t->mutex);
    say_more(&gone, now_ms);
    if (first)
        say_first(what);
}

bool verdicts_again(struct verdicts *v, const struct verdict *what)
{
    struct verdict_table *t = v->table;

    if (t == NULL)
        return false;
    pthread_mutex_lock(&t->mutex);
    struct slot *s = find(t, what);
    bool again = is_its(s, what);
    s->more += again;
    pthread_mutex_unlock(&t->mutex);
    return again;
}

/* Tells the slots whose minute is over, or all. */
static void tell_counts(struct verdict_table *t, uint64_t now_ms, bool all)
{
    for (size_t i = 0; i < SETS * WAYS; i++) {
        struct slot over = {.used = false};
        pthread_mutex_lock(&t->mutex);
        struct slot *s = &t->slots[i];
        if (s->used && (all || now_ms >= s->begun_ms + WINDOW_MS)) {
            over = *s;
            s->used = s->more > 0;
            s->begun_ms = now_ms;
            s->more = 0;
        }
        pthread_mutex_unlock(&t->mutex);
        say_more(&over, now_ms);
    }
    pthread_mutex_lock(&t->mutex);
    uint64_t untold = t->untold;
    t->untold = 0;
    pthread_mutex_unlock(&t->mutex);
    say_untold(untold);
}

void verdicts_tick(struct verdicts *v, uint64_t now_ms)
{
    if (v->table != NULL)
        tell_counts(v->table, now_ms, false);
}

void verdicts_deinit(struct verdicts *v, uint64_t now_ms)
{
    if (v->table == NULL)
        return;
    tell_counts(v->table, now_ms, true);
    pthread_mutex_destroy(&v->table->mutex);
    free(v->table);
    v->table = NULL;
}
