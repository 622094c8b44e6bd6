/* output_switch.h - another target for a thread that writes: who opened it
 * hands it over, and the thread takes it between two writes. So no line is lost
 * or split, and nobody waits for a disk.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OUTPUT_SWITCH_H
#define OUTPUT_SWITCH_H

#include "output.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/* All fields are private to output_switch.c. */
struct output_switch {
    pthread_mutex_t mutex;
    atomic_bool waiting;
    struct output next;
};

#define OUTPUT_SWITCH_INIT                 \
    {                                      \
        .mutex = PTHREAD_MUTEX_INITIALIZER \
    }

void output_switch_init(struct output_switch *s);

/* Closes what has not been taken. With the thread gone. */
void output_switch_deinit(struct output_switch *s);

/* Any thread. Takes `next`, which has been opened; one that was given before
 * and not taken yet is closed. */
void output_switch_give(struct output_switch *s, struct output next);

/* The thread that writes: puts what was given in the place of `out`, which it
 * closes. What `out` has lost stays counted. False: there is nothing. */
bool output_switch_take(struct output_switch *s, struct output *out);

#endif
