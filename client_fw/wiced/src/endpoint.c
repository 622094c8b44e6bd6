/* The list is the process's, as the API knows no object that could have it, and
 * so is its lock.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "endpoint.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAGIC    0x57544350u /* of a struct that was created */
#define LEAVE_MS 50u         /* for users to leave by themselves */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct endpoint_list all = LIST_HEAD_INITIALIZER(all);
static uint64_t last_id;

void endpoint_lock(void)
{
    pthread_mutex_lock(&lock);
}

void endpoint_unlock(void)
{
    pthread_mutex_unlock(&lock);
}

/* --- life ----------------------------------------------------------------- */

static void init_changed(struct endpoint *ep)
{
    pthread_condattr_t monotonic;

    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&ep->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

struct endpoint *endpoint_create(wiced_tcp_socket_t *socket,
                                 wiced_interface_t interface)
{
    struct endpoint *ep = calloc(1, sizeof *ep);
    int wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    if (ep == NULL || wake_fd < 0) {
        if (wake_fd >= 0)
            close(wake_fd);
        free(ep);
        return NULL;
    }
    ep->id = ++last_id;
    ep->interface = interface;
    ep->state = WICED_SOCKET_CLOSED;
    wwep_posix_init(&ep->posix, NULL, NULL);
    init_changed(ep);
    pthread_mutex_init(&ep->tls_lock, NULL);
    ep->wake_fd = wake_fd;
    ep->bound_fd = -1;
    ep->accept_ms = WICED_TCP_ACCEPT_TIMEOUT;
    ep->close_ms = WICED_TCP_DISCONNECT_TIMEOUT;
    ep->bind_ms = WICED_TCP_BIND_TIMEOUT;
    *socket = (wiced_tcp_socket_t){.socket_magic_number = MAGIC};
    socket->socket.endpoint = ep;
    ep->socket = socket;
    LIST_INSERT_HEAD(&all, ep, link);
    return ep;
}

void endpoint_forget(struct endpoint *ep)
{
    endpoint_hold(ep);
    ep->socket->socket_magic_number = 0;
    ep->socket->socket.endpoint = NULL;
    ep->socket = NULL;
    LIST_REMOVE(ep, link);
}

void endpoint_destroy(struct endpoint *ep)
{
    endpoint_release(ep);
    endpoint_let_go(ep);
}

static void end(struct endpoint *ep)
{
    pthread_cond_destroy(&ep->changed);
    pthread_mutex_destroy(&ep->tls_lock);
    close(ep->wake_fd);
    free(ep);
}

/* --- finding -------------------------------------------------------------- */

struct endpoint *endpoint_find_at(const wiced_tcp_socket_t *socket)
{
    struct endpoint *ep;

    for (ep = LIST_FIRST(&all); ep != NULL; ep = LIST_NEXT(ep, link))
        if (ep->socket == socket)
            return ep;
    return NULL;
}

struct endpoint *endpoint_find(const wiced_tcp_socket_t *socket)
{
    struct endpoint *ep = endpoint_find_at(socket);

    return ep != NULL && socket->socket_magic_number == MAGIC &&
                   socket->socket.endpoint == ep
               ? ep
               : NULL;
}

struct endpoint *endpoint_find_id(uint64_t id)
{
    struct endpoint *ep;

    for (ep = LIST_FIRST(&all); ep != NULL; ep = LIST_NEXT(ep, link))
        if (ep->id == id)
            return ep;
    return NULL;
}

struct endpoint_list *endpoint_all(void)
{
    return &all;
}

/* --- holding and using ---------------------------------------------------- */

void endpoint_hold(struct endpoint *ep)
{
    ep->holders++;
}

void endpoint_let_go(struct endpoint *ep)
{
    ep->holders--;
    if (ep->socket == NULL && ep->holders == 0 && ep->users == 0)
        end(ep);
    else
        pthread_cond_broadcast(&ep->changed);
}

void endpoint_use(struct endpoint *ep)
{
    ep->users++;
}

void endpoint_unuse(struct endpoint *ep)
{
    endpoint_hold(ep);
    ep->users--;
    endpoint_let_go(ep);
}

bool endpoint_wait_change(struct endpoint *ep, const struct deadline *deadline)
{
    const struct timespec at = deadline_timespec(deadline);

    if (deadline->never)
        return pthread_cond_wait(&ep->changed, &lock) == 0;
    return pthread_cond_timedwait(&ep->changed, &lock, &at) == 0;
}

static void wake(struct endpoint *ep, bool up)
{
    eventfd_t value = 1;

    if (up)
        (void)eventfd_write(ep->wake_fd, value);
    else
        (void)eventfd_read(ep->wake_fd, &value);
}

/* Who waits by endpoint_wait() leaves at once. Who is in the middle of a record
 * or of a handshake, or sends, does so when there is no more to come. */
static void get_users_out(struct endpoint *ep)
{
    static const int ways[] = {SHUT_RD, SHUT_RDWR};

    for (unsigned i = 0; ep->users > 0; i++) {
        const struct deadline deadline =
            deadline_in(LEAVE_MS << (i < 4 ? i : 4));

        while (ep->users > 0 && endpoint_wait_change(ep, &deadline))
            ;
        if (ep->users > 0 && i < 2 && ep->posix.fd >= 0)
            (void)shutdown(ep->posix.fd, ways[i]);
    }
}

void endpoint_claim(struct endpoint *ep)
{
    const struct deadline never = {.never = true};

    wake(ep, true);
    ep->claimers++;
    while (ep->claimed)
        endpoint_wait_change(ep, &never);
    ep->claimers--;
    ep->claimed = true;
    get_users_out(ep);
    if (ep->claimers == 0)
        wake(ep, false);
}

void endpoint_release(struct endpoint *ep)
{
    ep->claimed = false;
    pthread_cond_broadcast(&ep->changed);
}

void endpoint_claim_to_use(struct endpoint *ep)
{
    endpoint_use(ep);
    endpoint_release(ep);
}

wiced_result_t endpoint_enter_claimed(const wiced_tcp_socket_t *socket,
                                      struct endpoint **out)
{
    if (socket == NULL)
        return WICED_BADARG;
    endpoint_lock();

    struct endpoint *ep = endpoint_find(socket);
    if (ep == NULL) {
        endpoint_unlock();
        return WICED_TCPIP_INVALID_SOCKET;
    }
    endpoint_hold(ep);
    endpoint_claim(ep);
    if (ep->socket == NULL) {
        endpoint_leave_claimed(ep);
        return WICED_TCPIP_WAIT_ABORTED;
    }
    *out = ep;
    return WICED_SUCCESS;
}

void endpoint_leave_claimed(struct endpoint *ep)
{
    endpoint_release(ep);
    endpoint_let_go(ep);
    endpoint_unlock();
}

void endpoint_connect(struct endpoint *ep, int fd, wiced_socket_state_t state,
                      const struct endpoint_peer *peer)
{
    ep->posix.fd = fd;
    ep->state = state;
    ep->peer = *peer;
    ep->connection++;
    ep->end_told = false;
    ep->tls_up = false;
    if (ep->socket == NULL)
        return;

    wiced_tcp_native_socket_t *native = &ep->socket->socket;
    native->nx_tcp_socket_connect_ip.nxd_ip_version =
        (uint32_t)peer->address.version;
    for (unsigned i = 0; i < 4; i++)
        native->nx_tcp_socket_connect_ip.nxd_ip_address.v6[i] =
            peer->address.ip.v6[i];
    native->nx_tcp_socket_connect_port = peer->port;
}

/* -------------------------------------------------------------------------- */

wiced_result_t endpoint_enter(const wiced_tcp_socket_t *socket,
                              struct endpoint **out)
{
    wiced_result_t result = WICED_SUCCESS;

    if (socket == NULL)
        return WICED_BADARG;
    endpoint_lock();
    *out = endpoint_find(socket);
    if (*out == NULL)
        result = WICED_TCPIP_INVALID_SOCKET;
    else if ((*out)->claimed || (*out)->state != WICED_SOCKET_CONNECTED)
        result = WICED_TCPIP_SOCKET_CLOSED;
    else
        endpoint_use(*out);
    endpoint_unlock();
    return result;
}

void endpoint_leave(struct endpoint *ep)
{
    endpoint_lock();
    endpoint_unuse(ep);
    endpoint_unlock();
}

wiced_tls_context_t *endpoint_tls(const struct endpoint *ep)
{
    endpoint_lock();
    wiced_tls_context_t *tls = ep->tls;
    endpoint_unlock();
    return tls;
}

wiced_result_t endpoint_wait(const struct endpoint *ep, int fd, short events,
                             const struct deadline *deadline)
{
    for (;;) {
        struct pollfd fds[] = {{.fd = ep->wake_fd, .events = POLLIN},
                               {.fd = fd, .events = events}};
        int n = poll(fds, 2, deadline_poll_ms(deadline));

        if (n > 0)
            return fds[0].revents != 0 ? WICED_TCPIP_WAIT_ABORTED
                                       : WICED_SUCCESS;
        if (n == 0 && deadline_left_ms(deadline) == 0)
            return WICED_TIMEOUT;
    }
}

void endpoint_set_times(wiced_tcp_socket_t *socket, uint32_t accept_ms,
                        uint32_t close_ms, uint32_t bind_ms)
{
    endpoint_lock();
    struct endpoint *ep = endpoint_find(socket);
    if (ep != NULL) {
        ep->accept_ms = accept_ms;
        ep->close_ms = close_ms;
        ep->bind_ms = bind_ms;
    }
    endpoint_unlock();
}
