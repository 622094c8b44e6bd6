/* Semaphores. A program's object has but a mark and a pointer in it, as it may
 * never have been initialised, and then be zero, or anything. So an operation
 * first looks the pointer up among those that live; that list, and what was
 * given to objects before their time, is state of the process.
 *
 * One lock serves all of them: they are few, and it is never held for long.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "wiced_rtos.h"

#include "rtos_wait.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#define MAGIC     0x57696365644C4C53u
#define EARLY_MAX 32u

struct semaphore {
    struct semaphore *next;
    pthread_cond_t given;
    uint32_t count;
    unsigned waiting;
    bool gone; /* who waits frees it, the last one */
};

/* An object that was set before it was initialised. */
struct early {
    const wiced_semaphore_t *object;
    uint32_t count;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct semaphore *living;
static struct early early[EARLY_MAX];

/* --- with the lock held --------------------------------------------------- */

/* NULL: none, or not initialised. */
static struct semaphore *find(const wiced_semaphore_t *object)
{
    struct semaphore *s = living;

    if (object->magic != MAGIC)
        return NULL;
    while (s != NULL && s != object->handle)
        s = s->next;
    return s;
}

static bool is_zero(const wiced_semaphore_t *object)
{
    return object->magic == 0 && object->handle == NULL;
}

/* The object's place among the early ones, or a free one; NULL: none is left.
 */
static struct early *find_early(const wiced_semaphore_t *object)
{
    struct early *found = NULL;

    for (size_t i = 0; i < EARLY_MAX; i++) {
        if (early[i].object == object)
            return &early[i];
        if (early[i].object == NULL && found == NULL)
            found = &early[i];
    }
    return found;
}

static uint32_t adopt_early(const wiced_semaphore_t *object)
{
    struct early *e = find_early(object);
    uint32_t count = 0;

    if (e != NULL && e->object == object) {
        count = e->count;
        *e = (struct early){NULL, 0};
    }
    return count;
}

static wiced_result_t set_early(const wiced_semaphore_t *object)
{
    struct early *e = find_early(object);

    if (e == NULL)
        return WICED_ERROR;
    e->object = object;
    e->count++;
    return WICED_SUCCESS;
}

static void unlink_living(const struct semaphore *s)
{
    struct semaphore **at = &living;

    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
}

static void free_unused(struct semaphore *s)
{
    if (s->waiting > 0)
        return;
    pthread_cond_destroy(&s->given);
    free(s);
}

static wiced_result_t init(wiced_semaphore_t *object)
{
    struct semaphore *s = find(object);
    uint32_t count = is_zero(object) ? adopt_early(object) : 0;

    if (s != NULL) { /* once more: it begins anew */
        s->count = 0;
        return WICED_SUCCESS;
    }
    s = calloc(1, sizeof *s);
    if (s == NULL)
        return WICED_OUT_OF_HEAP_SPACE;
    rtos_cond_init(&s->given);
    s->count = count;
    s->next = living;
    living = s;
    *object = (wiced_semaphore_t){MAGIC, s};
    return WICED_SUCCESS;
}

static wiced_result_t set(wiced_semaphore_t *object)
{
    struct semaphore *s = find(object);

    if (s == NULL)
        return is_zero(object) ? set_early(object) : WICED_ERROR;
    if (s->count < UINT32_MAX)
        s->count++;
    pthread_cond_signal(&s->given);
    return WICED_SUCCESS;
}

static wiced_result_t get(wiced_semaphore_t *object, uint32_t timeout_ms)
{
    struct semaphore *s = find(object);
    struct rtos_deadline deadline;
    bool in_time = true;

    if (s == NULL)
        return WICED_ERROR;
    if (s->count == 0 && timeout_ms == WICED_NO_WAIT)
        return WICED_TIMEOUT;
    deadline = rtos_deadline_in(timeout_ms);
    s->waiting++;
    while (s->count == 0 && !s->gone && in_time)
        in_time = rtos_wait(&s->given, &lock, &deadline);
    s->waiting--;
    if (s->gone) {
        free_unused(s);
        return WICED_ERROR;
    }
    if (s->count == 0)
        return WICED_TIMEOUT;
    s->count--;
    return WICED_SUCCESS;
}

static wiced_result_t deinit(wiced_semaphore_t *object)
{
    struct semaphore *s = find(object);

    if (s == NULL)
        return WICED_ERROR;
    *object = (wiced_semaphore_t){0, NULL};
    unlink_living(s);
    s->gone = true;
    pthread_cond_broadcast(&s->given);
    free_unused(s);
    return WICED_SUCCESS;
}

/* --- the API -------------------------------------------------------------- */

wiced_result_t wiced_rtos_init_semaphore(wiced_semaphore_t *semaphore)
{
    if (semaphore == NULL)
        return WICED_BADARG;
    pthread_mutex_lock(&lock);
    wiced_result_t result = init(semaphore);
    pthread_mutex_unlock(&lock);
    return result;
}

wiced_result_t wiced_rtos_set_semaphore(wiced_semaphore_t *semaphore)
{
    if (semaphore == NULL)
        return WICED_BADARG;
    pthread_mutex_lock(&lock);
    wiced_result_t result = set(semaphore);
    pthread_mutex_unlock(&lock);
    return result;
}

wiced_result_t wiced_rtos_get_semaphore(wiced_semaphore_t *semaphore,
                                        uint32_t timeout_ms)
{
    if (semaphore == NULL)
        return WICED_BADARG;
    pthread_mutex_lock(&lock);
    wiced_result_t result = get(semaphore, timeout_ms);
    pthread_mutex_unlock(&lock);
    return result;
}

wiced_result_t wiced_rtos_deinit_semaphore(wiced_semaphore_t *semaphore)
{
    if (semaphore == NULL)
        return WICED_BADARG;
    pthread_mutex_lock(&lock);
    wiced_result_t result = deinit(semaphore);
    pthread_mutex_unlock(&lock);
    return result;
}
