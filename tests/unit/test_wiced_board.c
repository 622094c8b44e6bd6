/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "unit_wiced.h"

START_TEST(ports_of_the_course_are_where_they_were_put)
{
    struct board_options options;

    board_options_init(&options);
    options.ports[0] = (struct board_port){27708, 1234};
    options.port_count = 1;
    board_start(&options);
    ck_assert_uint_eq(board_port(27708), 1234);
    ck_assert_uint_eq(board_port(40508), 40508);
}
END_TEST

START_TEST(interfaces_are_down_at_first)
{
    struct board_options options;

    board_options_init(&options);
    board_start(&options);
    ck_assert(!board_is_up(WICED_STA_INTERFACE));
    board_set_up(WICED_STA_INTERFACE, true);
    ck_assert(board_is_up(WICED_STA_INTERFACE));
    ck_assert(!board_is_up(WICED_ETHERNET_INTERFACE));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wiced_board");
    TCase *tc = tcase_create("wiced_board");

    tcase_add_test(tc, ports_of_the_course_are_where_they_were_put);
    tcase_add_test(tc, interfaces_are_down_at_first);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
