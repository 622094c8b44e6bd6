/* notify.h - tells whoever started us, systemd as a rule, how we are.
 *
 * The protocol of sd_notify(3), by hand: datagrams to the socket that the
 * environment names. Where it names none, nobody wants to know, and each call
 * does nothing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NOTIFY_H
#define NOTIFY_H

#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#define NOTIFY_ERROR_MAX 256u
#define NOTIFY_TEXT_MAX  200u /* of a status */

struct notify {
    int fd; /* -1: nobody wants to know */
    struct sockaddr_un address;
    socklen_t address_len;
    uint64_t watchdog_us; /* within that, notify_alive(); 0: no watchdog */
};

/* Reads $NOTIFY_SOCKET, $WATCHDOG_USEC and $WATCHDOG_PID and takes them out of
 * the environment, so before there is a second thread. Returns 0, also where
 * there is nothing to read; else -1, and error has a line: then nobody will be
 * told anything. */
int notify_open(struct notify *n, char error[NOTIFY_ERROR_MAX]);

/* The others return 0 or a negative errno. A text is a line for people, shown
 * by systemctl status; longer than NOTIFY_TEXT_MAX it is cut. */

/* We serve, for the first time or after notify_reloading(). */
int notify_ready(const struct notify *n, const char *text);

/* The configuration is being read again, until notify_ready(). */
int notify_reloading(const struct notify *n);

/* We are about to end, which may take up to limit_s seconds. */
int notify_stopping(const struct notify *n, unsigned limit_s, const char *text);

/* What the watchdog waits for. */
int notify_alive(const struct notify *n);

/* May be called again. */
void notify_close(struct notify *n);

#endif
