/* line.c - see line.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "line.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

uint64_t line_now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
}

void line_pause_ms(unsigned ms)
{
    (void)poll(NULL, 0, (int)ms);
}

int line_random(void *out, size_t len)
{
    uint8_t *to = out;

    while (len > 0) {
        ssize_t n = getrandom(to, len, 0);

        if (n < 0 && errno != EINTR)
            return -1;
        if (n > 0) {
            to += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

/* --- what TLS needs of a port; the bytes go by the carrier -----------------
 */

static uint32_t port_now_ms(void *ctx)
{
    (void)ctx;
    return (uint32_t)line_now_ms();
}

static int64_t port_wall_clock(void *ctx)
{
    (void)ctx;
    return (int64_t)time(NULL);
}

static int port_entropy(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    return line_random(out, len) == 0 ? 0 : WWEP_PORT_FAILED;
}

static const struct wwep_port tls_port = {
    .now_ms = port_now_ms,
    .wall_clock = port_wall_clock,
    .entropy = port_entropy,
};

/* --- addresses -------------------------------------------------------------
 */

static bool is_loopback(const struct sockaddr *a)
{
    if (a->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)a;

        return ntohl(in->sin_addr.s_addr) >> 24 == 127;
    }
    if (a->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const void *)a;

        return IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr) ||
               (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr) &&
                in6->sin6_addr.s6_addr[12] == 127);
    }
    return false;
}

size_t line_resolve(const char *host, uint16_t port, struct line_address *out,
                    size_t cap)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    char service[8], name[48];
    size_t n = 0;

    (void)snprintf(service, sizeof service, "%u", (unsigned)port);
    if (getaddrinfo(host, service, &hints, &list) != 0)
        return 0;
    for (const struct addrinfo *a = list; a != NULL && n < cap;
         a = a->ai_next) {
        if (getnameinfo(a->ai_addr, a->ai_addrlen, name, sizeof name, NULL, 0,
                        NI_NUMERICHOST) != 0)
            continue;
        memcpy(&out[n].address, a->ai_addr, a->ai_addrlen);
        out[n].len = a->ai_addrlen;
        out[n].loopback = is_loopback(a->ai_addr);
        (void)snprintf(out[n].text, sizeof out[n].text, "%s port %u", name,
                       (unsigned)port);
        n++;
    }
    freeaddrinfo(list);
    return n;
}

int line_listen(uint16_t *port)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    socklen_t len = sizeof in;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -1;
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd, (const struct sockaddr *)&in, sizeof in) != 0 ||
        listen(fd, 8) != 0 ||
        getsockname(fd, (struct sockaddr *)&in, &len) != 0) {
        int saved = errno;

        (void)close(fd);
        errno = saved;
        return -1;
    }
    *port = ntohs(in.sin_port);
    return fd;
}

/* --- the socket ------------------------------------------------------------
 */

int line_port_error(int error)
{
    switch (error) {
    case ECONNREFUSED:
        return WWEP_PORT_REFUSED;
    case ECONNRESET:
    case EPIPE:
        return WWEP_PORT_RESET;
    case ETIMEDOUT:
        return WWEP_PORT_TIMEOUT;
    case ENETUNREACH:
    case EHOSTUNREACH:
        return WWEP_PORT_UNREACHABLE;
    default:
        return WWEP_PORT_FAILED;
    }
}

/* Waits for the socket until the deadline: 0, or WWEP_PORT_TIMEOUT. A time
 * limit of 0 looks. */
static int wait_for(int fd, short events, uint64_t deadline_ms)
{
    for (;;) {
        uint64_t now = line_now_ms();
        uint64_t left = deadline_ms > now ? deadline_ms - now : 0;
        struct pollfd p = {.fd = fd, .events = events};
        int n = poll(&p, 1, left > 60000 ? 60000 : (int)left);

        if (n > 0)
            return 0;
        if (n == 0 && line_now_ms() >= deadline_ms)
            return WWEP_PORT_TIMEOUT;
        if (n < 0 && errno != EINTR)
            return WWEP_PORT_FAILED;
    }
}

static void limit(struct line *l, uint32_t timeout_ms)
{
    l->began_ms = line_now_ms();
    l->deadline_ms = l->began_ms + timeout_ms;
}

static int send_some(struct line *l, const uint8_t *buf, size_t len)
{
    for (;;) {
        ssize_t n = send(l->fd, buf, len, MSG_NOSIGNAL);

        if (n > 0)
            return (int)n;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
            return line_port_error(errno);
        int error = wait_for(l->fd, POLLOUT, l->deadline_ms);
        if (error != 0)
            return error;
    }
}

static int recv_some(struct line *l, uint8_t *buf, size_t cap)
{
    for (;;) {
        ssize_t n = recv(l->fd, buf, cap, 0);

        if (n > 0)
            return (int)n;
        if (n == 0) {
            l->fin = true;
            return 0;
        }
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK) {
            l->reset |= errno == ECONNRESET;
            return line_port_error(errno);
        }
        int error = wait_for(l->fd, POLLIN, l->deadline_ms);
        if (error != 0)
            return error;
    }
}

/* All of it, in pieces where that is asked for. */
static int send_all(struct line *l, const uint8_t *buf, size_t len)
{
    while (len > 0) {
        size_t part = l->piece > 0 && l->piece < len ? l->piece : len;
        int n = send_some(l, buf, part);

        if (n < 0)
            return n;
        buf += n;
        len -= (size_t)n;
        if (l->piece > 0 && len > 0)
            line_pause_ms(l->gap_ms);
    }
    return 0;
}

/* --- the carrier of TLS ----------------------------------------------------
 */

static int carrier_send(void *ctx, const uint8_t *buf, size_t len)
{
    struct line *l = ctx;

    if (!l->held) {
        int error = send_all(l, buf, len);

        return error != 0 ? error : (int)len;
    }
    if (len > sizeof l->waiting - l->waiting_len)
        return WWEP_PORT_FAILED;
    memcpy(l->waiting + l->waiting_len, buf, len);
    l->waiting_len += len;
    return (int)len;
}

static int carrier_recv(void *ctx, uint8_t *buf, size_t len)
{
    return recv_some(ctx, buf, len);
}

static uint32_t carrier_elapsed_ms(void *ctx)
{
    const struct line *l = ctx;

    return (uint32_t)(line_now_ms() - l->began_ms);
}

/* --- the line --------------------------------------------------------------
 */

void line_init(struct line *l)
{
    memset(l, 0, sizeof *l);
    l->fd = -1;
}

/* Small segments leave when they are sent: where a request is cut is the
 * point of it. */
static void take_socket(struct line *l, int fd)
{
    int on = 1;

    l->fd = fd;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int line_connect(struct line *l, const struct line_address *to,
                 uint32_t timeout_ms)
{
    int fd = socket(to->address.ss_family,
                    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int error = 0;
    socklen_t len = sizeof error;

    if (fd < 0)
        return WWEP_PORT_FAILED;
    limit(l, timeout_ms);
    int outcome = 0;
    if (connect(fd, (const struct sockaddr *)&to->address, to->len) != 0) {
        if (errno != EINPROGRESS)
            outcome = line_port_error(errno);
        else
            outcome = wait_for(fd, POLLOUT, l->deadline_ms);
    }
    if (outcome == 0 &&
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error != 0)
        outcome = line_port_error(error);
    if (outcome != 0) {
        (void)close(fd);
        return outcome;
    }
    take_socket(l, fd);
    return 0;
}

int line_accept(struct line *l, int listening, uint32_t timeout_ms)
{
    limit(l, timeout_ms);
    for (;;) {
        int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (fd >= 0) {
            take_socket(l, fd);
            return 0;
        }
        if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR &&
            errno != ECONNABORTED)
            return WWEP_PORT_FAILED;
        int error = wait_for(listening, POLLIN, l->deadline_ms);
        if (error != 0)
            return error;
    }
}

void line_prepare_tls(void)
{
    static const struct wwep_tls_config nothing = {0};
    struct wwep_fault fault;

    (void)wwep_tls_check(&nothing, &tls_port, &fault);
}

enum wwep_result line_secure(struct line *l, const struct line_tls *tls,
                             uint32_t timeout_ms,
                             struct wwep_security *security,
                             struct wwep_fault *fault)
{
    const struct wwep_tls_carrier carrier = {.ctx = l,
                                             .send = carrier_send,
                                             .recv = carrier_recv,
                                             .elapsed_ms = carrier_elapsed_ms};
    const struct wwep_tls_setup setup = {.role = tls->role,
                                         .config = tls->config,
                                         .port = &tls_port,
                                         .carrier = &carrier,
                                         .observer = tls->observer,
                                         .host = tls->host};
    int port_error = 0;
    bool offered = false;

    assert(l->fd >= 0 && l->link == NULL);
    limit(l, timeout_ms);
    memset(fault, 0, sizeof *fault);
    enum wwep_result result = wwep_tls_link_open(&l->link, &setup, security,
                                                 fault, &port_error, &offered);
    if (result == WWEP_OK || fault->kind != WWEP_FAULT_NONE)
        return result;
    if (result == WWEP_E_TIMEOUT || port_error == WWEP_PORT_TIMEOUT)
        fault->kind = WWEP_FAULT_TIMEOUT;
    else
        fault->kind =
            result == WWEP_E_LOST ? WWEP_FAULT_CLOSED : WWEP_FAULT_INTERNAL;
    fault->alert = -1;
    return result;
}

int line_send(struct line *l, const void *buf, size_t len, uint32_t timeout_ms)
{
    const uint8_t *from = buf;
    struct wwep_fault fault;

    limit(l, timeout_ms);
    if (l->link == NULL)
        return send_all(l, from, len);
    while (len > 0) {
        int n = wwep_tls_link_send(l->link, from, len, &fault);

        if (n < 0)
            return n;
        from += n;
        len -= (size_t)n;
    }
    return 0;
}

int line_release(struct line *l, uint32_t timeout_ms)
{
    size_t len = l->waiting_len;

    limit(l, timeout_ms);
    l->held = false;
    l->waiting_len = 0;
    return send_all(l, l->waiting, len);
}

int line_recv(struct line *l, void *buf, size_t cap, uint32_t timeout_ms)
{
    struct wwep_fault fault;

    limit(l, timeout_ms);
    if (l->link == NULL)
        return recv_some(l, buf, cap);
    return wwep_tls_link_recv(l->link, buf, cap, &fault);
}

void line_end(struct line *l)
{
    (void)shutdown(l->fd, SHUT_WR);
}

void line_drain(struct line *l, uint32_t timeout_ms)
{
    uint8_t gone[512];

    limit(l, timeout_ms);
    while (!l->fin && recv_some(l, gone, sizeof gone) > 0)
        continue;
}

void line_close(struct line *l)
{
    limit(l, 200); /* for a close_notify */
    l->held = false;
    l->piece = 0;
    wwep_tls_link_close(l->link);
    l->link = NULL;
    if (l->fd >= 0)
        (void)close(l->fd);
    l->fd = -1;
}
