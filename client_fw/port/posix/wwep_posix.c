/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wwep_posix.h"

#include "wwep_posix_resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ENTROPY_PIECE 256u /* the most that getentropy() gives at once */

static uint32_t now_ms(void *ctx)
{
    struct timespec now;

    (void)ctx;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)((uint64_t)now.tv_sec * 1000 +
                      (uint64_t)now.tv_nsec / 1000000);
}

static int64_t wall_clock(void *ctx)
{
    (void)ctx;
    return (int64_t)time(NULL);
}

static int entropy(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    while (len > 0) {
        size_t piece = len < ENTROPY_PIECE ? len : ENTROPY_PIECE;

        if (getentropy(out, piece) != 0)
            return WWEP_PORT_FAILED;
        out += piece;
        len -= piece;
    }
    return 0;
}

static void log_line(void *ctx, enum wwep_log_level level, const char *text)
{
    const struct wwep_posix *posix = ctx;

    posix->on_log(posix->log_ctx, level, text);
}

/* --- waiting -------------------------------------------------------------- */

/* A wait of its whole, however often it is interrupted. */
struct wait {
    uint32_t started_ms;
    uint32_t timeout_ms;
};

static struct wait wait_begin(uint32_t timeout_ms)
{
    return (struct wait){now_ms(NULL), timeout_ms};
}

static uint32_t wait_left_ms(const struct wait *wait)
{
    uint32_t elapsed_ms = now_ms(NULL) - wait->started_ms;

    return elapsed_ms < wait->timeout_ms ? wait->timeout_ms - elapsed_ms : 0;
}

/* Until the socket is ready, or has an error to tell. Returns 0 or an error. */
static int wait_for(int fd, short events, const struct wait *wait)
{
    for (;;) {
        struct pollfd one = {.fd = fd, .events = events};
        uint32_t left_ms = wait_left_ms(wait);
        int n = poll(&one, 1, left_ms < INT_MAX ? (int)left_ms : INT_MAX);

        if (n > 0)
            return 0;
        if (n == 0 && left_ms < INT_MAX)
            return WWEP_PORT_TIMEOUT;
        if (n < 0 && errno != EINTR)
            return WWEP_PORT_FAILED;
    }
}

static int port_error(int error)
{
    switch (error) {
    case ECONNREFUSED:
        return WWEP_PORT_REFUSED;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
#ifdef EHOSTDOWN
    case EHOSTDOWN:
#endif
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT: /* a system without IPv6 */
    case EINVAL:       /* a link-local address without its interface */
    case EACCES:       /* a firewall's answer */
    case EPERM:
        return WWEP_PORT_UNREACHABLE;
    case ETIMEDOUT:
        return WWEP_PORT_TIMEOUT;
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
        return WWEP_PORT_RESET;
    default:
        return WWEP_PORT_FAILED;
    }
}

static bool would_block(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK;
}

/* --- the connection ------------------------------------------------------- */

static socklen_t fill(struct sockaddr_storage *out,
                      const struct wwep_address *address, uint16_t port)
{
    memset(out, 0, sizeof *out);
    if (address->len == 4) {
        struct sockaddr_in v4 = {.sin_family = AF_INET,
                                 .sin_port = htons(port)};

        memcpy(&v4.sin_addr, address->bytes, 4);
        memcpy(out, &v4, sizeof v4);
        return sizeof v4;
    }

    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
                              .sin6_port = htons(port),
                              .sin6_scope_id = address->scope};

    memcpy(&v6.sin6_addr, address->bytes, 16);
    memcpy(out, &v6, sizeof v6);
    return sizeof v6;
}

/* A request is one small segment, and should not wait for company. */
static bool prepare(int fd)
{
    const int on = 1;
    int flags = fcntl(fd, F_GETFL);

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
           fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

/* Returns 0 or an error. An interrupted connect() goes on by itself. */
static int connect_within(int fd, const struct sockaddr_storage *to,
                          socklen_t to_len, uint32_t timeout_ms)
{
    const struct wait wait = wait_begin(timeout_ms);
    int error = 0;
    socklen_t len = sizeof error;

    if (connect(fd, (const struct sockaddr *)to, to_len) == 0)
        return 0;
    if (errno != EINPROGRESS && errno != EINTR)
        return port_error(errno);

    int waited = wait_for(fd, POLLOUT, &wait);
    if (waited != 0)
        return waited;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
        error = errno;
    return error == 0 ? 0 : port_error(error);
}

static int open_connection(void *ctx, const struct wwep_address *address,
                           uint16_t port, uint32_t timeout_ms)
{
    struct wwep_posix *posix = ctx;
    struct sockaddr_storage to;

    if (posix->fd >= 0 || (address->len != 4 && address->len != 16))
        return WWEP_PORT_FAILED;

    socklen_t to_len = fill(&to, address, port);
    int fd = socket(to.ss_family, SOCK_STREAM, 0);
    if (fd < 0)
        return port_error(errno);

    int error = prepare(fd) ? connect_within(fd, &to, to_len, timeout_ms)
                            : WWEP_PORT_FAILED;
    if (error != 0) {
        close(fd);
        return error;
    }
    posix->fd = fd;
    return 0;
}

static int send_some(void *ctx, const uint8_t *buf, size_t len,
                     uint32_t timeout_ms)
{
    const struct wwep_posix *posix = ctx;
    const struct wait wait = wait_begin(timeout_ms);

    for (;;) {
        ssize_t n =
            send(posix->fd, buf, len < INT_MAX ? len : INT_MAX, MSG_NOSIGNAL);
        if (n >= 0)
            return (int)n;
        if (errno == EINTR)
            continue;
        if (!would_block(errno))
            return port_error(errno);

        int error = wait_for(posix->fd, POLLOUT, &wait);
        if (error != 0)
            return error;
    }
}

static int receive_some(void *ctx, uint8_t *buf, size_t len,
                        uint32_t timeout_ms)
{
    const struct wwep_posix *posix = ctx;
    const struct wait wait = wait_begin(timeout_ms);

    for (;;) {
        ssize_t n = recv(posix->fd, buf, len < INT_MAX ? len : INT_MAX, 0);

        if (n >= 0)
            return (int)n;
        if (errno == EINTR)
            continue;
        if (!would_block(errno))
            return port_error(errno);

        int error = wait_for(posix->fd, POLLIN, &wait);
        if (error != 0)
            return error;
    }
}

/* Ends our side, and drops what still comes until the peer has ended its own:
 * a socket that is closed with unread input resets the connection. */
static void close_connection(void *ctx)
{
    struct wwep_posix *posix = ctx;
    const struct wait wait = wait_begin(WWEP_POSIX_CLOSE_MS);
    uint8_t dropped[512];

    if (posix->fd < 0)
        return;
    if (shutdown(posix->fd, SHUT_WR) == 0) {
        uint32_t left_ms;

        while ((left_ms = wait_left_ms(&wait)) > 0 &&
               receive_some(posix, dropped, sizeof dropped, left_ms) > 0)
            ;
    }
    close(posix->fd);
    posix->fd = -1;
}

/* -------------------------------------------------------------------------- */

void wwep_posix_init(struct wwep_posix *posix, wwep_posix_log_fn *on_log,
                     void *log_ctx)
{
    posix->port = (struct wwep_port){
        .ctx = posix,
        .resolve = wwep_posix_resolve,
        .connect = open_connection,
        .send = send_some,
        .recv = receive_some,
        .close = close_connection,
        .now_ms = now_ms,
        .wall_clock = wall_clock,
        .entropy = entropy,
        .log = on_log != NULL ? log_line : NULL,
    };
    posix->on_log = on_log;
    posix->log_ctx = log_ctx;
    posix->fd = -1;
}

void wwep_posix_deinit(struct wwep_posix *posix)
{
    close_connection(posix);
}
