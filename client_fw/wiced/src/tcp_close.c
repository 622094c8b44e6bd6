/* A socket that is closed with unread input resets the connection, and the
 * peer may never see what was sent last: so the peer's end comes first, where
 * it comes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "tcp_close.h"

#include "net_worker.h"
#include "secure.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Until the peer's end, or the time is up, or somebody is in a hurry. */
static void drop_what_comes(const struct endpoint *ep, int fd,
                            uint32_t close_ms)
{
    const struct deadline deadline = deadline_in(close_ms);
    char dropped[4096];

    do {
        ssize_t n = recv(fd, dropped, sizeof dropped, 0);

        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
            return;
    } while (endpoint_wait(ep, fd, POLLIN, &deadline) == WICED_SUCCESS);
}

wiced_result_t tcp_close(struct endpoint *ep, bool good_bye)
{
    int fd = ep->posix.fd;
    uint32_t close_ms = ep->close_ms;
    wiced_tls_context_t *tls = good_bye && ep->tls_up ? ep->tls : NULL;

    if (fd < 0)
        return WICED_TCPIP_SOCKET_CLOSED;
    endpoint_unlock();
    if (tls != NULL)
        secure_close(tls);
    if (shutdown(fd, SHUT_WR) == 0)
        drop_what_comes(ep, fd, close_ms);
    close(fd);
    endpoint_lock();
    ep->posix.fd = -1;
    ep->tls_up = false;
    ep->state = WICED_SOCKET_CLOSED;
    net_worker_closed(ep);
    return WICED_SUCCESS;
}
