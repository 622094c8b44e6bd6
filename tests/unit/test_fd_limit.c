/* Each test runs in a process of its own, whose limits it may lower.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "fd_limit.h"

#include "unit.h"

#include <sys/resource.h>

static void set_limit(rlim_t soft, rlim_t hard)
{
    const struct rlimit limit = {soft, hard};

    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static rlim_t soft_limit(void)
{
    struct rlimit limit;

    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    return limit.rlim_cur;
}

START_TEST(soft_limit_is_raised)
{
    set_limit(100, 200);
    ck_assert_uint_eq(fd_limit_connections(64), 136);
    ck_assert_uint_eq(soft_limit(), 200);
}
END_TEST

START_TEST(nothing_to_raise)
{
    set_limit(200, 200);
    ck_assert_uint_eq(fd_limit_connections(64), 136);
    ck_assert_uint_eq(fd_limit_connections(0), 200);
    ck_assert_uint_eq(soft_limit(), 200);
}
END_TEST

START_TEST(one_at_least)
{
    set_limit(64, 64);
    ck_assert_uint_eq(fd_limit_connections(63), 1);
    ck_assert_uint_eq(fd_limit_connections(64), 1);
    ck_assert_uint_eq(fd_limit_connections(65), 1);
    ck_assert_uint_eq(fd_limit_connections(100000), 1);
}
END_TEST

START_TEST(a_million_at_most)
{
    const struct rlimit large = {100, 1000065};
    struct rlimit limit;

    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_max < large.rlim_max &&
        setrlimit(RLIMIT_NOFILE, &large) != 0)
        return; /* this machine does not let us have as many */
    ck_assert_uint_eq(fd_limit_connections(64), 1000000);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fd_limit");
    TCase *tc = tcase_create("fd_limit");

    tcase_add_test(tc, soft_limit_is_raised);
    tcase_add_test(tc, nothing_to_raise);
    tcase_add_test(tc, one_at_least);
    tcase_add_test(tc, a_million_at_most);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
