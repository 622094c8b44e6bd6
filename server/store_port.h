/* store_port.h - where the writes of one thread come back to it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STORE_PORT_H
#define STORE_PORT_H

#include <pthread.h>

struct store_write;

/* The store's thread; it must return soon, and may be late: for writes that
 * have been delivered meanwhile. */
typedef void (*store_wake_fn)(void *ctx);

struct store_write_list {
    struct store_write *first;
    struct store_write **end;
};

/* All fields are private to store_port.c. */
struct store_port {
    pthread_mutex_t mutex;
    struct store_write_list back; /* on their way to the thread */
    store_wake_fn wake;
    void *ctx;
    struct store_write_list batch; /* the store's thread gathers them here */
    struct store_port *next;       /* of those with a batch */
};

void store_port_init(struct store_port *p, store_wake_fn wake, void *ctx);

/* With none of its writes under way. wake() is not running any more then, and
 * will not be called. */
void store_port_deinit(struct store_port *p);

/* The port's own thread, after wake(): calls done() of each write that is. */
void store_port_deliver(struct store_port *p);

/* The store's thread: a write is done; and all that are go back, each port
 * being woken once. *touched: the ports with a batch, NULL at first. */
void store_port_add(struct store_write *w, struct store_port **touched);
void store_port_send(struct store_port **touched);

#endif
