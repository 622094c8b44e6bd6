/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench_run.h"

#include "bench_progress.h"
#include "options.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define EVENTS_MAX  256
#define OPENING_MAX 128u /* connections that are opened at once, beforehand */
#define TICK_NS     UINT64_C(50000000)
#define REST_NS     UINT64_C(100000000) /* after an error */
#define LATE_NS     UINT64_C(1000000)
#define SECOND_NS   UINT64_C(1000000000)

static uint64_t cpu_us(void)
{
    struct rusage used;

    (void)getrusage(RUSAGE_SELF, &used);
    return (uint64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000u +
           (uint64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

/* --- slots that are free ---------------------------------------------------
 */

static void put_free(struct bench_run *run, struct bench_slot *s)
{
    s->next = NULL;
    if (run->first_free == NULL)
        run->first_free = s;
    else
        run->last_free->next = s;
    run->last_free = s;
}

static struct bench_slot *take_free(struct bench_run *run)
{
    struct bench_slot *s = run->first_free;

    run->first_free = s->next;
    return s;
}

/* --- what has become of a slot ---------------------------------------------
 */

/* Nobody who has had this many failures, and nothing else, goes on. */
static bool is_hopeless(const struct bench_run *run)
{
    const struct bench_tally *tally = &run->shared.tally;

    return run->shared.closes ||
           (tally->exchanges == 0 &&
            bench_tally_errors(tally) >= run->wish->connections);
}

static void rest(struct bench_slot *s)
{
    s->rests_until_ns = bench_now_ns() + REST_NS;
}

static void heed(struct bench_run *run, struct bench_slot *s,
                 enum bench_slot_news news)
{
    switch (news) {
    case BENCH_SLOT_BUSY:
        return;
    case BENCH_SLOT_FREE:
        run->busy--;
        put_free(run, s);
        return;
    case BENCH_SLOT_OPENED:
        run->busy--;
        run->opened++;
        return;
    case BENCH_SLOT_FAILED:
        if (s->opened) { /* an idle one */
            run->opened--;
            s->opened = false;
            return;
        }
        run->busy--;
        rest(s);
    }
}

/* --- events ----------------------------------------------------------------
 */

static void take_signal(struct bench_run *run)
{
    struct signalfd_siginfo info;

    /* The second one does not wait for what is under way. */
    while (read(run->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        run->gave_up = run->interrupted;
        run->interrupted = true;
    }
}

/* How long to wait: to the next look at the time limits, or to what comes
 * before. */
static uint64_t wait_ns(const struct bench_run *run, uint64_t wake_ns)
{
    uint64_t now = bench_now_ns();
    uint64_t until = wake_ns < run->tick_ns ? wake_ns : run->tick_ns;

    return until > now ? until - now : 0;
}

/* An epoll counts in milliseconds, and a rate wants it finer: so what is
 * shorter waits for the epoll as for a file. */
static int wait_events(const struct bench_run *run, struct epoll_event *events,
                       uint64_t ns)
{
    int epoll = run->shared.wire.epoll;
    int ms = (int)((ns + 999999u) / 1000000u);

    if (run->wish->rate > 0.0 && ns > 0) {
        struct timespec t = {.tv_nsec = (long)ns};
        struct pollfd p = {.fd = epoll, .events = POLLIN};

        (void)ppoll(&p, 1, &t, NULL);
        ms = 0;
    }
    return epoll_wait(epoll, events, EVENTS_MAX, ms);
}

static void do_events(struct bench_run *run, uint64_t wake_ns)
{
    struct epoll_event events[EVENTS_MAX];
    int n = wait_events(run, events, wait_ns(run, wake_ns));

    for (int i = 0; i < n; i++) {
        struct bench_slot *s = events[i].data.ptr;

        if (s == NULL)
            take_signal(run);
        else
            heed(run, s, bench_slot_event(s, &run->shared, events[i].events));
    }
}

static bool is_waited_for(const struct bench_slot *s)
{
    return s->state != BENCH_SLOT_CLOSED && s->state != BENCH_SLOT_OPEN;
}

/* Every slot, but for those that have become idle: who takes too long, and who
 * has rested. */
static void look_at_time(struct bench_run *run, uint64_t now)
{
    uint64_t limit_ns = (uint64_t)run->timeout_ms * 1000000u;
    size_t count = run->measuring ? run->wish->connections : run->slot_count;

    if (now < run->tick_ns)
        return;
    run->tick_ns = now + (limit_ns / 4 < TICK_NS ? limit_ns / 4 : TICK_NS);
    for (size_t i = 0; i < count; i++) {
        struct bench_slot *s = &run->slots[i];

        if (is_waited_for(s) && now - s->began_ns > limit_ns &&
            now > s->began_ns)
            heed(run, s, bench_slot_give_up(s, &run->shared));
        if (run->measuring && s->rests_until_ns != 0 &&
            now >= s->rests_until_ns) {
            s->rests_until_ns = 0;
            put_free(run, s);
        }
    }
    if (run->progress)
        bench_progress_tell(run, now);
}

/* --- opening beforehand ----------------------------------------------------
 */

/* Opens so many slots from this one on; false: not all could be, or it was
 * interrupted. */
static bool open_all(struct bench_run *run, struct bench_slot *slots,
                     size_t count)
{
    uint64_t errors = bench_tally_errors(&run->shared.tally);
    size_t asked = 0;

    run->opened = 0;
    while (run->opened < count && !run->interrupted) {
        while (asked < count && run->busy < OPENING_MAX) {
            struct bench_slot *s = &slots[asked++];

            run->busy++;
            heed(run, s, bench_slot_open(s, &run->shared));
        }
        if (bench_tally_errors(&run->shared.tally) > errors)
            return false;
        if (run->opened < count)
            do_events(run, UINT64_MAX);
        look_at_time(run, bench_now_ns());
    }
    return run->opened == count;
}

static void note_opened(struct bench_run *run)
{
    for (size_t i = run->wish->connections; i < run->slot_count; i++)
        run->slots[i].opened = true;
}

/* What was opened to be idle is not part of what is measured. */
static void forget_times(struct bench_tally *tally)
{
    memset(&tally->connect, 0, sizeof tally->connect);
    memset(&tally->handshake, 0, sizeof tally->handshake);
    tally->full = tally->resumed = 0;
}

static bool open_beforehand(struct bench_run *run)
{
    const struct bench_wish *wish = run->wish;
    size_t idle;

    if (!open_all(run, run->slots + wish->connections, wish->idle))
        return false;
    note_opened(run);
    forget_times(&run->shared.tally);
    idle = run->opened;
    if (wish->keep_open && !open_all(run, run->slots, wish->connections))
        return false;
    run->opened = idle;
    return true;
}

/* --- the measurement -------------------------------------------------------
 */

/* When the next exchange should go out; 0: at once. */
static uint64_t due_ns(const struct bench_run *run)
{
    double rate = run->wish->rate;

    if (rate <= 0.0)
        return 0;
    return run->begin_ns + (uint64_t)((double)run->started * 1e9 / rate);
}

static bool may_start(const struct bench_run *run, uint64_t now)
{
    const struct bench_wish *wish = run->wish;
    uint64_t until =
        run->begin_ns + (uint64_t)(wish->seconds * (double)SECOND_NS);

    return !run->interrupted && !is_hopeless(run) &&
           (wish->exchanges == 0 || run->started < wish->exchanges) &&
           (wish->seconds <= 0.0 ||
            (now < until && (wish->rate <= 0.0 || due_ns(run) < until)));
}

/* Starts all that can be. Returns when there is more to start; UINT64_MAX: when
 * a slot is free. */
static uint64_t start_exchanges(struct bench_run *run)
{
    struct bench_tally *tally = &run->shared.tally;
    uint64_t now = bench_now_ns();

    while (run->stop_ns == 0 && run->first_free != NULL) {
        uint64_t due = due_ns(run);

        if (!may_start(run, now)) {
            run->stop_ns = now;
            break;
        }
        if (due > now)
            now = bench_now_ns();
        if (due > now)
            return due;
        if (due != 0 && now - due > LATE_NS)
            tally->late++;
        struct bench_slot *s = take_free(run);
        run->started++;
        run->busy++;
        heed(run, s, bench_slot_start(s, &run->shared, due));
    }
    if (run->stop_ns == 0 && !may_start(run, now))
        run->stop_ns = now;
    return UINT64_MAX;
}

/* To the last reply, and not less than the time that was given. */
static double seconds_of(const struct bench_run *run)
{
    const struct bench_wish *wish = run->wish;
    uint64_t end_ns = run->shared.replied_ns > run->stop_ns
                          ? run->shared.replied_ns
                          : run->stop_ns;
    double seconds = end_ns > run->begin_ns
                         ? (double)(end_ns - run->begin_ns) / (double)SECOND_NS
                         : 0.0;
    bool in_time = !run->interrupted && !run->gave_up && !is_hopeless(run) &&
                   (wish->exchanges == 0 || run->started < wish->exchanges);

    return in_time && seconds < wish->seconds ? wish->seconds : seconds;
}

static void measure(struct bench_run *run)
{
    uint64_t cpu = cpu_us();

    run->measuring = true;
    for (size_t i = 0; i < run->wish->connections; i++)
        put_free(run, &run->slots[i]);
    run->begin_ns = run->told_ns = bench_now_ns();
    run->tick_ns = run->begin_ns + TICK_NS;
    while ((run->stop_ns == 0 || run->busy > 0) && !run->gave_up) {
        uint64_t wake_ns = start_exchanges(run);

        if (run->stop_ns != 0 && run->busy == 0)
            break;
        do_events(run, wake_ns);
        look_at_time(run, bench_now_ns());
    }
    run->seconds = seconds_of(run);
    run->cpu_us = cpu_us() - cpu;
    run->idle = run->opened;
    run->gave_up = run->gave_up || is_hopeless(run);
    if (run->progress)
        bench_progress_end();
}

/* --- all of it -------------------------------------------------------------
 */

static int complain_system(const char *what)
{
    complain("%s: %s", what, strerror(errno));
    return WWEP_EXIT_FAILURE;
}

/* Ctrl-C ends the load, and not the program: the table is still to come. */
static int watch_signals(struct bench_run *run)
{
    struct epoll_event event = {.events = EPOLLIN};
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return complain_system("signals");
    run->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (run->signals < 0 || epoll_ctl(run->shared.wire.epoll, EPOLL_CTL_ADD,
                                      run->signals, &event) != 0)
        return complain_system("signals");
    return WWEP_EXIT_OK;
}

static int prepare(struct bench_run *run)
{
    const struct bench_wish *wish = run->wish;
    struct bench_shared *shared = &run->shared;

    run->signals = -1;
    shared->tls = run->tls;
    shared->keep_open = wish->keep_open;
    shared->resume = wish->resume;
    shared->wire.session_ids = wish->session_ids;
    shared->wire.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (shared->wire.epoll < 0)
        return complain_system("epoll");
    run->slot_count = wish->connections + wish->idle;
    run->slots = calloc(run->slot_count, sizeof *run->slots);
    uint64_t seed = 0;
    (void)line_random(&seed, sizeof seed);
    if (run->slots == NULL ||
        !bench_plan_init(&shared->plan, wish->device, wish->devices,
                         wish->connections, wish->writes, seed))
        return complain_system("slots");
    for (size_t i = 0; i < run->slot_count; i++) {
        bench_slot_init(&run->slots[i], shared, i);
        run->slots[i].idle = i >= wish->connections;
    }
    /* Or the system is free to wake us 50 us late, for the battery's sake. */
    (void)prctl(PR_SET_TIMERSLACK, 1ul, 0ul, 0ul, 0ul);
    return watch_signals(run);
}

int bench_run(struct bench_run *run)
{
    int status = prepare(run);

    if (status != WWEP_EXIT_OK)
        return status;
    run->tick_ns = bench_now_ns() + TICK_NS;
    if (open_beforehand(run))
        measure(run);
    else
        run->gave_up = true;
    return WWEP_EXIT_OK;
}

void bench_run_free(struct bench_run *run)
{
    for (size_t i = 0; i < run->slot_count && run->slots != NULL; i++)
        bench_slot_free(&run->slots[i]);
    free(run->slots);
    run->slots = NULL;
    bench_plan_free(&run->shared.plan);
    bench_wire_free(&run->shared.wire);
    if (run->signals > 0)
        (void)close(run->signals);
    if (run->shared.wire.epoll > 0)
        (void)close(run->shared.wire.epoll);
}
