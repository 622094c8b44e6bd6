/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "streams.h"

#include "unit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define STREAMS 3

static bool is_null(int fd)
{
    struct stat null;
    struct stat st;

    return stat("/dev/null", &null) == 0 && fstat(fd, &st) == 0 &&
           null.st_rdev == st.st_rdev && S_ISCHR(st.st_mode);
}

/* With a pipe's end as each stream that is not closed. */
static bool opens_what_is_closed(unsigned closed)
{
    struct stat st;
    int ends[2];

    if (pipe(ends) != 0)
        return false;
    for (int fd = 0; fd < STREAMS; fd++)
        if (dup2(ends[0], fd) < 0)
            return false;
    for (int fd = STREAMS; fd < 64; fd++)
        close(fd);
    for (int fd = 0; fd < STREAMS; fd++)
        if ((closed & 1u << fd) != 0)
            close(fd);
    if (!streams_open())
        return false;
    for (int fd = 0; fd < STREAMS; fd++)
        if (is_null(fd) != ((closed & 1u << fd) != 0))
            return false;
    return fstat(STREAMS, &st) != 0; /* nothing else is left open */
}

START_TEST(what_is_closed_is_null)
{
    int status;
    pid_t child = fork();

    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(opens_what_is_closed((unsigned)_i) ? 0 : 1);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("streams");
    TCase *tc = tcase_create("streams");

    tcase_add_loop_test(tc, what_is_closed_is_null, 0, 1 << STREAMS);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
