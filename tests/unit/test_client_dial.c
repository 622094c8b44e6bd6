/* The client's way from a name to a connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include <wwep/client.h>

#include "unit.h"
#include "unit_client.h"
#include "unit_port.h"

#include <stdio.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Each test is a process of its own. */
static struct unit_client u;

static void setup(void)
{
    unit_client_init(&u);
}

static void assert_lines(const char *words, unsigned n)
{
    unsigned found = 0;

    for (const char *at = u.p.log; (at = strstr(at, words)) != NULL; at++)
        found++;
    ck_assert_msg(found == n, "%u times %s in:\n%s", found, words, u.p.log);
}

static void four_addresses(void)
{
    for (uint8_t i = 0; i < 4; i++)
        u.p.addresses[i] = unit_port_ipv4(192, 0, 2, (uint8_t)(i + 1));
    u.p.resolved = 4;
    u.p.dials_n = 4;
}

START_TEST(the_next_address)
{
    four_addresses();
    u.p.dials[0].error = WWEP_PORT_UNREACHABLE;
    u.p.dials[1].error = WWEP_PORT_REFUSED;
    unit_port_says(&u.p, 2, "A0FAC0B1234");
    unit_client_start(&u);
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_OK);
    ck_assert_str_eq(u.story,
                     "resolving:server.test resolved:192.0.2.1 "
                     "resolved:192.0.2.2 resolved:192.0.2.3 resolved:192.0.2.4 "
                     "connecting:192.0.2.1:27708 no-connect:-5 "
                     "connecting:192.0.2.2:27708 no-connect:-4 "
                     "connecting:192.0.2.3:27708 connected "
                     "sent:7 received:11 closed");
    unit_client_stop(&u);
}
END_TEST

/* One that is dead leaves the others their share. */
START_TEST(dead_addresses)
{
    four_addresses();
    for (size_t i = 0; i < 3; i++)
        u.p.dials[i].delay_ms = UINT32_MAX;
    unit_port_says(&u.p, 3, "A0FAC0B1234");
    unit_client_start(&u);
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_OK);
    for (size_t i = 0; i < 4; i++)
        ck_assert_uint_eq(u.p.dials[i].timeout_ms, 1250);
    unit_client_stop(&u);
}
END_TEST

START_TEST(quick_ones_leave_their_share)
{
    four_addresses();
    for (size_t i = 0; i < 3; i++) {
        u.p.dials[i].delay_ms = 100;
        u.p.dials[i].error = WWEP_PORT_REFUSED;
    }
    u.p.dials[3].delay_ms = 4600;
    unit_port_says(&u.p, 3, "A0FAC0B1234");
    unit_client_start(&u);
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_OK);
    ck_assert_uint_eq(u.p.dials[3].timeout_ms, 4700);
    unit_client_stop(&u);
}
END_TEST

START_TEST(more_addresses_than_time)
{
    four_addresses();
    u.config.timeout_ms = 3;
    for (size_t i = 0; i < 4; i++)
        u.p.dials[i].delay_ms = UINT32_MAX;
    unit_client_start(&u);
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_E_CONNECT);
    ck_assert_int_eq(u.outcome.port_error, WWEP_PORT_TIMEOUT);
    ck_assert_uint_eq(u.p.clock_ms, 3);
    unit_client_stop(&u);
}
END_TEST

/* Of several errors the one that says most. */
START_TEST(nobody_answers)
{
    static const struct {
        int errors[4];
        int want;
    } cases[] = {
        {{-5, -5, -5, -5}, WWEP_PORT_UNREACHABLE},
        {{-5, -4, -5, -5}, WWEP_PORT_REFUSED},
        {{-2, -5, -4, -2}, WWEP_PORT_REFUSED},
        {{-5, -2, -5, -1}, WWEP_PORT_TIMEOUT},
        {{-1, -5, -1, -5}, WWEP_PORT_FAILED},
        {{-6, -5, -5, -5}, WWEP_PORT_RESET},
    };

    for (size_t i = 0; i < LENGTH(cases); i++) {
        unit_client_init(&u);
        four_addresses();
        for (size_t k = 0; k < 4; k++)
            u.p.dials[k].error = cases[i].errors[k];
        unit_client_start(&u);
        ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_E_CONNECT);
        ck_assert_int_eq(u.outcome.port_error, cases[i].want);
        ck_assert_uint_eq(u.p.dialled, 4);
        unit_client_stop(&u);
    }
}
END_TEST

START_TEST(no_name)
{
    static const int errors[] = {WWEP_PORT_NO_NAME, WWEP_PORT_FAILED,
                                 WWEP_PORT_UNREACHABLE, 0};

    for (size_t i = 0; i < LENGTH(errors); i++) {
        unit_client_init(&u);
        u.p.resolved = errors[i];
        unit_client_start(&u);
        ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_E_NAME);
        ck_assert_int_eq(u.outcome.port_error,
                         errors[i] != 0 ? errors[i] : WWEP_PORT_NO_NAME);
        ck_assert_str_eq(u.story, "resolving:server.test");
        unit_client_stop(&u);
    }
}
END_TEST

START_TEST(no_answer_about_the_name)
{
    u.p.resolve_ms = UINT32_MAX;
    unit_client_start(&u);
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_E_NAME);
    ck_assert_int_eq(u.outcome.port_error, WWEP_PORT_TIMEOUT);
    ck_assert_uint_eq(u.p.clock_ms, UNIT_CLIENT_TIMEOUT_MS);
    unit_client_stop(&u);
}
END_TEST

START_TEST(a_numeric_host)
{
    u.config.host = "198.51.100.7";
    u.config.fallback = "192.0.2.1";
    unit_port_says(&u.p, 0, "X");
    unit_client_start(&u);
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_E_REFUSED);
    ck_assert_str_eq(u.story, "resolving:198.51.100.7 resolved:198.51.100.7 "
                              "connecting:198.51.100.7:27708 connected "
                              "sent:7 received:1 closed");
    unit_client_stop(&u);
}
END_TEST

START_TEST(the_fallback)
{
    static const int errors[] = {WWEP_PORT_NO_NAME, WWEP_PORT_TIMEOUT,
                                 WWEP_PORT_UNREACHABLE, WWEP_PORT_FAILED, 0};
    char line[256];

    for (size_t i = 0; i < LENGTH(errors); i++) {
        unit_client_init(&u);
        u.config.fallback = "198.51.100.3";
        u.p.resolved = errors[i];
        if (errors[i] == WWEP_PORT_TIMEOUT)
            u.p.resolve_ms = UINT32_MAX;
        unit_port_says(&u.p, 0, "A0FAC0B1234");
        unit_client_start(&u);
        ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_OK);
        ck_assert_str_eq(u.story,
                         "resolving:server.test fallback:198.51.100.3 "
                         "resolving:198.51.100.3 resolved:198.51.100.3 "
                         "connecting:198.51.100.3:27708 connected "
                         "sent:7 received:11 closed");
        ck_assert_uint_eq(u.p.clock_ms, errors[i] == WWEP_PORT_TIMEOUT
                                            ? UNIT_CLIENT_TIMEOUT_MS / 2
                                            : 0);
        snprintf(line, sizeof line,
                 "W looking up the name server.test: %s: using the address "
                 "198.51.100.3 in its place\n",
                 wwep_port_error_text(errors[i] != 0 ? errors[i]
                                                     : WWEP_PORT_NO_NAME));
        assert_lines(line, 1);
        unit_client_stop(&u);
    }
}
END_TEST

START_TEST(the_fallback_is_for_names_alone)
{
    u.config.fallback = "198.51.100.3";
    u.p.dials[0].error = WWEP_PORT_REFUSED;
    unit_client_start(&u);
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_E_CONNECT);
    ck_assert_ptr_null(strstr(u.story, "fallback"));
    unit_client_stop(&u);
}
END_TEST

START_TEST(a_fallback_that_is_no_address)
{
    u.config.fallback = "no.such.test";
    u.p.resolved = WWEP_PORT_NO_NAME;
    unit_client_start(&u);
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_E_NAME);
    ck_assert_int_eq(u.outcome.port_error, WWEP_PORT_NO_NAME);
    unit_client_stop(&u);
}
END_TEST

/* A name must not drive the terminal that the log is shown on, nor be longer
 * than a line. */
START_TEST(a_strange_name_in_the_log)
{
    static char name[1000];

    memset(name, 'n', sizeof name - 1);
    name[0] = '\x1B';
    u.config.host = name;
    u.config.fallback = "198.51.100.3";
    u.p.resolved = WWEP_PORT_NO_NAME;
    u.config.observer = NULL;
    unit_port_says(&u.p, 0, "X");
    unit_client_start(&u);
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_E_REFUSED);
    assert_lines("W looking up the name \\x1Bnnnn", 1);
    assert_lines("nnn: there is no such name: using the address 198.51.100.3",
                 1);
    ck_assert_uint_lt(strlen(u.p.log), 300);
    unit_client_stop(&u);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("client_dial");
    TCase *tc = tcase_create("client_dial");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, the_next_address);
    tcase_add_test(tc, dead_addresses);
    tcase_add_test(tc, quick_ones_leave_their_share);
    tcase_add_test(tc, more_addresses_than_time);
    tcase_add_test(tc, nobody_answers);
    tcase_add_test(tc, no_name);
    tcase_add_test(tc, no_answer_about_the_name);
    tcase_add_test(tc, a_numeric_host);
    tcase_add_test(tc, the_fallback);
    tcase_add_test(tc, the_fallback_is_for_names_alone);
    tcase_add_test(tc, a_fallback_that_is_no_address);
    tcase_add_test(tc, a_strange_name_in_the_log);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
