/* Happy path: the first socket that listens opens the port, the others join it
 * -> each accepts from the same queue -> the last one that is deleted closes
 * it.
 * Failures: the port is taken, or not for us -> told, with what to do.
 *
 * The table is the process's, as ports are.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "port_table.h"

#include "board.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define AT_MAX 80u /* "[ADDRESS%INTERFACE]:PORT" */

static LIST_HEAD(, tcp_port) ports = LIST_HEAD_INITIALIZER(ports);

/* --- addresses ------------------------------------------------------------ */

/* A number of the board's, so that nothing is looked up. */
static bool listen_address(uint16_t port, struct sockaddr_storage *out,
                           socklen_t *len)
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV |
                                               AI_PASSIVE,
                                   .ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    char service[8];

    snprintf(service, sizeof service, "%u", (unsigned)port);
    if (getaddrinfo(board_options()->listen, service, &hints, &found) != 0)
        return false;
    memset(out, 0, sizeof *out);
    memcpy(out, found->ai_addr, found->ai_addrlen);
    *len = found->ai_addrlen;
    freeaddrinfo(found);
    return true;
}

static void write_at(char out[AT_MAX], uint16_t port)
{
    const char *address = board_options()->listen;
    bool v6 = strchr(address, ':') != NULL;

    snprintf(out, AT_MAX, "%s%s%s:%u", v6 ? "[" : "", address, v6 ? "]" : "",
             (unsigned)port);
}

static bool is_loopback(const struct endpoint_peer *at)
{
    static const uint32_t loopback[4] = {0, 0, 0, 1};

    return at->address.version == WICED_IPV4
               ? at->address.ip.v4 >> 24 == 127
               : memcmp(at->address.ip.v6, loopback, sizeof loopback) == 0;
}

struct endpoint_peer port_table_peer(const struct sockaddr_storage *from)
{
    struct endpoint_peer peer = {.address = {.version = WICED_IPV4}};

    if (from->ss_family == AF_INET) {
        struct sockaddr_in v4;

        memcpy(&v4, from, sizeof v4);
        peer.address.ip.v4 = ntohl(v4.sin_addr.s_addr);
        peer.port = ntohs(v4.sin_port);
        return peer;
    }

    struct sockaddr_in6 v6;
    uint32_t words[4];

    memcpy(&v6, from, sizeof v6);
    memcpy(words, &v6.sin6_addr, sizeof words);
    peer.port = ntohs(v6.sin6_port);
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
        peer.address.ip.v4 = ntohl(words[3]);
        return peer;
    }
    peer.address.version = WICED_IPV6;
    for (unsigned i = 0; i < 4; i++)
        peer.address.ip.v6[i] = ntohl(words[i]);
    return peer;
}

/* --- opening -------------------------------------------------------------- */

static void say_open(const struct tcp_port *port,
                     const struct sockaddr_storage *address)
{
    const struct endpoint_peer own = port_table_peer(address);
    char at[AT_MAX];

    write_at(at, port->here);
    board_say("port %u is %s here%s", (unsigned)port->number, at,
              is_loopback(&own) ? " (--listen 0.0.0.0 lets others in)" : "");
}

static wiced_result_t say_failed(const struct tcp_port *port, int error)
{
    char at[AT_MAX];

    write_at(at, port->here);
    switch (error) {
    case EADDRINUSE:
        board_say("port %u: %s is another program's: end that one, or give "
                  "--port another number",
                  (unsigned)port->number, at);
        return WICED_TCPIP_PORT_UNAVAILABLE;
    case EACCES:
    case EPERM:
        board_say("port %u: %s is not for us (%s): give --port a number from "
                  "1024 on",
                  (unsigned)port->number, at, strerror(error));
        return WICED_TCPIP_PORT_UNAVAILABLE;
    case EADDRNOTAVAIL:
        board_say("port %u: can not listen on %s, which is no address of this "
                  "machine: see --listen",
                  (unsigned)port->number, at);
        return WICED_ERROR;
    default:
        board_say("port %u: can not listen on %s: %s", (unsigned)port->number,
                  at, strerror(error));
        return WICED_ERROR;
    }
}

/* Returns the fd, and the address that the system has chosen; or a negative
 * errno. */
static int open_listening(struct sockaddr_storage *address, socklen_t len)
{
    const int on = 1;
    int fd = socket(address->ss_family,
                    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -errno;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(fd, (const struct sockaddr *)address, len) == 0 &&
        listen(fd, WICED_DEFAULT_TCP_LISTEN_QUEUE_SIZE) == 0 &&
        getsockname(fd, (struct sockaddr *)address, &len) == 0)
        return fd;

    int error = errno;
    close(fd);
    return -error;
}

static wiced_result_t open_port(struct tcp_port *port)
{
    struct sockaddr_storage address;
    socklen_t len;

    port->here = board_port(port->number);
    if (!listen_address(port->here, &address, &len)) {
        board_say("port %u: can not listen on \"%s\", which is no address: see "
                  "--listen",
                  (unsigned)port->number, board_options()->listen);
        return WICED_ERROR;
    }
    port->fd = open_listening(&address, len);
    if (port->fd < 0)
        return say_failed(port, -port->fd);
    port->here = port_table_peer(&address).port;
    say_open(port, &address);
    return WICED_SUCCESS;
}

struct tcp_port *port_table_find(uint16_t number)
{
    struct tcp_port *port;

    for (port = LIST_FIRST(&ports); port != NULL; port = LIST_NEXT(port, link))
        if (port->number == number)
            return port;
    return NULL;
}

wiced_result_t port_table_open(uint16_t number, struct tcp_port **out)
{
    struct tcp_port *port = port_table_find(number);

    if (port == NULL) {
        port = calloc(1, sizeof *port);
        if (port == NULL)
            return WICED_OUT_OF_HEAP_SPACE;
        port->number = number;
        wiced_result_t result = open_port(port);
        if (result != WICED_SUCCESS) {
            free(port);
            return result;
        }
        LIST_INSERT_HEAD(&ports, port, link);
    }
    port->sockets++;
    *out = port;
    return WICED_SUCCESS;
}

void port_table_let_go(struct tcp_port *port)
{
    if (--port->sockets > 0)
        return;
    LIST_REMOVE(port, link);
    close(port->fd);
    free(port);
}

int port_table_accept(const struct tcp_port *port, struct endpoint_peer *peer)
{
    const int on = 1;
    struct sockaddr_storage from = {0};
    socklen_t len = sizeof from;
    int fd = accept4(port->fd, (struct sockaddr *)&from, &len,
                     SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd < 0)
        return -errno;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    *peer = port_table_peer(&from);
    return fd;
}

uint16_t port_table_here(uint16_t number)
{
    endpoint_lock();
    const struct tcp_port *port = port_table_find(number);
    uint16_t here = port != NULL ? port->here : 0;
    endpoint_unlock();
    return here;
}
