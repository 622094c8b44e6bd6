/* bench_run.h - runs a load: the slots, the epoll, the clock.
 *
 *     opens the idle connections -> opens those that are kept open -> measures:
 *     starts exchanges until the number, the time, or Ctrl-C ends that -> waits
 *     for those that are under way
 *
 * With a rate, exchanges have a time at which they should go out, whether a
 * slot is free or not, and their latency counts from there: a server that
 * stands still for a second has made all wait that wanted to come in it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_BENCH_RUN_H
#define WWEP_APP_BENCH_RUN_H

#include "bench_slot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is wanted. */
struct bench_wish {
    size_t connections;
    size_t idle;
    uint64_t exchanges; /* 0: as many as there is time for */
    double seconds;     /* 0: as long as it takes */
    double rate;        /* a second; 0: as fast as it goes */
    unsigned devices;
    uint16_t device;
    unsigned writes; /* in a hundred */
    bool resume;
    bool session_ids; /* with TLS 1.2 by them, and not by tickets */
    bool keep_open;
};

/* The caller fills the first four and the wire's first fields (but for the
 * epoll), zero-fills the rest, and reads the results. It must not move. */
struct bench_run {
    const struct bench_wish *wish;
    const struct wwep_tls_config *tls; /* NULL: in the clear */
    uint32_t timeout_ms;
    bool progress; /* a line on standard error, once a second */
    struct bench_shared shared;

    /* Results. */
    double seconds;  /* of the measurement */
    size_t idle;     /* connections, at the end of it */
    uint64_t cpu_us; /* that this process has used for it */
    bool interrupted;
    bool gave_up; /* nothing went well, or the server keeps none open */

    /* Its own. */
    struct bench_slot *slots; /* the idle ones behind the others */
    size_t slot_count;
    struct bench_slot *first_free;
    struct bench_slot *last_free;
    int signals; /* a signalfd */
    bool measuring;
    size_t busy;
    size_t opened;
    uint64_t started; /* exchanges */
    uint64_t begin_ns;
    uint64_t stop_ns; /* 0: still starting */
    uint64_t tick_ns; /* the next look at time limits */
    uint64_t told_ns; /* the last line of progress */
    uint64_t told;    /* exchanges until then */
};

/* Returns WWEP_EXIT_OK when the load has run, however it went; else the exit
 * code: what was wrong is said. bench_run_free() is due in either case. */
int bench_run(struct bench_run *run);
void bench_run_free(struct bench_run *run);

#endif
