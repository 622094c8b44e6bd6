/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "unit_socket.h"

#include "unit.h"
#include "unit_io.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

int unit_connect(uint16_t port, int rcvbuf)
{
    const struct sockaddr_in a = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr = {htonl(INADDR_LOOPBACK)},
    };
    const struct timeval deadline = {UNIT_DEADLINE_MS / 1000, 0};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_ge(fd, 0);
    if (rcvbuf > 0)
        ck_assert_int_eq(
            setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof rcvbuf), 0);
    ck_assert_int_eq(
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline), 0);
    ck_assert_int_eq(
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof deadline), 0);
    ck_assert_int_eq(connect(fd, (const struct sockaddr *)&a, sizeof a), 0);
    return fd;
}

void unit_send(int fd, const void *bytes, size_t len)
{
    ck_assert_int_eq(send(fd, bytes, len, MSG_NOSIGNAL), (ssize_t)len);
}

void unit_send_text(int fd, const char *text)
{
    unit_send(fd, text, strlen(text));
}

void unit_end(int fd)
{
    ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
}

void unit_reset(int fd)
{
    const struct linger now = {1, 0};

    ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now),
                     0);
    close(fd);
}

void unit_receive(int fd, void *buf, size_t len)
{
    char *at = buf;

    while (len > 0) {
        ssize_t n = recv(fd, at, len, 0);
        ck_assert_msg(n > 0, "%zu bytes are missing: %s", len,
                      n == 0 ? "the end" : strerror(errno));
        at += n;
        len -= (size_t)n;
    }
}

size_t unit_receive_end(int fd, char *buf, size_t cap)
{
    size_t len = 0;
    ssize_t n;

    while ((n = recv(fd, buf + len, cap - 1 - len, 0)) > 0) {
        len += (size_t)n;
        ck_assert_uint_lt(len, cap - 1);
    }
    ck_assert_msg(n == 0, "%s", strerror(errno));
    buf[len] = '\0';
    return len;
}

void unit_expect_end(int fd, const char *text)
{
    char buf[4096];

    unit_receive_end(fd, buf, sizeof buf);
    ck_assert_str_eq(buf, text);
    close(fd);
}

void unit_expect_gone(int fd)
{
    char buf[4096];
    ssize_t n;

    while ((n = recv(fd, buf, sizeof buf, 0)) > 0)
        ;
    ck_assert_msg(n == 0 || errno == ECONNRESET, "%s", strerror(errno));
    close(fd);
}
