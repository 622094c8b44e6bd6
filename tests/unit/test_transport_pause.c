/* A transport whose owner is not ready for more.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport.h"

#include "unit.h"
#include "unit_socket.h"
#include "unit_transport.h"

static void setup(void)
{
    unit_transport_start(NULL);
}

static void turn_a_while(void)
{
    for (int i = 0; i < 20; i++)
        unit_turn();
}

START_TEST(what_comes_meanwhile_waits)
{
    transport_pause(rig.t);
    unit_send_text(rig.client, "late");
    unit_end(rig.client);
    turn_a_while();
    ck_assert_str_eq(rig.events, "R");
    ck_assert(transport_has_unread(rig.t));
    /* What is sent goes out, and does not begin to read. */
    ck_assert_int_eq(transport_send(rig.t, (const uint8_t *)"X", 1), 0);
    ck_assert_int_eq(transport_flush(rig.t), 0);
    turn_a_while();
    ck_assert_str_eq(rig.events, "R");
    transport_resume(rig.t);
    unit_turn_to('E');
    ck_assert_str_eq(rig.events, "RDqE");
    ck_assert_uint_eq(rig.data_len, 4);
    ck_assert_mem_eq(rig.data, "late", 4);
}
END_TEST

static void pause_it(struct unit_rig *r, enum transport_event event)
{
    if (event == TRANSPORT_DATA)
        transport_pause(r->t);
}

START_TEST(a_pause_inside_data)
{
    rig.hook = pause_it;
    unit_send_text(rig.client, "first");
    unit_turn_to('q');
    unit_send_text(rig.client, "second");
    turn_a_while();
    ck_assert_str_eq(rig.events, "RDq");
    transport_resume(rig.t);
    turn_a_while();
    ck_assert_str_eq(rig.events, "RDqDq");
    ck_assert_mem_eq(rig.data, "firstsecond", 11);
}
END_TEST

START_TEST(a_finish_ends_a_pause)
{
    transport_pause(rig.t);
    unit_send_text(rig.client, "dropped");
    unit_end(rig.client);
    transport_finish(rig.t);
    UNIT_TURN_UNTIL(rig.freed);
    ck_assert_str_eq(rig.events, "RC");
}
END_TEST

START_TEST(a_close_ends_a_pause)
{
    transport_pause(rig.t);
    unit_client_resets();
    transport_close(rig.t);
    transport_pause(rig.t);
    transport_resume(rig.t);
    UNIT_TURN_UNTIL(rig.freed);
    ck_assert_str_eq(rig.events, "RC");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("transport_pause");
    TCase *tc = tcase_create("transport_pause");

    tcase_add_checked_fixture(tc, setup, unit_transport_stop);
    tcase_add_test(tc, what_comes_meanwhile_waits);
    tcase_add_test(tc, a_pause_inside_data);
    tcase_add_test(tc, a_finish_ends_a_pause);
    tcase_add_test(tc, a_close_ends_a_pause);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
