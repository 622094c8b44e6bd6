/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "unit_transport.h"

#include "unit.h"
#include "unit_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENT_RCVBUF 65536 /* not large, so that a client can be slow */

struct unit_rig rig;

static char letter_of(enum transport_event event)
{
    static const char letters[] = {
        [TRANSPORT_READY] = 'R', [TRANSPORT_DATA] = 'D',
        [TRANSPORT_QUIET] = 'q', [TRANSPORT_END] = 'E',
        [TRANSPORT_SENT] = 'S',  [TRANSPORT_FAILED] = 'F',
        [TRANSPORT_CLOSED] = 'C'};

    return letters[event];
}

static void on_event(void *owner, enum transport_event event,
                     const uint8_t *buf, size_t len)
{
    struct unit_rig *r = owner;

    ck_assert(!r->freed); /* CLOSED was the last */
    ck_assert_uint_lt(r->n_events, sizeof r->events - 1);
    r->events[r->n_events++] = letter_of(event);
    if (event == TRANSPORT_DATA) {
        ck_assert_uint_gt(len, 0);
        ck_assert_uint_le(r->data_len + len, sizeof r->data);
        memcpy(r->data + r->data_len, buf, len);
        r->data_len += len;
    } else {
        ck_assert_uint_eq(len, 0);
    }
    if (r->hook != NULL)
        r->hook(r, event);
    if (event == TRANSPORT_CLOSED) {
        transport_free(r->t);
        r->t = NULL;
        r->freed = true;
    }
}

void unit_turn(void)
{
    struct pollfd p = {.fd = uv_backend_fd(&rig.loop), .events = POLLIN};

    poll(&p, 1, 1);
    uv_run(&rig.loop, UV_RUN_NOWAIT);
}

void unit_turn_to(char event)
{
    UNIT_TURN_UNTIL(strchr(rig.events, event) != NULL);
}

void unit_client_resets(void)
{
    unit_reset(rig.client);
    rig.client = -1;
}

void unit_client_gets(const char *text)
{
    unit_expect_end(rig.client, text);
    rig.client = -1;
}

/* Returns the server's end; the client's is in the rig. */
static int make_pair(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof a;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_ge(listener, 0);
    ck_assert_int_eq(bind(listener, (const struct sockaddr *)&a, len), 0);
    ck_assert_int_eq(listen(listener, 1), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&a, &len), 0);
    rig.client = unit_connect(ntohs(a.sin_port), CLIENT_RCVBUF);
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    close(listener);
    return fd;
}

void unit_transport_start(struct tls_context *tls)
{
    signal(SIGPIPE, SIG_IGN); /* as wwepd does */
    memset(&rig, 0, sizeof rig);
    ck_assert_int_eq(uv_loop_init(&rig.loop), 0);
    rig.t = tls != NULL ? transport_new_tls(&rig.loop, &rig.io, tls)
                        : transport_new_plain(&rig.loop, &rig.io);
    ck_assert_ptr_nonnull(rig.t);
    ck_assert_int_eq(transport_start(rig.t, make_pair(), on_event, &rig), 0);
}

void unit_transport_stop(void)
{
    rig.hook = NULL;
    if (!rig.freed) {
        transport_close(rig.t);
        UNIT_TURN_UNTIL(rig.freed);
    }
    if (rig.client >= 0)
        close(rig.client);
    ck_assert_int_eq(uv_run(&rig.loop, UV_RUN_DEFAULT), 0);
    ck_assert_int_eq(uv_loop_close(&rig.loop), 0);
}
