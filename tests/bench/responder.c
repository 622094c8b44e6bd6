/* responder.c - what the two baselines share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "responder.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define SLOTS   ((size_t)1 << 24)
#define WRITTEN ((uint32_t)1 << 16)

void responder_die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

static int listen_on(const char *port_text)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);
    int yes = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    address.sin_port = htons((uint16_t)strtoul(port_text, NULL, 10));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
        bind(fd, (struct sockaddr *)&address, len) != 0 ||
        listen(fd, SOMAXCONN) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        responder_die("listening");
    printf("listening on port %u\n", (unsigned)ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

void responder_init(struct responder *r, const char *port_text)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = -1};
    struct rlimit files;

    signal(SIGPIPE, SIG_IGN); /* a client may be gone before its reply */
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        responder_die("the limit of open files");
    files.rlim_cur = files.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &files) != 0)
        responder_die("the limit of open files");
    r->fd_limit = (size_t)files.rlim_cur;

    r->slots = mmap(NULL, SLOTS * sizeof(uint32_t), PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (r->slots == MAP_FAILED)
        responder_die("memory for the registers");

    r->listener = listen_on(port_text);
    r->epoll = epoll_create1(0);
    if (r->epoll < 0 ||
        epoll_ctl(r->epoll, EPOLL_CTL_ADD, r->listener, &event) != 0)
        responder_die("epoll");
}

int responder_accept(const struct responder *r)
{
    return accept4(r->listener, NULL, NULL, SOCK_NONBLOCK);
}

void responder_watch(const struct responder *r, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

    if (epoll_ctl(r->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        responder_die("epoll");
}

static size_t carry_out(struct responder *r, const struct wwep_request *request,
                        uint8_t out[WWEP_REPLY_MAX])
{
    uint32_t *slot = &r->slots[(size_t)request->device << 8 | request->reg];

    if (request->command == WWEP_WRITE)
        *slot = WRITTEN | request->value;
    if ((*slot & WRITTEN) == 0)
        return wwep_reply_refuse(NULL, out);
    return wwep_reply_accept(request, (uint16_t)*slot, out);
}

size_t responder_reply(struct responder *r, const struct wwep_decoder *d,
                       bool ended, uint8_t out[WWEP_REPLY_MAX])
{
    struct wwep_request request;
    struct wwep_reason why;
    enum wwep_progress progress = ended ? wwep_decoder_finish(d, &request, &why)
                                        : wwep_decoder_judge(d, &request, &why);

    if (progress == WWEP_COMPLETE)
        return carry_out(r, &request, out);
    return progress == WWEP_REFUSED ? wwep_reply_refuse(NULL, out) : 0;
}
