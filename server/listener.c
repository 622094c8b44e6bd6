/* listener.c - a port's sockets, one a worker, and their way to the end.
 *
 * Happy path: listener_bind() opens one socket a worker on the same port
 * (SO_REUSEPORT: the kernel spreads the clients) -> listener_start() on each
 * worker's loop -> connection_accept() for each client -> listener_drain():
 * no new client gets in, who is in is accepted -> listener_stop().
 * Failures: the port is taken -> told, with what to do; over the limit -> the
 * client is accepted and closed at once; no files or no memory -> told, and
 * tried again PAUSE_MS later.
 *
 * The sockets are polled, and accepted by ourselves: uv_listen() would keep
 * the peer's address from us (a client that has reset by then has none that
 * getpeername() could tell, but its request is to be served), and would close
 * clients without a word where there are no files left.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "listener.h"

#include "address.h"
#include "connection.h"
#include "log.h"
#include "worker.h"

#include <errno.h>
#ifdef HAVE_LINUX_FILTER_H
#include <linux/filter.h>
#endif
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG     4096 /* the kernel cuts it to net.core.somaxconn */
#define ACCEPT_MAX  256u
#define PROBE_AFTER 32u /* times */
#define PAUSE_MS    100u

static void on_readable(uv_poll_t *poll, int status, int events);

/* --- the sockets --- */

static int set_option(int fd, int level, int name, int value)
{
    return setsockopt(fd, level, name, &value, sizeof value);
}

/* Returns the socket, bound, or a negative errno. */
static int open_socket(const union address *a, bool dual, bool share)
{
    int fd = socket(a->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -errno;
    /* TCP_NODELAY is handed down to what is accepted, which saves each
     * connection a system call. */
    if (set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1) == 0 &&
        (!share || set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1) == 0) &&
        (a->any.sa_family != AF_INET6 ||
         set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, !dual) == 0) &&
        set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1) == 0 &&
        bind(fd, &a->any, address_len(a)) == 0)
        return fd;
    int error = errno;
    close(fd);
    return -error;
}

static int take_port(union address *a, int fd)
{
    socklen_t len = sizeof *a;

    return getsockname(fd, &a->any, &len) == 0 ? 0 : -errno;
}

/* Binds the port once for ourselves: with SO_REUSEPORT alone a second server
 * would not be told that it is taken, and get half of the class. */
static int probe(const union address *a, bool dual)
{
    int fd = open_socket(a, dual, false);

    if (fd < 0)
        return fd;
    close(fd);
    return 0;
}

static int bind_all(union address *a, bool dual, int *fds, size_t n)
{
    int status = address_port(a) != 0 ? probe(a, dual) : 0;
    size_t i = 0;

    for (; status == 0 && i < n; i++) {
        fds[i] = open_socket(a, dual, true);
        if (fds[i] < 0) {
            status = fds[i];
            break;
        }
        if (listen(fds[i], BACKLOG) != 0)
            status = -errno;
        else if (i == 0)
            status = take_port(a, fds[0]);
    }
    if (status == 0)
        return 0;
    while (i-- > 0)
        close(fds[i]);
    return status;
}

static void explain(const struct config *config,
                    const struct config_listener *listener, int status,
                    char error[LISTENER_ERROR_MAX])
{
    char path[LISTENER_ERROR_MAX / 2];
    bool of_address = status == -EADDRNOTAVAIL || status == -EINVAL;

    config_key_path(config, listener, of_address ? "address" : "port", path,
                    sizeof path);
    if (status == -EADDRINUSE)
        snprintf(error, LISTENER_ERROR_MAX,
                 "%s: port %u is in use, perhaps by another wwepd (ss -ltnp "
                 "'sport = :%u' tells): stop that, or write another port",
                 path, listener->port, listener->port);
    else if (status == -EACCES || status == -EPERM)
        snprintf(error, LISTENER_ERROR_MAX,
                 "%s: port %u is not for this user: write one above 1023", path,
                 listener->port);
    else if (of_address)
        snprintf(error, LISTENER_ERROR_MAX,
                 "%s: this machine does not have the address %s (ip address "
                 "tells): write one that it has, or \"*\"",
                 path, listener->address);
    else
        snprintf(error, LISTENER_ERROR_MAX,
                 "%s: can not listen on %s port %u: "
                 "%s",
                 path, listener->address, listener->port, strerror(-status));
}

int listener_bind(const struct config *config,
                  const struct config_listener *listener, int *fds, size_t n,
                  uint16_t *port, char error[LISTENER_ERROR_MAX])
{
    union address a;
    bool every = strcmp(listener->address, "*") == 0;
    int status = address_parse(&a, listener->address, listener->port);

    if (status == 0)
        status = bind_all(&a, every, fds, n);
    if (every && (status == -EAFNOSUPPORT || status == -EADDRNOTAVAIL)) {
        /* A machine without IPv6. */
        (void)address_parse(&a, "0.0.0.0", listener->port);
        status = bind_all(&a, false, fds, n);
    }
    if (status != 0)
        explain(config, listener, status, error);
    else
        *port = address_port(&a);
    return status;
}

/* --- accepting --- */

int listener_start(struct listener *l, struct worker *worker,
                   const struct config_listener *config,
                   struct tls_context *tls, int fd)
{
    memset(l, 0, sizeof *l);
    l->worker = worker;
    l->config = config;
    l->tls = tls;
    l->fd = fd;
    l->batch = 1;
    int status = uv_poll_init(&worker->loop, &l->poll, fd);
    if (status != 0) {
        close(fd);
        return status;
    }
    l->poll.data = l;
    l->open = true;
    status = uv_poll_start(&l->poll, UV_READABLE, on_readable);
    if (status != 0)
        listener_stop(l, true);
    return status;
}

static void tell_turned_away(const struct listener *l, bool full)
{
    struct worker_shared *shared = l->worker->shared;
    uint64_t n = atomic_fetch_add(&shared->turned_away, 1) + 1;

    if (!log_is_milestone(n))
        return;
    if (full)
        log_warning("%s: more than %u connections at once: %llu turned away "
                    "so far (raise the limit of open files: ulimit -n, or "
                    "LimitNOFILE= in the unit)",
                    l->config->name, shared->max_connections,
                    (unsigned long long)n);
    else
        log_error("%s: no memory for a connection: %llu turned away so far",
                  l->config->name, (unsigned long long)n);
}

/* Accepts one client. Returns 0 or a negative errno. */
static int accept_one(struct listener *l)
{
    struct worker_shared *shared = l->worker->shared;
    union address peer;
    socklen_t len = sizeof peer;

    memset(&peer, 0, sizeof peer);
    int fd = accept4(l->fd, &peer.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return -errno;
    bool full =
        atomic_load_explicit(&shared->connections, memory_order_relaxed) >=
        shared->max_connections;
    if (full || !connection_accept(l, fd, &peer)) {
        close(fd); /* at once: the client must not be left waiting */
        tell_turned_away(l, full);
    }
    return 0;
}

/* No files, no memory: accept() would fail again and again. The others' ends
 * will make room; till then we look now and then. */
static void on_pause_over(uv_timer_t *timer)
{
    struct worker *w = timer->data;

    for (size_t i = 0; i < w->n_listeners; i++)
        if (w->listeners[i].open)
            uv_poll_start(&w->listeners[i].poll, UV_READABLE, on_readable);
}

static void pause_all(struct worker *w, const struct listener *l, int error)
{
    uint64_t n = atomic_fetch_add(&w->shared->accept_failed, 1) + 1;

    if (log_is_milestone(n))
        log_error("%s: can not accept clients: %s (%llu times so far); "
                  "raise the limit of open files: ulimit -n, or LimitNOFILE= "
                  "in the unit",
                  l->config->name, strerror(-error), (unsigned long long)n);
    for (size_t i = 0; i < w->n_listeners; i++)
        if (w->listeners[i].open)
            uv_poll_stop(&w->listeners[i].poll);
    uv_timer_start(&w->pause_timer, on_pause_over, PAUSE_MS, 0);
}

/* A client that has gone before it was accepted is no error of ours. */
static bool is_passing(int error)
{
    return error == -ECONNABORTED || error == -EINTR || error == -EPROTO;
}

/* How many to accept the next time. As many as came this time: to hear that
 * there is nobody else costs a system call, and the loop tells if there is.
 * Where that was always enough, twice as many are tried. Never without end:
 * those who are in want to be served too. */
static void adapt(struct listener *l, unsigned accepted)
{
    if (accepted < l->batch) {
        l->batch = accepted > 0 ? accepted : 1;
        l->full = 0;
    } else if (++l->full == PROBE_AFTER && l->batch < ACCEPT_MAX) {
        l->batch *= 2;
        l->full = 0;
    }
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct listener *l = poll->data;
    unsigned n = 0;
    int error = 0;

    (void)status;
    (void)events;
    while (n < l->batch && (error == 0 || is_passing(error))) {
        error = accept_one(l);
        n += error == 0;
    }
    adapt(l, n);
    if (error != 0 && error != -EAGAIN && !is_passing(error))
        pause_all(l->worker, l, error);
}

/* --- the end --- */

/* Drops what asks for a new connection (SYN), and nothing else: handshakes
 * under way complete and can be accepted, and no client is let in that would
 * be thrown out a moment later. */
static void refuse_new(int fd)
{
#ifdef HAVE_LINUX_FILTER_H
    struct sock_filter code[] = {
        /* The 13th byte of a TCP header has the flags; 2 is SYN. */
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x02, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
    };
    struct sock_fprog program = {.len = sizeof code / sizeof code[0],
                                 .filter = code};

    if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
                   sizeof program) != 0)
        log_debug("drain: SO_ATTACH_FILTER: %s", strerror(errno));
#else
    (void)fd;
#endif
}

void listener_drain(struct listener *l)
{
    if (l->open)
        refuse_new(l->fd);
}

void listener_stop(struct listener *l, bool at_once)
{
    int error = 0;

    if (!l->open)
        return;
    while (!at_once && (error == 0 || is_passing(error)))
        error = accept_one(l);
    l->open = false;
    uv_close((uv_handle_t *)&l->poll, NULL);
    close(l->fd);
}
