/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_file.h"

#include "unit.h"
#include "unit_io.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder;
static char path[4096]; /* in it, and not there yet */
static struct tls_file file;

static void setup(void)
{
    folder = unit_mkdtemp();
    snprintf(path, sizeof path, "%s/file", folder);
    memset(&file, 0xa5, sizeof file);
}

static void teardown(void)
{
    unit_rmdir(folder);
}

static void write_bytes(const void *bytes, size_t len)
{
    free(unit_write_bytes(folder, "file", bytes, len));
}

/* Nothing is left to free, and freeing it is harmless. */
static void assert_none(void)
{
    ck_assert_ptr_null(file.bytes);
    ck_assert_uint_eq(file.len, 0);
    tls_file_free(&file);
}

START_TEST(all_bytes)
{
    uint8_t bytes[512];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i; /* NULs and line ends too */
    write_bytes(bytes, sizeof bytes);
    ck_assert_int_eq(tls_file_read(&file, path), 0);
    ck_assert_uint_eq(file.len, sizeof bytes);
    ck_assert_mem_eq(file.bytes, bytes, sizeof bytes);
    tls_file_free(&file);
    assert_none();
}
END_TEST

START_TEST(an_empty_file)
{
    write_bytes("", 0);
    ck_assert_int_eq(tls_file_read(&file, path), 0);
    ck_assert_uint_eq(file.len, 0);
    tls_file_free(&file);
    assert_none();
}
END_TEST

START_TEST(its_mode_is_told)
{
    static const mode_t modes[] = {0600, 0640, 0644, 0604};

    write_bytes("x", 1);
    ck_assert_int_eq(chmod(path, modes[_i]), 0);
    ck_assert_int_eq(tls_file_read(&file, path), 0);
    ck_assert_uint_eq(file.mode & 0777, modes[_i]);
    tls_file_free(&file);
}
END_TEST

START_TEST(the_largest)
{
    uint8_t *bytes = calloc(1, TLS_FILE_MAX + 1);

    ck_assert_ptr_nonnull(bytes);
    bytes[TLS_FILE_MAX - 1] = 'z';
    write_bytes(bytes, TLS_FILE_MAX);
    ck_assert_int_eq(tls_file_read(&file, path), 0);
    ck_assert_uint_eq(file.len, TLS_FILE_MAX);
    ck_assert_uint_eq(file.bytes[TLS_FILE_MAX - 1], 'z');
    tls_file_free(&file);

    write_bytes(bytes, TLS_FILE_MAX + 1);
    ck_assert_int_eq(tls_file_read(&file, path), -EFBIG);
    assert_none();
    free(bytes);
}
END_TEST

START_TEST(one_without_an_end)
{
    ck_assert_int_eq(tls_file_read(&file, "/dev/zero"), -EFBIG);
    assert_none();
}
END_TEST

START_TEST(what_can_not_be_read)
{
    ck_assert_int_eq(tls_file_read(&file, path), -ENOENT);
    assert_none();
    ck_assert_int_eq(tls_file_read(&file, folder), -EISDIR);
    assert_none();
    ck_assert_int_eq(tls_file_read(&file, ""), -ENOENT);
    assert_none();
    write_bytes("x", 1);
    strcat(path, "/below-a-file");
    ck_assert_int_eq(tls_file_read(&file, path), -ENOTDIR);
    assert_none();
}
END_TEST

START_TEST(one_that_is_for_others)
{
    write_bytes("x", 1);
    ck_assert_int_eq(chmod(path, 0), 0);
    unit_drop_root(folder);
    ck_assert_int_eq(tls_file_read(&file, path), -EACCES);
    unit_regain_root();
    assert_none();
}
END_TEST

static void *write_to_fifo(void *arg)
{
    char text[1000];
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    (void)arg;
    memset(text, 'k', sizeof text);
    for (int i = 0; i < 100; i++) /* more than a pipe takes */
        if (write(fd, text, sizeof text) != (ssize_t)sizeof text)
            break;
    close(fd);
    return NULL;
}

START_TEST(a_pipe)
{
    pthread_t thread;

    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_int_eq(pthread_create(&thread, NULL, write_to_fifo, NULL), 0);
    ck_assert_int_eq(tls_file_read(&file, path), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_uint_eq(file.len, 100000);
    ck_assert_uint_eq(file.bytes[99999], 'k');
    tls_file_free(&file);
}
END_TEST

START_TEST(no_file_stays_open)
{
    int before = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(before);

    write_bytes("x", 1);
    ck_assert_int_eq(tls_file_read(&file, path), 0);
    tls_file_free(&file);
    ck_assert_int_eq(tls_file_read(&file, folder), -EISDIR);
    ck_assert_int_eq(tls_file_read(&file, "/dev/zero"), -EFBIG);
    int after = open("/dev/null", O_RDONLY | O_CLOEXEC);
    ck_assert_int_eq(before, after);
    close(after);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tls_file");
    TCase *tc = tcase_create("tls_file");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, all_bytes);
    tcase_add_test(tc, an_empty_file);
    tcase_add_loop_test(tc, its_mode_is_told, 0, 4);
    tcase_add_test(tc, the_largest);
    tcase_add_test(tc, one_without_an_end);
    tcase_add_test(tc, what_can_not_be_read);
    tcase_add_test(tc, one_that_is_for_others);
    tcase_add_test(tc, a_pipe);
    tcase_add_test(tc, no_file_stays_open);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
