/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit_io.h"

#include "log.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

uint64_t unit_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Appends what can be read now; returns what read() does. */
static ssize_t read_some(int fd, char **text, size_t *len)
{
    char *grown = realloc(*text, *len + 65536 + 1);

    ck_assert_ptr_nonnull(grown);
    *text = grown;
    ssize_t n = read(fd, grown + *len, 65536);
    if (n > 0)
        *len += (size_t)n;
    grown[*len] = '\0';
    return n;
}

char *unit_read(const char *path, size_t *len)
{
    char *text = NULL;
    size_t own_len = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    ck_assert_int_ge(fd, 0);
    while (read_some(fd, &text, &own_len) > 0)
        ;
    close(fd);
    if (len != NULL)
        *len = own_len;
    return text;
}

size_t unit_count_lines(const char *text)
{
    size_t n = 0;

    for (; (text = strchr(text, '\n')) != NULL; text++)
        n++;
    return n;
}

char *unit_wait_lines(const char *path, size_t n)
{
    uint64_t until = unit_now_ms() + UNIT_DEADLINE_MS;
    char *text = unit_read(path, NULL);

    while (unit_count_lines(text) < n) {
        ck_assert_msg(unit_now_ms() < until, "%zu lines of %zu",
                      unit_count_lines(text), n);
        poll(NULL, 0, 5);
        free(text);
        text = unit_read(path, NULL);
    }
    return text;
}

/* --- pipes ---------------------------------------------------------------- */

int unit_fifo(const char *folder, const char *name, char **path)
{
    char text[4096];

    snprintf(text, sizeof text, "%s/%s", folder, name);
    ck_assert_int_eq(mkfifo(text, 0600), 0);
    int fd = open(text, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(fcntl(fd, F_SETPIPE_SZ, (int)UNIT_PIPE_BYTES),
                     (int)UNIT_PIPE_BYTES);
    *path = strdup(text);
    return fd;
}

void unit_wait_full(int fd)
{
    uint64_t until = unit_now_ms() + UNIT_DEADLINE_MS;
    int waiting = 0;

    while (waiting < (int)UNIT_PIPE_BYTES) {
        ck_assert_int_eq(ioctl(fd, FIONREAD, &waiting), 0);
        ck_assert_msg(unit_now_ms() < until, "the pipe does not fill up");
        poll(NULL, 0, 1);
    }
}

char *unit_read_until(int fd, size_t n, size_t (*count)(const char *text))
{
    uint64_t until = unit_now_ms() + UNIT_DEADLINE_MS;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    char *text = NULL;
    size_t len = 0;

    do {
        ck_assert_msg(unit_now_ms() < until, "%zu are too few",
                      text != NULL ? count(text) : 0);
        poll(&p, 1, 100);
        ck_assert(read_some(fd, &text, &len) > 0 || errno == EAGAIN);
    } while (count(text) < n);
    return text;
}

char *unit_read_end(int fd)
{
    uint64_t until = unit_now_ms() + UNIT_DEADLINE_MS;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    char *text = NULL;
    size_t len = 0;
    ssize_t n;

    while ((n = read_some(fd, &text, &len)) != 0) {
        ck_assert(n > 0 || errno == EAGAIN || errno == EINTR);
        ck_assert_msg(unit_now_ms() < until, "the pipe does not end");
        if (n < 0)
            poll(&p, 1, 100);
    }
    return text;
}

static void *reader_main(void *arg)
{
    const int *fd = arg;

    return unit_read_end(*fd);
}

void unit_reader_start(pthread_t *thread, const int *fd)
{
    ck_assert_int_eq(pthread_create(thread, NULL, reader_main, (void *)fd), 0);
}

char *unit_reader_join(pthread_t thread)
{
    void *text;

    ck_assert_int_eq(pthread_join(thread, &text), 0);
    return text;
}

/* --- the log -------------------------------------------------------------- */

static char log_path[4096];

void unit_log_open(const char *folder, enum config_log_level level)
{
    snprintf(log_path, sizeof log_path, "%s/log", folder);
    ck_assert_int_eq(log_open(level, log_path), 0);
}

static size_t count_words(const char *text, const char *words)
{
    size_t n = 0;

    for (; (text = strstr(text, words)) != NULL; text += strlen(words))
        n++;
    return n;
}

size_t unit_log_count(const char *words)
{
    char *text = unit_read(log_path, NULL);
    size_t n = count_words(text, words);

    free(text);
    return n;
}

void unit_log_expect(const char *words)
{
    char *text = unit_read(log_path, NULL);

    ck_assert_msg(count_words(text, words) == 1,
                  "wanted once: \"%s\" in the log:\n%s", words, text);
    free(text);
}

void unit_log_close(void)
{
    log_close();
}
