/* The texts of the client's addresses: RFC 5952, by its own examples and by
 * the system's inet_ntop().
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include <wwep/port.h>

#include "unit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static struct wwep_address address_of(int family, const char *text)
{
    struct wwep_address a = {.len = family == AF_INET ? 4 : 16};

    ck_assert_int_eq(inet_pton(family, text, a.bytes), 1);
    return a;
}

static void assert_text(const struct wwep_address *a, const char *want)
{
    char out[WWEP_ADDRESS_TEXT_MAX];

    memset(out, '?', sizeof out);
    ck_assert_uint_eq(wwep_address_text(a, out), strlen(want));
    ck_assert_str_eq(out, want);
}

START_TEST(ipv4)
{
    static const char *const texts[] = {"0.0.0.0", "127.0.0.1", "198.51.100.3",
                                        "10.20.30.40", "255.255.255.255"};

    for (size_t i = 0; i < LENGTH(texts); i++) {
        struct wwep_address a = address_of(AF_INET, texts[i]);

        assert_text(&a, texts[i]);
    }
}
END_TEST

static const struct {
    const char *given;
    const char *want;
} rows[] = {
    {"::", "::"},
    {"::1", "::1"},
    {"1::", "1::"},
    {"2001:db8::1", "2001:db8::1"},
    /* 4.1, 4.3 */
    {"2001:0DB8:0001:0010:0100:1000:00AB:0ABC",
     "2001:db8:1:10:100:1000:ab:abc"},
    {"2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaaa",
     "2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaaa"},
    /* 4.2.1: as much as can be */
    {"2001:db8:0:0:0:0:2:1", "2001:db8::2:1"},
    {"0:0:0:0:0:0:0:2", "::2"},
    {"1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"},
    {"0:0:3:4:5:6:7:8", "::3:4:5:6:7:8"},
    /* 4.2.2: not one group alone */
    {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
    {"0:2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
    {"1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7:0"},
    /* 4.2.3: the longest, and the first of two */
    {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
    {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
    {"1:0:0:0:2:0:0:0", "1::2:0:0:0"},
    {"1:0:2:0:0:3:0:4", "1:0:2::3:0:4"},
    {"0:1:0:1:0:1:0:1", "0:1:0:1:0:1:0:1"},
    /* 5 */
    {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
    {"::ffff:0:0", "::ffff:0.0.0.0"},
    {"::fffe:c000:201", "::fffe:c000:201"},
    {"1::ffff:c000:201", "1::ffff:c000:201"},
};

START_TEST(ipv6)
{
    struct wwep_address a = address_of(AF_INET6, rows[_i].given);

    assert_text(&a, rows[_i].want);
}
END_TEST

START_TEST(scopes)
{
    struct wwep_address a = address_of(AF_INET6, "fe80::1");

    a.scope = 2;
    assert_text(&a, "fe80::1%2");
    a.scope = UINT32_MAX;
    assert_text(&a, "fe80::1%4294967295");
    a = address_of(AF_INET6, "1111:2222:3333:4444:5555:6666:7777:8888");
    a.scope = UINT32_MAX;
    assert_text(&a, "1111:2222:3333:4444:5555:6666:7777:8888%4294967295");
}
END_TEST

START_TEST(none)
{
    static const uint8_t lengths[] = {0, 1, 3, 5, 15, 17, 255};

    for (size_t i = 0; i < LENGTH(lengths); i++) {
        const struct wwep_address a = {.len = lengths[i], .scope = 7};

        assert_text(&a, "");
    }
}
END_TEST

/* The system compresses as RFC 5952 has it, but for "IPv4-compatible". */
START_TEST(as_the_system_does)
{
    srand(1);
    for (unsigned i = 0; i < 100000; i++) {
        struct wwep_address a = {.len = 16};
        char want[INET6_ADDRSTRLEN];

        for (unsigned group = 0; group < 8; group++) {
            int random = rand();

            if ((random & 0x30) == 0 || group == 0) {
                a.bytes[2 * group] = (uint8_t)(random >> 8);
                a.bytes[2 * group + 1] = (uint8_t)(random >> 16);
            }
        }
        a.bytes[0] |= 0x20;
        ck_assert_ptr_nonnull(inet_ntop(AF_INET6, a.bytes, want, sizeof want));
        assert_text(&a, want);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("address_text");
    TCase *tc = tcase_create("address_text");

    tcase_add_test(tc, ipv4);
    tcase_add_loop_test(tc, ipv6, 0, (int)LENGTH(rows));
    tcase_add_test(tc, scopes);
    tcase_add_test(tc, none);
    tcase_add_test(tc, as_the_system_does);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
