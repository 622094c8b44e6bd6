/* The rings, the thread behind them, and the targets.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "msglog.h"

#include "unit.h"
#include "unit_io.h"
#include "writer.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *folder;
static char path[4096];

static void setup(void)
{
    folder = unit_mkdtemp();
    snprintf(path, sizeof path, "%s/messages", folder);
    unit_log_open(folder, CONFIG_LOG_INFO);
}

static void teardown(void)
{
    unit_log_close();
    unit_rmdir(folder);
}

static struct msglog *start(enum config_messages_format format,
                            const char *target, size_t n_rings)
{
    int error = 1;
    struct msglog *m = msglog_start(format, target, n_rings, &error);

    ck_assert_ptr_nonnull(m);
    ck_assert_int_eq(error, 0);
    return m;
}

/* False: the ring is full. */
static bool commit(struct msglog *m, size_t ring, uint64_t conn)
{
    struct msglog_entry *e = msglog_next(m, ring);

    if (e == NULL)
        return false;
    if (conn % 2 == 1)
        e->tls = "TLS 1.3";
    e->conn = conn;
    e->time.tv_sec = 1769853600 + (time_t)(conn / 1000);
    e->time.tv_nsec = (long)(conn % 1000) * 1000000;
    msglog_commit(m, ring);
    return true;
}

/* Calls check with "conn" of each line; returns the number of lines. */
static size_t walk(char *text, void (*check)(uint64_t conn, uint64_t i))
{
    size_t n = 0;

    for (char *line = strtok(text, "\n"); line != NULL;
         line = strtok(NULL, "\n")) {
        json_t *o = json_loads(line, 0, NULL);
        ck_assert_msg(o != NULL, "no JSON: %s", line);
        check((uint64_t)json_integer_value(json_object_get(o, "conn")), n++);
        json_decref(o);
    }
    return n;
}

static void is_next(uint64_t conn, uint64_t i)
{
    ck_assert_uint_eq(conn, i);
}

static void is_any(uint64_t conn, uint64_t i)
{
    (void)conn;
    (void)i;
}

START_TEST(to_a_table)
{
    struct msglog *m = start(CONFIG_MESSAGES_TABLE, path, 1);
    struct msglog_count count;
    char *head = unit_read(path, NULL); /* is there from the start */

    ck_assert_uint_eq(unit_count_lines(head), 1);
    ck_assert_ptr_nonnull(strstr(head, "transport"));
    for (unsigned i = 0; i < 5; i++)
        ck_assert(commit(m, 0, i));
    ck_assert(msglog_stop(m, &count));
    ck_assert_uint_eq(count.plain, 3);
    ck_assert_uint_eq(count.secure, 2);

    char *text = unit_read(path, NULL);
    ck_assert_ptr_eq(strstr(text, head), text);
    unsigned plain = 0;
    unsigned secure = 0;
    (void)strtok(text, "\n");
    for (unsigned i = 0; i < 5; i++) {
        const char *line = strtok(NULL, "\n");
        ck_assert_ptr_nonnull(line);
        if (i % 2 == 0) /* each has a column and a number of its own */
            ck_assert_uint_eq(strtoul(line, NULL, 10), ++plain);
        else
            ck_assert_uint_eq(strtoul(line + 8, NULL, 10), ++secure);
    }
    free(head);
    free(text);
}
END_TEST

START_TEST(to_json)
{
    struct msglog *m = start(CONFIG_MESSAGES_JSON, path, 1);
    struct msglog_count count;

    for (unsigned i = 0; i < 100; i++)
        ck_assert(commit(m, 0, i));
    ck_assert(msglog_stop(m, &count));
    ck_assert_uint_eq(count.plain, 50);
    ck_assert_uint_eq(count.secure, 50);
    char *text = unit_read(path, NULL);
    ck_assert_uint_eq(walk(text, is_next), 100);
    free(text);
}
END_TEST

START_TEST(lines_come_without_a_stop)
{
    struct msglog *m = start(CONFIG_MESSAGES_JSON, path, 1);
    struct msglog_count count;

    ck_assert(commit(m, 0, 0));
    free(unit_wait_lines(path, 1));
    ck_assert(msglog_stop(m, &count));
    ck_assert_uint_eq(count.plain, 1);
}
END_TEST

START_TEST(without_a_format_it_counts)
{
    struct msglog *m =
        start(CONFIG_MESSAGES_NONE, "/no/such/folder/messages", 2);
    struct msglog_count count;

    for (unsigned i = 0; i < 9; i++)
        ck_assert(commit(m, i % 2, i));
    ck_assert(msglog_stop(m, &count));
    ck_assert_uint_eq(count.plain, 5);
    ck_assert_uint_eq(count.secure, 4);
    ck_assert_uint_eq(unit_log_count("\n"), 0);
}
END_TEST

START_TEST(an_entry_is_empty_every_time)
{
    static const struct msglog_entry zero;
    struct msglog *m = start(CONFIG_MESSAGES_TABLE, "/dev/null", 1);
    struct msglog_count count;

    for (unsigned i = 0; i < 10000; i++) { /* twice around the ring */
        uint64_t until = unit_now_ms() + UNIT_DEADLINE_MS;
        struct msglog_entry *e;
        while ((e = msglog_next(m, 0)) == NULL) {
            ck_assert_uint_lt(unit_now_ms(), until);
            poll(NULL, 0, 1);
        }
        ck_assert_mem_eq(e, &zero, sizeof zero);
        memset(e, 0xff, sizeof *e);
        e->tls = NULL;
        e->cipher = NULL;
        e->resumed = true;
        e->listener[0] = '\0';
        e->identity[sizeof e->identity - 1] = '\0';
        wwep_decoder_init(&e->request);
        e->reply_len = 1;
        e->reason = (struct wwep_reason){WWEP_REASON_LENGTH, SIZE_MAX};
        msglog_commit(m, 0);
    }
    ck_assert(msglog_stop(m, &count));
    ck_assert_uint_eq(count.plain, 10000);
}
END_TEST

START_TEST(a_target_that_can_not_be_opened)
{
    int error = 0;

    ck_assert_ptr_null(
        msglog_start(CONFIG_MESSAGES_JSON, "/no/such/folder/x", 1, &error));
    ck_assert_int_eq(error, -ENOENT);
    ck_assert_ptr_null(msglog_start(CONFIG_MESSAGES_TABLE, folder, 1, &error));
    ck_assert_int_eq(error, -EISDIR);
}
END_TEST

/* --- a target that is stuck ----------------------------------------------- */

struct stuck {
    struct msglog *m;
    char *fifo;
    int reader;
    uint64_t n; /* committed so far, from 0 on */
};

/* Ends the log of a target that somebody reads again, when all n lines have
 * come: how long that takes is not the end's business. The caller owns the
 * text. */
static char *release(struct stuck *s, struct msglog_count *count)
{
    char *text = unit_read_until(s->reader, s->n, unit_count_lines);

    ck_assert(msglog_stop(s->m, count));
    char *rest = unit_read_end(s->reader);
    ck_assert_str_eq(rest, "");
    free(rest);
    close(s->reader);
    ck_assert_int_eq(unlink(s->fifo), 0);
    free(s->fifo);
    return text;
}

#define PLUG 50u /* more than the pipe takes */

/* Starts with a target that takes no more, so that all that is committed now
 * stays in the rings. What fills the pipe is in ring 0, and must have been
 * there before the thread looked for the first time. */
static struct stuck start_stuck(size_t n_rings)
{
    uint64_t until = unit_now_ms() + UNIT_DEADLINE_MS;

    for (;;) {
        struct stuck s = {.n = 0};
        struct msglog_count count;
        s.reader = unit_fifo(folder, "fifo", &s.fifo);
        s.m = start(CONFIG_MESSAGES_JSON, s.fifo, n_rings);
        uint64_t begun = unit_now_ms();
        while (s.n < PLUG)
            ck_assert(commit(s.m, 0, s.n++));
        if (unit_now_ms() - begun < WRITER_GATHER_MS - 1) {
            unit_wait_full(s.reader);
            return s;
        }
        ck_assert_uint_lt(begun, until);
        free(release(&s, &count)); /* it was too quick for us */
    }
}

START_TEST(rings_are_put_in_the_order_of_time)
{
    struct msglog_count count;
    struct stuck s = start_stuck(3);
    uint64_t first = s.n;

    /* Ring by ring, each of them in order. */
    for (size_t ring = 0; ring < 3; ring++)
        for (uint64_t i = first; i < first + 3000; i++)
            if (i * i % 7 % 3 == ring)
                ck_assert(commit(s.m, ring, i));
    s.n += 3000;
    char *text = release(&s, &count);
    ck_assert_uint_eq(walk(text, is_next), s.n);
    ck_assert_uint_eq(count.plain + count.secure, s.n);
    ck_assert_uint_eq(unit_log_count("lost"), 0);
    free(text);
}
END_TEST

START_TEST(a_full_ring_loses_lines_and_counts_them)
{
    uint64_t lost = 0;
    struct msglog_count count;
    struct stuck s = start_stuck(2);

    while (lost < 5) {
        if (commit(s.m, 0, s.n))
            s.n++;
        else
            lost++;
        ck_assert_uint_lt(s.n, 100000);
    }
    ck_assert(commit(s.m, 1, s.n++)); /* the other worker's has room */
    char *text = release(&s, &count);
    /* All that was committed has come; what was not has a line in the log. */
    ck_assert_uint_eq(walk(text, is_next), s.n);
    ck_assert_uint_eq(count.plain + count.secure, s.n);
    ck_assert_uint_eq(count.lost, lost);
    ck_assert_uint_eq(unit_log_count(" warning: message log: "), 1);
    unit_log_expect(" lost so far");
    free(text);
}
END_TEST

START_TEST(a_stuck_target_does_not_hold_up_the_end)
{
    struct msglog_count count;
    struct stuck s = start_stuck(1);
    uint64_t begun = unit_now_ms();

    ck_assert(!msglog_stop(s.m, &count));
    ck_assert_uint_lt(unit_now_ms() - begun, 10000);
    free(s.fifo);
}
END_TEST

START_TEST(a_full_disk_is_told)
{
    struct msglog *m = start(CONFIG_MESSAGES_JSON, "/dev/full", 1);
    uint64_t until = unit_now_ms() + UNIT_DEADLINE_MS;
    struct msglog_count count;

    ck_assert(commit(m, 0, 0));
    while (unit_log_count("No space left on device") == 0)
        ck_assert_uint_lt(unit_now_ms(), until);
    unit_log_expect("error: message log: lines lost so far: 1: No space left "
                    "on device");
    ck_assert(commit(m, 0, 1)); /* the second is not worth a line */
    for (unsigned i = 2; i < 10; i++)
        ck_assert(commit(m, 0, i));
    ck_assert(msglog_stop(m, &count));
    unit_log_expect("error: message log: lines lost so far: 10: No space left "
                    "on device");
    ck_assert_uint_eq(unit_log_count("\n"), 2);
    ck_assert_uint_eq(count.lost, 10);
    ck_assert_uint_eq(count.plain, 5); /* the exchanges took place */
    ck_assert_uint_eq(count.secure, 5);
}
END_TEST

/* --- threads -------------------------------------------------------------- */

#define WORKERS 3u
#define EACH    3000u

struct worker {
    pthread_t thread;
    struct msglog *m;
    size_t ring;
    uint64_t committed;
};

static void *work(void *arg)
{
    struct worker *w = arg;

    for (unsigned i = 0; i < EACH; i++)
        w->committed += commit(w->m, w->ring, i);
    return NULL;
}

START_TEST(workers_side_by_side)
{
    struct msglog *m = start(CONFIG_MESSAGES_JSON, path, WORKERS);
    struct worker workers[WORKERS];
    struct msglog_count count;
    uint64_t committed = 0;

    for (size_t i = 0; i < WORKERS; i++) {
        workers[i] = (struct worker){.m = m, .ring = i};
        ck_assert_int_eq(
            pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (size_t i = 0; i < WORKERS; i++) {
        ck_assert_int_eq(pthread_join(workers[i].thread, NULL), 0);
        committed += workers[i].committed;
    }
    ck_assert_uint_eq(committed, WORKERS * EACH); /* each fits into its ring */
    char *text = unit_wait_lines(path, committed);
    ck_assert(msglog_stop(m, &count));
    ck_assert_uint_eq(count.plain + count.secure, committed);
    ck_assert_uint_eq(walk(text, is_any), committed);
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("msglog");
    TCase *tc = tcase_create("msglog");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, to_a_table);
    tcase_add_test(tc, to_json);
    tcase_add_test(tc, lines_come_without_a_stop);
    tcase_add_test(tc, without_a_format_it_counts);
    tcase_add_test(tc, an_entry_is_empty_every_time);
    tcase_add_test(tc, a_target_that_can_not_be_opened);
    tcase_add_test(tc, rings_are_put_in_the_order_of_time);
    tcase_add_test(tc, a_full_ring_loses_lines_and_counts_them);
    tcase_add_test(tc, a_stuck_target_does_not_hold_up_the_end);
    tcase_add_test(tc, a_full_disk_is_told);
    tcase_add_test(tc, workers_side_by_side);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
