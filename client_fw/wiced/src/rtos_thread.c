/* Threads. None of a thread's memory outlives it: the program's object holds a
 * number, under which the thread is in a list as long as it runs. Who joins
 * waits until it is no longer there.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "wiced_rtos.h"

#include "console_terminal.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <wwep/tls.h>

#define MAGIC          0x57696365644C4C54u
#define NAME_MAX_BYTES 16u /* what Linux keeps, with the NUL */

/* The course's stacks are for a board. Here printf() alone wants more than the
 * smallest of them, TLS more than the largest, and each thread's variables are
 * on its stack, too: a sanitizer has almost a megabyte of them. So this is
 * added to what the program asks for; memory that is not used costs nothing. */
#define SIGNAL_STACK_BYTES 16384u
#define STACK_EXTRA_BYTES  ((size_t)2 * 1024 * 1024)
#define STACK_UNIT_BYTES   ((size_t)64 * 1024) /* whole pages, anywhere */

struct thread {
    struct thread *next;
    uintptr_t number;
    wiced_thread_function_t function;
    wiced_thread_arg_t arg;
    char name[NAME_MAX_BYTES];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t one_ended = PTHREAD_COND_INITIALIZER;
static struct thread *running;
static uintptr_t last_number;

/* 0: none of this file's. */
static _Thread_local uintptr_t own_number;

/* --- the list, with the lock held ----------------------------------------- */

static bool runs(uintptr_t number)
{
    const struct thread *t = running;

    while (t != NULL && t->number != number)
        t = t->next;
    return t != NULL;
}

static void remove_running(const struct thread *thread)
{
    struct thread **at = &running;

    while (*at != thread)
        at = &(*at)->next;
    *at = thread->next;
}

/* --- the thread itself ---------------------------------------------------- */

/* Also when it ends within wiced_rtos_delete_thread(). */
static void on_end(void *ctx)
{
    struct thread *thread = ctx;

    wwep_tls_thread_end();
    pthread_mutex_lock(&lock);
    remove_running(thread);
    pthread_cond_broadcast(&one_ended);
    pthread_mutex_unlock(&lock);
    free(thread);
}

/* So that a stack that is full is a crash that can still be said. A sanitizer
 * has a stack of its own for it. */
static void give_signals(uint8_t stack[SIGNAL_STACK_BYTES])
{
    const stack_t ours = {.ss_sp = stack, .ss_size = SIGNAL_STACK_BYTES};
    stack_t before;

    if (sigaltstack(NULL, &before) == 0 && (before.ss_flags & SS_DISABLE) != 0)
        (void)sigaltstack(&ours, NULL);
}

static void *on_thread(void *ctx)
{
    struct thread *thread = ctx;
    uint8_t signal_stack[SIGNAL_STACK_BYTES];

    give_signals(signal_stack);
    own_number = thread->number;
    (void)pthread_setname_np(pthread_self(), thread->name);
    pthread_cleanup_push(on_end, thread);
    thread->function(thread->arg);
    pthread_cleanup_pop(1);
    return NULL;
}

/* With the lock held, so that the thread does not end before it is listed. */
static bool start(struct thread *thread, uint32_t stack_size)
{
    size_t stack_bytes = stack_size + STACK_EXTRA_BYTES;
    pthread_attr_t attr;
    pthread_t id;
    sigset_t ours;
    sigset_t before;
    bool started;

    if (pthread_attr_init(&attr) != 0)
        return false;
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    stack_bytes += STACK_UNIT_BYTES - stack_bytes % STACK_UNIT_BYTES;
    started = pthread_attr_setstacksize(&attr, stack_bytes) == 0;
    /* Ctrl-C and the like are the main thread's. */
    console_terminal_signals(&ours);
    pthread_sigmask(SIG_BLOCK, &ours, &before);
    started = started && pthread_create(&id, &attr, on_thread, thread) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    return started;
}

/* --- the API -------------------------------------------------------------- */

wiced_result_t wiced_rtos_create_thread(wiced_thread_t *thread,
                                        uint8_t priority, const char *name,
                                        wiced_thread_function_t function,
                                        uint32_t stack_size, void *arg)
{
    struct thread *made;
    bool started;

    (void)priority;
    if (thread == NULL || function == NULL)
        return WICED_BADARG;
    *thread = (wiced_thread_t){0, NULL};
    made = calloc(1, sizeof *made);
    if (made == NULL)
        return WICED_OUT_OF_HEAP_SPACE;
    made->function = function;
    made->arg = (wiced_thread_arg_t)(uintptr_t)arg;
    (void)snprintf(made->name, sizeof made->name, "%s",
                   name != NULL ? name : "wiced");
    pthread_mutex_lock(&lock);
    made->number = ++last_number;
    *thread = (wiced_thread_t){MAGIC, (void *)made->number};
    made->next = running;
    running = made;
    started = start(made, stack_size);
    if (!started) {
        remove_running(made);
        *thread = (wiced_thread_t){0, NULL};
    }
    pthread_mutex_unlock(&lock);
    if (started)
        return WICED_SUCCESS;
    free(made);
    return WICED_OUT_OF_HEAP_SPACE;
}

wiced_result_t wiced_rtos_thread_join(wiced_thread_t *thread)
{
    uintptr_t number;

    if (thread == NULL || thread->magic != MAGIC)
        return WICED_BADARG;
    number = (uintptr_t)thread->handle;
    if (number == own_number) /* it would wait for ever */
        return WICED_ERROR;
    pthread_mutex_lock(&lock);
    while (runs(number))
        pthread_cond_wait(&one_ended, &lock);
    pthread_mutex_unlock(&lock);
    return WICED_SUCCESS;
}

wiced_result_t wiced_rtos_delete_thread(wiced_thread_t *thread)
{
    bool still;

    if (thread == NULL) {
        if (own_number == 0) /* an interrupt's handler is no thread */
            return WICED_ERROR;
        pthread_exit(NULL);
    }
    if (thread->magic != MAGIC)
        return WICED_BADARG;
    if (own_number != 0 && (uintptr_t)thread->handle == own_number)
        pthread_exit(NULL);
    pthread_mutex_lock(&lock);
    still = runs((uintptr_t)thread->handle);
    pthread_mutex_unlock(&lock);
    if (still)
        return WICED_UNSUPPORTED;
    *thread = (wiced_thread_t){0, NULL};
    return WICED_SUCCESS;
}
