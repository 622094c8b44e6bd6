/* transport_plain.c - bytes as they are.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport.h"

#include <stdlib.h>

static void plain_start(struct transport *t)
{
    transport_emit(t, TRANSPORT_READY, NULL, 0);
}

static void plain_input(struct transport *t, const uint8_t *buf, size_t len)
{
    transport_emit(t, TRANSPORT_DATA, buf, len);
    if (transport_is_open(t))
        transport_emit(t, TRANSPORT_QUIET, NULL, 0);
}

static void plain_input_end(struct transport *t)
{
    transport_emit(t, TRANSPORT_END, NULL, 0);
}

static const struct transport_ops plain_ops = {
    .start = plain_start,
    .input = plain_input,
    .input_end = plain_input_end,
    .send = transport_queue,
};

struct transport *transport_new_plain(uv_loop_t *loop, struct transport_io *io)
{
    struct transport *t = malloc(sizeof *t); /* see connection_new() */

    if (t == NULL)
        return NULL;
    *t = (struct transport){.ops = &plain_ops};
    if (transport_init(t, &plain_ops, loop, io) != 0) {
        free(t);
        return NULL;
    }
    return t;
}
