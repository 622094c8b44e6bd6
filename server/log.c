/* log.c - the server's own log.
 *
 * Happy path: log_x() formats a line into the queue -> poke -> the writer's
 * thread swaps the queue for an empty one and writes it.
 * Failures: the queue is full -> the line is counted; the target fails -> the
 * lines are counted, and the count is told as soon as it works again.
 *
 * The one log of the process is file-scope state, on purpose: every module
 * logs, and none should carry a pointer for it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "log.h"

#include "journal.h"
#include "output.h"
#include "output_switch.h"
#include "writer.h"
#include "wwep_text.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define QUEUE_BYTES     (64u * 1024u)
#define STOP_TIMEOUT_MS 500u

struct queue {
    char bytes[QUEUE_BYTES];
    size_t len;
    size_t lines;
    bool moves; /* from here on it is for the target that was given: */
    size_t moves_at;
    size_t moves_at_line;
};

static struct {
    pthread_mutex_t mutex; /* queue, lost, started */
    struct queue queues[2];
    struct queue *filling;
    uint64_t lost;
    bool started;
    bool echo;          /* errors to standard error too */
    bool journal;       /* the target takes levels */
    bool error_journal; /* standard error does */
    atomic_int level;   /* enum config_log_level */
    struct output output;
    struct output_switch next;
    struct writer writer;
} the_log = {
    .next = OUTPUT_SWITCH_INIT,
    .mutex = PTHREAD_MUTEX_INITIALIZER,
    .filling = &the_log.queues[0],
    .level = CONFIG_LOG_INFO,
    .output = {.fd = STDERR_FILENO},
};

static const char *const level_names[] = {
    [CONFIG_LOG_ERROR] = "error",
    [CONFIG_LOG_WARNING] = "warning",
    [CONFIG_LOG_INFO] = "info",
    [CONFIG_LOG_DEBUG] = "debug",
};

static const char *const journal_levels[] = {
    [CONFIG_LOG_ERROR] = JOURNAL_ERROR,
    [CONFIG_LOG_WARNING] = JOURNAL_WARNING,
    [CONFIG_LOG_INFO] = JOURNAL_INFO,
    [CONFIG_LOG_DEBUG] = JOURNAL_DEBUG,
};

int log_open(enum config_log_level level, const char *target)
{
    struct output output;
    int status = output_open(&output, target);

    if (status != 0)
        return status;
    the_log.output = output;
    log_set_level(level);
    the_log.echo = output.own;
    the_log.journal = journal_is(output.fd);
    the_log.error_journal = journal_is(STDERR_FILENO);
    return 0;
}

void log_set_level(enum config_log_level level)
{
    atomic_store_explicit(&the_log.level, (int)level, memory_order_relaxed);
}

static bool is_shown(enum config_log_level level)
{
    return (int)level <=
           atomic_load_explicit(&the_log.level, memory_order_relaxed);
}

void log_switch(struct output target)
{
    pthread_mutex_lock(&the_log.mutex);
    struct queue *q = the_log.filling;
    q->moves = true;
    q->moves_at = q->len;
    q->moves_at_line = q->lines;
    the_log.journal = journal_is(target.fd);
    output_switch_give(&the_log.next, target);
    pthread_mutex_unlock(&the_log.mutex);
    writer_poke(&the_log.writer);
}

void log_close(void)
{
    (void)output_switch_take(&the_log.next, &the_log.output);
    output_close(&the_log.output);
    the_log.output = (struct output){.fd = STDERR_FILENO};
    log_set_level(CONFIG_LOG_INFO);
    the_log.echo = false;
    the_log.journal = the_log.error_journal;
}

void log_ready(void)
{
    pthread_mutex_lock(&the_log.mutex);
    the_log.echo = false;
    pthread_mutex_unlock(&the_log.mutex);
}

/* "2026-01-31T10:00:00.123Z level: message\n", cut to fit, in one piece. */
static size_t format_line(char *line, size_t cap, enum config_log_level level,
                          const char *fmt, va_list args)
{
    char text[LOG_LINE_MAX] = "";
    struct timespec now;
    struct tm tm;

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    size_t len = strftime(line, cap, "%Y-%m-%dT%H:%M:%S", &tm);
    len += (size_t)snprintf(line + len, cap - len,
                            ".%03ldZ %s: ", now.tv_nsec / 1000000,
                            level_names[level]);
    (void)vsnprintf(text, sizeof text, fmt, args);
    /* A file may be named so that it forges a line, or drives a terminal. */
    wwep_text_tame(text, line + len, cap - len - 1);
    len += strlen(line + len);
    line[len++] = '\n';
    return len;
}

/* With the mutex held. */
static void enqueue(const char *line, size_t len)
{
    struct queue *q = the_log.filling;

    if (len > sizeof q->bytes - q->len) {
        the_log.lost++;
        return;
    }
    memcpy(q->bytes + q->len, line, len);
    q->len += len;
    q->lines++;
}

static void say_lost(uint64_t lost, bool journal)
{
    char line[64];
    int len =
        snprintf(line, sizeof line, "%s(%llu lines of this log lost)\n",
                 journal ? JOURNAL_WARNING : "", (unsigned long long)lost);

    output_write(&the_log.output, line, (size_t)len, 0);
}

/* What was said before the target changed is for the old one, also as only the
 * journal takes levels. Returns how much that was; *lines of it. */
static size_t move(const struct queue *q, size_t *lines)
{
    if (!q->moves)
        return 0;
    if (q->moves_at > 0)
        output_write(&the_log.output, q->bytes, q->moves_at, q->moves_at_line);
    (void)output_switch_take(&the_log.next, &the_log.output);
    *lines = q->moves_at_line;
    return q->moves_at;
}

static void drain(void *ctx)
{
    size_t lines = 0;

    (void)ctx;
    pthread_mutex_lock(&the_log.mutex);
    struct queue *full = the_log.filling;
    the_log.filling = &the_log.queues[full == &the_log.queues[0]];
    uint64_t lost = the_log.lost;
    the_log.lost = 0;
    bool journal = the_log.journal;
    pthread_mutex_unlock(&the_log.mutex);

    size_t at = move(full, &lines);
    lost += the_log.output.lost;
    the_log.output.lost = 0;
    if (full->len > at &&
        output_write(&the_log.output, full->bytes + at, full->len - at,
                     full->lines - lines) &&
        lost > 0) {
        say_lost(lost, journal);
        lost = 0;
    }
    the_log.output.lost += lost;
    full->len = 0;
    full->lines = 0;
    full->moves = false;
}

int log_start(void)
{
    int status = writer_start(&the_log.writer, drain, NULL);

    the_log.started = status == 0;
    return status;
}

bool log_stop(void)
{
    pthread_mutex_lock(&the_log.mutex);
    bool started = the_log.started;
    the_log.started = false;
    pthread_mutex_unlock(&the_log.mutex);
    return !started || writer_stop(&the_log.writer, STOP_TIMEOUT_MS);
}

static void vlog(enum config_log_level level, const char *fmt, va_list args)
{
    char marked[JOURNAL_LEN + LOG_LINE_MAX];
    char *line = marked + JOURNAL_LEN;

    if (!is_shown(level))
        return;
    memcpy(marked, journal_levels[level], JOURNAL_LEN);
    size_t len = format_line(line, LOG_LINE_MAX, level, fmt, args);
    pthread_mutex_lock(&the_log.mutex);
    bool started = the_log.started;
    size_t mark = the_log.journal ? JOURNAL_LEN : 0;
    if (started)
        enqueue(line - mark, len + mark);
    else
        output_write(&the_log.output, line - mark, len + mark, 1);
    mark = the_log.error_journal ? JOURNAL_LEN : 0;
    if (the_log.echo && level == CONFIG_LOG_ERROR)
        fwrite(line - mark, 1, len + mark, stderr);
    pthread_mutex_unlock(&the_log.mutex);
    if (started)
        writer_poke(&the_log.writer);
}

void log_error(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vlog(CONFIG_LOG_ERROR, fmt, args);
    va_end(args);
}

void log_warning(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vlog(CONFIG_LOG_WARNING, fmt, args);
    va_end(args);
}

void log_info(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vlog(CONFIG_LOG_INFO, fmt, args);
    va_end(args);
}

void log_debug(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vlog(CONFIG_LOG_DEBUG, fmt, args);
    va_end(args);
}

bool log_is_debug(void)
{
    return is_shown(CONFIG_LOG_DEBUG);
}

bool log_is_milestone(uint64_t n)
{
    while (n > 0 && n % 10 == 0)
        n /= 10;
    return n == 1;
}
