/* wiced_rtos.h - threads, semaphores and mutexes, on those of this system.
 *
 * The objects are the caller's, and need not be filled before they are
 * initialised. Times are in milliseconds.
 *
 * Source: WICED SDK 6.6 on ThreadX.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_RTOS_H
#define WICED_RTOS_H

#include "wiced_constants.h"
#include "wiced_result.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* 32 bits, here too: the course's programs write their thread functions with
 * uint32_t, or with this. */
typedef uint32_t wiced_thread_arg_t;
typedef void (*wiced_thread_function_t)(wiced_thread_arg_t arg);

/* What is in them is the layer's own. */
typedef struct {
    uint64_t magic;
    void *handle;
} wiced_thread_t;

typedef struct {
    uint64_t magic;
    void *handle;
} wiced_semaphore_t;

typedef struct {
    uint64_t magic;
    void *handle;
} wiced_mutex_t;

/* The thread starts at once. priority is taken note of, and not enforced;
 * stack_size is in bytes, and given a floor: a desk's library needs more than
 * a board's. arg reaches the function as a number of 32 bits. WICED_SUCCESS,
 * WICED_BADARG, or WICED_OUT_OF_HEAP_SPACE. */
wiced_result_t wiced_rtos_create_thread(wiced_thread_t *thread,
                                        uint8_t priority, const char *name,
                                        wiced_thread_function_t function,
                                        uint32_t stack_size, void *arg);

/* Waits until the thread has ended. */
wiced_result_t wiced_rtos_thread_join(wiced_thread_t *thread);

/* Ends a thread: the calling one (NULL), or one that has already ended. Another
 * one that still runs can not be stopped here: WICED_UNSUPPORTED. */
wiced_result_t wiced_rtos_delete_thread(wiced_thread_t *thread);

wiced_result_t wiced_rtos_delay_milliseconds(uint32_t milliseconds);

/* A counting semaphore, at 0 first. set may be called by an interrupt's
 * handler. get returns WICED_TIMEOUT after timeout_ms. One that is set before
 * it is initialised, in a program whose threads start in any order, keeps what
 * it was given. */
wiced_result_t wiced_rtos_init_semaphore(wiced_semaphore_t *semaphore);
wiced_result_t wiced_rtos_set_semaphore(wiced_semaphore_t *semaphore);
wiced_result_t wiced_rtos_get_semaphore(wiced_semaphore_t *semaphore,
                                        uint32_t timeout_ms);
wiced_result_t wiced_rtos_deinit_semaphore(wiced_semaphore_t *semaphore);

/* Its owner may lock it again, and unlocks as often. Unlocking another's, or
 * one that is not locked: WICED_ERROR. */
wiced_result_t wiced_rtos_init_mutex(wiced_mutex_t *mutex);
wiced_result_t wiced_rtos_lock_mutex(wiced_mutex_t *mutex);
wiced_result_t wiced_rtos_unlock_mutex(wiced_mutex_t *mutex);
wiced_result_t wiced_rtos_deinit_mutex(wiced_mutex_t *mutex);

#ifdef __cplusplus
}
#endif

#endif
