/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store_port.h"

#include "store.h"

#include <assert.h>
#include <stddef.h>

static void list_clear(struct store_write_list *l)
{
    l->first = NULL;
    l->end = &l->first;
}

void store_port_init(struct store_port *p, store_wake_fn wake, void *ctx)
{
    pthread_mutex_init(&p->mutex, NULL);
    list_clear(&p->back);
    list_clear(&p->batch);
    p->wake = wake;
    p->ctx = ctx;
    p->next = NULL;
}

void store_port_deinit(struct store_port *p)
{
    /* The last write may have been delivered before its wake() was called. */
    pthread_mutex_lock(&p->mutex);
    assert(p->back.first == NULL);
    pthread_mutex_unlock(&p->mutex);
    pthread_mutex_destroy(&p->mutex);
}

void store_port_deliver(struct store_port *p)
{
    pthread_mutex_lock(&p->mutex);
    struct store_write *w = p->back.first;
    list_clear(&p->back);
    pthread_mutex_unlock(&p->mutex);
    while (w != NULL) {
        struct store_write *next = w->next; /* done() may end w */
        w->done(w, w->stored);
        w = next;
    }
}

void store_port_add(struct store_write *w, struct store_port **touched)
{
    struct store_port *p = w->port;

    if (p->batch.first == NULL) {
        p->next = *touched;
        *touched = p;
    }
    w->next = NULL;
    *p->batch.end = w;
    p->batch.end = &w->next;
}

void store_port_send(struct store_port **touched)
{
    struct store_port *p = *touched;

    *touched = NULL;
    while (p != NULL) {
        struct store_port *next = p->next; /* p may end when it is unlocked */
        struct store_write_list batch = p->batch;
        list_clear(&p->batch);
        pthread_mutex_lock(&p->mutex);
        *p->back.end = batch.first;
        p->back.end = batch.end;
        p->wake(p->ctx);
        pthread_mutex_unlock(&p->mutex);
        p = next;
    }
}
