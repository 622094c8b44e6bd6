/* Happy path: connect -> (handshake) -> send -> receive, until the peer ends.
 * Failures: each is told by the step that meets it; closing is the caller's.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench_connection.h"

#include "line.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define SOURCES_MAX 250u
#define EVENTS      ((uint32_t)(EPOLLIN | EPOLLRDHUP) | (uint32_t)EPOLLET)

static enum bench_step fail(struct bench_why *why, enum wwep_result result,
                            int error)
{
    *why = (struct bench_why){.result = result,
                              .port_error = line_port_error(error),
                              .fault = {WWEP_FAULT_NONE, 0, -1},
                              .system = error};
    return BENCH_FAILED;
}

/* --- the wire, as TLS sees it ----------------------------------------------
 */

static void turn_to(struct bench_connection *c, struct bench_wire *w)
{
    w->fd = c->fd;
    w->fin = w->cut = false;
    w->rx_at = w->rx_len = w->tx_len = 0;
    w->unsent = c->unsent != NULL;
}

/* What has come, up to cap; 0: the end; or an error as of a port. */
static int take(struct bench_wire *w, uint8_t *bytes, size_t cap)
{
    if (w->drained)
        return w->fin ? 0 : WWEP_PORT_TIMEOUT;
    ssize_t n = recv(w->fd, bytes, cap, 0);
    /* An edge has come for what is behind a short read, or will. */
    if (n < 0 || (size_t)n < cap)
        w->drained = true;
    if (n == 0)
        w->fin = true;
    if (n >= 0)
        return (int)n;
    if (errno == EAGAIN || errno == EINTR)
        return WWEP_PORT_TIMEOUT;
    w->cut = true;
    return line_port_error(errno);
}

static int carry_in(void *ctx, uint8_t *bytes, size_t len)
{
    struct bench_wire *w = ctx;

    if (w->rx_at == w->rx_len) {
        int n = take(w, w->rx, sizeof w->rx);

        if (n <= 0)
            return n;
        w->rx_at = 0;
        w->rx_len = (size_t)n;
    }
    size_t n = w->rx_len - w->rx_at < len ? w->rx_len - w->rx_at : len;
    memcpy(bytes, w->rx + w->rx_at, n);
    w->rx_at += n;
    return (int)n;
}

/* What a handshake sends at once fits: a chain of ours of some kilobytes. */
static int carry_out(void *ctx, const uint8_t *bytes, size_t len)
{
    struct bench_wire *w = ctx;

    if (len > sizeof w->tx - w->tx_len)
        return WWEP_PORT_FAILED;
    memcpy(w->tx + w->tx_len, bytes, len);
    w->tx_len += len;
    return (int)len;
}

static uint32_t no_time(void *ctx)
{
    (void)ctx;
    return 0;
}

static struct wwep_tls_setup setup_of(const struct bench_wire *w,
                                      const struct wwep_tls_config *config)
{
    return (struct wwep_tls_setup){
        .role = WWEP_TLS_CLIENT,
        .config = config,
        .port = w->port,
        .carrier = &w->carrier,
        .observer = w->observer,
        .host = w->host,
        .tcp_port = w->tcp_port,
        .leniency = {.session_ids = w->session_ids},
    };
}

enum wwep_result bench_wire_prepare(struct bench_wire *w,
                                    const struct wwep_tls_config *tls,
                                    struct wwep_fault *fault)
{
    const struct wwep_tls_setup setup = setup_of(w, tls);

    w->carrier = (struct wwep_tls_carrier){
        .ctx = w, .send = carry_out, .recv = carry_in, .elapsed_ms = no_time};
    return wwep_tls_link_begin(&w->model, &setup, NULL, fault);
}

void bench_wire_free(struct bench_wire *w)
{
    wwep_tls_link_drop(w->model);
    w->model = NULL;
}

/* --- opening ---------------------------------------------------------------
 */

/* The port is chosen at connect(), where it need only be free towards this
 * server. */
static int take_source(int fd, unsigned source)
{
    struct sockaddr_in from = {.sin_family = AF_INET};
    const int yes = 1;

    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + source);
    (void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    return bind(fd, (const struct sockaddr *)&from, sizeof from);
}

/* On the loopback who connects is connected at once, though the system does not
 * say so: to send nothing tells, and saves an event. 0, or errno. */
static int look(int fd)
{
    if (send(fd, NULL, 0, MSG_NOSIGNAL) == 0)
        return 0;
    return errno == EAGAIN ? EINPROGRESS : errno;
}

/* 0, or errno. */
static int dial(struct bench_connection *c, struct bench_wire *w)
{
    const struct sockaddr *to = (const struct sockaddr *)&w->server->address;
    bool spreads = w->server->loopback && to->sa_family == AF_INET;

    for (;;) {
        c->fd = socket(to->sa_family,
                       SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (c->fd < 0 || (w->source > 0 && take_source(c->fd, w->source) != 0))
            return errno;
        if (connect(c->fd, to, w->server->len) == 0)
            return 0;
        if (errno == EINPROGRESS && w->server->loopback)
            return look(c->fd);
        if (errno != EADDRNOTAVAIL || !spreads || w->source == SOURCES_MAX)
            return errno;
        (void)close(c->fd);
        w->source++;
    }
}

static bool watch(const struct bench_connection *c, const struct bench_wire *w,
                  int how, uint32_t events)
{
    struct epoll_event event = {.events = events, .data = {.ptr = c->owner}};

    return epoll_ctl(w->epoll, how, c->fd, &event) == 0;
}

enum bench_step bench_connection_open(struct bench_connection *c,
                                      struct bench_wire *w,
                                      struct bench_why *why)
{
    int error = dial(c, w);

    if (error != 0 && error != EINPROGRESS)
        return fail(why, WWEP_E_CONNECT, error);
    turn_to(c, w);
    w->drained = true; /* nobody has spoken yet */
    if (!watch(c, w, EPOLL_CTL_ADD,
               error == 0 ? EVENTS : EVENTS | (uint32_t)EPOLLOUT))
        return fail(why, WWEP_E_CONNECT, errno);
    return error == 0 ? BENCH_DONE : BENCH_AGAIN;
}

enum bench_step bench_connection_connected(struct bench_connection *c,
                                           struct bench_why *why)
{
    int error = 0;
    socklen_t len = sizeof error;

    if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
        error = errno;
    return error == 0 ? BENCH_DONE : fail(why, WWEP_E_CONNECT, error);
}

/* --- bytes out -------------------------------------------------------------
 */

/* What the system does not take at once is kept until it does, which the epoll
 * has to say. */
static bool keep_unsent(struct bench_connection *c, const struct bench_wire *w,
                        const uint8_t *bytes, size_t len)
{
    uint8_t *more = realloc(c->unsent, c->unsent_len + len);

    if (more == NULL)
        return false;
    memcpy(more + c->unsent_len, bytes, len);
    c->unsent = more;
    c->unsent_len += len;
    return watch(c, w, EPOLL_CTL_MOD, EVENTS | (uint32_t)EPOLLOUT);
}

static bool put(struct bench_connection *c, const struct bench_wire *w,
                const uint8_t *bytes, size_t len, struct bench_why *why)
{
    ssize_t n = 0;

    if (c->unsent == NULL)
        n = send(c->fd, bytes, len, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        /* Why the peer has gone may still be there to be read. */
        if (errno == EPIPE || errno == ECONNRESET)
            return true;
        return fail(why, WWEP_E_LOST, errno) == BENCH_DONE;
    }
    size_t taken = n > 0 ? (size_t)n : 0;
    return taken == len || keep_unsent(c, w, bytes + taken, len - taken) ||
           fail(why, WWEP_E_MEMORY, ENOMEM) == BENCH_DONE;
}

bool bench_connection_flush(struct bench_connection *c, struct bench_wire *w,
                            struct bench_why *why)
{
    size_t len = w->tx_len;

    w->tx_len = 0;
    return len == 0 || put(c, w, w->tx, len, why);
}

bool bench_connection_send(struct bench_connection *c, struct bench_wire *w,
                           const void *bytes, size_t len, struct bench_why *why)
{
    struct wwep_fault fault = {WWEP_FAULT_NONE, 0, -1};

    if (c->link == NULL)
        return put(c, w, bytes, len, why);
    int n = wwep_tls_link_send(c->link, bytes, len, &fault);
    if (n != (int)len) {
        (void)fail(why, WWEP_E_TLS, 0);
        why->fault = fault;
        return false;
    }
    return bench_connection_flush(c, w, why);
}

static void send_rest(struct bench_connection *c)
{
    ssize_t n = send(c->fd, c->unsent, c->unsent_len, MSG_NOSIGNAL);

    if (n <= 0) /* an error comes up when it is read */
        return;
    c->unsent_len -= (size_t)n;
    memmove(c->unsent, c->unsent + n, c->unsent_len);
    if (c->unsent_len == 0) {
        free(c->unsent);
        c->unsent = NULL;
    }
}

void bench_connection_wake(struct bench_connection *c, struct bench_wire *w,
                           uint32_t events)
{
    turn_to(c, w);
    w->drained = (events & ~(uint32_t)EPOLLOUT) == 0;
    w->fin = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) == EPOLLRDHUP;
    if (c->unsent != NULL)
        send_rest(c);
}

/* --- TLS, and bytes in -----------------------------------------------------
 */

enum bench_step bench_connection_secure(struct bench_connection *c,
                                        struct bench_wire *w,
                                        const struct wwep_tls_config *config,
                                        struct wwep_security *security,
                                        struct bench_why *why)
{
    enum wwep_result result = WWEP_OK;

    *why = (struct bench_why){.fault = {WWEP_FAULT_NONE, 0, -1}};
    if (c->link == NULL) {
        const struct wwep_tls_setup setup = setup_of(w, config);

        result = wwep_tls_link_begin(&c->link, &setup, w->model, &why->fault);
    }
    if (result == WWEP_OK)
        result = wwep_tls_link_step(c->link, security, &why->fault,
                                    &why->port_error);
    why->result = result;
    if (result == WWEP_OK)
        return BENCH_DONE;
    struct bench_why unsent; /* an alert, in vain */
    bool sent = bench_connection_flush(c, w, &unsent);
    if (result != WWEP_E_TIMEOUT)
        return BENCH_FAILED;
    if (!sent)
        *why = unsent;
    return sent ? BENCH_AGAIN : BENCH_FAILED;
}

enum bench_step bench_connection_recv(struct bench_connection *c,
                                      struct bench_wire *w, uint8_t *bytes,
                                      size_t cap, size_t *len,
                                      struct bench_why *why)
{
    struct wwep_fault fault = {WWEP_FAULT_NONE, 0, -1};
    int n = c->link == NULL ? take(w, bytes, cap)
                            : wwep_tls_link_recv(c->link, bytes, cap, &fault);

    *len = n > 0 ? (size_t)n : 0;
    if (n >= 0)
        return BENCH_DONE;
    if (fault.kind == WWEP_FAULT_NONE && n == WWEP_PORT_TIMEOUT)
        return BENCH_AGAIN;
    (void)fail(why, WWEP_E_LOST, 0);
    why->port_error = n;
    if (fault.kind != WWEP_FAULT_NONE) {
        why->result = WWEP_E_TLS;
        why->fault = fault;
    }
    return BENCH_FAILED;
}

bool bench_wire_has_more(const struct bench_wire *w)
{
    return w->rx_at < w->rx_len;
}

bool bench_connection_ended(struct bench_connection *c, struct bench_wire *w)
{
    int n;

    w->rx_at = w->rx_len = 0;
    do
        n = take(w, w->rx, sizeof w->rx);
    while (n > 0);
    if (n == WWEP_PORT_TIMEOUT && c->link != NULL) {
        struct bench_why why;

        wwep_tls_link_close(c->link);
        c->link = NULL;
        (void)bench_connection_flush(c, w, &why);
    }
    return n != WWEP_PORT_TIMEOUT;
}

void bench_connection_close(struct bench_connection *c)
{
    wwep_tls_link_drop(c->link);
    c->link = NULL;
    free(c->unsent);
    c->unsent = NULL;
    c->unsent_len = 0;
    if (c->fd >= 0)
        (void)close(c->fd); /* takes it out of the epoll */
    c->fd = -1;
}
