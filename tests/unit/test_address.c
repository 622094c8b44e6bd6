/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "address.h"

#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
    const char *text;
    int family;
    const char *ip;
    const char *shown; /* with port 49152 */
} rows[] = {
    {"10.0.0.17", AF_INET, "10.0.0.17", "10.0.0.17:49152"},
    {"0.0.0.0", AF_INET, "0.0.0.0", "0.0.0.0:49152"},
    {"255.255.255.255", AF_INET, "255.255.255.255", "255.255.255.255:49152"},
    {"2001:db8::1", AF_INET6, "2001:db8::1", "[2001:db8::1]:49152"},
    {"2001:DB8:0:0::1", AF_INET6, "2001:db8::1", "[2001:db8::1]:49152"},
    {"::1", AF_INET6, "::1", "[::1]:49152"},
    {"*", AF_INET6, "::", "[::]:49152"},
    /* An IPv4 peer of an IPv6 socket, with brackets nobody expects of it. */
    {"::ffff:10.0.0.17", AF_INET6, "10.0.0.17", "10.0.0.17:49152"},
    {"::ffff:0.0.0.0", AF_INET6, "0.0.0.0", "0.0.0.0:49152"},
    /* Nearly mapped. */
    {"::fffe:10.0.0.17", AF_INET6, "::fffe:a00:11", "[::fffe:a00:11]:49152"},
    {"1::ffff:10.0.0.17", AF_INET6, "1::ffff:a00:11", "[1::ffff:a00:11]:49152"},
};

START_TEST(parsed_and_shown)
{
    union address a;
    char ip[ADDRESS_IP_MAX];
    char shown[ADDRESS_TEXT_MAX];

    memset(&a, 0xa5, sizeof a);
    ck_assert_int_eq(address_parse(&a, rows[_i].text, 49152), 0);
    ck_assert_int_eq(a.any.sa_family, rows[_i].family);
    ck_assert_uint_eq(address_port(&a), 49152);
    ck_assert_uint_eq(address_len(&a), rows[_i].family == AF_INET
                                           ? sizeof(struct sockaddr_in)
                                           : sizeof(struct sockaddr_in6));
    address_ip(&a, ip);
    ck_assert_str_eq(ip, rows[_i].ip);
    address_format(&a, shown);
    ck_assert_str_eq(shown, rows[_i].shown);
}
END_TEST

static const char *const not_addresses[] = {
    "",           "localhost", "10.0.0.256",    "10.0.0.17:80",
    "[::1]",      ":::",       "2001:db8::1::", "10.0.0.17 ",
    "**",         "1:2:3",     "%lo",           "::1%no-such-0",
    "10.0.0.1/8", "\n",        "g::1",          "10.0.0.-1"};

START_TEST(not_an_address)
{
    union address a;

    ck_assert_int_eq(address_parse(&a, not_addresses[_i], 80), -EINVAL);
}
END_TEST

START_TEST(port_numbers)
{
    static const char *const texts[] = {"127.0.0.1", "::1"};
    static const uint16_t ports[] = {0, 1, 0x1234, 27708, 65535};
    union address a;

    for (size_t i = 0; i < LENGTH(texts); i++) {
        for (size_t k = 0; k < LENGTH(ports); k++) {
            ck_assert_int_eq(address_parse(&a, texts[i], 7), 0);
            ck_assert_uint_eq(address_port(&a), 7);
            address_set_port(&a, ports[k]);
            ck_assert_uint_eq(address_port(&a), ports[k]);
        }
    }
    /* As they go over the wire. */
    ck_assert_int_eq(address_parse(&a, "127.0.0.1", 0x1234), 0);
    ck_assert_mem_eq(&a.v4.sin_port, "\x12\x34", 2);
}
END_TEST

START_TEST(a_scope_is_shown)
{
    union address a;
    char shown[ADDRESS_TEXT_MAX];
    char name[IF_NAMESIZE];
    char text[64];

    /* Index 1 is the loopback interface on Linux, whatever its name. */
    ck_assert_ptr_nonnull(if_indextoname(1, name));
    snprintf(text, sizeof text, "fe80::1%%%s", name);
    ck_assert_int_eq(address_parse(&a, text, 80), 0);
    ck_assert_uint_eq(a.v6.sin6_scope_id, 1);
    address_format(&a, shown);
    snprintf(text, sizeof text, "[fe80::1%%%s]:80", name);
    ck_assert_str_eq(shown, text);

    /* An interface that has gone meanwhile. */
    a.v6.sin6_scope_id = 0x7ffffff0;
    address_format(&a, shown);
    ck_assert_str_eq(shown, "[fe80::1]:80");
}
END_TEST

START_TEST(what_is_no_address)
{
    union address a;
    char ip[ADDRESS_IP_MAX];

    memset(&a, 0, sizeof a);
    address_ip(&a, ip);
    ck_assert_str_eq(ip, "?");
    a.any.sa_family = AF_UNIX;
    address_ip(&a, ip);
    ck_assert_str_eq(ip, "?");
}
END_TEST

START_TEST(the_longest_fits)
{
    union address a;
    char shown[ADDRESS_TEXT_MAX];
    char expected[ADDRESS_TEXT_MAX];

    ck_assert_int_eq(
        address_parse(&a, "1111:2222:3333:4444:5555:6666:7777:8888", 65535), 0);
    a.v6.sin6_scope_id = 1;
    address_format(&a, shown);
    char name[IF_NAMESIZE];
    ck_assert_ptr_nonnull(if_indextoname(1, name));
    snprintf(expected, sizeof expected,
             "[1111:2222:3333:4444:5555:6666:7777:8888%%%s]:65535", name);
    ck_assert_str_eq(shown, expected);
    /* And would with the longest name of an interface. */
    ck_assert_uint_le(strlen(expected) - strlen(name) + IF_NAMESIZE - 1,
                      ADDRESS_TEXT_MAX - 1);
}
END_TEST

static const struct {
    const char *a;
    const char *b;
    bool same;
} pairs[] = {
    {"10.0.0.17", "10.0.0.17", true},
    {"10.0.0.17", "10.0.0.18", false},
    {"2001:db8::1", "2001:DB8:0::1", true},
    {"2001:db8::1", "2001:db8::2", false},
    {"2001:db8::1", "2001:db8:1::1", false},
    /* As sockets of both kinds have it. */
    {"10.0.0.17", "::ffff:10.0.0.17", true},
    {"10.0.0.17", "::ffff:10.0.0.18", false},
    {"::ffff:10.0.0.17", "::fffe:10.0.0.17", false},
    {"a00:11::", "10.0.0.17", false},
};

START_TEST(same_but_for_the_port)
{
    union address a;
    union address b;

    ck_assert_int_eq(address_parse(&a, pairs[_i].a, 1), 0);
    ck_assert_int_eq(address_parse(&b, pairs[_i].b, 2), 0);
    ck_assert_int_eq(address_same_ip(&a, &b), pairs[_i].same);
    ck_assert_int_eq(address_same_ip(&b, &a), pairs[_i].same);
    if (b.any.sa_family == AF_INET6)
        b.v6.sin6_scope_id = 1;
    ck_assert_int_eq(address_same_ip(&a, &b), pairs[_i].same);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("address");
    TCase *tc = tcase_create("address");

    tcase_add_loop_test(tc, parsed_and_shown, 0, (int)LENGTH(rows));
    tcase_add_loop_test(tc, not_an_address, 0, (int)LENGTH(not_addresses));
    tcase_add_test(tc, port_numbers);
    tcase_add_test(tc, a_scope_is_shown);
    tcase_add_test(tc, what_is_no_address);
    tcase_add_test(tc, the_longest_fits);
    tcase_add_loop_test(tc, same_but_for_the_port, 0, (int)LENGTH(pairs));
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
