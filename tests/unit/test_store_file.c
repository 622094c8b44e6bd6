/* Databases that can not be used, and what is said of them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "store_file.h"

#include "unit.h"
#include "unit_io.h"
#include "unit_store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char error[STORE_ERROR_MAX];

static void expect_error(const char *words)
{
    char whole[STORE_ERROR_MAX];

    snprintf(whole, sizeof whole, "%.512s: %s", unit_store_path, words);
    ck_assert_str_eq(error, whole);
}

START_TEST(a_new_one_is_nobody_elses)
{
    struct stat st;
    mode_t mask = umask(0);
    int fd = store_file_open(unit_store_path, error);

    umask(mask);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(fstat(fd, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0640);
    ck_assert_int_eq(st.st_size, 0);
    ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    close(fd);
}
END_TEST

START_TEST(one_at_a_time)
{
    int first = store_file_open(unit_store_path, error);
    ck_assert_int_ge(first, 0);
    ck_assert_int_eq(store_file_open(unit_store_path, error), -1);
    expect_error("another wwepd is using it: stop that one, or name another "
                 "file");
    close(first);
    int second = store_file_open(unit_store_path, error);
    ck_assert_int_ge(second, 0);
    close(second);
}
END_TEST

START_TEST(what_is_no_file)
{
    ck_assert_int_eq(mkdir(unit_store_path, 0755), 0);
    ck_assert_int_eq(store_file_open(unit_store_path, error), -1);
    expect_error("Is a directory: name a file in it");
    ck_assert_int_eq(rmdir(unit_store_path), 0);
    ck_assert_int_eq(mkfifo(unit_store_path, 0644), 0);
    ck_assert_int_eq(store_file_open(unit_store_path, error), -1);
    expect_error("no regular file: name one");
    snprintf(unit_store_path, sizeof unit_store_path, "%s/no/such/wwep.db",
             unit_store_folder);
    ck_assert_int_eq(store_file_open(unit_store_path, error), -1);
    expect_error("No such file or directory: make the folder first");
}
END_TEST

START_TEST(what_is_not_permitted)
{
    unit_drop_root(unit_store_folder);
    if (getuid() != 0)
        ck_assert_int_eq(chmod(unit_store_folder, 0555), 0);
    ck_assert_int_eq(store_file_open(unit_store_path, error), -1);
    expect_error("Permission denied: let this user write to the file and its "
                 "folder");
    ck_assert_int_ne(access(unit_store_path, F_OK), 0);
    unit_regain_root();
    ck_assert_int_eq(chmod(unit_store_folder, 0755), 0);
}
END_TEST

/* The file may be written to, but SQLite can not put its log beside it. */
START_TEST(a_folder_that_can_not_be_written_to)
{
    int fd = open(unit_store_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(fchmod(fd, 0666), 0);
    close(fd);
    unit_drop_root(unit_store_folder);
    if (getuid() != 0)
        ck_assert_int_eq(chmod(unit_store_folder, 0555), 0);
    unit_store_refused(&unit_store_config,
                       "it can not be written to: let this user write "
                       "to the file, to its folder");
    unit_regain_root();
    ck_assert_int_eq(chmod(unit_store_folder, 0755), 0);
}
END_TEST

START_TEST(set_aside_with_its_log)
{
    char aside[4096];
    char name[4200];

    free(unit_write(unit_store_folder, "wwep.db", "bad"));
    free(unit_write(unit_store_folder, "wwep.db-wal", "log"));
    free(unit_write(unit_store_folder, "wwep.db-shm", "index"));
    ck_assert_int_eq(
        store_file_set_aside(unit_store_path, aside, sizeof aside, error), 0);
    ck_assert_ptr_nonnull(strstr(aside, "/wwep.db.corrupt-2"));
    char *text = unit_read(aside, NULL);
    ck_assert_str_eq(text, "bad");
    free(text);
    snprintf(name, sizeof name, "%s-wal", aside);
    text = unit_read(name, NULL);
    ck_assert_str_eq(text, "log");
    free(text);
    ck_assert_int_ne(access(unit_store_path, F_OK), 0);
    snprintf(name, sizeof name, "%s-wal", unit_store_path);
    ck_assert_int_ne(access(name, F_OK), 0);
    snprintf(name, sizeof name, "%s-shm", unit_store_path);
    ck_assert_int_ne(access(name, F_OK), 0);
}
END_TEST

START_TEST(what_is_aside_is_never_overwritten)
{
    char aside[4096];
    char other[4096];

    for (int i = 0; i < 3; i++) { /* two of them in one second */
        free(unit_write(unit_store_folder, "wwep.db", "bad"));
        int status = store_file_set_aside(
            unit_store_path, i == 0 ? aside : other, sizeof aside, error);
        if (status == 0)
            continue;
        ck_assert_ptr_nonnull(strstr(error, "File exists"));
        char *text = unit_read(unit_store_path, NULL);
        ck_assert_str_eq(text, "bad");
        free(text);
        return;
    }
    ck_abort_msg("not one second was long enough");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_file");
    TCase *tc = tcase_create("store_file");

    tcase_add_checked_fixture(tc, unit_store_setup, unit_store_teardown);
    tcase_add_test(tc, a_new_one_is_nobody_elses);
    tcase_add_test(tc, one_at_a_time);
    tcase_add_test(tc, what_is_no_file);
    tcase_add_test(tc, what_is_not_permitted);
    tcase_add_test(tc, a_folder_that_can_not_be_written_to);
    tcase_add_test(tc, set_aside_with_its_log);
    tcase_add_test(tc, what_is_aside_is_never_overwritten);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
