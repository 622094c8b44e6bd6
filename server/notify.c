/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "notify.h"

#include "environment.h"
#include "wwep_text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define MESSAGE_MAX (NOTIFY_TEXT_MAX + 100u)
#define SECOND_US   UINT64_C(1000000)
/* What the end takes besides what may take limit_s. */
#define MARGIN_S 10u

/* --- the environment --- */

/* 0 where the watchdog is not for us: a shell in between may have been meant.
 */
static uint64_t watchdog_us(void)
{
    const char *period = getenv("WATCHDOG_USEC");
    const char *whose = getenv("WATCHDOG_PID");
    uint64_t us;

    if (period == NULL || !environment_number(period, &us))
        return 0;
    return whose == NULL || environment_is_us(whose) ? us : 0;
}

/* A path, or an abstract name behind an "@". */
static int set_address(struct notify *n, const char *path)
{
    size_t len = strlen(path);

    if ((path[0] != '/' && path[0] != '@') || path[1] == '\0')
        return -EAFNOSUPPORT;
    if (len >= sizeof n->address.sun_path)
        return -ENAMETOOLONG;
    n->address.sun_family = AF_UNIX;
    memcpy(n->address.sun_path, path, len + 1);
    /* An abstract name begins with a NUL, and has none at its end. */
    if (path[0] == '@')
        n->address.sun_path[0] = '\0';
    else
        len++;
    n->address_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    return 0;
}

static int open_socket(struct notify *n)
{
    /* Who started us reads quickly; and if not, we have clients to serve. */
    const struct timeval patience = {.tv_sec = 1};

    n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (n->fd < 0)
        return -errno;
    if (setsockopt(n->fd, SOL_SOCKET, SO_SNDTIMEO, &patience,
                   sizeof patience) == 0)
        return 0;
    int error = errno;
    notify_close(n);
    return -error;
}

int notify_open(struct notify *n, char error[NOTIFY_ERROR_MAX])
{
    const char *path = getenv("NOTIFY_SOCKET");
    char shown[100];
    int status = 0;

    memset(n, 0, sizeof *n);
    n->fd = -1;
    if (path != NULL) {
        status = set_address(n, path);
        if (status == 0)
            status = open_socket(n);
        if (status == 0) {
            n->watchdog_us = watchdog_us();
        } else {
            wwep_text_tame(path, shown, sizeof shown);
            snprintf(error, NOTIFY_ERROR_MAX,
                     "NOTIFY_SOCKET=%s: %s: whoever started this is not "
                     "told how it goes",
                     shown, strerror(-status));
        }
    }
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    return status == 0 ? 0 : -1;
}

/* --- telling --- */

static int tell(const struct notify *n, const char *message)
{
    size_t len = strlen(message);
    ssize_t sent;

    if (n->fd < 0)
        return 0;
    do
        sent = sendto(n->fd, message, len, MSG_NOSIGNAL,
                      (const struct sockaddr *)&n->address, n->address_len);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : 0;
}

/* Each line of a message is a field, so a text is one line. */
static void one_line(const char *text, char out[NOTIFY_TEXT_MAX])
{
    snprintf(out, NOTIFY_TEXT_MAX, "%s", text);
    for (char *c = out; *c != '\0'; c++)
        if (*c == '\n')
            *c = ' ';
}

int notify_ready(const struct notify *n, const char *text)
{
    char message[MESSAGE_MAX];
    char line[NOTIFY_TEXT_MAX];

    one_line(text, line);
    snprintf(message, sizeof message, "READY=1\nSTATUS=%s", line);
    return tell(n, message);
}

int notify_reloading(const struct notify *n)
{
    char message[MESSAGE_MAX];
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(message, sizeof message, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
             (uint64_t)now.tv_sec * SECOND_US + (uint64_t)now.tv_nsec / 1000);
    return tell(n, message);
}

int notify_stopping(const struct notify *n, unsigned limit_s, const char *text)
{
    char message[MESSAGE_MAX];
    char line[NOTIFY_TEXT_MAX];

    one_line(text, line);
    snprintf(message, sizeof message,
             "STOPPING=1\nSTATUS=%s\nEXTEND_TIMEOUT_USEC=%" PRIu64, line,
             ((uint64_t)limit_s + MARGIN_S) * SECOND_US);
    return tell(n, message);
}

int notify_alive(const struct notify *n)
{
    return tell(n, "WATCHDOG=1");
}

void notify_close(struct notify *n)
{
    if (n->fd >= 0)
        close(n->fd);
    n->fd = -1;
    n->watchdog_us = 0;
}
