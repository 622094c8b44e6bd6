/* unit_transport.h - a transport between a loop and a client's socket.
 *
 * A test and its loop have one thread: the client's socket is driven between
 * the turns of the loop.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UNIT_TRANSPORT_H
#define UNIT_TRANSPORT_H

#include "transport.h"
#include "unit_io.h"

#include <stdbool.h>
#include <stddef.h>

struct unit_rig {
    uv_loop_t loop;
    struct transport_io io;
    struct transport *t; /* NULL once it has told CLOSED */
    int client;          /* -1: the test has closed it */
    char events[512];    /* a letter each: R D q E S F C, in their order */
    size_t n_events;
    char data[4096]; /* of all DATA events */
    size_t data_len;
    bool freed;
    /* Called in each event, after it has been noted. */
    void (*hook)(struct unit_rig *r, enum transport_event event);
};

extern struct unit_rig rig;

/* Connects a client to a started transport; tls: NULL for a plain one. */
void unit_transport_start(struct tls_context *tls);

/* Closes what the test has not, and sees that the loop has nothing left. */
void unit_transport_stop(void);

/* One turn of the loop; where nothing happens it takes a moment. */
void unit_turn(void);

/* Turns the loop until this event (its letter) has been told. */
void unit_turn_to(char event);

/* The client resets the connection. */
void unit_client_resets(void);

/* Fails unless the client reads this text and then the end; closes it. */
void unit_client_gets(const char *text);

/* Turns the loop until the condition holds. */
#define UNIT_TURN_UNTIL(condition)                                    \
    do {                                                              \
        uint64_t until_ms = unit_now_ms() + UNIT_DEADLINE_MS;         \
        while (!(condition)) {                                        \
            ck_assert_msg(unit_now_ms() < until_ms, "%s; events: %s", \
                          #condition, rig.events);                    \
            unit_turn();                                              \
        }                                                             \
    } while (0)

#endif
