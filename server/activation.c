/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "activation.h"

#include "environment.h"
#include "wwep_text.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_FD 3 /* as the protocol has it: behind the standard streams */

/* --- the environment --- */

/* "plain:secure": of each socket, in their order. */
static void read_names(struct activation *a, const char *names)
{
    for (size_t i = 0; i < a->n && names != NULL; i++) {
        size_t len = strcspn(names, ":");
        wwep_text_escape((const uint8_t *)names, len, a->sockets[i].name,
                         ACTIVATION_NAME_MAX);
        names = names[len] == ':' ? names + len + 1 : NULL;
    }
}

static int option_of(int fd, int name)
{
    int value = 0;
    socklen_t len = sizeof value;

    return getsockopt(fd, SOL_SOCKET, name, &value, &len) == 0 ? value : -1;
}

/* Whether it is a TCP socket that listens. */
static bool is_listening(struct activation_socket *s)
{
    socklen_t len = sizeof s->address;

    return option_of(s->fd, SO_TYPE) == SOCK_STREAM &&
           option_of(s->fd, SO_ACCEPTCONN) == 1 &&
           getsockname(s->fd, &s->address.any, &len) == 0 &&
           (s->address.any.sa_family == AF_INET ||
            s->address.any.sa_family == AF_INET6);
}

static int take_sockets(struct activation *a, char *error)
{
    for (size_t i = 0; i < a->n; i++) {
        struct activation_socket *s = &a->sockets[i];
        s->fd = FIRST_FD + (int)i;
        if (fcntl(s->fd, F_SETFD, FD_CLOEXEC) != 0) {
            snprintf(error, ACTIVATION_ERROR_MAX,
                     "LISTEN_FDS=%zu, but file %d is not open: whoever started "
                     "this has made a mistake",
                     a->n, s->fd);
            return -1;
        }
        if (!is_listening(s)) {
            snprintf(error, ACTIVATION_ERROR_MAX,
                     "file %d (%.100s), which this was started with, is no TCP "
                     "socket that listens: write ListenStream= with a port "
                     "into the socket unit, without Accept=yes",
                     s->fd, s->name);
            return -1;
        }
    }
    return 0;
}

static int take(struct activation *a, const char *count, char *error)
{
    char shown[40];
    uint64_t n;

    if (!environment_number(count, &n) || n > ACTIVATION_MAX) {
        wwep_text_tame(count, shown, sizeof shown);
        snprintf(error, ACTIVATION_ERROR_MAX,
                 "LISTEN_FDS=%s: it is a number of sockets, at most %u", shown,
                 ACTIVATION_MAX);
        return -1;
    }
    a->n = (size_t)n;
    read_names(a, getenv("LISTEN_FDNAMES"));
    int status = take_sockets(a, error);
    if (status != 0)
        a->n = 0;
    return status;
}

int activation_take(struct activation *a, char error[ACTIVATION_ERROR_MAX])
{
    const char *count = getenv("LISTEN_FDS");
    const char *whose = getenv("LISTEN_PID");
    int status = 0;

    memset(a, 0, sizeof *a);
    if (count != NULL && environment_is_us(whose))
        status = take(a, count, error);
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDNAMES");
    return status;
}

/* --- whose they are --- */

static bool is_every(const union address *a)
{
    return a->any.sa_family == AF_INET
               ? a->v4.sin_addr.s_addr == INADDR_ANY
               : IN6_IS_ADDR_UNSPECIFIED(&a->v6.sin6_addr);
}

static bool has_address(const struct activation_socket *s,
                        const struct config_listener *listener)
{
    union address wanted;

    if (listener->port != address_port(&s->address))
        return false;
    /* Without IPv6, "*" is 0.0.0.0. */
    if (strcmp(listener->address, "*") == 0)
        return is_every(&s->address);
    return address_parse(&wanted, listener->address, listener->port) == 0 &&
           address_same_ip(&wanted, &s->address) &&
           wanted.any.sa_family == s->address.any.sa_family &&
           (wanted.any.sa_family == AF_INET ||
            wanted.v6.sin6_scope_id == s->address.v6.sin6_scope_id);
}

/* The name is what somebody wrote to be understood, so it comes first. */
static const struct config_listener *owner_of(const struct activation_socket *s,
                                              const struct config *config)
{
    long named = config_find(config, s->name);

    if (named >= 0)
        return &config->listeners[named];
    for (size_t i = 0; i < config->n_listeners; i++)
        if (has_address(s, &config->listeners[i]))
            return &config->listeners[i];
    return NULL;
}

int activation_find(const struct activation *a, const struct config *config,
                    const struct config_listener *listener)
{
    for (size_t i = 0; i < a->n; i++)
        if (owner_of(&a->sockets[i], config) == listener)
            return a->sockets[i].fd;
    return -1;
}

int activation_check(const struct activation *a, const struct config *config,
                     char error[ACTIVATION_ERROR_MAX])
{
    const char *file = config_name(config);
    char where[ADDRESS_TEXT_MAX];

    for (size_t i = 0; i < a->n; i++) {
        const struct activation_socket *s = &a->sockets[i];
        const struct config_listener *owner = owner_of(s, config);
        address_format(&s->address, where);
        if (owner == NULL) {
            snprintf(error, ACTIVATION_ERROR_MAX,
                     "%.200s: no listener is for the socket %s (%.60s) that "
                     "this was started with: write a listener with its address "
                     "and port, or take its ListenStream= out of the socket "
                     "unit",
                     file, where, s->name);
            return -1;
        }
        if (activation_find(a, config, owner) != s->fd) {
            snprintf(error, ACTIVATION_ERROR_MAX,
                     "%.200s: listeners[%.60s]: this was started with two "
                     "sockets for it, one of them %s (%.60s): take that "
                     "ListenStream= out of the socket unit, or give it the "
                     "FileDescriptorName= of another listener",
                     file, owner->name, where, s->name);
            return -1;
        }
    }
    return 0;
}

bool activation_has(const struct activation *a, int fd)
{
    struct stat mine;
    struct stat other;

    if (a == NULL || a->n == 0 || fstat(fd, &other) != 0)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (fstat(a->sockets[i].fd, &mine) == 0 &&
            mine.st_dev == other.st_dev && mine.st_ino == other.st_ino)
            return true;
    return false;
}

int activation_copy(int fd, int *fds, size_t n, uint16_t *port)
{
    union address address;
    socklen_t len = sizeof address;
    const int on = 1;
    size_t i = 0;

    /* As our own have it; it is handed down to what is accepted. */
    if (getsockname(fd, &address.any, &len) == 0 &&
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0)
        while (i < n && (fds[i] = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FD)) >= 0)
            i++;
    if (i == n) {
        *port = address_port(&address);
        return 0;
    }
    int error = errno;
    while (i-- > 0)
        close(fds[i]);
    return -error;
}

void activation_close(struct activation *a)
{
    for (size_t i = 0; i < a->n; i++)
        close(a->sockets[i].fd);
    a->n = 0;
}
