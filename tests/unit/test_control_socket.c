/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control_socket.h"

#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char *folder;
static char path[200];
static char error[CONTROL_ERROR_MAX];
static struct control_socket s;

static void setup(void)
{
    folder = unit_mkdtemp();
    snprintf(path, sizeof path, "%s/control", folder);
}

static void teardown(void)
{
    unit_rmdir(folder);
}

static void open_it(void)
{
    int status = control_socket_open(&s, path, error);

    ck_assert_msg(status == 0, "%s", error);
}

static void refused(const char *words)
{
    struct control_socket other;

    ck_assert_int_eq(control_socket_open(&other, path, error), -1);
    ck_assert_msg(strncmp(error, path, strlen(path)) == 0 &&
                      strstr(error, words) != NULL,
                  "\"%s\" is not in: %s", words, error);
}

static int connect_to(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    ck_assert_uint_lt(strlen(path), sizeof a.sun_path);
    memcpy(a.sun_path, path, strlen(path));
    if (connect(fd, (struct sockaddr *)&a, sizeof a) == 0)
        return fd;
    close(fd);
    return -1;
}

START_TEST(it_is_there_and_gone)
{
    struct stat st;
    pid_t pid = 0;

    open_it();
    ck_assert_int_eq(lstat(path, &st), 0);
    ck_assert(S_ISSOCK(st.st_mode));
    ck_assert_uint_eq(st.st_mode & 07777, 0600);
    ck_assert_int_eq(control_socket_accept(&s, &pid), -EAGAIN);
    int fd = connect_to();
    ck_assert_int_ge(fd, 0);
    int peer = control_socket_accept(&s, &pid);
    ck_assert_int_ge(peer, 0);
    ck_assert_int_eq(pid, getpid());
    close(peer);
    close(fd);
    control_socket_close(&s);
    ck_assert_int_ne(lstat(path, &st), 0);
}
END_TEST

START_TEST(what_a_dead_server_has_left_is_taken_over)
{
    open_it();
    close(s.fd); /* as a kill does */
    ck_assert_int_eq(connect_to(), -1);
    open_it();
    int fd = connect_to();
    ck_assert_int_ge(fd, 0);
    close(fd);
    control_socket_close(&s);
}
END_TEST

START_TEST(what_another_server_has_is_not)
{
    open_it();
    refused("another wwepd has it: stop that one, or name another path");
    int fds[16]; /* its queue is full */
    for (size_t i = 0; i < 16; i++)
        fds[i] = connect_to();
    refused("another wwepd has it");
    for (size_t i = 0; i < 16; i++) {
        ck_assert_int_ge(fds[i], 0);
        close(fds[i]);
    }
    control_socket_close(&s);
}
END_TEST

START_TEST(what_is_somebody_elses_by_now_stays)
{
    struct control_socket other;
    struct stat st;

    open_it();
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(control_socket_open(&other, path, error), 0);
    control_socket_close(&s);
    ck_assert_int_eq(lstat(path, &st), 0);
    control_socket_close(&other);
    ck_assert_int_ne(lstat(path, &st), 0);
}
END_TEST

START_TEST(a_file_is_in_the_way)
{
    struct stat st;

    free(unit_write(folder, "control", "mine"));
    refused("something is there, and no socket: name another path, or remove");
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(st.st_size, 4);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    refused("something is there");
    ck_assert_int_eq(rmdir(path), 0);
    ck_assert_int_eq(symlink("nowhere", path), 0);
    refused("something is there");
}
END_TEST

START_TEST(where_it_can_not_be)
{
    snprintf(path, sizeof path, "%s/no/control", folder);
    refused("No such file or directory: make its folder first");
    free(unit_write(folder, "no", ""));
    refused("Not a directory: name another path");
    memset(path, 'a', 120);
    path[120] = '\0';
    refused("File name too long: name another path");
    snprintf(path, sizeof path, "%s/control", folder);
    ck_assert_int_eq(chmod(folder, 0555), 0);
    unit_drop_root(folder);
    if (faccessat(AT_FDCWD, folder, W_OK, AT_EACCESS) != 0)
        refused("Permission denied: let this user write to its folder");
    unit_regain_root();
}
END_TEST

/* Root may; nobody else's user. */
START_TEST(who_is_somebody_else_is_turned_away)
{
    pid_t pid;
    char c;

    open_it();
    int fd = connect_to();
    ck_assert_int_ge(fd, 0);
    if (geteuid() != 0) { /* then nobody else can be played */
        close(fd);
        control_socket_close(&s);
        return;
    }
    unit_drop_root(folder);
    int peer = control_socket_accept(&s, &pid); /* root asks */
    unit_regain_root();
    ck_assert_int_ge(peer, 0);
    close(peer);
    close(fd);
    ck_assert_int_eq(chmod(path, 0666), 0);
    unit_drop_root(folder);
    fd = connect_to();
    unit_regain_root();
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(control_socket_accept(&s, &pid), -EAGAIN);
    ck_assert_int_le(recv(fd, &c, 1, 0), 0);
    close(fd);
    control_socket_close(&s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("control_socket");
    TCase *tc = tcase_create("control_socket");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, it_is_there_and_gone);
    tcase_add_test(tc, what_a_dead_server_has_left_is_taken_over);
    tcase_add_test(tc, what_another_server_has_is_not);
    tcase_add_test(tc, what_is_somebody_elses_by_now_stays);
    tcase_add_test(tc, a_file_is_in_the_way);
    tcase_add_test(tc, where_it_can_not_be);
    tcase_add_test(tc, who_is_somebody_else_is_turned_away);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
