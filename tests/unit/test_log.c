/* Each test runs in a process of its own: the log is the process's.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "log.h"

#include "unit.h"
#include "unit_io.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <regex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define STAMP \
    "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z"

static char *folder;
static char path[4096];

static void setup(void)
{
    folder = unit_mkdtemp();
    snprintf(path, sizeof path, "%s/log", folder);
}

static void teardown(void)
{
    log_close();
    unit_rmdir(folder);
}

static void assert_matches(const char *text, const char *pattern)
{
    regex_t re;

    ck_assert_int_eq(regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB), 0);
    ck_assert_msg(regexec(&re, text, 0, NULL, 0) == 0, "not %s:\n%s", pattern,
                  text);
    regfree(&re);
}

static void assert_file(const char *name, const char *pattern)
{
    char *text = unit_read(name, NULL);

    assert_matches(text, pattern);
    free(text);
}

/* Standard error goes to the log's path, the log itself to the path that is
 * returned. */
static const char *divert_stderr(int *fd)
{
    static char other[4200];

    *fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_ge(*fd, 0);
    ck_assert_int_eq(dup2(*fd, STDERR_FILENO), STDERR_FILENO);
    snprintf(other, sizeof other, "%s/other", folder);
    return other;
}

static void log_each_level(void)
{
    log_error("an error %d", 1);
    log_warning("a warning %s", "two");
    log_info("an info %c", '3');
    log_debug("a debug %u", 4u);
}

/* --- lines ---------------------------------------------------------------- */

static const char *const level_lines[] = {
    "^" STAMP " error: an error 1\n$",
    "^" STAMP " error: an error 1\n" STAMP " warning: a warning two\n$",
    "^" STAMP " error: an error 1\n" STAMP " warning: a warning two\n" STAMP
    " info: an info 3\n$",
    "^" STAMP " error: an error 1\n" STAMP " warning: a warning two\n" STAMP
    " info: an info 3\n" STAMP " debug: a debug 4\n$",
};

START_TEST(levels)
{
    ck_assert_int_eq(log_open((enum config_log_level)_i, path), 0);
    ck_assert(log_is_debug() == (_i == CONFIG_LOG_DEBUG));
    log_each_level();
    assert_file(path, level_lines[_i]); /* written at once */
}
END_TEST

START_TEST(levels_through_the_queue)
{
    ck_assert_int_eq(log_open((enum config_log_level)_i, path), 0);
    ck_assert_int_eq(log_start(), 0);
    log_each_level();
    ck_assert(log_stop());
    assert_file(path, level_lines[_i]);
}
END_TEST

START_TEST(the_time_is_utc)
{
    struct timespec before; /* time() has a coarser clock, which lags */
    struct timespec after;
    struct tm tm;

    setenv("TZ", "UTC-13", 1);
    tzset();
    ck_assert_int_eq(log_open(CONFIG_LOG_INFO, path), 0);
    clock_gettime(CLOCK_REALTIME, &before);
    log_info("now");
    clock_gettime(CLOCK_REALTIME, &after);
    char *text = unit_read(path, NULL);
    memset(&tm, 0, sizeof tm);
    ck_assert_ptr_nonnull(strptime(text, "%Y-%m-%dT%H:%M:%S", &tm));
    time_t shown = timegm(&tm);
    ck_assert_int_ge(shown, before.tv_sec);
    ck_assert_int_le(shown, after.tv_sec);
    free(text);
}
END_TEST

START_TEST(a_message_forges_no_line)
{
    ck_assert_int_eq(log_open(CONFIG_LOG_INFO, path), 0);
    log_info("a\nb: \x1b[2J\xc2\x9b"
             "1m gr\xc3\xbcn");
    assert_file(path,
                "^" STAMP " info: a\\\\x0Ab: \\\\x1B\\[2J\\\\xC2\\\\x9B1m "
                "gr\xc3\xbcn\n$");
}
END_TEST

START_TEST(a_long_message_is_cut)
{
    char message[5000];

    memset(message, 'm', sizeof message - 1);
    message[sizeof message - 1] = '\0';
    ck_assert_int_eq(log_open(CONFIG_LOG_INFO, path), 0);
    log_info("%s", message);
    log_info("next");
    char *text = unit_read(path, NULL);
    ck_assert_uint_eq(unit_count_lines(text), 2);
    char *end = strchr(text, '\n');
    ck_assert_uint_le((size_t)(end + 1 - text), LOG_LINE_MAX);
    ck_assert_uint_ge((size_t)(end + 1 - text), LOG_LINE_MAX - 1);
    ck_assert_int_eq(end[-1], 'm');
    assert_matches(end + 1, "^" STAMP " info: next\n$");
    free(text);
}
END_TEST

START_TEST(a_message_around_the_limit)
{
    static const char stamp[] = "2026-01-31T10:00:00.123Z info: ";
    size_t room = LOG_LINE_MAX - 1 - (sizeof stamp - 1) - 1; /* its LF */
    char message[LOG_LINE_MAX + 1];

    memset(message, 'm', sizeof message);
    ck_assert_int_eq(log_open(CONFIG_LOG_INFO, path), 0);
    log_info("%.*s", (int)room, message);
    char *text = unit_read(path, NULL);
    ck_assert_uint_eq(strlen(text), LOG_LINE_MAX - 1);
    ck_assert_int_eq(text[strlen(text) - 1], '\n');
    free(text);
}
END_TEST

/* --- targets -------------------------------------------------------------- */

START_TEST(standard_error_before_and_after)
{
    int fd;
    const char *other = divert_stderr(&fd);

    log_each_level(); /* info is the level */
    ck_assert(!log_is_debug());
    ck_assert_int_eq(log_open(CONFIG_LOG_ERROR, other), 0);
    log_ready();
    log_each_level();
    log_close();
    log_info("after");
    assert_file(path, "^" STAMP " error: an error 1\n" STAMP
                      " warning: a warning two\n" STAMP
                      " info: an info 3\n" STAMP " info: after\n$");
    assert_file(other, level_lines[CONFIG_LOG_ERROR]);
}
END_TEST

START_TEST(errors_of_the_start_are_seen_twice)
{
    int fd;
    const char *other = divert_stderr(&fd);

    ck_assert_int_eq(log_open(CONFIG_LOG_DEBUG, other), 0);
    log_each_level();
    if (_i == 1)
        ck_assert_int_eq(log_start(), 0);
    log_error("before");
    log_ready();
    log_error("after");
    ck_assert(log_stop());
    assert_file(path,
                "^" STAMP " error: an error 1\n" STAMP " error: before\n$");
    char *text = unit_read(other, NULL);
    ck_assert_uint_eq(unit_count_lines(text), 6);
    free(text);
    /* Once is enough where both are the same. */
    ck_assert_int_eq(ftruncate(fd, 0), 0);
    ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
    log_close();
    ck_assert_int_eq(log_open(CONFIG_LOG_DEBUG, "stderr"), 0);
    log_error("once");
    assert_file(path, "^" STAMP " error: once\n$");
}
END_TEST

START_TEST(milestones)
{
    static const uint64_t yes[] = {1, 10, 100, 1000, 10000000000000000000u};
    static const uint64_t no[] = {0,  2,   9,   11,  20,
                                  99, 101, 110, 200, UINT64_MAX};

    for (size_t i = 0; i < LENGTH(yes); i++)
        ck_assert(log_is_milestone(yes[i]));
    for (size_t i = 0; i < LENGTH(no); i++)
        ck_assert(!log_is_milestone(no[i]));
}
END_TEST

START_TEST(a_target_that_is_none_changes_nothing)
{
    char missing[4200];

    snprintf(missing, sizeof missing, "%s/no/folder", folder);
    ck_assert_int_eq(log_open(CONFIG_LOG_DEBUG, path), 0);
    ck_assert_int_eq(log_open(CONFIG_LOG_ERROR, missing), -ENOENT);
    ck_assert_int_eq(log_open(CONFIG_LOG_ERROR, folder), -EISDIR);
    log_each_level();
    assert_file(path, level_lines[CONFIG_LOG_DEBUG]);
}
END_TEST

START_TEST(before_and_after_the_queue)
{
    ck_assert_int_eq(log_open(CONFIG_LOG_INFO, path), 0);
    log_info("one");
    ck_assert_int_eq(log_start(), 0);
    log_info("two");
    ck_assert(log_stop());
    log_info("three");
    ck_assert(log_stop()); /* nothing to stop */
    ck_assert_int_eq(log_start(), 0);
    log_info("four");
    ck_assert(log_stop());
    assert_file(path, "^" STAMP " info: one\n" STAMP " info: two\n" STAMP
                      " info: three\n" STAMP " info: four\n$");
}
END_TEST

START_TEST(the_queue_is_written_without_a_stop)
{
    ck_assert_int_eq(log_open(CONFIG_LOG_INFO, path), 0);
    ck_assert_int_eq(log_start(), 0);
    log_info("soon");
    free(unit_wait_lines(path, 1));
    ck_assert(log_stop());
}
END_TEST

/* --- threads -------------------------------------------------------------- */

#define THREADS 4u
#define LINES   200u

static void *log_lines(void *arg)
{
    for (unsigned i = 0; i < LINES; i++)
        log_info("thread %u line %u end", *(unsigned *)arg, i);
    return NULL;
}

START_TEST(lines_of_threads_stay_whole)
{
    pthread_t threads[THREADS];
    unsigned numbers[THREADS];

    ck_assert_int_eq(log_open(CONFIG_LOG_INFO, path), 0);
    if (_i == 1)
        ck_assert_int_eq(log_start(), 0);
    for (unsigned i = 0; i < THREADS; i++) {
        numbers[i] = i;
        ck_assert_int_eq(
            pthread_create(&threads[i], NULL, log_lines, &numbers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ck_assert(log_stop());

    unsigned next[THREADS] = {0};
    char *text = unit_read(path, NULL);
    ck_assert_uint_eq(unit_count_lines(text), THREADS * LINES);
    for (char *line = strtok(text, "\n"); line != NULL;
         line = strtok(NULL, "\n")) {
        unsigned thread;
        unsigned i;
        char end[4];
        ck_assert_int_eq(
            sscanf(line, "%*s info: thread %u line %u %3s", &thread, &i, end),
            3);
        ck_assert_str_eq(end, "end");
        ck_assert_uint_lt(thread, THREADS);
        ck_assert_uint_eq(i, next[thread]++); /* its own order is kept */
    }
    free(text);
}
END_TEST

/* --- losses --------------------------------------------------------------- */

/* How many lines "(N lines of this log lost)" tells, in sum; *told: how often
 * it stands there. */
static size_t lost_in(const char *text, size_t *told)
{
    size_t lost = 0;

    for (*told = 0; (text = strchr(text, '(')) != NULL; text++) {
        if (strchr(text, '\n') == NULL)
            break; /* the rest of it has not been read yet */
        assert_matches(text, "^[(][0-9]+ lines of this log lost[)]\n");
        lost += strtoul(text + 1, NULL, 10);
        ++*told;
    }
    return lost;
}

/* All lines that are there or are told to be lost. */
static size_t lines_and_lost(const char *text)
{
    size_t told;
    size_t lost = lost_in(text, &told);

    return unit_count_lines(text) - told + lost;
}

#define FILLERS 400u /* of about a KiB: the two queues take 64 each */

/* Logs more than a pipe that nobody reads and the queue take. Returns the
 * pipe's end for reading. */
static int fill_up(char **fifo)
{
    char filler[900];
    int reader = unit_fifo(folder, "fifo", fifo);

    memset(filler, 'f', sizeof filler - 1);
    filler[sizeof filler - 1] = '\0';
    ck_assert_int_eq(log_open(CONFIG_LOG_INFO, *fifo), 0);
    ck_assert_int_eq(log_start(), 0);
    uint64_t begun = unit_now_ms();
    for (unsigned i = 0; i < FILLERS; i++)
        log_info("%s", filler); /* and it does not wait */
    ck_assert_uint_lt(unit_now_ms() - begun, 10000);
    return reader;
}

START_TEST(a_full_queue_is_told)
{
    char *fifo;
    int reader = fill_up(&fifo);
    size_t told;

    char *text = unit_read_until(reader, FILLERS, lines_and_lost);
    ck_assert(log_stop()); /* with nothing left to write */
    log_close();
    ck_assert_uint_eq(lines_and_lost(text), FILLERS);
    ck_assert_uint_gt(lost_in(text, &told), 0);
    free(text);
    text = unit_read_end(reader);
    ck_assert_str_eq(text, "");
    free(text);
    close(reader);
    free(fifo);
}
END_TEST

START_TEST(a_stuck_target_does_not_hold_up_the_end)
{
    char *fifo;

    (void)fill_up(&fifo);
    uint64_t begun = unit_now_ms();
    ck_assert(!log_stop()); /* and so the target stays open */
    ck_assert_uint_lt(unit_now_ms() - begun, 10000);
    unit_rmdir(folder);
    free(fifo);
}
END_TEST

START_TEST(a_full_disk_is_told_when_it_has_room_again)
{
    const struct rlimit small = {100, RLIM_INFINITY};
    const struct rlimit large = {RLIM_INFINITY, RLIM_INFINITY};
    size_t told;

    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(log_open(CONFIG_LOG_INFO, path), 0);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    ck_assert_int_eq(log_start(), 0);
    for (int i = 0; i < 12; i++)
        log_info("twelve lines do not fit into a hundred bytes");
    ck_assert(log_stop());
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &large), 0);
    ck_assert_int_eq(log_start(), 0);
    log_info("room");
    ck_assert(log_stop());
    char *text = unit_read(path, NULL);
    ck_assert_ptr_nonnull(strstr(text, "info: room\n"));
    ck_assert_uint_gt(lost_in(text, &told), 0);
    ck_assert_uint_eq(told, 1);
    ck_assert_uint_eq(lines_and_lost(text), 12 + 1);
    free(text);
}
END_TEST

START_TEST(a_full_disk_hurts_nobody)
{
    ck_assert_int_eq(log_open(CONFIG_LOG_INFO, "/dev/full"), 0);
    log_each_level();
    ck_assert_int_eq(log_start(), 0);
    log_each_level();
    ck_assert(log_stop());
    log_close();
    /* And what comes next has no part in it. */
    ck_assert_int_eq(log_open(CONFIG_LOG_INFO, path), 0);
    ck_assert_int_eq(log_start(), 0);
    log_info("fine");
    ck_assert(log_stop());
    assert_file(path, "^" STAMP " info: fine\n$");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("log");
    TCase *tc = tcase_create("log");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, levels, 0, (int)LENGTH(level_lines));
    tcase_add_loop_test(tc, levels_through_the_queue, 0,
                        (int)LENGTH(level_lines));
    tcase_add_test(tc, the_time_is_utc);
    tcase_add_test(tc, a_message_forges_no_line);
    tcase_add_test(tc, a_long_message_is_cut);
    tcase_add_test(tc, a_message_around_the_limit);
    tcase_add_test(tc, standard_error_before_and_after);
    tcase_add_loop_test(tc, errors_of_the_start_are_seen_twice, 0, 2);
    tcase_add_test(tc, milestones);
    tcase_add_test(tc, a_target_that_is_none_changes_nothing);
    tcase_add_test(tc, before_and_after_the_queue);
    tcase_add_test(tc, the_queue_is_written_without_a_stop);
    tcase_add_loop_test(tc, lines_of_threads_stay_whole, 0, 2);
    tcase_add_test(tc, a_full_queue_is_told);
    tcase_add_test(tc, a_full_disk_is_told_when_it_has_room_again);
    tcase_add_test(tc, a_full_disk_hurts_nobody);
    suite_add_tcase(suite, tc);
    tc = tcase_create("stuck"); /* its thread stays behind */
    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, a_stuck_target_does_not_hold_up_the_end);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
