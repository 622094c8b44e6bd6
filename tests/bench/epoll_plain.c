/* epoll_plain.c - the baseline of an exchange in the clear: WWEP on bare
 * epoll, with the fewest system calls that are right.
 *
 *     epoll_plain PORT
 *
 * A connection is accepted, read at once, and answered and closed where its
 * request is there; only where it is not does epoll hear of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "responder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

/* Reads what has come on fd. False: more must come; else fd is closed. */
static bool serve(struct responder *r, struct wwep_decoder *d, int fd)
{
    uint8_t in[64];
    uint8_t out[WWEP_REPLY_MAX];
    ssize_t got = read(fd, in, sizeof(in));
    size_t len;

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (got > 0)
        wwep_decoder_feed(d, in, (size_t)got);
    len = got < 0 ? 0 : responder_reply(r, d, got == 0, out);
    if (len == 0 && got > 0)
        return false;
    /* So few bytes always fit; who is gone needs none. */
    if (len > 0 && write(fd, out, len) < 0 && errno != EPIPE &&
        errno != ECONNRESET)
        perror("write");
    close(fd);
    return true;
}

static void accept_all(struct responder *r, struct wwep_decoder *decoders)
{
    int fd;

    while ((fd = responder_accept(r)) >= 0) {
        wwep_decoder_init(&decoders[fd]);
        if (!serve(r, &decoders[fd], fd))
            responder_watch(r, fd);
    }
}

int main(int argc, char **argv)
{
    struct epoll_event events[RESPONDER_EVENTS];
    struct responder r;
    struct wwep_decoder *decoders;

    if (argc != 2) {
        fprintf(stderr, "usage: epoll_plain PORT\n");
        return EXIT_FAILURE;
    }
    responder_init(&r, argv[1]);
    decoders = calloc(r.fd_limit, sizeof(*decoders));
    if (decoders == NULL)
        responder_die("memory");
    for (;;) {
        int count = epoll_wait(r.epoll, events, RESPONDER_EVENTS, -1);

        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;

            if (fd < 0)
                accept_all(&r, decoders);
            else
                (void)serve(&r, &decoders[fd], fd);
        }
    }
}
