/* Mutexes. They are made as semaphores are (rtos_semaphore.c): the program's
 * object has a mark and a pointer, which is looked up among those that live.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "wiced_rtos.h"

#include "rtos_wait.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#define MAGIC 0x57696365644C4C4Du

struct mutex {
    struct mutex *next;
    pthread_cond_t released;
    uint64_t owner; /* a thread's number; 0: nobody */
    uint32_t depth; /* how often the owner has locked it */
    unsigned waiting;
    bool gone; /* who waits frees it, the last one */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct mutex *living;
static uint64_t last_number;

/* Of its own for each thread: pthread_self() may be had again by another one
 * when a thread has ended. */
static _Thread_local uint64_t own_number;

/* --- with the lock held --------------------------------------------------- */

static uint64_t self(void)
{
    if (own_number == 0)
        own_number = ++last_number;
    return own_number;
}

/* NULL: none, or not initialised. */
static struct mutex *find(const wiced_mutex_t *object)
{
    struct mutex *m = living;

    if (object->magic != MAGIC)
        return NULL;
    while (m != NULL && m != object->handle)
        m = m->next;
    return m;
}

static void unlink_living(const struct mutex *m)
{
    struct mutex **at = &living;

    while (*at != m)
        at = &(*at)->next;
    *at = m->next;
}

static void free_unused(struct mutex *m)
{
    if (m->waiting > 0)
        return;
    pthread_cond_destroy(&m->released);
    free(m);
}

static wiced_result_t init(wiced_mutex_t *object)
{
    struct mutex *m = find(object);

    if (m != NULL) { /* once more: it begins anew */
        m->owner = 0;
        m->depth = 0;
        pthread_cond_broadcast(&m->released);
        return WICED_SUCCESS;
    }
    m = calloc(1, sizeof *m);
    if (m == NULL)
        return WICED_OUT_OF_HEAP_SPACE;
    rtos_cond_init(&m->released);
    m->next = living;
    living = m;
    *object = (wiced_mutex_t){MAGIC, m};
    return WICED_SUCCESS;
}

static wiced_result_t acquire(wiced_mutex_t *object)
{
    struct mutex *m = find(object);

    if (m == NULL)
        return WICED_ERROR;
    m->waiting++;
    while (!m->gone && m->owner != 0 && m->owner != self())
        pthread_cond_wait(&m->released, &lock);
    m->waiting--;
    if (m->gone) {
        free_unused(m);
        return WICED_ERROR;
    }
    m->owner = self();
    m->depth++;
    return WICED_SUCCESS;
}

static wiced_result_t release(wiced_mutex_t *object)
{
    struct mutex *m = find(object);

    if (m == NULL || m->owner != self())
        return WICED_ERROR;
    if (--m->depth == 0) {
        m->owner = 0;
        pthread_cond_signal(&m->released);
    }
    return WICED_SUCCESS;
}

static wiced_result_t deinit(wiced_mutex_t *object)
{
    struct mutex *m = find(object);

    if (m == NULL)
        return WICED_ERROR;
    *object = (wiced_mutex_t){0, NULL};
    unlink_living(m);
    m->gone = true;
    pthread_cond_broadcast(&m->released);
    free_unused(m);
    return WICED_SUCCESS;
}

/* --- the API -------------------------------------------------------------- */

static wiced_result_t locked(wiced_result_t (*act)(wiced_mutex_t *object),
                             wiced_mutex_t *object)
{
    if (object == NULL)
        return WICED_BADARG;
    pthread_mutex_lock(&lock);
    wiced_result_t result = act(object);
    pthread_mutex_unlock(&lock);
    return result;
}

wiced_result_t wiced_rtos_init_mutex(wiced_mutex_t *mutex)
{
    return locked(init, mutex);
}

wiced_result_t wiced_rtos_lock_mutex(wiced_mutex_t *mutex)
{
    return locked(acquire, mutex);
}

wiced_result_t wiced_rtos_unlock_mutex(wiced_mutex_t *mutex)
{
    return locked(release, mutex);
}

wiced_result_t wiced_rtos_deinit_mutex(wiced_mutex_t *mutex)
{
    return locked(deinit, mutex);
}
