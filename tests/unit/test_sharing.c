/* Who shares a device with whom, on a clock of the test's.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "sharing.h"

#include "unit.h"

#include <stdio.h>
#include <string.h>

#define MINUTE_MS 60000u

static struct sharing sharing;
static struct sharing_other other;
static uint64_t now_ms;

static void setup(void)
{
    now_ms = 12345678;
    ck_assert_int_eq(sharing_init(&sharing), 0);
}

static void teardown(void)
{
    sharing_deinit(&sharing);
}

static bool note(uint16_t device, const char *ip, const char *identity)
{
    static uint16_t port;
    union address a;

    ck_assert_int_eq(address_parse(&a, ip, ++port), 0);
    now_ms += 10;
    return sharing_note(&sharing, device, &a, identity, now_ms, &other);
}

START_TEST(two_addresses)
{
    char ip[ADDRESS_IP_MAX];

    ck_assert(!note(7, "10.0.0.1", NULL));
    ck_assert(!note(7, "10.0.0.1", ""));
    ck_assert(!note(8, "10.0.0.2", NULL));
    ck_assert(note(7, "10.0.0.2", NULL));
    address_ip(&other.peer, ip);
    ck_assert_str_eq(ip, "10.0.0.1");
    ck_assert_str_eq(other.identity, "");
    /* Once an hour, in whatever order. */
    for (int i = 0; i < 56; i++) {
        ck_assert(!note(7, i % 2 == 0 ? "10.0.0.1" : "10.0.0.2", NULL));
        now_ms += MINUTE_MS;
    }
    now_ms += 6 * MINUTE_MS;
    ck_assert(note(7, "10.0.0.1", NULL));
}
END_TEST

START_TEST(two_identities)
{
    char name[200];

    ck_assert(!note(7, "10.0.0.1", "one"));
    ck_assert(note(7, "10.0.0.1", "two"));
    ck_assert_str_eq(other.identity, "one");
    /* A long one is cut, and nothing worse. */
    memset(name, 'x', sizeof name);
    name[sizeof name - 1] = '\0';
    ck_assert(note(7, "10.0.0.1", name));
    ck_assert(!note(7, "10.0.0.1", name));
    ck_assert(note(7, "10.0.0.1", "three"));
    ck_assert_uint_eq(strlen(other.identity), SHARING_NAME_MAX - 1);
}
END_TEST

/* A board shows its name over TLS, and none on the plain port. */
START_TEST(one_that_shows_its_name_now_and_then)
{
    for (int i = 0; i < 5; i++) {
        ck_assert(!note(7, "10.0.0.1", "one"));
        ck_assert(!note(7, "10.0.0.1", NULL));
    }
    /* It is remembered meanwhile. */
    ck_assert(note(7, "10.0.0.1", "two"));
    ck_assert_str_eq(other.identity, "one");
}
END_TEST

/* By a listener on an IPv4 address, and by one on every address. */
START_TEST(one_on_sockets_of_both_kinds)
{
    ck_assert(!note(7, "10.0.0.1", NULL));
    ck_assert(!note(7, "::ffff:10.0.0.1", NULL));
    ck_assert(!note(7, "::ffff:10.0.0.1", "one"));
    ck_assert(!note(7, "10.0.0.1", "one"));
    ck_assert(note(7, "::ffff:10.0.0.2", NULL));
}
END_TEST

START_TEST(long_ago)
{
    ck_assert(!note(7, "10.0.0.1", NULL));
    now_ms += 11 * MINUTE_MS;
    ck_assert(!note(7, "10.0.0.2", NULL));
    /* Its last write counts, not its first. */
    for (int i = 0; i < 20; i++) {
        now_ms += MINUTE_MS;
        ck_assert(!note(7, "10.0.0.2", NULL));
    }
    ck_assert(note(7, "10.0.0.3", NULL));
}
END_TEST

START_TEST(a_crowd_on_one_device)
{
    char ip[32];
    int told = 0;

    for (int i = 0; i < 1000; i++) {
        snprintf(ip, sizeof ip, "10.0.%d.%d", i % 50, i % 7);
        told += note(7, ip, NULL);
    }
    ck_assert_int_eq(told, 4);
}
END_TEST

START_TEST(all_devices)
{
    for (unsigned i = 0; i < 65536; i++, now_ms -= 10)
        ck_assert(!note((uint16_t)i, "2001:db8::1", "one"));
    for (unsigned i = 0; i < 65536; i += 4095)
        ck_assert(note((uint16_t)i, "2001:db8::2", "one"));
}
END_TEST

START_TEST(without_memory)
{
    struct sharing none = {.records = NULL};
    union address a;

    ck_assert_int_eq(address_parse(&a, "10.0.0.1", 1), 0);
    ck_assert(!sharing_note(&none, 7, &a, "one", 1, &other));
    ck_assert(!sharing_note(&none, 7, &a, "two", 1, &other));
    sharing_deinit(&none);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sharing");
    TCase *tc = tcase_create("sharing");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, two_addresses);
    tcase_add_test(tc, two_identities);
    tcase_add_test(tc, one_that_shows_its_name_now_and_then);
    tcase_add_test(tc, one_on_sockets_of_both_kinds);
    tcase_add_test(tc, long_ago);
    tcase_add_test(tc, a_crowd_on_one_device);
    tcase_add_test(tc, all_devices);
    tcase_add_test(tc, without_memory);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
