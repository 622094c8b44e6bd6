/* Several exchanges on one connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include <wwep/client.h>

#include "unit.h"
#include "unit_client.h"
#include "unit_port.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Each test is a process of its own. */
static struct unit_client u;

static void setup(void)
{
    unit_client_init(&u);
}

START_TEST(several_exchanges)
{
    struct unit_step *steps = u.p.dials[0].steps;

    steps[0] = (struct unit_step){
        .kind = UNIT_STEP_BYTES, .bytes = "A0FAC0B1234", .after_sent = 12};
    /* The line end comes with the next reply. */
    steps[1] = (struct unit_step){.kind = UNIT_STEP_BYTES,
                                  .bytes = "\r\nX not found\n",
                                  .after_sent = 20};
    steps[2] = (struct unit_step){
        .kind = UNIT_STEP_BYTES, .bytes = "A0FAC0CFFFF\r", .after_sent = 28};
    steps[3] = (struct unit_step){
        .kind = UNIT_STEP_BYTES, .bytes = "\nA0FAC0D0001\n", .after_sent = 40};
    unit_client_start(&u);
    ck_assert_int_eq(unit_client_connect(&u), WWEP_OK);
    ck_assert_int_eq(unit_client_write(&u, 0x0FAC, 0x0B, 0x1234), WWEP_OK);
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0C), WWEP_E_REFUSED);
    ck_assert_str_eq(u.outcome.reason, "not found");
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0C), WWEP_OK);
    ck_assert_uint_eq(u.outcome.value, 0xFFFF);
    ck_assert_int_eq(unit_client_write(&u, 0x0FAC, 0x0D, 1), WWEP_OK);
    unit_port_expect_sent(&u.p, 0,
                          "W0FAC0B1234\nR0FAC0C\nR0FAC0C\nW0FAC0D0001\n");
    ck_assert(!u.p.dials[0].closed);
    wwep_client_close(&u.client);
    ck_assert(u.p.dials[0].closed);
    unit_client_stop(&u);
}
END_TEST

/* Each call has all of the time. */
START_TEST(a_time_limit_for_each_call)
{
    struct unit_step *steps = u.p.dials[0].steps;

    steps[0] = (struct unit_step){
        .kind = UNIT_STEP_BYTES, .bytes = "A0FAC0B1234\n", .delay_ms = 4000};
    steps[1] = (struct unit_step){
        .kind = UNIT_STEP_BYTES, .bytes = "A0FAC0B1234\n", .delay_ms = 4000};
    unit_client_start(&u);
    ck_assert_int_eq(unit_client_connect(&u), WWEP_OK);
    u.p.clock_ms += 1000000;
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_OK);
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_OK);
    unit_client_stop(&u);
}
END_TEST

START_TEST(a_second_connect)
{
    unit_port_says(&u.p, 0, "A0FAC0B1234\n");
    unit_client_start(&u);
    ck_assert_int_eq(unit_client_connect(&u), WWEP_OK);
    ck_assert_int_eq(unit_client_connect(&u), WWEP_E_STATE);
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_OK);
    unit_client_stop(&u);
    ck_assert(u.p.dials[0].closed);
}
END_TEST

START_TEST(a_connect_that_fails)
{
    u.p.dials_n = 2;
    u.p.dials[0].error = WWEP_PORT_REFUSED;
    unit_port_says(&u.p, 1, "A0FAC0B1234\n");
    unit_client_start(&u);
    ck_assert_int_eq(unit_client_connect(&u), WWEP_E_CONNECT);
    ck_assert_int_eq(unit_client_connect(&u), WWEP_OK);
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_OK);
    unit_client_stop(&u);
}
END_TEST

/* What nobody has asked for would be taken for the next reply. */
static const struct {
    const char *bytes;
    enum wwep_result result;
    bool open;
} lines[] = {
    {"A0FAC0B1234\n", WWEP_OK, true},
    {"A0FAC0B1234", WWEP_OK, true},
    {"A0FAC0B1234\r\n", WWEP_OK, true},
    {"X\n", WWEP_E_REFUSED, true},
    {"X not found\r\n", WWEP_E_REFUSED, true},
    {"X not found", WWEP_E_REFUSED, false},
    {"X", WWEP_E_REFUSED, false},
    {"A0FAC0B1234\nA0FAC0B5678\n", WWEP_E_REPLY, false},
    {"A0FAC0B1234A0FAC0B5678\n", WWEP_E_REPLY, false},
    {"X\nX\n", WWEP_E_REPLY, false},
    {"A0FAC0C1234\n", WWEP_E_REPLY, false},
    {"?", WWEP_E_REPLY, false},
    {"\n", WWEP_E_LOST, false},
    {"", WWEP_E_LOST, false},
};

START_TEST(what_a_line_leaves_open)
{
    unit_port_says(&u.p, 0, lines[_i].bytes);
    unit_client_start(&u);
    ck_assert_int_eq(unit_client_connect(&u), WWEP_OK);
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), lines[_i].result);
    ck_assert_int_eq(u.p.connected, lines[_i].open);
    unit_client_stop(&u);
}
END_TEST

START_TEST(a_connection_that_has_ended)
{
    u.p.dials_n = 2;
    unit_port_says(&u.p, 0, "");
    unit_port_says(&u.p, 1, "A0FAC0B1234");
    unit_client_start(&u);
    ck_assert_int_eq(unit_client_connect(&u), WWEP_OK);
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_E_LOST);
    /* It is closed: the next call is one for itself, without an LF. */
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_OK);
    unit_port_expect_sent(&u.p, 1, "R0FAC0B");
    ck_assert(u.p.dials[1].closed);
    unit_client_stop(&u);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("client_keep_open");
    TCase *tc = tcase_create("client_keep_open");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, several_exchanges);
    tcase_add_test(tc, a_time_limit_for_each_call);
    tcase_add_test(tc, a_second_connect);
    tcase_add_test(tc, a_connect_that_fails);
    tcase_add_loop_test(tc, what_a_line_leaves_open, 0, (int)LENGTH(lines));
    tcase_add_test(tc, a_connection_that_has_ended);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
