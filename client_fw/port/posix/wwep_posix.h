/* wwep_posix.h - the port for Linux, and for what else has POSIX sockets.
 *
 *     static struct wwep_posix posix;
 *
 *     wwep_posix_init(&posix, NULL, NULL);
 *     config.port = &posix.port;
 *
 * The sockets never block; waits are poll()'s, and go on after a signal. Names
 * are looked up on a thread of their own, as getaddrinfo() knows no time limit:
 * where it takes too long, that thread ends by itself later.
 *
 * Source: POSIX.1-2008; getentropy() is in POSIX.1-2024.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_POSIX_H
#define WWEP_POSIX_H

#include <wwep/port.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How long a close waits for the peer's end at most: what the peer sends after
 * our end must find a socket, or the reset may destroy what we have sent. */
#define WWEP_POSIX_CLOSE_MS 100

typedef void wwep_posix_log_fn(void *ctx, enum wwep_log_level level,
                               const char *text);

/* The caller owns it, and must not move it: port.ctx points to it. */
struct wwep_posix {
    struct wwep_port port;
    wwep_posix_log_fn *on_log;
    void *log_ctx;
    int fd; /* -1: no connection */
};

/* Fills posix->port. Lines of the log go to on_log; NULL: nowhere. Takes
 * nothing from the system yet, and so can not fail. */
void wwep_posix_init(struct wwep_posix *posix, wwep_posix_log_fn *on_log,
                     void *log_ctx);

/* Closes the connection that is open, if there is one. Twice is fine. */
void wwep_posix_deinit(struct wwep_posix *posix);

#ifdef __cplusplus
}
#endif

#endif
