/* A client's way to its connection.
 *
 * Happy path: bind takes a port, or leaves it to the system -> connect finds
 * out where the address and the port of the course really are -> TCP, within
 * the caller's time -> TLS, within its own.
 * Failures: refused, not answered, no way there -> 7014, and the socket can try
 * again; TLS fails -> the connection is closed, and the port given back.
 *
 * The system's socket is made here and not by the POSIX port, which knows no
 * own port to bind, nor anybody who cuts the wait short.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "board.h"
#include "endpoint.h"
#include "net_worker.h"
#include "network.h"
#include "port_table.h"
#include "tcp_close.h"
#include "tcp_io.h"
#include "tcp_tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOOKUP_MS     5000u /* as programs of the course give a name */
#define BIND_AGAIN_MS 50u

struct target {
    struct sockaddr_storage address;
    socklen_t len;
    struct endpoint_peer peer;
};

/* --- addresses ------------------------------------------------------------ */

static socklen_t fill_v4(struct sockaddr_storage *out, const void *bytes,
                         uint16_t port)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};

    memcpy(&v4.sin_addr, bytes, 4);
    memset(out, 0, sizeof *out);
    memcpy(out, &v4, sizeof v4);
    return sizeof v4;
}

static socklen_t fill_v6(struct sockaddr_storage *out, const void *bytes,
                         uint32_t scope, uint16_t port)
{
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
                              .sin6_port = htons(port),
                              .sin6_scope_id = scope};

    memcpy(&v6.sin6_addr, bytes, 16);
    memset(out, 0, sizeof *out);
    memcpy(out, &v6, sizeof v6);
    return sizeof v6;
}

/* Where the program's address and port are here. */
static wiced_result_t find_target(const wiced_ip_address_t *address,
                                  uint16_t port, struct target *out)
{
    uint16_t here = board_port(port);
    struct wwep_address server;
    uint32_t words[4];

    if (here == 0) /* any: one of this very program's */
        here = port_table_here(port);
    if (address->version == WICED_IPV4 &&
        network_is_course_server(address->ip.v4)) {
        if (!network_course_server(&server, LOOKUP_MS))
            return WICED_TCPIP_SOCKET_CLOSED;
        out->len = server.len == 4 ? fill_v4(&out->address, server.bytes, here)
                                   : fill_v6(&out->address, server.bytes,
                                             server.scope, here);
    } else if (address->version == WICED_IPV4) {
        words[0] = htonl(address->ip.v4);
        out->len = fill_v4(&out->address, words, here);
    } else {
        for (unsigned i = 0; i < 4; i++)
            words[i] = htonl(address->ip.v6[i]);
        out->len = fill_v6(&out->address, words, 0, here);
    }
    out->peer = port_table_peer(&out->address);
    return WICED_SUCCESS;
}

/* --- the client's own port ------------------------------------------------ */

/* Returns an fd, or a negative errno. */
static int open_socket(int family, uint16_t own_port)
{
    static const uint8_t any[16];
    const int on = 1;
    struct sockaddr_storage own;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -errno;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (own_port == 0)
        return fd;

    socklen_t len = family == AF_INET ? fill_v4(&own, any, own_port)
                                      : fill_v6(&own, any, 0, own_port);
    /* NetX has no wait after a connection before its port is free again. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(fd, (const struct sockaddr *)&own, len) == 0)
        return fd;

    int error = errno;
    close(fd);
    return -error;
}

/* With the lock held. The system lets two sockets of SO_REUSEADDR share one. */
static bool is_bound_by_us(uint16_t port)
{
    const struct endpoint *ep;

    for (ep = LIST_FIRST(endpoint_all()); ep != NULL; ep = LIST_NEXT(ep, link))
        if (ep->bound && ep->bound_port == port)
            return true;
    return false;
}

/* With the lock held. */
static wiced_result_t try_bind(struct endpoint *ep, uint16_t port)
{
    int fd = -1;

    if (ep->socket == NULL)
        return WICED_TCPIP_WAIT_ABORTED;
    if (ep->bound || ep->claimed || ep->state != WICED_SOCKET_CLOSED)
        return WICED_ERROR;
    if (port != WICED_ANY_PORT) {
        fd = is_bound_by_us(port) ? -EADDRINUSE : open_socket(AF_INET, port);
        if (fd < 0)
            return fd == -EADDRINUSE || fd == -EACCES
                       ? WICED_TCPIP_PORT_UNAVAILABLE
                       : WICED_ERROR;
    }
    ep->bound = true;
    ep->bound_port = port;
    ep->bound_fd = fd;
    return WICED_SUCCESS;
}

/* With the lock held, as a user. */
static wiced_result_t bind_within(struct endpoint *ep, uint16_t port)
{
    const struct deadline deadline = deadline_in(ep->bind_ms);
    wiced_result_t result;

    while ((result = try_bind(ep, port)) == WICED_TCPIP_PORT_UNAVAILABLE) {
        uint32_t left_ms = deadline_left_ms(&deadline);
        const struct deadline again =
            deadline_in(left_ms < BIND_AGAIN_MS ? left_ms : BIND_AGAIN_MS);

        if (left_ms == 0)
            break;
        endpoint_unlock();
        result = endpoint_wait(ep, -1, 0, &again);
        endpoint_lock();
        if (result != WICED_TIMEOUT)
            break;
    }
    return result;
}

wiced_result_t wiced_tcp_bind(wiced_tcp_socket_t *socket, uint16_t port)
{
    wiced_result_t result = tcp_link_check(socket);

    if (result != WICED_SUCCESS)
        return result;
    endpoint_lock();
    struct endpoint *ep = endpoint_find(socket);
    if (ep != NULL) {
        endpoint_use(ep);
        result = bind_within(ep, port);
        endpoint_unuse(ep);
    } else {
        result = WICED_TCPIP_INVALID_SOCKET;
    }
    endpoint_unlock();
    return result;
}

/* --- connecting ----------------------------------------------------------- */

/* The fd that has the bound port, if it is of the right kind, or a new one. */
static int socket_for(struct endpoint *ep, const struct target *to)
{
    endpoint_lock();
    int fd = ep->bound_fd;
    uint16_t own_port = ep->bound_port;
    ep->bound_fd = -1;
    endpoint_unlock();

    if (fd >= 0 && to->address.ss_family == AF_INET)
        return fd;
    if (fd >= 0)
        close(fd);
    return open_socket(to->address.ss_family, own_port);
}

static wiced_result_t connect_within(const struct endpoint *ep, int fd,
                                     const struct target *to,
                                     uint32_t timeout_ms)
{
    const struct deadline deadline = deadline_in(timeout_ms);
    int error = 0;
    socklen_t len = sizeof error;

    if (connect(fd, (const struct sockaddr *)&to->address, to->len) == 0)
        return WICED_SUCCESS;
    if (errno != EINPROGRESS && errno != EINTR)
        return WICED_TCPIP_SOCKET_CLOSED;

    wiced_result_t result = endpoint_wait(ep, fd, POLLOUT, &deadline);
    if (result == WICED_TCPIP_WAIT_ABORTED)
        return result;
    if (result != WICED_SUCCESS ||
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error != 0)
        return WICED_TCPIP_SOCKET_CLOSED;
    return WICED_SUCCESS;
}

/* As a user; returns a connection's fd. */
static wiced_result_t open_tcp(struct endpoint *ep, const struct target *to,
                               uint32_t timeout_ms, int *out)
{
    int fd = socket_for(ep, to);

    if (fd < 0)
        return WICED_TCPIP_SOCKET_CLOSED;
    wiced_result_t result = connect_within(ep, fd, to, timeout_ms);
    if (result != WICED_SUCCESS)
        close(fd);
    *out = fd;
    return result;
}

/* Takes a closed socket for this call, as a user. */
static wiced_result_t begin(const wiced_tcp_socket_t *socket,
                            struct endpoint **out)
{
    wiced_result_t result = WICED_SUCCESS;

    endpoint_lock();
    struct endpoint *ep = endpoint_find(socket);
    if (ep == NULL) {
        result = WICED_TCPIP_INVALID_SOCKET;
    } else if (ep->claimed || ep->state != WICED_SOCKET_CLOSED) {
        result = WICED_ERROR;
    } else {
        ep->state = WICED_SOCKET_CONNECTING;
        ep->bound = true;
        endpoint_use(ep);
    }
    endpoint_unlock();
    *out = ep;
    return result;
}

/* TLS's failure is the end of the connection. */
static void end_connection(struct endpoint *ep)
{
    endpoint_lock();
    endpoint_hold(ep);
    endpoint_unuse(ep);
    endpoint_claim(ep);
    (void)tcp_close(ep, false);
    ep->bound = false;
    ep->bound_port = 0;
    endpoint_release(ep);
    endpoint_let_go(ep);
    endpoint_unlock();
}

/* As a user. */
static wiced_result_t connect_tcp(struct endpoint *ep,
                                  const wiced_ip_address_t *address,
                                  uint16_t port, uint32_t timeout_ms)
{
    struct target to;
    int fd = -1;
    wiced_result_t result = find_target(address, port, &to);

    if (result == WICED_SUCCESS)
        result = open_tcp(ep, &to, timeout_ms, &fd);
    endpoint_lock();
    if (result == WICED_SUCCESS)
        endpoint_connect(ep, fd, WICED_SOCKET_CONNECTED, &to.peer);
    else
        ep->state = WICED_SOCKET_CLOSED;
    endpoint_unlock();
    return result;
}

wiced_result_t wiced_tcp_connect(wiced_tcp_socket_t *socket,
                                 const wiced_ip_address_t *address,
                                 uint16_t port, uint32_t timeout_ms)
{
    struct endpoint *ep;

    if (socket == NULL || address == NULL ||
        (address->version != WICED_IPV4 && address->version != WICED_IPV6))
        return WICED_BADARG;
    wiced_result_t result = tcp_link_check(socket);
    if (result == WICED_SUCCESS)
        result = begin(socket, &ep);
    if (result != WICED_SUCCESS)
        return result;

    result = connect_tcp(ep, address, port, timeout_ms);
    if (result == WICED_SUCCESS) {
        result = tcp_tls_open(ep, WICED_TLS_AS_CLIENT,
                              WICED_TLS_DEFAULT_VERIFICATION);
        if (result != WICED_SUCCESS) {
            end_connection(ep);
            return result;
        }
    }
    endpoint_leave(ep);
    return result;
}
