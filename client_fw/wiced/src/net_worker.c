/* Happy path: a port is readable -> the connection is accepted, into the socket
 * that listens, and its connect callback accepts it for the program -> bytes
 * arrive: the receive callback, once an arrival, and again where it has taken
 * some of it and left some -> the peer's end: the disconnect callback -> it
 * closes the connection: the disconnect callback once more, as our own end is
 * done.
 * Failures: the callback deletes its socket, or another thread does -> nothing
 * more is called for it; no files are left -> tried again PAUSE_MS later.
 *
 * The system tells arrivals once each (EPOLLET), so a callback that does not
 * receive is not called for ever. A callback about the end of a connection
 * comes before the next one is taken, so that it never meets that.
 *
 * The thread is the process's, as in the SDK, and lasts as long.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "net_worker.h"

#include "board.h"
#include "port_table.h"
#include "secure.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/queue.h>
#include <unistd.h>

#define PAUSE_MS 100u

/* What an event is about is in its number: an endpoint's id, or one of these
 * bits with what follows. */
#define ABOUT_PORT (UINT64_C(1) << 62)
#define ABOUT_ASK  (UINT64_C(1) << 63)

static struct {
    bool running;
    int epoll_fd;
    int ask_fd;
    pthread_t thread;
    TAILQ_HEAD(asked, endpoint) asked;
} worker = {.asked = TAILQ_HEAD_INITIALIZER(worker.asked)};

/* --- what the others ask for ---------------------------------------------- */

static bool is_worker(void)
{
    return worker.running && pthread_equal(pthread_self(), worker.thread);
}

static void ask(struct endpoint *ep)
{
    if (!worker.running)
        return;
    if (!ep->asks) {
        ep->asks = true;
        TAILQ_INSERT_TAIL(&worker.asked, ep, next_asked);
        endpoint_hold(ep);
    }
    if (!is_worker())
        (void)eventfd_write(worker.ask_fd, 1);
}

void net_worker_look(struct endpoint *ep)
{
    if (ep->callbacks.receive == NULL)
        return;
    ep->look_asked = true;
    ask(ep);
}

void net_worker_closed(struct endpoint *ep)
{
    if (ep->callbacks.disconnect == NULL)
        return;
    ep->closed_asked = ep->connection;
    ask(ep);
}

static void watch(int fd, uint32_t events, uint64_t about)
{
    struct epoll_event event = {.events = events, .data = {.u64 = about}};

    if (epoll_ctl(worker.epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0 &&
        errno == EEXIST)
        (void)epoll_ctl(worker.epoll_fd, EPOLL_CTL_MOD, fd, &event);
}

void net_worker_watch(struct endpoint *ep)
{
    if (worker.running && ep->posix.fd >= 0 &&
        (ep->callbacks.receive != NULL || ep->callbacks.disconnect != NULL))
        watch(ep->posix.fd, EPOLLIN | EPOLLRDHUP | EPOLLET, ep->id);
}

void net_worker_unwatch(struct endpoint *ep)
{
    if (worker.running && ep->posix.fd >= 0)
        (void)epoll_ctl(worker.epoll_fd, EPOLL_CTL_DEL, ep->posix.fd, NULL);
}

void net_worker_watch_port(struct tcp_port *port)
{
    if (worker.running)
        watch(port->fd, EPOLLIN | EPOLLONESHOT, ABOUT_PORT | port->number);
}

void net_worker_drop(struct endpoint *ep)
{
    const struct deadline deadline = deadline_in(WICED_TCP_DISCONNECT_TIMEOUT);

    ep->look_asked = false;
    ep->closed_asked = 0;
    while (ep->in_callback && !is_worker() &&
           endpoint_wait_change(ep, &deadline))
        ;
}

/* --- calling, with the lock held, which is free meanwhile ----------------- */

static void call(struct endpoint *ep, wiced_tcp_socket_callback_t callback)
{
    wiced_tcp_socket_t *socket = ep->socket;
    void *arg = ep->callbacks.arg;

    if (callback == NULL) /* unregistered meanwhile */
        return;
    ep->in_callback = true;
    endpoint_unlock();
    (void)callback(socket, arg);
    endpoint_lock();
    ep->in_callback = false;
    pthread_cond_broadcast(&ep->changed);
}

static bool is_connected(const struct endpoint *ep)
{
    return ep->socket != NULL && !ep->claimed &&
           ep->state == WICED_SOCKET_CONNECTED;
}

/* Bytes that wait to be received; not before TLS has shaken hands. */
static bool has_more(struct endpoint *ep)
{
    wiced_tls_context_t *tls = ep->tls;
    int n = 0;

    if (tls != NULL && !ep->tls_up)
        return false;
    if (ioctl(ep->posix.fd, FIONREAD, &n) == 0 && n > 0)
        return true;
    if (tls == NULL)
        return false;
    endpoint_use(ep);
    endpoint_unlock();
    pthread_mutex_lock(&ep->tls_lock);
    bool more = secure_has_more(tls);
    pthread_mutex_unlock(&ep->tls_lock);
    endpoint_lock();
    endpoint_unuse(ep);
    return more && is_connected(ep);
}

static bool peer_has_ended(const struct endpoint *ep)
{
    struct pollfd one = {.fd = ep->posix.fd, .events = POLLRDHUP};

    return poll(&one, 1, 0) > 0;
}

/* One packet at a time, so that a peer that never stops is not the only one to
 * be heard. The caller holds it. */
static void look(struct endpoint *ep)
{
    if (!is_connected(ep))
        return;

    bool ended = peer_has_ended(ep); /* before it is known what it said last */
    uint64_t connection = ep->connection;
    uint64_t received = ep->received;

    if (ep->callbacks.receive != NULL && has_more(ep)) {
        call(ep, ep->callbacks.receive);
        if (ep->received != received) {
            net_worker_look(ep);
            return;
        }
    }
    if (!is_connected(ep) || ep->connection != connection || !ended ||
        ep->end_told || ep->callbacks.disconnect == NULL)
        return;
    ep->end_told = true;
    call(ep, ep->callbacks.disconnect);
}

/* The caller holds it. */
static void tell_closed(struct endpoint *ep)
{
    uint64_t closed = ep->closed_asked;

    ep->closed_asked = 0;
    /* The next connection may be there already: it has not ended. */
    if (closed != 0 && closed == ep->connection && ep->socket != NULL &&
        ep->posix.fd < 0 && ep->callbacks.disconnect != NULL)
        call(ep, ep->callbacks.disconnect);
}

/* --- what has come -------------------------------------------------------- */

static struct endpoint *find_listening(const struct tcp_port *port)
{
    struct endpoint *ep;

    for (ep = LIST_FIRST(endpoint_all()); ep != NULL; ep = LIST_NEXT(ep, link))
        if (ep->port == port && ep->state == WICED_SOCKET_LISTEN &&
            ep->callbacks.connect != NULL && !ep->claimed && ep->users == 0)
            return ep;
    return NULL;
}

/* The caller holds ep, which listens on the port. */
static void take_connection(struct endpoint *ep, struct tcp_port *port)
{
    struct endpoint_peer peer;
    int fd = port_table_accept(port, &peer);

    if (fd == -EMFILE || fd == -ENFILE || fd == -ENOBUFS || fd == -ENOMEM) {
        uint16_t number = port->number;

        endpoint_unlock();
        (void)poll(NULL, 0, PAUSE_MS);
        endpoint_lock();
        port = port_table_find(number);
    }
    if (port != NULL)
        net_worker_watch_port(port);
    if (fd < 0)
        return;
    endpoint_connect(ep, fd, WICED_SOCKET_CONNECTING, &peer);
    call(ep, ep->callbacks.connect);
}

static void on_port(uint16_t number)
{
    struct tcp_port *port = port_table_find(number);
    struct endpoint *ep = port != NULL ? find_listening(port) : NULL;

    if (ep == NULL)
        return; /* who listens next watches it again */
    endpoint_hold(ep);
    if (ep->closed_asked == 0) {
        take_connection(ep, port);
    } else { /* it is to learn of the end of its last one first */
        net_worker_watch_port(port);
        tell_closed(ep);
    }
    endpoint_let_go(ep);
}

static void do_asked(struct endpoint *ep)
{
    bool look_asked = ep->look_asked;

    ep->look_asked = false;
    tell_closed(ep);
    if (look_asked)
        look(ep);
}

/* What is asked for meanwhile has its turn in the next round. */
static void do_round(void)
{
    const struct endpoint *last = TAILQ_LAST(&worker.asked, asked);
    bool done = last == NULL;

    while (!done) {
        struct endpoint *ep = TAILQ_FIRST(&worker.asked);

        TAILQ_REMOVE(&worker.asked, ep, next_asked);
        ep->asks = false;
        do_asked(ep);
        done = ep == last;
        endpoint_let_go(ep);
    }
}

static void on_event(uint64_t about)
{
    eventfd_t asked;

    if (about == ABOUT_ASK) {
        (void)eventfd_read(worker.ask_fd, &asked);
        return;
    }
    if ((about & ABOUT_PORT) != 0) {
        on_port((uint16_t)about);
        return;
    }

    struct endpoint *ep = endpoint_find_id(about);
    if (ep == NULL)
        return;
    endpoint_hold(ep);
    look(ep);
    endpoint_let_go(ep);
}

static void *on_thread(void *ctx)
{
    struct epoll_event event;

    (void)ctx;
    for (;;) {
        endpoint_lock();
        int wait_ms = TAILQ_EMPTY(&worker.asked) ? -1 : 0;
        endpoint_unlock();
        int n = epoll_wait(worker.epoll_fd, &event, 1, wait_ms);

        endpoint_lock();
        do_round();
        if (n == 1)
            on_event(event.data.u64);
        do_round();
        endpoint_unlock();
    }
    return NULL;
}

/* --- starting ------------------------------------------------------------- */

/* The program's signals are for its own threads. */
static bool start_thread(void)
{
    sigset_t all;
    sigset_t before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&worker.thread, NULL, on_thread, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (started)
        pthread_detach(worker.thread);
    return started;
}

bool net_worker_start(void)
{
    if (worker.running)
        return true;
    worker.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    worker.ask_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (worker.epoll_fd >= 0 && worker.ask_fd >= 0) {
        watch(worker.ask_fd, EPOLLIN, ABOUT_ASK);
        worker.running = start_thread();
    }
    if (!worker.running) {
        if (worker.epoll_fd >= 0)
            close(worker.epoll_fd);
        if (worker.ask_fd >= 0)
            close(worker.ask_fd);
        board_say("the system has no thread for callbacks");
    }
    return worker.running;
}
