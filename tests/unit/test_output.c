/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output.h"

#include "unit.h"
#include "unit_io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

static char *folder;
static char path[4096]; /* in it, and not there yet */
static struct output out;

static void setup(void)
{
    folder = unit_mkdtemp();
    snprintf(path, sizeof path, "%s/out", folder);
}

static void teardown(void)
{
    unit_rmdir(folder);
}

static bool write_text(const char *text, size_t lines)
{
    return output_write(&out, text, strlen(text), lines);
}

static void assert_file(const char *expected)
{
    char *text = unit_read(path, NULL);

    ck_assert_str_eq(text, expected);
    free(text);
}

/* --- open ----------------------------------------------------------------- */

START_TEST(standard_streams_stay_open)
{
    ck_assert_int_eq(output_open(&out, "stdout"), 0);
    ck_assert_int_eq(out.fd, STDOUT_FILENO);
    ck_assert(!out.own);
    output_close(&out);
    ck_assert_int_eq(out.fd, -1);
    ck_assert_int_ge(fcntl(STDOUT_FILENO, F_GETFD), 0);

    ck_assert_int_eq(output_open(&out, "stderr"), 0);
    ck_assert_int_eq(out.fd, STDERR_FILENO);
    output_close(&out);
    ck_assert_int_ge(fcntl(STDERR_FILENO, F_GETFD), 0);
}
END_TEST

START_TEST(a_new_file)
{
    struct stat st;

    umask(0);
    ck_assert_int_eq(output_open(&out, path), 0);
    ck_assert(out.own);
    ck_assert(out.regular);
    ck_assert_uint_eq(out.lost, 0);
    ck_assert_int_eq(out.error, 0);
    ck_assert_int_eq(fstat(out.fd, &st), 0);
    ck_assert_uint_eq(st.st_mode & 07777, 0640);
    ck_assert_int_eq(fcntl(out.fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    int fd = out.fd;
    output_close(&out);
    ck_assert_int_eq(fcntl(fd, F_GETFD), -1);
    output_close(&out); /* again: nothing */
    ck_assert_int_eq(out.fd, -1);
}
END_TEST

START_TEST(a_file_is_appended_to)
{
    free(unit_write(folder, "out", "old\n"));
    ck_assert_int_eq(output_open(&out, path), 0);
    ck_assert(write_text("new\n", 1));
    assert_file("old\nnew\n");
    /* Somebody cut it, as logrotate does by copytruncate. */
    ck_assert_int_eq(truncate(path, 0), 0);
    ck_assert(write_text("newer\n", 1));
    assert_file("newer\n");
    output_close(&out);
}
END_TEST

START_TEST(what_can_not_be_opened)
{
    char missing[4200];

    snprintf(missing, sizeof missing, "%s/no/such/folder", folder);
    ck_assert_int_eq(output_open(&out, missing), -ENOENT);
    ck_assert_int_eq(output_open(&out, folder), -EISDIR);
    ck_assert_int_eq(output_open(&out, ""), -ENOENT);
    ck_assert(!out.own);
    output_close(&out); /* harmless */
}
END_TEST

/* --- disks ---------------------------------------------------------------- */

START_TEST(a_full_disk_loses_lines)
{
    ck_assert_int_eq(output_open(&out, "/dev/full"), 0);
    ck_assert(!out.regular);
    ck_assert(!write_text("a\nb\nc\n", 3));
    ck_assert_int_eq(out.error, ENOSPC);
    ck_assert_uint_eq(out.lost, 3);
    ck_assert(!write_text("d\n", 1));
    ck_assert_uint_eq(out.lost, 4);
    output_close(&out);
}
END_TEST

static void limit_file_size(rlim_t bytes)
{
    const struct rlimit limit = {bytes, RLIM_INFINITY};

    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

START_TEST(half_a_line_is_taken_back)
{
    ck_assert_int_eq(output_open(&out, path), 0);
    ck_assert(write_text("0123456789\n", 1));
    limit_file_size(20);
    /* Nine bytes of this one fit. */
    ck_assert(!write_text("abcdefghij\nklmnopqrst\n", 2));
    ck_assert_int_eq(out.error, EFBIG);
    ck_assert_uint_eq(out.lost, 2);
    assert_file("0123456789\n");
    /* A shorter one begins where the lost one did. */
    ck_assert(write_text("short\n", 1));
    ck_assert_int_eq(out.error, EFBIG); /* kept, to be told with the count */
    ck_assert_uint_eq(out.lost, 2);
    assert_file("0123456789\nshort\n");
    limit_file_size(RLIM_INFINITY);
    ck_assert(write_text("abcdefghij\n", 1));
    assert_file("0123456789\nshort\nabcdefghij\n");
    output_close(&out);
}
END_TEST

START_TEST(nothing_fits)
{
    ck_assert_int_eq(output_open(&out, path), 0);
    ck_assert(write_text("0123456789\n", 1));
    limit_file_size(11);
    ck_assert(!write_text("a\n", 1));
    assert_file("0123456789\n");
    limit_file_size(RLIM_INFINITY);
    output_close(&out);
}
END_TEST

/* --- pipes ---------------------------------------------------------------- */

START_TEST(a_reader_that_has_gone)
{
    char *fifo;
    int reader = unit_fifo(folder, "fifo", &fifo);

    signal(SIGPIPE, SIG_IGN);
    ck_assert_int_eq(output_open(&out, fifo), 0);
    ck_assert(!out.regular);
    ck_assert(write_text("a\n", 1));
    close(reader);
    ck_assert(!write_text("b\n", 1));
    ck_assert_int_eq(out.error, EPIPE);
    ck_assert_uint_eq(out.lost, 1);
    output_close(&out);
    free(fifo);
}
END_TEST

#define LONG_BYTES (64u * 1024u)

static atomic_uint interruptions;
static bool interrupted; /* whether there are to be any */

static void on_alarm(int signum)
{
    (void)signum;
    atomic_fetch_add(&interruptions, 1);
}

/* Begins to read when the pipe is full (and, where it is to be interrupted,
 * the writer has been while it waited), and reads to the end. */
static void *read_late(void *arg)
{
    const int *reader = arg;
    sigset_t alarm_only;

    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    pthread_sigmask(SIG_BLOCK, &alarm_only, NULL); /* they are the writer's */
    unit_wait_full(*reader);
    unsigned before = atomic_load(&interruptions);
    uint64_t until = unit_now_ms() + UNIT_DEADLINE_MS;
    while (interrupted && atomic_load(&interruptions) < before + 3) {
        ck_assert_uint_lt(unit_now_ms(), until);
        poll(NULL, 0, 1);
    }
    return unit_read_end(*reader);
}

/* Writes more than the pipe takes, with a reader that comes late. */
static void write_long(int reader)
{
    char *text = malloc(LONG_BYTES + 1);
    pthread_t thread;
    void *seen;

    ck_assert_ptr_nonnull(text);
    for (size_t i = 0; i < LONG_BYTES; i++)
        text[i] = i % 64 == 63 ? '\n' : (char)('a' + i / 64 % 26);
    text[LONG_BYTES] = '\0';
    ck_assert_int_eq(pthread_create(&thread, NULL, read_late, &reader), 0);
    ck_assert(write_text(text, LONG_BYTES / 64));
    ck_assert_uint_eq(out.lost, 0);
    ck_assert_int_eq(out.error, 0);
    output_close(&out);
    ck_assert_int_eq(pthread_join(thread, &seen), 0);
    ck_assert_str_eq(seen, text);
    free(seen);
    free(text);
    close(reader);
}

START_TEST(a_slow_reader_gets_it_all)
{
    char *fifo;
    int reader = unit_fifo(folder, "fifo", &fifo);

    ck_assert_int_eq(output_open(&out, fifo), 0);
    write_long(reader);
    free(fifo);
}
END_TEST

START_TEST(somebody_made_it_non_blocking)
{
    char *fifo;
    int reader = unit_fifo(folder, "fifo", &fifo);

    ck_assert_int_eq(output_open(&out, fifo), 0);
    ck_assert_int_eq(fcntl(out.fd, F_SETFL, O_NONBLOCK), 0);
    write_long(reader);
    free(fifo);
}
END_TEST

START_TEST(signals_interrupt_nothing)
{
    const struct sigaction action = {.sa_handler = on_alarm};
    const struct itimerval often = {{0, 1000}, {0, 1000}};
    char *fifo;
    int reader = unit_fifo(folder, "fifo", &fifo);

    ck_assert_int_eq(output_open(&out, fifo), 0);
    ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
    ck_assert_int_eq(setitimer(ITIMER_REAL, &often, NULL), 0);
    interrupted = true;
    write_long(reader);
    free(fifo);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("output");
    TCase *tc = tcase_create("output");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, standard_streams_stay_open);
    tcase_add_test(tc, a_new_file);
    tcase_add_test(tc, a_file_is_appended_to);
    tcase_add_test(tc, what_can_not_be_opened);
    tcase_add_test(tc, a_full_disk_loses_lines);
    tcase_add_test(tc, half_a_line_is_taken_back);
    tcase_add_test(tc, nothing_fits);
    tcase_add_test(tc, a_reader_that_has_gone);
    tcase_add_test(tc, a_slow_reader_gets_it_all);
    tcase_add_test(tc, somebody_made_it_non_blocking);
    tcase_add_test(tc, signals_interrupt_nothing);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
