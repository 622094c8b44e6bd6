/* Who may have how much, with addresses of all kinds and a clock of the test's.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "limiter.h"

#include "unit.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static struct limiter limiter;
static uint64_t now_ms = 1000000;

static void start(unsigned per_address, unsigned handshakes,
                  unsigned new_per_second)
{
    const struct config_limits config = {.per_address = per_address,
                                         .handshakes = handshakes,
                                         .new_per_second = new_per_second};

    ck_assert_int_eq(limiter_init(&limiter), 0);
    limiter_set(&limiter, &config);
}

static enum limiter_verdict enter(const char *ip, struct limiter_place *place)
{
    union address a;

    ck_assert_int_eq(address_parse(&a, ip, 1), 0);
    return limiter_enter(&limiter, &a, false, now_ms, place);
}

static const struct {
    const char *a;
    const char *b;
    bool same; /* they are counted as one */
} pairs[] = {
    {"10.0.0.1", "10.0.0.1", true},
    {"10.0.0.1", "10.0.0.2", false},
    {"10.0.0.1", "::ffff:10.0.0.1", true},
    {"2001:db8:1:2::1", "2001:db8:1:2:ffff::9", false},
    {"2001:db8:1:2::1", "2001:db8:1:2::1", true},
    {"2001:db8:1:2::1", "2001:db8:1:3::1", false},
    {"2001:db8:1:2::1", "2001:db9:1:2::1", false},
    {"fe80::1:2", "fe80::1:4", false},
    {"fe80::1:2", "fe80::1:2", true},
    {"::2", "::3", false},
    {"0.0.0.2", "::2", false},
};

START_TEST(per_address)
{
    struct limiter_place places[5];
    bool same = pairs[_i].same;

    start(2, 0, 0);
    ck_assert_int_eq(enter(pairs[_i].a, &places[0]), LIMITER_GRANTED);
    ck_assert_int_eq(enter(pairs[_i].a, &places[1]), LIMITER_GRANTED);
    ck_assert_int_eq(enter(pairs[_i].a, &places[2]), LIMITER_PER_ADDRESS);
    ck_assert_int_eq(enter(pairs[_i].b, &places[3]),
                     same ? LIMITER_PER_ADDRESS : LIMITER_GRANTED);
    limiter_leave(&limiter, &places[0]);
    limiter_leave(&limiter, &places[0]); /* nothing is given back twice */
    ck_assert_int_eq(enter(pairs[_i].a, &places[0]), LIMITER_GRANTED);
    ck_assert_int_eq(enter(pairs[_i].a, &places[4]), LIMITER_PER_ADDRESS);
    limiter_deinit(&limiter);
}
END_TEST

/* How many of network's first hosts get in, one connection each. */
static unsigned hosts_of(const char *network, unsigned first,
                         enum limiter_verdict then,
                         struct limiter_place *places)
{
    for (unsigned i = 0;; i++) {
        char ip[40];
        snprintf(ip, sizeof ip, "%s::%x", network, first + i);
        enum limiter_verdict verdict = enter(ip, &places[i]);
        if (verdict != LIMITER_GRANTED) {
            ck_assert_int_eq(verdict, then);
            return i;
        }
        ck_assert_uint_lt(i, 100);
    }
}

/* One host's share of it is an eighth: the others still get in. And whoever is
 * turned away for the network has nothing of his own address. */
START_TEST(per_network)
{
    struct limiter_place places[101];
    struct limiter_place more[101];
    const char *ours = "2001:db8:1:2";

    start(2, 0, 0);
    ck_assert_uint_eq(limiter_most(&limiter, LIMITER_PER_NETWORK), 16);
    ck_assert_uint_eq(hosts_of(ours, 1, LIMITER_PER_NETWORK, places), 16);
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(enter("2001:db8:1:2::1234", &more[0]),
                         LIMITER_PER_NETWORK);
    ck_assert_uint_eq(hosts_of("2001:db8:1:3", 1, LIMITER_PER_NETWORK, more),
                      16);
    for (unsigned i = 0; i < 2; i++)
        limiter_leave(&limiter, &places[i]);
    for (unsigned i = 0; i < 2; i++)
        ck_assert_int_eq(enter("2001:db8:1:2::1234", &places[i]),
                         LIMITER_GRANTED);
    for (unsigned i = 0; i < 16; i++) {
        limiter_leave(&limiter, &places[i]);
        limiter_leave(&limiter, &more[i]);
    }
    ck_assert_uint_eq(hosts_of(ours, 1, LIMITER_PER_NETWORK, places), 16);
    limiter_deinit(&limiter);
}
END_TEST

START_TEST(new_per_network)
{
    struct limiter_place places[101];

    start(0, 0, 5);
    ck_assert_uint_eq(
        hosts_of("2001:db8:1:2", 1, LIMITER_NEW_PER_NETWORK, places), 40);
    now_ms += 100;
    ck_assert_uint_eq(
        hosts_of("2001:db8:1:2", 50, LIMITER_NEW_PER_NETWORK, places), 4);
    limiter_deinit(&limiter);
}
END_TEST

/* fe80::/64 is the network of everybody. */
START_TEST(no_network_of_link_local_ones)
{
    struct limiter_place place;
    char ip[40];

    start(1, 0, 1);
    for (unsigned i = 0; i < 100; i++) {
        snprintf(ip, sizeof ip, "fe80::1:%x", i);
        ck_assert_int_eq(enter(ip, &place), LIMITER_GRANTED);
    }
    limiter_deinit(&limiter);
}
END_TEST

START_TEST(this_machine_is_not_counted)
{
    static const char *const loops[] = {"127.0.0.1", "127.9.9.9", "::1",
                                        "::ffff:127.0.0.1"};
    struct limiter_place place;

    start(1, 0, 1);
    for (int i = 0; i < 20; i++)
        ck_assert_int_eq(enter(loops[_i], &place), LIMITER_GRANTED);
    limiter_deinit(&limiter);
}
END_TEST

START_TEST(no_limits)
{
    struct limiter_place places[2000];

    start(0, 0, 0);
    for (size_t i = 0; i < LENGTH(places); i++)
        ck_assert_int_eq(enter("10.0.0.1", &places[i]), LIMITER_GRANTED);
    for (size_t i = 0; i < LENGTH(places); i++)
        limiter_leave(&limiter, &places[i]);
    limiter_deinit(&limiter);
}
END_TEST

/* How many of n that come at once are let in, and go. */
static unsigned burst(const char *ip, unsigned n)
{
    struct limiter_place place;
    unsigned in = 0;

    for (unsigned i = 0; i < n; i++) {
        enum limiter_verdict verdict = enter(ip, &place);
        if (verdict == LIMITER_GRANTED) {
            in++;
            limiter_leave(&limiter, &place);
        } else {
            ck_assert_int_eq(verdict, LIMITER_NEW_PER_SECOND);
        }
    }
    return in;
}

START_TEST(new_per_second)
{
    start(0, 0, 10);
    ck_assert_uint_eq(burst("10.0.0.1", 30), 10);
    ck_assert_uint_eq(burst("10.0.0.2", 30), 10);
    now_ms += 99;
    ck_assert_uint_eq(burst("10.0.0.1", 30), 0);
    now_ms += 1;
    ck_assert_uint_eq(burst("10.0.0.1", 30), 1);
    now_ms += 500;
    ck_assert_uint_eq(burst("10.0.0.1", 30), 5);
    now_ms += 1000000; /* it saves no more than a second's worth */
    ck_assert_uint_eq(burst("10.0.0.1", 30), 10);
    now_ms -= 5; /* another worker's clock may be late */
    ck_assert_uint_eq(burst("10.0.0.1", 30), 0);
    limiter_deinit(&limiter);
}
END_TEST

START_TEST(other_limits_from_now_on)
{
    static const struct config_limits config = {.per_address = 3,
                                                .new_per_second = 20};
    struct limiter_place places[4];

    start(1, 0, 1000000);
    ck_assert_int_eq(enter("10.0.0.1", &places[0]), LIMITER_GRANTED);
    ck_assert_int_eq(enter("10.0.0.1", &places[1]), LIMITER_PER_ADDRESS);
    limiter_set(&limiter, &config);
    ck_assert_int_eq(enter("10.0.0.1", &places[1]), LIMITER_GRANTED);
    ck_assert_int_eq(enter("10.0.0.1", &places[2]), LIMITER_GRANTED);
    ck_assert_int_eq(enter("10.0.0.1", &places[3]), LIMITER_PER_ADDRESS);
    for (size_t i = 0; i < 3; i++)
        limiter_leave(&limiter, &places[i]);
    ck_assert_uint_eq(burst("10.0.0.1", 30), 18);
    limiter_deinit(&limiter);
}
END_TEST

START_TEST(handshakes)
{
    struct limiter_place places[4];
    union address a;

    start(2, 2, 0);
    ck_assert_int_eq(address_parse(&a, "10.0.0.1", 1), 0);
    ck_assert_int_eq(limiter_enter(&limiter, &a, true, now_ms, &places[0]),
                     LIMITER_GRANTED);
    ck_assert_int_eq(address_parse(&a, "10.0.0.2", 1), 0);
    ck_assert_int_eq(limiter_enter(&limiter, &a, true, now_ms, &places[1]),
                     LIMITER_GRANTED);
    for (int i = 0; i < 5; i++) /* and its address has nothing of it */
        ck_assert_int_eq(limiter_enter(&limiter, &a, true, now_ms, &places[2]),
                         LIMITER_HANDSHAKES);
    limiter_shaken(&limiter, &places[1]);
    limiter_shaken(&limiter, &places[1]);
    ck_assert_int_eq(limiter_enter(&limiter, &a, true, now_ms, &places[2]),
                     LIMITER_GRANTED);
    ck_assert_uint_eq(atomic_load(&limiter.handshakes), 2);
    for (size_t i = 0; i < 3; i++)
        limiter_leave(&limiter, &places[i]);
    ck_assert_uint_eq(atomic_load(&limiter.handshakes), 0);
    limiter_deinit(&limiter);
}
END_TEST

/* More than there are slots: nobody is refused for it, and what is counted is
 * counted right. */
START_TEST(more_addresses_than_slots)
{
    static struct limiter_place places[40000];
    struct limiter_place place;
    char ip[40];
    size_t counted = 0;

    start(1, 0, 0);
    for (size_t i = 0; i < LENGTH(places); i++) {
        snprintf(ip, sizeof ip, "10.%zu.%zu.1", i >> 8, i & 255);
        ck_assert_int_eq(enter(ip, &places[i]), LIMITER_GRANTED);
        counted += places[i].slot != 0;
    }
    ck_assert_uint_gt(counted, 8000);
    ck_assert_uint_le(counted, 16384);
    for (size_t i = 0; i < LENGTH(places); i++)
        limiter_leave(&limiter, &places[i]);
    for (size_t i = 0; i < LENGTH(places); i++) {
        snprintf(ip, sizeof ip, "11.%zu.%zu.1", i >> 8, i & 255);
        ck_assert_int_eq(enter(ip, &place), LIMITER_GRANTED);
        ck_assert_uint_ne(place.slot, 0); /* all of them had been given back */
        limiter_leave(&limiter, &place);
    }
    limiter_deinit(&limiter);
}
END_TEST

static void *come_and_go(void *arg)
{
    struct limiter_place place;
    unsigned in = 0;

    (void)arg;
    for (int i = 0; i < 20000; i++)
        if (enter("10.0.0.1", &place) == LIMITER_GRANTED) {
            in++;
            limiter_leave(&limiter, &place);
        }
    return in > 0 ? &limiter : NULL;
}

START_TEST(from_several_threads)
{
    struct limiter_place places[3];
    pthread_t threads[4];
    void *served;

    start(3, 0, 0);
    for (size_t i = 0; i < LENGTH(threads); i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, come_and_go, NULL),
                         0);
    for (size_t i = 0; i < LENGTH(threads); i++) {
        pthread_join(threads[i], &served);
        ck_assert_ptr_nonnull(served);
    }
    /* Nothing is left, and nothing is missing. */
    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(enter("10.0.0.1", &places[i]), LIMITER_GRANTED);
    ck_assert_int_eq(enter("10.0.0.1", &places[0]), LIMITER_PER_ADDRESS);
    limiter_deinit(&limiter);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("limiter");
    TCase *tc = tcase_create("limiter");

    tcase_add_loop_test(tc, per_address, 0, LENGTH(pairs));
    tcase_add_test(tc, per_network);
    tcase_add_test(tc, new_per_network);
    tcase_add_test(tc, no_network_of_link_local_ones);
    tcase_add_loop_test(tc, this_machine_is_not_counted, 0, 4);
    tcase_add_test(tc, no_limits);
    tcase_add_test(tc, new_per_second);
    tcase_add_test(tc, other_limits_from_now_on);
    tcase_add_test(tc, handshakes);
    tcase_add_test(tc, more_addresses_than_slots);
    tcase_add_test(tc, from_several_threads);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
