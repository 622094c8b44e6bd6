/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <wwep/course.h>

#include "unit.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

START_TEST(device_of_mac)
{
    static const struct {
        uint8_t mac[6];
        uint16_t device;
    } cases[] = {
        {{0, 0, 0, 0, 0, 0}, 0},
        {{0, 0, 0, 0, 0, 1}, 1},
        {{1, 0, 0, 0, 0, 0}, 1},
        {{0x00, 0xA0, 0x50, 0x12, 0x34, 0x56}, 0x018C},
        {{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, 0x05FA},
    };

    for (size_t i = 0; i < LENGTH(cases); i++)
        ck_assert_uint_eq(wwep_device_of_mac(cases[i].mac), cases[i].device);
}
END_TEST

START_TEST(numbers_of_the_course)
{
    ck_assert_str_eq(WWEP_COURSE_SERVER, "wwep.ww101.cypress.com");
    ck_assert_str_eq(WWEP_COURSE_ADDRESS, "198.51.100.3");
    ck_assert_uint_eq(WWEP_PLAIN_PORT, 27708);
    ck_assert_uint_eq(WWEP_TLS_PORT, 40508);
    ck_assert_uint_eq(WWEP_LED_REGISTER, 5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("course");
    TCase *tc = tcase_create("course");

    tcase_add_test(tc, device_of_mac);
    tcase_add_test(tc, numbers_of_the_course);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
