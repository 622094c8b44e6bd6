/* control_client.h - the other end of the control socket: an order to the
 * running server, and its reply.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONTROL_CLIENT_H
#define CONTROL_CLIENT_H

#include <stddef.h>

#define CONTROL_REPLY_MAX 65536u

enum control_answer {
    CONTROL_ANSWERED,
    CONTROL_NOBODY, /* no server has the socket */
    CONTROL_REFUSED /* else; error is a negative errno, or 0: no reply came */
};

/* Sends the line, without its end, and waits for the reply, which is put there
 * without its end. */
enum control_answer control_client_ask(const char *path, const char *line,
                                       char reply[CONTROL_REPLY_MAX],
                                       int *error);

/* What to do about an error of connecting. */
const char *control_client_advice(int error);

#endif
