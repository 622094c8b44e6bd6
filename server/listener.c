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

#include "activation.h"
#include "address.h"
#include "admission.h"
#include "connection.h"
#include "log.h"
#include "setup.h"
#include "worker.h"

#include <errno.h>
#ifdef HAVE_LINUX_FILTER_H
#include <linux/filter.h>
#endif
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG     4096 /* the kernel cuts it to net.core.somaxconn */
#define ACCEPT_MAX  256u
#define PROBE_AFTER 32u /* times */
#define PAUSE_MS    100u

/* It outlives the listener that closes it, until the loop has let go. */
struct listener_port {
    uv_poll_t poll;
    struct listener *listener; /* whose it is now */
    int fd;
    bool started;
    unsigned batch; /* how many are accepted at a time */
    unsigned full;  /* how often as many have come */
};

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

static int bind_all(union address *a, bool dual, bool beside, int *fds,
                    size_t n)
{
    int status = address_port(a) != 0 && !beside ? probe(a, dual) : 0;
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

static int bind_it(const struct config *config,
                   const struct config_listener *listener, bool beside,
                   int *fds, size_t n, uint16_t *port,
                   char error[LISTENER_ERROR_MAX])
{
    union address a;
    bool every = strcmp(listener->address, "*") == 0;
    int status = address_parse(&a, listener->address, listener->port);

    if (status == 0)
        status = bind_all(&a, every, beside, fds, n);
    if (every && (status == -EAFNOSUPPORT || status == -EADDRNOTAVAIL)) {
        /* A machine without IPv6. */
        (void)address_parse(&a, "0.0.0.0", listener->port);
        status = bind_all(&a, false, beside, fds, n);
    }
    if (status != 0)
        explain(config, listener, status, error);
    else
        *port = address_port(&a);
    return status;
}

int listener_bind(const struct config *config,
                  const struct config_listener *listener, int *fds, size_t n,
                  uint16_t *port, char error[LISTENER_ERROR_MAX])
{
    return bind_it(config, listener, false, fds, n, port, error);
}

int listener_bind_beside(const struct config *config,
                         const struct config_listener *listener, int *fds,
                         size_t n, uint16_t *port,
                         char error[LISTENER_ERROR_MAX])
{
    return bind_it(config, listener, true, fds, n, port, error);
}

/* --- its life --- */

/* Takes the socket. NULL: no memory. */
static struct listener_port *make_port(struct listener *l, int fd)
{
    struct listener_port *p = calloc(1, sizeof *p);

    if (p == NULL) {
        close(fd);
        return NULL;
    }
    p->listener = l;
    p->fd = fd;
    p->batch = 1;
    p->poll.data = p;
    return p;
}

struct listener *listener_new(struct setup *setup, size_t i, int fd)
{
    struct listener *l = calloc(1, sizeof *l);

    if (l == NULL) {
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    l->uses = 1;
    l->config = &setup->config->listeners[i];
    l->timeouts = &setup->config->timeouts;
    l->tls = setup->contexts[i];
    if (fd >= 0 && (l->port = make_port(l, fd)) == NULL) {
        free(l);
        return NULL;
    }
    l->setup = setup_ref(setup);
    return l;
}

void listener_hold(struct listener *l)
{
    l->uses++;
}

static void on_port_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void close_port(struct listener *l)
{
    struct listener_port *p = l->port;

    if (p == NULL)
        return;
    l->port = NULL;
    if (p->started)
        uv_close((uv_handle_t *)&p->poll, on_port_closed);
    close(p->fd);
    if (!p->started)
        free(p);
}

void listener_release(struct listener *l)
{
    if (--l->uses > 0)
        return;
    close_port(l);
    setup_unref(l->setup);
    free(l);
}

int listener_start(struct listener *l, struct worker *worker)
{
    struct listener_port *p = l->port;

    l->worker = worker;
    int status = uv_poll_init(&worker->loop, &p->poll, p->fd);
    if (status == 0) {
        p->started = true;
        status = uv_poll_start(&p->poll, UV_READABLE, on_readable);
    }
    if (status != 0)
        close_port(l);
    return status;
}

void listener_take_over(struct listener *l, struct listener *from)
{
    l->worker = from->worker;
    l->port = from->port;
    from->port = NULL;
    if (l->port != NULL)
        l->port->listener = l;
}

bool listener_is_open(const struct listener *l)
{
    return l->port != NULL;
}

/* --- accepting --- */

/* Accepts one client. Returns 0 or a negative errno. */
static int accept_one(struct listener *l)
{
    struct limiter_place place;
    union address peer;
    socklen_t len = sizeof peer;

    memset(&peer, 0, sizeof peer);
    int fd =
        accept4(l->port->fd, &peer.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return -errno;
    /* Closed at once: the client must not be left waiting. */
    if (!admission_ask(l, &peer, &place)) {
        close(fd);
    } else if (!connection_accept(l, fd, &peer, &place)) {
        close(fd);
        admission_failed(l, &place);
    }
    return 0;
}

/* Accepts again, or not for now. */
static void pause_one(struct listener *l)
{
    if (l->port != NULL)
        uv_poll_stop(&l->port->poll);
}

static void resume_one(struct listener *l)
{
    if (l->port != NULL)
        uv_poll_start(&l->port->poll, UV_READABLE, on_readable);
}

/* No files, no memory: accept() would fail again and again. The others' ends
 * will make room; till then we look now and then. */
static void on_pause_over(uv_timer_t *timer)
{
    struct worker *w = timer->data;

    for (size_t i = 0; i < w->n_listeners; i++)
        resume_one(w->listeners[i]);
}

static void pause_all(struct worker *w, struct listener *l, int error)
{
    uint64_t n = atomic_fetch_add(&w->shared->accept_failed, 1) + 1;

    if (log_is_milestone(n))
        log_error("%s: can not accept clients: %s (%llu times so far); "
                  "raise the limit of open files: ulimit -n, or LimitNOFILE= "
                  "in the unit",
                  l->config->name, strerror(-error), (unsigned long long)n);
    for (size_t i = 0; i < w->n_listeners; i++)
        pause_one(w->listeners[i]);
    pause_one(l); /* it may be leaving */
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
static void adapt(struct listener_port *p, unsigned accepted)
{
    if (accepted < p->batch) {
        p->batch = accepted > 0 ? accepted : 1;
        p->full = 0;
    } else if (++p->full == PROBE_AFTER && p->batch < ACCEPT_MAX) {
        p->batch *= 2;
        p->full = 0;
    }
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct listener_port *p = poll->data;
    struct listener *l = p->listener;
    unsigned n = 0;
    int error = 0;

    (void)status;
    (void)events;
    while (n < p->batch && (error == 0 || is_passing(error))) {
        error = accept_one(l);
        n += error == 0;
    }
    adapt(p, n);
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
    /* What is done to a socket that others have, too, would outlast us. */
    if (l->port != NULL &&
        !activation_has(l->worker->shared->activation, l->port->fd))
        refuse_new(l->port->fd);
}

void listener_serve_backlog(struct listener *l)
{
    int error = 0;

    for (int i = 0;
         i < BACKLOG && l->port != NULL && (error == 0 || is_passing(error));
         i++)
        error = accept_one(l);
}

void listener_stop(struct listener *l, bool at_once)
{
    int error = 0;

    if (l->port == NULL)
        return;
    /* On a socket that is not ours alone new ones come all the time. */
    for (int i = 0;
         !at_once && i <= BACKLOG && (error == 0 || is_passing(error)); i++)
        error = accept_one(l);
    close_port(l);
}
