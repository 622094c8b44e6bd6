/* The words of the client's results and of its port's errors.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include <wwep/port.h>
#include <wwep/result.h>

#include "unit.h"

#include <string.h>

#define UNKNOWN_RESULT "unknown result"
#define UNKNOWN_ERROR  "unknown error"

START_TEST(results)
{
    ck_assert_int_eq(WWEP_OK, 0);
    ck_assert_str_eq(wwep_result_text(WWEP_OK), "done");
    ck_assert_str_eq(wwep_result_text(WWEP_E_NAME),
                     "the server's name has no address");
    for (int i = 0; i >= -12; i--) {
        const char *text = wwep_result_text((enum wwep_result)i);

        ck_assert_str_ne(text, UNKNOWN_RESULT);
        for (int k = i + 1; k <= 0; k++)
            ck_assert_str_ne(text, wwep_result_text((enum wwep_result)k));
    }
}
END_TEST

START_TEST(port_errors)
{
    for (int i = 0; i >= -6; i--) {
        const char *text = wwep_port_error_text(i);

        ck_assert_str_ne(text, UNKNOWN_ERROR);
        for (int k = i + 1; k <= 0; k++)
            ck_assert_str_ne(text, wwep_port_error_text(k));
    }
    ck_assert_str_eq(wwep_port_error_text(WWEP_PORT_REFUSED),
                     "nobody listens there");
}
END_TEST

/* A board's port may return what it likes. */
START_TEST(none_of_them)
{
    ck_assert_str_eq(wwep_port_error_text(-7), UNKNOWN_ERROR);
    ck_assert_str_eq(wwep_port_error_text(1), UNKNOWN_ERROR);
    ck_assert_str_eq(wwep_port_error_text(-1000000), UNKNOWN_ERROR);
    ck_assert_str_eq(wwep_result_text((enum wwep_result) - 13), UNKNOWN_RESULT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("result");
    TCase *tc = tcase_create("result");

    tcase_add_test(tc, results);
    tcase_add_test(tc, port_errors);
    tcase_add_test(tc, none_of_them);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
