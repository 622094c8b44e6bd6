/* The program's start, its network, names, and ping.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "network.h"
#include "unit_wiced.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LONG_MS 20000u /* what has to come, comes sooner */

static const wiced_ip_setting_t settings = {
    INITIALISER_IPV4_ADDRESS(.ip_address, MAKE_IPV4_ADDRESS(198, 51, 100, 3)),
    INITIALISER_IPV4_ADDRESS(.gateway, MAKE_IPV4_ADDRESS(198, 51, 100, 1)),
    INITIALISER_IPV4_ADDRESS(.netmask, MAKE_IPV4_ADDRESS(255, 255, 255, 0)),
};

static char said[4096];
static int said_fd;

/* What the program prints, and what we do, goes to files. */
static void setup(void)
{
    FILE *out = tmpfile();

    ck_assert_ptr_nonnull(out);
    said_fd = fileno(out);
    ck_assert_int_ge(dup2(said_fd, STDOUT_FILENO), 0);
    ck_assert_int_ge(dup2(said_fd, STDERR_FILENO), 0);
    setvbuf(stdout, NULL, _IONBF, 0);
    unit_wiced_start();
}

static void start_with_server(const char *server)
{
    struct board_options options;

    board_options_init(&options);
    options.server = server;
    options.mac = (wiced_mac_t){{0x02, 0xAB, 0, 0, 0, 1}};
    board_start(&options);
    board_set_up(WICED_STA_INTERFACE, true);
}

static const char *everything_said(void)
{
    ssize_t n = pread(said_fd, said, sizeof said - 1, 0);

    ck_assert_int_ge(n, 0);
    said[n] = '\0';
    return said;
}

static unsigned count_said(const char *text)
{
    unsigned n = 0;

    for (const char *at = everything_said(); (at = strstr(at, text)) != NULL;
         at++)
        n++;
    return n;
}

/* --- the start ------------------------------------------------------------ */

START_TEST(init_prints_a_banner_once)
{
    start_with_server("127.0.0.1");
    ck_assert_int_eq(wiced_init(), WICED_SUCCESS);
    ck_assert_uint_eq(count_said(PACKAGE_VERSION ", on this machine\n"), 1);
    ck_assert_uint_eq(count_said("MAC address: 02:AB:00:00:00:01\n"), 1);
    ck_assert_int_eq(wiced_init(), WICED_SUCCESS);
    ck_assert_uint_eq(count_said("on this machine"), 1);
}
END_TEST

START_TEST(deinit)
{
    wiced_init();
    ck_assert_int_eq(wiced_network_is_up(WICED_STA_INTERFACE), WICED_TRUE);
    ck_assert_int_eq(wiced_deinit(), WICED_SUCCESS);
    ck_assert_int_eq(wiced_network_is_up(WICED_STA_INTERFACE), WICED_FALSE);
    wiced_init();
    ck_assert_uint_eq(count_said("on this machine"), 2);
}
END_TEST

START_TEST(get_mac_address)
{
    wiced_mac_t mac = {{0}};
    static const uint8_t want[6] = {0x02, 0xAB, 0, 0, 0, 1};

    start_with_server("127.0.0.1");
    ck_assert_int_eq(wiced_wifi_get_mac_address(&mac), WICED_SUCCESS);
    ck_assert_mem_eq(mac.octet, want, 6);
    ck_assert_int_eq(wiced_wifi_get_mac_address(NULL), WICED_BADARG);
}
END_TEST

/* --- the network ---------------------------------------------------------- */

START_TEST(network_up_and_down)
{
    board_set_up(WICED_STA_INTERFACE, false);
    ck_assert_int_eq(wiced_network_is_up(WICED_STA_INTERFACE), WICED_FALSE);
    ck_assert_int_eq(wiced_network_up(WICED_STA_INTERFACE,
                                      WICED_USE_EXTERNAL_DHCP_SERVER, NULL),
                     WICED_SUCCESS);
    ck_assert_int_eq(wiced_network_is_up(WICED_STA_INTERFACE), WICED_TRUE);
    ck_assert_uint_eq(count_said("IPv4 network ready IP: "), 1);
    /* Already up. */
    ck_assert_int_eq(wiced_network_up(WICED_STA_INTERFACE,
                                      WICED_USE_EXTERNAL_DHCP_SERVER, NULL),
                     WICED_SUCCESS);
    ck_assert_uint_eq(count_said("IPv4 network ready IP: "), 1);
    ck_assert_int_eq(wiced_network_down(WICED_STA_INTERFACE), WICED_SUCCESS);
    ck_assert_int_eq(wiced_network_is_up(WICED_STA_INTERFACE), WICED_FALSE);
    ck_assert_int_eq(wiced_network_down(WICED_STA_INTERFACE), WICED_SUCCESS);
}
END_TEST

START_TEST(network_up_each_interface_for_itself)
{
    static const wiced_interface_t interfaces[] = {WICED_AP_INTERFACE,
                                                   WICED_ETHERNET_INTERFACE};

    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(wiced_network_is_up(interfaces[i]), WICED_FALSE);
        ck_assert_int_eq(wiced_network_up(interfaces[i],
                                          WICED_USE_INTERNAL_DHCP_SERVER,
                                          &settings),
                         WICED_SUCCESS);
        ck_assert_int_eq(wiced_network_is_up(interfaces[i]), WICED_TRUE);
    }
}
END_TEST

START_TEST(network_up_with_a_static_address)
{
    board_set_up(WICED_STA_INTERFACE, false);
    ck_assert(!network_is_gateway(MAKE_IPV4_ADDRESS(198, 51, 100, 1)));
    ck_assert_int_eq(
        wiced_network_up(WICED_STA_INTERFACE, WICED_USE_STATIC_IP, NULL),
        WICED_BADARG);
    ck_assert_int_eq(wiced_network_up(WICED_STA_INTERFACE,
                                      WICED_USE_INTERNAL_DHCP_SERVER, NULL),
                     WICED_BADARG);
    ck_assert_int_eq(wiced_network_is_up(WICED_STA_INTERFACE), WICED_FALSE);
    ck_assert_int_eq(
        wiced_network_up(WICED_STA_INTERFACE, WICED_USE_STATIC_IP, &settings),
        WICED_SUCCESS);
    ck_assert_uint_eq(
        count_said("for 198.51.100.3, servers listen on 127.0.0.1\n"), 1);
    ck_assert(network_is_gateway(MAKE_IPV4_ADDRESS(198, 51, 100, 1)));
    ck_assert(!network_is_gateway(MAKE_IPV4_ADDRESS(198, 51, 100, 2)));
    ck_assert(!network_is_gateway(0));
}
END_TEST

START_TEST(network_of_wrong_interfaces)
{
    ck_assert_int_eq(wiced_network_up(WICED_P2P_INTERFACE,
                                      WICED_USE_EXTERNAL_DHCP_SERVER, NULL),
                     WICED_UNSUPPORTED);
    ck_assert_int_eq(wiced_network_down(WICED_P2P_INTERFACE),
                     WICED_UNSUPPORTED);
    ck_assert_int_eq(wiced_network_is_up(WICED_P2P_INTERFACE), WICED_FALSE);
    ck_assert_int_eq(wiced_network_up((wiced_interface_t)17,
                                      WICED_USE_EXTERNAL_DHCP_SERVER, NULL),
                     WICED_BADARG);
    ck_assert_int_eq(wiced_network_down((wiced_interface_t)17), WICED_BADARG);
    ck_assert_int_eq(wiced_network_is_up((wiced_interface_t)17), WICED_FALSE);
    ck_assert_int_eq(wiced_network_up(WICED_AP_INTERFACE,
                                      (wiced_network_config_t)17, &settings),
                     WICED_BADARG);
}
END_TEST

/* --- names ---------------------------------------------------------------- */

static void expect_lookup(const char *name, uint32_t v4)
{
    wiced_ip_address_t address;

    memset(&address, 0xA5, sizeof address);
    ck_assert_int_eq(
        wiced_hostname_lookup(name, &address, LONG_MS, WICED_STA_INTERFACE),
        WICED_SUCCESS);
    ck_assert_int_eq(address.version, WICED_IPV4);
    ck_assert_uint_eq(GET_IPV4_ADDRESS(address), v4);
}

static void expect_no_lookup(const char *name, uint32_t timeout_ms)
{
    wiced_ip_address_t address;
    wiced_ip_address_t before;

    memset(&address, 0xA5, sizeof address);
    before = address;
    ck_assert_int_eq(
        wiced_hostname_lookup(name, &address, timeout_ms, WICED_STA_INTERFACE),
        WICED_ERROR);
    ck_assert_mem_eq(&address, &before, sizeof before);
}

START_TEST(lookup_of_numbers)
{
    wiced_ip_address_t address;

    expect_lookup("198.51.100.3", MAKE_IPV4_ADDRESS(198, 51, 100, 3));
    expect_lookup("255.0.0.1", 0xFF000001u);
    /* No time is needed. */
    ck_assert_int_eq(
        wiced_hostname_lookup("192.0.2.7", &address, 0, WICED_STA_INTERFACE),
        WICED_SUCCESS);
    ck_assert_int_eq(wiced_hostname_lookup("2001:db8::7", &address, LONG_MS,
                                           WICED_STA_INTERFACE),
                     WICED_SUCCESS);
    ck_assert_int_eq(address.version, WICED_IPV6);
    ck_assert_uint_eq(address.ip.v6[0], 0x20010DB8u);
    ck_assert_uint_eq(address.ip.v6[3], 7);
}
END_TEST

START_TEST(lookup_of_names)
{
    expect_lookup("localhost", INADDR_LOOPBACK);
    expect_no_lookup("no-such-name.invalid", LONG_MS);
    expect_no_lookup("", LONG_MS);
    expect_no_lookup("256.0.0.1", LONG_MS);
}
END_TEST

START_TEST(lookup_in_no_time)
{
    struct timespec began;
    struct timespec ended;

    clock_gettime(CLOCK_MONOTONIC, &began);
    expect_no_lookup("no-such-name.invalid", 1);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    ck_assert_int_lt(ended.tv_sec - began.tv_sec, 5);
}
END_TEST

START_TEST(lookup_of_the_course_server)
{
    start_with_server("192.0.2.9");
    expect_lookup("wwep.ww101.cypress.com", MAKE_IPV4_ADDRESS(192, 0, 2, 9));
    expect_lookup("WWEP.ww101.Cypress.COM.", MAKE_IPV4_ADDRESS(192, 0, 2, 9));
    /* The number is told as it is: connect knows where that is. */
    expect_lookup("198.51.100.3", MAKE_IPV4_ADDRESS(198, 51, 100, 3));
    start_with_server("localhost");
    expect_lookup("wwep.ww101.cypress.com", INADDR_LOOPBACK);
    start_with_server("no-such-server.invalid");
    expect_no_lookup("wwep.ww101.cypress.com", LONG_MS);
    ck_assert_uint_eq(count_said("wwep-wiced: the course's server should be at "
                                 "no-such-server.invalid: "),
                      1);
}
END_TEST

START_TEST(lookup_of_a_course_server_with_ipv6)
{
    wiced_ip_address_t address;

    start_with_server("::1");
    ck_assert_int_eq(wiced_hostname_lookup("wwep.ww101.cypress.com", &address,
                                           LONG_MS, WICED_STA_INTERFACE),
                     WICED_SUCCESS);
    ck_assert_int_eq(address.version, WICED_IPV6);
    ck_assert_uint_eq(address.ip.v6[0], 0);
    ck_assert_uint_eq(address.ip.v6[3], 1);
}
END_TEST

START_TEST(lookup_while_the_link_is_down)
{
    wiced_ip_address_t address;

    ck_assert_int_eq(wiced_hostname_lookup("127.0.0.1", &address, LONG_MS,
                                           WICED_AP_INTERFACE),
                     WICED_NOTUP);
    ck_assert_int_eq(
        wiced_hostname_lookup(NULL, &address, LONG_MS, WICED_STA_INTERFACE),
        WICED_BADARG);
    ck_assert_int_eq(
        wiced_hostname_lookup("127.0.0.1", NULL, LONG_MS, WICED_STA_INTERFACE),
        WICED_BADARG);
}
END_TEST

START_TEST(course_server)
{
    struct wwep_address address;

    start_with_server("localhost");
    ck_assert(network_course_server(&address, LONG_MS));
    ck_assert_uint_eq(address.len, 4);
    ck_assert_uint_eq(address.bytes[0], 127);
    start_with_server("no-such-server.invalid");
    ck_assert(!network_course_server(&address, LONG_MS));
    ck_assert(network_is_course_server(MAKE_IPV4_ADDRESS(198, 51, 100, 3)));
    ck_assert(!network_is_course_server(MAKE_IPV4_ADDRESS(198, 51, 100, 1)));
}
END_TEST

/* --- ping ----------------------------------------------------------------- */

static bool can_ping(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);

    if (fd < 0)
        fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* Where no user may ping, that is what is expected. */
static void expect_ping(uint32_t v4, uint32_t timeout_ms, wiced_result_t want)
{
    wiced_ip_address_t address;
    uint32_t elapsed_ms = 123456;

    SET_IPV4_ADDRESS(address, v4);
    if (!can_ping())
        want = WICED_UNSUPPORTED;
    ck_assert_int_eq(
        wiced_ping(WICED_STA_INTERFACE, &address, timeout_ms, &elapsed_ms),
        want);
    if (want == WICED_SUCCESS)
        ck_assert_uint_le(elapsed_ms, timeout_ms);
    else
        ck_assert_uint_eq(elapsed_ms, 123456);
}

START_TEST(ping_this_machine)
{
    expect_ping(MAKE_IPV4_ADDRESS(127, 0, 0, 1), LONG_MS, WICED_SUCCESS);
    expect_ping(MAKE_IPV4_ADDRESS(127, 0, 0, 9), LONG_MS, WICED_SUCCESS);
}
END_TEST

START_TEST(ping_without_an_answer)
{
    /* Class E: nobody has it. */
    expect_ping(MAKE_IPV4_ADDRESS(240, 0, 0, 1), 50, WICED_TIMEOUT);
}
END_TEST

START_TEST(ping_of_the_course_network)
{
    start_with_server("localhost");
    board_set_up(WICED_STA_INTERFACE, false);
    wiced_network_up(WICED_STA_INTERFACE, WICED_USE_STATIC_IP, &settings);
    expect_ping(MAKE_IPV4_ADDRESS(198, 51, 100, 1), LONG_MS, WICED_SUCCESS);
    expect_ping(MAKE_IPV4_ADDRESS(198, 51, 100, 3), LONG_MS, WICED_SUCCESS);
}
END_TEST

START_TEST(ping_of_a_course_server_that_is_nowhere)
{
    wiced_ip_address_t address;
    uint32_t elapsed_ms = 1;

    SET_IPV4_ADDRESS(address, MAKE_IPV4_ADDRESS(198, 51, 100, 3));
    start_with_server("no-such-server.invalid");
    ck_assert_int_eq(
        wiced_ping(WICED_STA_INTERFACE, &address, LONG_MS, &elapsed_ms),
        WICED_TIMEOUT);
    start_with_server("::1");
    ck_assert_int_eq(
        wiced_ping(WICED_STA_INTERFACE, &address, LONG_MS, &elapsed_ms),
        WICED_UNSUPPORTED);
}
END_TEST

START_TEST(ping_of_ipv6_is_unsupported)
{
    wiced_ip_address_t address = {.version = WICED_IPV6};
    uint32_t elapsed_ms = 1;

    ck_assert_int_eq(
        wiced_ping(WICED_STA_INTERFACE, &address, LONG_MS, &elapsed_ms), 7);
    address.version = WICED_INVALID_IP;
    ck_assert_int_eq(
        wiced_ping(WICED_STA_INTERFACE, &address, LONG_MS, &elapsed_ms),
        WICED_BADARG);
    ck_assert_int_eq(
        wiced_ping(WICED_STA_INTERFACE, NULL, LONG_MS, &elapsed_ms),
        WICED_BADARG);
    ck_assert_int_eq(wiced_ping(WICED_STA_INTERFACE, &address, LONG_MS, NULL),
                     WICED_BADARG);
    ck_assert_uint_eq(elapsed_ms, 1);
}
END_TEST

START_TEST(ping_while_the_link_is_down)
{
    wiced_ip_address_t address;
    uint32_t elapsed_ms;

    SET_IPV4_ADDRESS(address, INADDR_LOOPBACK);
    ck_assert_int_eq(
        wiced_ping(WICED_AP_INTERFACE, &address, LONG_MS, &elapsed_ms),
        WICED_NOTUP);
}
END_TEST

/* Nobody but root has a raw socket, and here nobody may ping otherwise. */
START_TEST(ping_that_is_not_allowed_says_so_once)
{
    wiced_ip_address_t address;
    uint32_t elapsed_ms;

    SET_IPV4_ADDRESS(address, INADDR_LOOPBACK);
    if (geteuid() == 0)
        ck_assert_int_eq(seteuid(65534), 0);
    if (can_ping())
        return;
    for (unsigned i = 0; i < 3; i++)
        ck_assert_int_eq(
            wiced_ping(WICED_STA_INTERFACE, &address, LONG_MS, &elapsed_ms),
            WICED_UNSUPPORTED);
    ck_assert_uint_eq(count_said("net.ipv4.ping_group_range"), 1);
    unit_regain_root();
}
END_TEST

static void add_names(Suite *suite)
{
    TCase *tc = tcase_create("names");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, lookup_of_numbers);
    tcase_add_test(tc, lookup_of_names);
    tcase_add_test(tc, lookup_in_no_time);
    tcase_add_test(tc, lookup_of_the_course_server);
    tcase_add_test(tc, lookup_of_a_course_server_with_ipv6);
    tcase_add_test(tc, lookup_while_the_link_is_down);
    tcase_add_test(tc, course_server);
    suite_add_tcase(suite, tc);
}

static void add_ping(Suite *suite)
{
    TCase *tc = tcase_create("ping");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, ping_this_machine);
    tcase_add_test(tc, ping_without_an_answer);
    tcase_add_test(tc, ping_of_the_course_network);
    tcase_add_test(tc, ping_of_a_course_server_that_is_nowhere);
    tcase_add_test(tc, ping_of_ipv6_is_unsupported);
    tcase_add_test(tc, ping_while_the_link_is_down);
    tcase_add_test(tc, ping_that_is_not_allowed_says_so_once);
    suite_add_tcase(suite, tc);
}

int main(void)
{
    Suite *suite = suite_create("wiced_network");
    TCase *tc = tcase_create("network");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, init_prints_a_banner_once);
    tcase_add_test(tc, deinit);
    tcase_add_test(tc, get_mac_address);
    tcase_add_test(tc, network_up_and_down);
    tcase_add_test(tc, network_up_each_interface_for_itself);
    tcase_add_test(tc, network_up_with_a_static_address);
    tcase_add_test(tc, network_of_wrong_interfaces);
    suite_add_tcase(suite, tc);
    add_names(suite);
    add_ping(suite);
    return unit_run(suite);
}
