/* msglog.c - the thread behind the message log.
 *
 * Happy path: msglog_next() -> the worker fills the entry -> msglog_commit()
 * -> poke -> the thread takes from each ring whichever entry is the oldest,
 * numbers it, formats it and writes what has gathered.
 * Failures: a full ring or a failing target loses lines: counted, and told in
 * the log, once when it begins and again with every tenfold.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "msglog.h"

#include "log.h"
#include "msgring.h"
#include "output.h"
#include "output_switch.h"
#include "writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define RING_ENTRIES    4096u
#define CHUNK_BYTES     (16u * 1024u)
#define STOP_TIMEOUT_MS 1000u

/* What a worker counts itself, where no line is wanted. */
struct tally {
    _Alignas(64) struct msglog_count unwritten;
    struct msglog_entry entry;
};

/* What the workers look at for every exchange is apart from what the thread
 * changes with every line: no cache line goes to and fro. */
struct msglog {
    enum config_messages_format format;
    struct msgrings rings;
    struct tally *tallies; /* one a ring; NULL: lines are wanted */
    _Alignas(64) struct writer writer;
    /* The thread's. */
    _Alignas(64) struct output output;
    struct output_switch next;
    struct msglog_count count;
    uint64_t told_lost;
    atomic_uint_least64_t failed; /* output.lost, for other threads */
    size_t chunk_len;
    size_t chunk_lines;
    char chunk[CHUNK_BYTES];
};

static void flush(struct msglog *m)
{
    if (m->chunk_len > 0)
        (void)output_write(&m->output, m->chunk, m->chunk_len, m->chunk_lines);
    m->chunk_len = 0;
    m->chunk_lines = 0;
}

static void append(struct msglog *m, const struct msglog_entry *e)
{
    if (CHUNK_BYTES - m->chunk_len < MSGLOG_LINE_MAX)
        flush(m);
    char *at = m->chunk + m->chunk_len;
    m->chunk_len += m->format == CONFIG_MESSAGES_JSON
                        ? msglog_format_json(e, at)
                        : msglog_format_table(e, &m->count, at);
    m->chunk_lines++;
}

/* Lines that the target did not take. */
static void tell_failed(struct msglog *m)
{
    uint64_t lost = m->output.lost;

    atomic_store_explicit(&m->failed, lost, memory_order_relaxed);
    if (lost == 0 || lost / 10 < m->told_lost)
        return;
    m->told_lost = lost;
    log_error("message log: lines lost so far: %llu: %s",
              (unsigned long long)lost, strerror(m->output.error));
}

/* Lines that found the ring full. By the worker, as the thread may be stuck
 * in the very write that is to blame. */
static void tell_full(uint64_t lost)
{
    if (log_is_milestone(lost))
        log_warning("message log: its target does not keep up: lines of a "
                    "worker lost so far: %llu",
                    (unsigned long long)lost);
}

static void count_entry(struct msglog_count *count,
                        const struct msglog_entry *e)
{
    if (e->tls != NULL)
        count->secure++;
    else
        count->plain++;
}

/* With an output that nothing has been written to. */
static void begin(struct msglog *m)
{
    if (m->format == CONFIG_MESSAGES_TABLE) {
        m->chunk_len = msglog_format_header(m->chunk);
        flush(m);
    }
}

static void drain(void *ctx)
{
    struct msglog *m = ctx;
    const struct msglog_entry *e;
    size_t ring = 0;

    if (output_switch_take(&m->next, &m->output))
        begin(m);
    while ((e = msgrings_oldest(&m->rings, &ring)) != NULL) {
        count_entry(&m->count, e);
        append(m, e);
        msgrings_take(&m->rings, ring);
    }
    flush(m);
    tell_failed(m);
}

static void free_all(struct msglog *m)
{
    output_switch_deinit(&m->next);
    output_close(&m->output);
    msgrings_deinit(&m->rings);
    free(m->tallies);
    free(m);
}

/* Returns 0 or a negative errno. */
static int open_all(struct msglog *m, const char *target, size_t n_rings)
{
    int error = msgrings_init(&m->rings, n_rings, RING_ENTRIES);

    if (error != 0)
        return error;
    if (m->format == CONFIG_MESSAGES_NONE) {
        m->tallies = aligned_alloc(64, n_rings * sizeof *m->tallies);
        if (m->tallies == NULL)
            return -ENOMEM;
        memset(m->tallies, 0, n_rings * sizeof *m->tallies);
    } else {
        error = output_open(&m->output, target);
        if (error != 0)
            return error;
    }
    begin(m);
    return writer_start(&m->writer, drain, m);
}

struct msglog *msglog_start(enum config_messages_format format,
                            const char *target, size_t n_rings, int *error)
{
    struct msglog *m = aligned_alloc(64, sizeof *m);

    *error = -ENOMEM;
    if (m == NULL)
        return NULL;
    memset(m, 0, sizeof *m);
    m->format = format;
    m->output.fd = -1;
    output_switch_init(&m->next);
    *error = open_all(m, target, n_rings);
    if (*error == 0)
        return m;
    free_all(m);
    return NULL;
}

bool msglog_stop(struct msglog *m, struct msglog_count *count)
{
    if (!writer_stop(&m->writer, STOP_TIMEOUT_MS))
        return false; /* the thread still has m */
    *count = m->count;
    count->lost = m->output.lost + msgrings_lost(&m->rings);
    for (size_t i = 0; m->tallies != NULL && i < m->rings.n; i++) {
        count->plain += m->tallies[i].unwritten.plain;
        count->secure += m->tallies[i].unwritten.secure;
    }
    free_all(m);
    return true;
}

void msglog_switch(struct msglog *m, struct output target)
{
    output_switch_give(&m->next, target);
    writer_poke(&m->writer);
}

uint64_t msglog_lost(struct msglog *m)
{
    return msgrings_lost(&m->rings) +
           atomic_load_explicit(&m->failed, memory_order_relaxed);
}

struct msglog_entry *msglog_next(struct msglog *m, size_t ring)
{
    struct msglog_entry *e = m->tallies != NULL
                                 ? &m->tallies[ring].entry
                                 : msgrings_next(&m->rings, ring);

    if (e != NULL) {
        memset(e, 0, sizeof *e);
        return e;
    }
    tell_full(msgrings_lost_by(&m->rings, ring));
    writer_hurry(&m->writer);
    return NULL;
}

void msglog_commit(struct msglog *m, size_t ring)
{
    if (m->tallies != NULL) {
        count_entry(&m->tallies[ring].unwritten, &m->tallies[ring].entry);
        return;
    }
    if (msgrings_commit(&m->rings, ring) < RING_ENTRIES / 2)
        writer_poke(&m->writer);
    else
        writer_hurry(&m->writer);
}
