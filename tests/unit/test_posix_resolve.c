/* Names to addresses, as far as a system without a network knows any.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "wwep_posix_resolve.h"

#include "unit.h"

#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define LONG_MS       20000u /* what has to come, comes sooner */

START_TEST(numeric_addresses)
{
    static const struct {
        const char *text;
        uint8_t len;
        uint32_t scope;
    } cases[] = {
        {"127.0.0.1", 4, 0},    {"198.51.100.3", 4, 0}, {"::1", 16, 0},
        {"2001:db8::1", 16, 0}, {"fe80::1%1", 16, 1},
    };

    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct wwep_address out[2];
        char text[WWEP_ADDRESS_TEXT_MAX];

        /* No time is needed. */
        ck_assert_int_eq(wwep_posix_resolve(NULL, cases[i].text, out, 2, 0), 1);
        ck_assert_uint_eq(out[0].len, cases[i].len);
        ck_assert_uint_eq(out[0].scope, cases[i].scope);
        wwep_address_text(&out[0], text);
        ck_assert_str_eq(text, cases[i].text);
    }
}
END_TEST

START_TEST(localhost)
{
    for (size_t cap = 1; cap <= 4; cap++) {
        struct wwep_address out[4];
        int n = wwep_posix_resolve(NULL, "localhost", out, cap, LONG_MS);

        ck_assert_int_ge(n, 1);
        ck_assert_uint_le((size_t)n, cap);
        for (int i = 0; i < n; i++) {
            char text[WWEP_ADDRESS_TEXT_MAX];

            wwep_address_text(&out[i], text);
            ck_assert(strcmp(text, "::1") == 0 ||
                      strncmp(text, "127.", 4) == 0);
        }
    }
}
END_TEST

/* Without a network there is nobody to say that there is no such name. */
START_TEST(no_such_name)
{
    static char long_name[400];
    struct wwep_address out;
    int error =
        wwep_posix_resolve(NULL, "no-such-name.invalid", &out, 1, LONG_MS);

    ck_assert(error == WWEP_PORT_NO_NAME || error == WWEP_PORT_UNREACHABLE ||
              error == WWEP_PORT_TIMEOUT);
    memset(long_name, 'n', sizeof long_name - 1);
    ck_assert_int_eq(wwep_posix_resolve(NULL, long_name, &out, 1, LONG_MS),
                     WWEP_PORT_NO_NAME);
    ck_assert_int_lt(wwep_posix_resolve(NULL, "", &out, 1, LONG_MS), 0);
}
END_TEST

/* The thread that is left behind frees what it holds by itself. */
START_TEST(a_name_in_no_time)
{
    struct wwep_address out;

    for (unsigned i = 0; i < 50; i++) {
        int n = wwep_posix_resolve(NULL, "localhost", &out, 1, 0);

        ck_assert(n == 1 || n == WWEP_PORT_TIMEOUT);
    }
    ck_assert_int_eq(wwep_posix_resolve(NULL, "localhost", &out, 1, LONG_MS),
                     1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("posix_resolve");
    TCase *tc = tcase_create("posix_resolve");

    tcase_add_test(tc, numeric_addresses);
    tcase_add_test(tc, localhost);
    tcase_add_test(tc, no_such_name);
    tcase_add_test(tc, a_name_in_no_time);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
