/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output_switch.h"

#include "unit.h"
#include "unit_io.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SWITCHES 200

static char *folder;
static struct output_switch next;

static void setup(void)
{
    folder = unit_mkdtemp();
    output_switch_init(&next);
}

static void teardown(void)
{
    output_switch_deinit(&next);
    unit_rmdir(folder);
}

static char *path_of(unsigned number, char path[4096])
{
    snprintf(path, 4096, "%s/%u", folder, number);
    return path;
}

static struct output open_it(unsigned number)
{
    struct output out;
    char path[4096];

    ck_assert_int_eq(output_open(&out, path_of(number, path)), 0);
    return out;
}

static void put(struct output *out, const char *text)
{
    ck_assert(output_write(out, text, strlen(text), 1));
}

static void expect(unsigned number, const char *text)
{
    char path[4096];
    char *found = unit_read(path_of(number, path), NULL);

    ck_assert_str_eq(found, text);
    free(found);
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

START_TEST(nothing_to_take)
{
    struct output out = open_it(0);

    ck_assert(!output_switch_take(&next, &out));
    put(&out, "a\n");
    output_close(&out);
    expect(0, "a\n");
}
END_TEST

START_TEST(it_goes_on_there)
{
    struct output out = open_it(0);
    int old = out.fd;

    put(&out, "a\n");
    out.lost = 7;
    out.error = 28;
    output_switch_give(&next, open_it(1));
    put(&out, "b\n"); /* not taken yet */
    ck_assert(output_switch_take(&next, &out));
    ck_assert(!is_open(old));
    put(&out, "c\n");
    ck_assert_uint_eq(out.lost, 7);
    ck_assert_int_eq(out.error, 28);
    ck_assert(!output_switch_take(&next, &out));
    output_close(&out);
    expect(0, "a\nb\n");
    expect(1, "c\n");
}
END_TEST

START_TEST(the_last_given_counts)
{
    struct output out = open_it(0);
    struct output first = open_it(1);

    output_switch_give(&next, first);
    output_switch_give(&next, open_it(2));
    ck_assert(!is_open(first.fd));
    ck_assert(output_switch_take(&next, &out));
    put(&out, "a\n");
    output_close(&out);
    expect(1, "");
    expect(2, "a\n");
}
END_TEST

START_TEST(what_nobody_takes_is_closed)
{
    struct output given = open_it(0);

    output_switch_give(&next, given);
    output_switch_deinit(&next);
    ck_assert(!is_open(given.fd));
    output_switch_init(&next);
}
END_TEST

static void *give_all(void *arg)
{
    (void)arg;
    for (unsigned i = 1; i <= SWITCHES; i++)
        output_switch_give(&next, open_it(i));
    return NULL;
}

START_TEST(no_line_is_lost_meanwhile)
{
    struct output out = open_it(0);
    pthread_t thread;
    unsigned lines = 0;
    size_t found = 0;
    char path[4096];

    ck_assert_int_eq(pthread_create(&thread, NULL, give_all, NULL), 0);
    for (bool last = false; !last;) {
        (void)output_switch_take(&next, &out);
        put(&out, "a line\n");
        lines++;
        path_of(SWITCHES, path);
        last = access(path, F_OK) == 0 && lines > 1000;
    }
    pthread_join(thread, NULL);
    (void)output_switch_take(&next, &out);
    output_close(&out);
    for (unsigned i = 0; i <= SWITCHES; i++) {
        char *text = unit_read(path_of(i, path), NULL);
        found += unit_count_lines(text);
        free(text);
    }
    ck_assert_uint_eq(found, lines);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("output_switch");
    TCase *tc = tcase_create("output_switch");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, nothing_to_take);
    tcase_add_test(tc, it_goes_on_there);
    tcase_add_test(tc, the_last_given_counts);
    tcase_add_test(tc, what_nobody_takes_is_closed);
    tcase_add_test(tc, no_line_is_lost_meanwhile);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
