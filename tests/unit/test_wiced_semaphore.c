/* Semaphores and mutexes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "unit_wiced.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>

#define LONG_MS  20000u /* what has to come, comes sooner */
#define SHORT_MS 40u

static atomic_uint seen;

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static wiced_thread_t start(wiced_thread_function_t function, unsigned arg)
{
    wiced_thread_t thread;

    ck_assert_int_eq(wiced_rtos_create_thread(&thread, 5, "test", function,
                                              1024, (void *)(uintptr_t)arg),
                     WICED_SUCCESS);
    return thread;
}

/* --- semaphores ----------------------------------------------------------- */

static wiced_semaphore_t semaphore;

START_TEST(a_semaphore_counts)
{
    memset(&semaphore, 0xA5, sizeof semaphore); /* need not be filled */
    ck_assert_int_eq(wiced_rtos_init_semaphore(&semaphore), WICED_SUCCESS);
    ck_assert_int_eq(wiced_rtos_get_semaphore(&semaphore, WICED_NO_WAIT), 2);
    for (unsigned i = 0; i < 1000; i++)
        ck_assert_int_eq(wiced_rtos_set_semaphore(&semaphore), WICED_SUCCESS);
    for (unsigned i = 0; i < 1000; i++)
        ck_assert_int_eq(
            wiced_rtos_get_semaphore(&semaphore, WICED_WAIT_FOREVER), 0);
    ck_assert_int_eq(wiced_rtos_get_semaphore(&semaphore, 0), WICED_TIMEOUT);
    ck_assert_int_eq(wiced_rtos_deinit_semaphore(&semaphore), WICED_SUCCESS);
}
END_TEST

START_TEST(get_semaphore_times_out)
{
    uint64_t began_ms = now_ms();

    ck_assert_int_eq(wiced_rtos_init_semaphore(&semaphore), 0);
    ck_assert_int_eq(wiced_rtos_get_semaphore(&semaphore, SHORT_MS), 2);
    ck_assert_uint_ge(now_ms() - began_ms, SHORT_MS);
    wiced_rtos_deinit_semaphore(&semaphore);
}
END_TEST

static void on_get(wiced_thread_arg_t timeout_ms)
{
    atomic_store(&seen,
                 (unsigned)wiced_rtos_get_semaphore(&semaphore, timeout_ms) +
                     100);
}

START_TEST(set_semaphore_wakes)
{
    static const uint32_t timeouts_ms[] = {LONG_MS, WICED_WAIT_FOREVER};

    ck_assert_int_eq(wiced_rtos_init_semaphore(&semaphore), 0);
    for (unsigned i = 0; i < 2; i++) {
        wiced_thread_t thread = start(on_get, timeouts_ms[i]);

        wiced_rtos_delay_milliseconds(5);
        ck_assert_int_eq(wiced_rtos_set_semaphore(&semaphore), 0);
        wiced_rtos_thread_join(&thread);
        ck_assert_uint_eq(atomic_load(&seen), 100 + WICED_SUCCESS);
    }
    wiced_rtos_deinit_semaphore(&semaphore);
}
END_TEST

/* B1's main thread may do so. */
START_TEST(set_before_init_is_kept)
{
    static wiced_semaphore_t first;
    static wiced_semaphore_t second;

    ck_assert_int_eq(wiced_rtos_set_semaphore(&first), WICED_SUCCESS);
    ck_assert_int_eq(wiced_rtos_set_semaphore(&second), WICED_SUCCESS);
    ck_assert_int_eq(wiced_rtos_set_semaphore(&first), WICED_SUCCESS);
    ck_assert_int_eq(wiced_rtos_init_semaphore(&first), WICED_SUCCESS);
    ck_assert_int_eq(wiced_rtos_init_semaphore(&second), WICED_SUCCESS);
    ck_assert_int_eq(wiced_rtos_get_semaphore(&first, 0), WICED_SUCCESS);
    ck_assert_int_eq(wiced_rtos_get_semaphore(&first, 0), WICED_SUCCESS);
    ck_assert_int_eq(wiced_rtos_get_semaphore(&first, 0), WICED_TIMEOUT);
    ck_assert_int_eq(wiced_rtos_get_semaphore(&second, 0), WICED_SUCCESS);
    ck_assert_int_eq(wiced_rtos_get_semaphore(&second, 0), WICED_TIMEOUT);
    wiced_rtos_deinit_semaphore(&first);
    wiced_rtos_deinit_semaphore(&second);
    ck_assert_int_eq(wiced_rtos_init_semaphore(&first), WICED_SUCCESS);
    ck_assert_int_eq(wiced_rtos_get_semaphore(&first, 0), WICED_TIMEOUT);
    wiced_rtos_deinit_semaphore(&first);
}
END_TEST

START_TEST(set_before_init_has_a_limit)
{
    static wiced_semaphore_t many[64];
    unsigned kept = 0;

    for (unsigned i = 0; i < 64; i++)
        if (wiced_rtos_set_semaphore(&many[i]) == WICED_SUCCESS)
            kept++;
    ck_assert_uint_ge(kept, 16);
    ck_assert_uint_lt(kept, 64);
    for (unsigned i = 0; i < 64; i++) {
        ck_assert_int_eq(wiced_rtos_init_semaphore(&many[i]), 0);
        ck_assert_int_eq(wiced_rtos_get_semaphore(&many[i], 0),
                         i < kept ? WICED_SUCCESS : WICED_TIMEOUT);
        wiced_rtos_deinit_semaphore(&many[i]);
    }
}
END_TEST

START_TEST(a_semaphore_of_garbage)
{
    static wiced_semaphore_t zero;
    wiced_semaphore_t garbage;
    wiced_semaphore_t copy;

    memset(&garbage, 0x5A, sizeof garbage);
    ck_assert_int_eq(wiced_rtos_set_semaphore(&garbage), WICED_ERROR);
    ck_assert_int_eq(wiced_rtos_get_semaphore(&garbage, 0), WICED_ERROR);
    ck_assert_int_eq(wiced_rtos_deinit_semaphore(&garbage), WICED_ERROR);
    ck_assert_int_eq(wiced_rtos_get_semaphore(&zero, 0), WICED_ERROR);
    ck_assert_int_eq(wiced_rtos_deinit_semaphore(&zero), WICED_ERROR);
    ck_assert_int_eq(wiced_rtos_init_semaphore(NULL), WICED_BADARG);
    ck_assert_int_eq(wiced_rtos_set_semaphore(NULL), WICED_BADARG);
    ck_assert_int_eq(wiced_rtos_get_semaphore(NULL, 0), WICED_BADARG);
    ck_assert_int_eq(wiced_rtos_deinit_semaphore(NULL), WICED_BADARG);

    /* The mark of one that was, and is no more. */
    ck_assert_int_eq(wiced_rtos_init_semaphore(&garbage), WICED_SUCCESS);
    copy = garbage;
    ck_assert_int_eq(wiced_rtos_deinit_semaphore(&garbage), WICED_SUCCESS);
    ck_assert_int_eq(wiced_rtos_set_semaphore(&copy), WICED_ERROR);
    ck_assert_int_eq(wiced_rtos_init_semaphore(&copy), WICED_SUCCESS);
    ck_assert_int_eq(wiced_rtos_deinit_semaphore(&copy), WICED_SUCCESS);
}
END_TEST

START_TEST(init_once_more)
{
    ck_assert_int_eq(wiced_rtos_init_semaphore(&semaphore), 0);
    ck_assert_int_eq(wiced_rtos_set_semaphore(&semaphore), 0);
    ck_assert_int_eq(wiced_rtos_init_semaphore(&semaphore), 0);
    ck_assert_int_eq(wiced_rtos_get_semaphore(&semaphore, 0), WICED_TIMEOUT);
    ck_assert_int_eq(wiced_rtos_deinit_semaphore(&semaphore), 0);
}
END_TEST

START_TEST(deinit_ends_a_wait)
{
    ck_assert_int_eq(wiced_rtos_init_semaphore(&semaphore), 0);
    wiced_thread_t thread = start(on_get, WICED_WAIT_FOREVER);
    wiced_rtos_delay_milliseconds(5);
    ck_assert_int_eq(wiced_rtos_deinit_semaphore(&semaphore), 0);
    wiced_rtos_thread_join(&thread);
    ck_assert_uint_eq(atomic_load(&seen), 100 + WICED_ERROR);
}
END_TEST

/* --- mutexes -------------------------------------------------------------- */

static wiced_mutex_t mutex;
static unsigned shared; /* under the mutex */

static void on_add(wiced_thread_arg_t arg)
{
    for (unsigned i = 0; i < arg; i++) {
        wiced_rtos_lock_mutex(&mutex);
        shared++;
        wiced_rtos_unlock_mutex(&mutex);
    }
}

START_TEST(a_mutex_excludes)
{
    wiced_thread_t threads[4];

    memset(&mutex, 0xA5, sizeof mutex);
    ck_assert_int_eq(wiced_rtos_init_mutex(&mutex), WICED_SUCCESS);
    for (unsigned i = 0; i < 4; i++)
        threads[i] = start(on_add, 500);
    for (unsigned i = 0; i < 4; i++)
        wiced_rtos_thread_join(&threads[i]);
    ck_assert_uint_eq(shared, 2000);
    ck_assert_int_eq(wiced_rtos_deinit_mutex(&mutex), WICED_SUCCESS);
}
END_TEST

static void on_unlock(wiced_thread_arg_t arg)
{
    (void)arg;
    atomic_store(&seen, (unsigned)wiced_rtos_unlock_mutex(&mutex));
}

static void on_lock(wiced_thread_arg_t arg)
{
    (void)arg;
    atomic_store(&seen, 50);
    atomic_store(&seen, 100 + (unsigned)wiced_rtos_lock_mutex(&mutex));
    wiced_rtos_unlock_mutex(&mutex);
}

static void wait_until_seen(unsigned value)
{
    while (atomic_load(&seen) != value)
        wiced_rtos_delay_milliseconds(1);
}

START_TEST(a_mutex_is_its_owners_again)
{
    ck_assert_int_eq(wiced_rtos_init_mutex(&mutex), 0);
    ck_assert_int_eq(wiced_rtos_lock_mutex(&mutex), WICED_SUCCESS);
    ck_assert_int_eq(wiced_rtos_lock_mutex(&mutex), WICED_SUCCESS);
    ck_assert_int_eq(wiced_rtos_unlock_mutex(&mutex), WICED_SUCCESS);

    wiced_thread_t thread = start(on_lock, 0);
    wait_until_seen(50);
    wiced_rtos_delay_milliseconds(10);
    ck_assert_uint_eq(atomic_load(&seen), 50); /* it is locked still */
    ck_assert_int_eq(wiced_rtos_unlock_mutex(&mutex), WICED_SUCCESS);
    wiced_rtos_thread_join(&thread);
    ck_assert_uint_eq(atomic_load(&seen), 100 + WICED_SUCCESS);
    ck_assert_int_eq(wiced_rtos_unlock_mutex(&mutex), WICED_ERROR);
    wiced_rtos_deinit_mutex(&mutex);
}
END_TEST

START_TEST(unlock_of_anothers_mutex)
{
    ck_assert_int_eq(wiced_rtos_init_mutex(&mutex), 0);
    ck_assert_int_eq(wiced_rtos_unlock_mutex(&mutex), WICED_ERROR);
    ck_assert_int_eq(wiced_rtos_lock_mutex(&mutex), 0);
    wiced_thread_t thread = start(on_unlock, 0);
    wiced_rtos_thread_join(&thread);
    ck_assert_uint_eq(atomic_load(&seen), WICED_ERROR);
    ck_assert_int_eq(wiced_rtos_unlock_mutex(&mutex), WICED_SUCCESS);
    wiced_rtos_deinit_mutex(&mutex);
}
END_TEST

START_TEST(a_mutex_of_garbage)
{
    static wiced_mutex_t zero;
    wiced_mutex_t garbage;

    memset(&garbage, 0x5A, sizeof garbage);
    ck_assert_int_eq(wiced_rtos_lock_mutex(&garbage), WICED_ERROR);
    ck_assert_int_eq(wiced_rtos_unlock_mutex(&garbage), WICED_ERROR);
    ck_assert_int_eq(wiced_rtos_deinit_mutex(&garbage), WICED_ERROR);
    ck_assert_int_eq(wiced_rtos_lock_mutex(&zero), WICED_ERROR);
    ck_assert_int_eq(wiced_rtos_init_mutex(NULL), WICED_BADARG);
    ck_assert_int_eq(wiced_rtos_lock_mutex(NULL), WICED_BADARG);
    ck_assert_int_eq(wiced_rtos_unlock_mutex(NULL), WICED_BADARG);
    ck_assert_int_eq(wiced_rtos_deinit_mutex(NULL), WICED_BADARG);
}
END_TEST

START_TEST(deinit_ends_a_lock)
{
    ck_assert_int_eq(wiced_rtos_init_mutex(&mutex), 0);
    ck_assert_int_eq(wiced_rtos_lock_mutex(&mutex), 0);
    wiced_thread_t thread = start(on_lock, 0);
    wait_until_seen(50);
    wiced_rtos_delay_milliseconds(5);
    ck_assert_int_eq(wiced_rtos_deinit_mutex(&mutex), 0);
    wiced_rtos_thread_join(&thread);
    ck_assert_uint_eq(atomic_load(&seen), 100 + WICED_ERROR);
}
END_TEST

START_TEST(init_a_mutex_once_more)
{
    ck_assert_int_eq(wiced_rtos_init_mutex(&mutex), 0);
    ck_assert_int_eq(wiced_rtos_lock_mutex(&mutex), 0);
    ck_assert_int_eq(wiced_rtos_init_mutex(&mutex), 0);
    ck_assert_int_eq(wiced_rtos_unlock_mutex(&mutex), WICED_ERROR);
    ck_assert_int_eq(wiced_rtos_deinit_mutex(&mutex), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wiced_semaphore");
    TCase *semaphores = tcase_create("semaphores");
    TCase *mutexes = tcase_create("mutexes");

    tcase_add_test(semaphores, a_semaphore_counts);
    tcase_add_test(semaphores, get_semaphore_times_out);
    tcase_add_test(semaphores, set_semaphore_wakes);
    tcase_add_test(semaphores, set_before_init_is_kept);
    tcase_add_test(semaphores, set_before_init_has_a_limit);
    tcase_add_test(semaphores, a_semaphore_of_garbage);
    tcase_add_test(semaphores, init_once_more);
    tcase_add_test(semaphores, deinit_ends_a_wait);
    suite_add_tcase(suite, semaphores);
    tcase_add_test(mutexes, a_mutex_excludes);
    tcase_add_test(mutexes, a_mutex_is_its_owners_again);
    tcase_add_test(mutexes, unlock_of_anothers_mutex);
    tcase_add_test(mutexes, a_mutex_of_garbage);
    tcase_add_test(mutexes, deinit_ends_a_lock);
    tcase_add_test(mutexes, init_a_mutex_once_more);
    suite_add_tcase(suite, mutexes);
    return unit_run(suite);
}
