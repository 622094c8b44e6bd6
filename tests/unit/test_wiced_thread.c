/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "unit_wiced.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

#define LONG_MS 20000u /* what has to come, comes sooner */

static wiced_semaphore_t go;
static wiced_semaphore_t done;
static atomic_uint seen;

static void setup(void)
{
    ck_assert_int_eq(wiced_rtos_init_semaphore(&go), WICED_SUCCESS);
    ck_assert_int_eq(wiced_rtos_init_semaphore(&done), WICED_SUCCESS);
}

static void teardown(void)
{
    wiced_rtos_deinit_semaphore(&go);
    wiced_rtos_deinit_semaphore(&done);
}

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void create(wiced_thread_t *thread, const char *name,
                   wiced_thread_function_t function, uint32_t stack_size,
                   void *arg)
{
    ck_assert_int_eq(wiced_rtos_create_thread(thread,
                                              WICED_DEFAULT_LIBRARY_PRIORITY,
                                              name, function, stack_size, arg),
                     WICED_SUCCESS);
}

/* --- create --------------------------------------------------------------- */

static void on_argument(wiced_thread_arg_t arg)
{
    atomic_store(&seen, arg);
}

START_TEST(create_passes_the_argument)
{
    wiced_thread_t thread;

    create(&thread, "argument", on_argument, 1024, (void *)(uintptr_t)17);
    ck_assert_int_eq(wiced_rtos_thread_join(&thread), WICED_SUCCESS);
    ck_assert_uint_eq(atomic_load(&seen), 17);
    create(&thread, "argument", on_argument, 1024, (void *)WICED_TRUE);
    ck_assert_int_eq(wiced_rtos_thread_join(&thread), WICED_SUCCESS);
    ck_assert_uint_eq(atomic_load(&seen), 1);
    create(&thread, "argument", on_argument, 1024,
           (void *)(uintptr_t)0x9FFFFFFFFu);
    ck_assert_int_eq(wiced_rtos_thread_join(&thread), WICED_SUCCESS);
    ck_assert_uint_eq(atomic_load(&seen), 0xFFFFFFFFu);
}
END_TEST

START_TEST(create_with_wrong_arguments)
{
    wiced_thread_t thread;

    ck_assert_int_eq(
        wiced_rtos_create_thread(NULL, 5, "x", on_argument, 1024, NULL),
        WICED_BADARG);
    ck_assert_int_eq(
        wiced_rtos_create_thread(&thread, 5, "x", NULL, 1024, NULL),
        WICED_BADARG);
}
END_TEST

static char name[16];

static void on_name(wiced_thread_arg_t arg)
{
    (void)arg;
    pthread_getname_np(pthread_self(), name, sizeof name);
}

START_TEST(names_are_cut)
{
    wiced_thread_t thread;

    create(&thread, "buttonThread", on_name, 1024, NULL);
    wiced_rtos_thread_join(&thread);
    ck_assert_str_eq(name, "buttonThread");
    create(&thread, "a name of many letters", on_name, 1024, NULL);
    wiced_rtos_thread_join(&thread);
    ck_assert_str_eq(name, "a name of many ");
    create(&thread, NULL, on_name, 1024, NULL);
    wiced_rtos_thread_join(&thread);
    ck_assert_str_eq(name, "wiced");
}
END_TEST

/* Far more than a handshake of TLS takes. */
#define BIG_BYTES (384u * 1024u)

static void on_big_stack(wiced_thread_arg_t arg)
{
    volatile char big[BIG_BYTES];
    unsigned sum = 0;

    (void)arg;
    for (size_t i = 0; i < sizeof big; i += 512) {
        big[i] = 1;
        sum += (unsigned)big[i];
    }
    atomic_store(&seen, sum);
}

START_TEST(a_small_stack_has_a_floor)
{
    static const uint32_t sizes[] = {0, 1, 1024, 6200, 10000, 16384};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        wiced_thread_t thread;

        atomic_store(&seen, 0);
        create(&thread, "big", on_big_stack, sizes[i], NULL);
        wiced_rtos_thread_join(&thread);
        ck_assert_uint_eq(atomic_load(&seen), BIG_BYTES / 512);
    }
}
END_TEST

static void on_large_stack(wiced_thread_arg_t arg)
{
    volatile char big[6 * BIG_BYTES];

    (void)arg;
    for (size_t i = 0; i < sizeof big; i += 512)
        big[i] = 1;
    atomic_store(&seen, (unsigned)big[0]);
}

START_TEST(a_large_stack_is_had)
{
    wiced_thread_t thread;

    create(&thread, "large", on_large_stack, 6 * BIG_BYTES + 1, NULL);
    wiced_rtos_thread_join(&thread);
    ck_assert_uint_eq(atomic_load(&seen), 1);
}
END_TEST

static void on_mask(wiced_thread_arg_t arg)
{
    sigset_t mask;

    (void)arg;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    atomic_store(&seen, sigismember(&mask, SIGINT) == 1 &&
                            sigismember(&mask, SIGCONT) == 1 &&
                            sigismember(&mask, SIGSEGV) == 0);
}

START_TEST(signals_are_the_main_threads)
{
    wiced_thread_t thread;
    sigset_t mask;

    create(&thread, "mask", on_mask, 1024, NULL);
    wiced_rtos_thread_join(&thread);
    ck_assert_uint_eq(atomic_load(&seen), 1);
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    ck_assert_int_eq(sigismember(&mask, SIGINT), 0);
}
END_TEST

/* --- join and delete ------------------------------------------------------ */

static void on_wait(wiced_thread_arg_t arg)
{
    (void)arg;
    wiced_rtos_get_semaphore(&go, WICED_WAIT_FOREVER);
    atomic_fetch_add(&seen, 1);
}

START_TEST(join_waits_for_the_end)
{
    wiced_thread_t thread;

    create(&thread, "wait", on_wait, 1024, NULL);
    ck_assert_uint_eq(atomic_load(&seen), 0);
    wiced_rtos_set_semaphore(&go);
    ck_assert_int_eq(wiced_rtos_thread_join(&thread), WICED_SUCCESS);
    ck_assert_uint_eq(atomic_load(&seen), 1);
    ck_assert_int_eq(wiced_rtos_thread_join(&thread), WICED_SUCCESS);
}
END_TEST

START_TEST(join_of_what_is_no_thread)
{
    static wiced_thread_t zero;
    wiced_thread_t garbage = {0xA5A5A5A5A5A5A5A5u, &garbage};

    ck_assert_int_eq(wiced_rtos_thread_join(&zero), WICED_BADARG);
    ck_assert_int_eq(wiced_rtos_thread_join(&garbage), WICED_BADARG);
    ck_assert_int_eq(wiced_rtos_thread_join(NULL), WICED_BADARG);
    ck_assert_int_eq(wiced_rtos_delete_thread(&garbage), WICED_BADARG);
}
END_TEST

static wiced_thread_t self;

static void on_join_of_self(wiced_thread_arg_t arg)
{
    (void)arg;
    wiced_rtos_get_semaphore(&go, WICED_WAIT_FOREVER);
    atomic_store(&seen, (unsigned)wiced_rtos_thread_join(&self));
}

START_TEST(join_of_itself)
{
    create(&self, "self", on_join_of_self, 1024, NULL);
    wiced_rtos_set_semaphore(&go);
    ck_assert_int_eq(wiced_rtos_thread_join(&self), WICED_SUCCESS);
    ck_assert_uint_eq(atomic_load(&seen), WICED_ERROR);
}
END_TEST

START_TEST(delete_of_one_that_has_ended)
{
    wiced_thread_t thread;

    create(&thread, "wait", on_wait, 1024, NULL);
    ck_assert_int_eq(wiced_rtos_delete_thread(&thread), WICED_UNSUPPORTED);
    wiced_rtos_set_semaphore(&go);
    ck_assert_int_eq(wiced_rtos_thread_join(&thread), WICED_SUCCESS);
    ck_assert_int_eq(wiced_rtos_delete_thread(&thread), WICED_SUCCESS);
    ck_assert_int_eq(wiced_rtos_thread_join(&thread), WICED_BADARG);
}
END_TEST

static void on_delete(wiced_thread_arg_t by_name)
{
    atomic_store(&seen, 1);
    if (by_name)
        wiced_rtos_get_semaphore(&go, WICED_WAIT_FOREVER);
    wiced_rtos_delete_thread(by_name ? &self : NULL);
    atomic_store(&seen, 2);
}

START_TEST(delete_of_itself)
{
    create(&self, "delete", on_delete, 1024, NULL);
    ck_assert_int_eq(wiced_rtos_thread_join(&self), WICED_SUCCESS);
    ck_assert_uint_eq(atomic_load(&seen), 1);
    create(&self, "delete", on_delete, 1024, (void *)1);
    wiced_rtos_set_semaphore(&go);
    ck_assert_int_eq(wiced_rtos_thread_join(&self), WICED_SUCCESS);
    ck_assert_uint_eq(atomic_load(&seen), 1);
}
END_TEST

/* An interrupt's handler, or a test, is no thread of the program's. */
START_TEST(delete_of_no_thread)
{
    ck_assert_int_eq(wiced_rtos_delete_thread(NULL), WICED_ERROR);
}
END_TEST

static void on_count(wiced_thread_arg_t arg)
{
    (void)arg;
    atomic_fetch_add(&seen, 1);
    wiced_rtos_set_semaphore(&done);
}

/* Nobody joins them, and nothing of them is left. */
START_TEST(many_threads)
{
    for (unsigned i = 0; i < 200; i++) {
        wiced_thread_t thread;

        create(&thread, "count", on_count, 1024, NULL);
        if (i % 8 == 7)
            for (unsigned j = 0; j < 8; j++)
                ck_assert_int_eq(wiced_rtos_get_semaphore(&done, LONG_MS), 0);
    }
    ck_assert_uint_eq(atomic_load(&seen), 200);
}
END_TEST

/* --- delay ---------------------------------------------------------------- */

START_TEST(delay_milliseconds)
{
    uint64_t began_ms = now_ms();

    ck_assert_int_eq(wiced_rtos_delay_milliseconds(0), WICED_SUCCESS);
    ck_assert_int_eq(wiced_rtos_delay_milliseconds(30), WICED_SUCCESS);
    ck_assert_uint_ge(now_ms() - began_ms, 30);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wiced_thread");
    TCase *tc = tcase_create("wiced_thread");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, create_passes_the_argument);
    tcase_add_test(tc, create_with_wrong_arguments);
    tcase_add_test(tc, names_are_cut);
    tcase_add_test(tc, a_small_stack_has_a_floor);
    tcase_add_test(tc, a_large_stack_is_had);
    tcase_add_test(tc, signals_are_the_main_threads);
    tcase_add_test(tc, join_waits_for_the_end);
    tcase_add_test(tc, join_of_what_is_no_thread);
    tcase_add_test(tc, join_of_itself);
    tcase_add_test(tc, delete_of_one_that_has_ended);
    tcase_add_test(tc, delete_of_itself);
    tcase_add_test(tc, delete_of_no_thread);
    tcase_add_test(tc, many_threads);
    tcase_add_test(tc, delay_milliseconds);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
