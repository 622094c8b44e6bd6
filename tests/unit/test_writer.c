/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "writer.h"

#include "unit.h"
#include "unit_io.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LONG_MS 20000u /* a stop that is not expected to time out */

/* What a drain has seen of what others have put there. */
struct queue {
    atomic_uint put;
    atomic_uint drained; /* as much as put was at the last drain */
    atomic_uint drains;
    pthread_t thread;
    sigset_t signals;
};

static void drain(void *ctx)
{
    struct queue *q = ctx;

    q->thread = pthread_self();
    pthread_sigmask(SIG_SETMASK, NULL, &q->signals);
    atomic_store(&q->drained, atomic_load(&q->put));
    atomic_fetch_add(&q->drains, 1);
}

static void wait_drained(struct queue *q, unsigned n)
{
    uint64_t until = unit_now_ms() + UNIT_DEADLINE_MS;

    while (atomic_load(&q->drained) < n) {
        ck_assert_msg(unit_now_ms() < until, "%u of %u drained",
                      atomic_load(&q->drained), n);
        poll(NULL, 0, 1);
    }
}

START_TEST(a_poke_drains)
{
    struct queue q = {0};
    struct writer w;

    ck_assert_int_eq(writer_start(&w, drain, &q), 0);
    for (unsigned i = 1; i <= 5; i++) {
        atomic_store(&q.put, i);
        writer_poke(&w);
        wait_drained(&q, i);
    }
    ck_assert(writer_stop(&w, LONG_MS));
    ck_assert(!pthread_equal(q.thread, pthread_self()));
}
END_TEST

START_TEST(stop_drains_once_more)
{
    struct queue q = {0};
    struct writer w;

    ck_assert_int_eq(writer_start(&w, drain, &q), 0);
    atomic_store(&q.put, 7); /* and nobody pokes */
    ck_assert(writer_stop(&w, LONG_MS));
    ck_assert_uint_eq(atomic_load(&q.drained), 7);
    ck_assert_uint_eq(atomic_load(&q.drains), 1);
}
END_TEST

START_TEST(pokes_are_gathered)
{
    struct queue q = {0};
    struct writer w;
    uint64_t begun = unit_now_ms();

    ck_assert_int_eq(writer_start(&w, drain, &q), 0);
    for (unsigned i = 1; i <= 100000; i++) {
        atomic_store(&q.put, i);
        writer_poke(&w);
    }
    wait_drained(&q, 100000);
    ck_assert(writer_stop(&w, LONG_MS));
    uint64_t ms = unit_now_ms() - begun;
    /* One a WRITER_GATHER_MS, and the last. */
    ck_assert_uint_le(atomic_load(&q.drains), ms / WRITER_GATHER_MS + 2);
}
END_TEST

/* However slow the machine: without the hurry none could be so quick. */
START_TEST(a_hurry_is_not_gathered)
{
    struct queue q = {0};
    struct writer w;
    uint64_t quickest = UNIT_DEADLINE_MS;

    ck_assert_int_eq(writer_start(&w, drain, &q), 0);
    for (unsigned i = 1; i <= 20; i++) {
        uint64_t begun = unit_now_ms();
        atomic_store(&q.put, i);
        writer_poke(&w);
        writer_hurry(&w);
        wait_drained(&q, i);
        uint64_t spent = unit_now_ms() - begun;
        if (spent < quickest)
            quickest = spent;
    }
    ck_assert(writer_stop(&w, LONG_MS));
    ck_assert_uint_lt(quickest, WRITER_GATHER_MS / 2);
}
END_TEST

START_TEST(signals_are_not_for_it)
{
    struct queue q = {0};
    struct writer w;
    sigset_t before;
    sigset_t after;

    pthread_sigmask(SIG_SETMASK, NULL, &before);
    ck_assert_int_eq(writer_start(&w, drain, &q), 0);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    ck_assert(writer_stop(&w, LONG_MS));
    ck_assert_int_eq(sigismember(&q.signals, SIGTERM), 1);
    ck_assert_int_eq(sigismember(&q.signals, SIGINT), 1);
    ck_assert_int_eq(sigismember(&q.signals, SIGHUP), 1);
    for (int s = 1; s < 32; s++)
        ck_assert_int_eq(sigismember(&before, s), sigismember(&after, s));
}
END_TEST

START_TEST(started_again)
{
    struct queue q = {0};
    struct writer w;

    for (unsigned i = 1; i <= 3; i++) {
        ck_assert_int_eq(writer_start(&w, drain, &q), 0);
        atomic_store(&q.put, i);
        ck_assert(writer_stop(&w, LONG_MS));
        ck_assert_uint_eq(atomic_load(&q.drained), i);
        ck_assert_uint_eq(atomic_load(&q.drains), i);
    }
}
END_TEST

/* --- many threads --------------------------------------------------------- */

#define POKERS 4u
#define POKES  2000u

struct poker {
    pthread_t thread;
    struct writer *w;
    struct queue *q;
};

static void *poke_often(void *arg)
{
    struct poker *p = arg;

    for (unsigned i = 0; i < POKES; i++) {
        atomic_fetch_add(&p->q->put, 1);
        writer_poke(p->w);
    }
    return NULL;
}

START_TEST(no_poke_is_missed)
{
    struct queue q = {0};
    struct writer w;
    struct poker pokers[POKERS];

    ck_assert_int_eq(writer_start(&w, drain, &q), 0);
    for (unsigned round = 1; round <= 5; round++) {
        for (size_t i = 0; i < POKERS; i++) {
            pokers[i] = (struct poker){.w = &w, .q = &q};
            ck_assert_int_eq(
                pthread_create(&pokers[i].thread, NULL, poke_often, &pokers[i]),
                0);
        }
        for (size_t i = 0; i < POKERS; i++)
            ck_assert_int_eq(pthread_join(pokers[i].thread, NULL), 0);
        wait_drained(&q, round * POKERS * POKES); /* without a stop */
    }
    ck_assert(writer_stop(&w, LONG_MS));
}
END_TEST

/* --- a target that is stuck ----------------------------------------------- */

struct stuck {
    int fd;
    char bytes[3 * UNIT_PIPE_BYTES];
    atomic_bool released;
};

static void write_to_pipe(void *ctx)
{
    struct stuck *s = ctx;

    if (write(s->fd, s->bytes, sizeof s->bytes) == (ssize_t)sizeof s->bytes)
        atomic_store(&s->released, true);
}

START_TEST(stop_gives_up_on_a_stuck_target)
{
    static struct stuck s; /* the thread that stays behind has them */
    static struct writer w;
    char *folder = unit_mkdtemp();
    char *path;
    int reader = unit_fifo(folder, "fifo", &path);

    s.fd = open(path, O_WRONLY | O_CLOEXEC);
    ck_assert_int_ge(s.fd, 0);
    ck_assert_int_eq(writer_start(&w, write_to_pipe, &s), 0);
    writer_poke(&w);
    unit_wait_full(reader);
    uint64_t begun = unit_now_ms();
    ck_assert(!writer_stop(&w, 50));
    uint64_t ms = unit_now_ms() - begun;
    ck_assert_uint_ge(ms, 49);
    ck_assert_uint_lt(ms, 10000);
    ck_assert(!atomic_load(&s.released));
    writer_poke(&w); /* harmless still */

    /* Whoever comes to read at last releases the thread. */
    char buf[4096];
    uint64_t until = unit_now_ms() + UNIT_DEADLINE_MS;
    while (!atomic_load(&s.released)) {
        ck_assert_uint_lt(unit_now_ms(), until);
        if (read(reader, buf, sizeof buf) < 0)
            poll(NULL, 0, 1);
    }
    unit_rmdir(folder);
    free(path);
}
END_TEST

START_TEST(stop_waits_for_a_slow_target)
{
    static struct stuck s;
    struct writer w;
    char *folder = unit_mkdtemp();
    char *path;
    int reader = unit_fifo(folder, "fifo", &path);

    memset(s.bytes, 'x', sizeof s.bytes);
    s.fd = open(path, O_WRONLY | O_CLOEXEC);
    ck_assert_int_ge(s.fd, 0);
    ck_assert_int_eq(writer_start(&w, write_to_pipe, &s), 0);
    writer_poke(&w);
    unit_wait_full(reader);
    pthread_t thread;
    unit_reader_start(&thread, &reader);
    ck_assert(writer_stop(&w, LONG_MS));
    close(s.fd);
    char *text = unit_reader_join(thread);
    /* The drain that was under way, and the last. */
    ck_assert_uint_eq(strlen(text), 2 * sizeof s.bytes);
    free(text);
    close(reader);
    unit_rmdir(folder);
    free(path);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("writer");
    TCase *tc = tcase_create("writer");

    tcase_add_test(tc, a_poke_drains);
    tcase_add_test(tc, a_hurry_is_not_gathered);
    tcase_add_test(tc, stop_drains_once_more);
    tcase_add_test(tc, pokes_are_gathered);
    tcase_add_test(tc, signals_are_not_for_it);
    tcase_add_test(tc, started_again);
    tcase_add_test(tc, no_poke_is_missed);
    tcase_add_test(tc, stop_gives_up_on_a_stuck_target);
    tcase_add_test(tc, stop_waits_for_a_slow_target);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
