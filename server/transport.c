/* transport.c - what plain and TLS share: the socket.
 *
 * Happy path: bytes come into the worker's buffer -> ops->input() -> events
 * -> the owner sends: transport_queue() gathers in the worker's other buffer
 * -> transport_flush() hands all to the kernel in one write.
 * Failures:
 * - the kernel takes only part -> the rest is copied, and reading stops until
 *   it has gone out (SENT): a peer that does not read can not fill our memory;
 * - the peer resets, or a write fails -> FAILED once;
 * - the owner closes in the middle of an event -> nothing more is emitted.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport.h"

#include "counters.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Bytes that the kernel did not take. */
struct pending {
    uv_write_t write;
    uint8_t bytes[];
};

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf);
static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *buf);
static void on_written(uv_write_t *w, int status);
static void on_closed(uv_handle_t *h);

int transport_init(struct transport *t, const struct transport_ops *ops,
                   uv_loop_t *loop, struct transport_io *io)
{
    t->ops = ops;
    t->io = io;
    t->info.device = DEVICE_NONE;
    t->fault.alert = -1;
    t->tcp.data = t;
    return uv_tcp_init(loop, &t->tcp);
}

void transport_free(struct transport *t)
{
    if (t->ops->release != NULL)
        t->ops->release(t);
    free(t);
}

static uv_stream_t *stream_of(struct transport *t)
{
    return (uv_stream_t *)&t->tcp;
}

int transport_start(struct transport *t, int fd, transport_event_fn on_event,
                    void *owner)
{
    t->on_event = on_event;
    t->owner = owner;
    int status = uv_tcp_open(&t->tcp, fd);
    if (status != 0) {
        close(fd);
        return status;
    }
    status = uv_read_start(stream_of(t), on_alloc, on_read);
    if (status == 0 && t->ops->start != NULL)
        t->ops->start(t);
    return status;
}

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
    struct transport *t = h->data;

    (void)suggested;
    *buf = uv_buf_init((char *)t->io->in, sizeof t->io->in);
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *buf)
{
    struct transport *t = s->data;

    if (n == 0 || t->closing)
        return;
    if (n > 0) {
        t->heard = true;
        counters_raise(&t->io->bytes_in, (uint64_t)n);
        if (!t->finishing && !t->failed)
            t->ops->input(t, (const uint8_t *)buf->base, (size_t)n);
        assert(t->io->out_len == 0);
        return;
    }
    uv_read_stop(s);
    t->peer_ended = true;
    if (n != UV_EOF)
        t->error = (int)n;
    if (t->finishing) {
        /* Pending bytes still go out: on_written() closes after them. */
        if (n != UV_EOF || t->writes == 0)
            transport_close(t);
    } else if (n == UV_EOF) {
        t->ops->input_end(t);
    } else {
        transport_fail(t);
    }
}

void transport_emit(struct transport *t, enum transport_event event,
                    const uint8_t *buf, size_t len)
{
    t->on_event(t->owner, event, buf, len);
}

void transport_fail(struct transport *t)
{
    if (t->failed || !transport_is_open(t))
        return;
    t->failed = true;
    transport_emit(t, TRANSPORT_FAILED, NULL, 0);
}

bool transport_is_open(const struct transport *t)
{
    return !t->closing && !t->finishing;
}

int transport_send(struct transport *t, const uint8_t *buf, size_t len)
{
    return t->ops->send(t, buf, len);
}

void transport_say_goodbye(struct transport *t)
{
    if (t->ops->say_goodbye != NULL && t->error == 0)
        t->ops->say_goodbye(t);
}

int transport_queue(struct transport *t, const uint8_t *buf, size_t len)
{
    struct transport_io *io = t->io;

    while (len > 0) {
        if (io->out_len == sizeof io->out) {
            int status = transport_flush(t);
            if (status < 0)
                return status;
        }
        size_t n = sizeof io->out - io->out_len;
        if (n > len)
            n = len;
        memcpy(io->out + io->out_len, buf, n);
        io->out_len += n;
        buf += n;
        len -= n;
    }
    return 0;
}

/* Leaves the bytes to libuv, and reads no more until they have gone out. */
static int write_later(struct transport *t, const uint8_t *buf, size_t len)
{
    struct pending *p = malloc(sizeof *p + len);

    if (p == NULL)
        return UV_ENOMEM;
    memcpy(p->bytes, buf, len);
    uv_buf_t b = uv_buf_init((char *)p->bytes, (unsigned)len);
    int status = uv_write(&p->write, stream_of(t), &b, 1, on_written);
    if (status != 0) {
        free(p);
        return status;
    }
    t->writes++;
    uv_read_stop(stream_of(t));
    return 1;
}

int transport_flush(struct transport *t)
{
    struct transport_io *io = t->io;
    size_t len = io->out_len;

    io->out_len = 0;
    if (len == 0)
        return t->writes > 0;
    if (t->closing || t->error != 0)
        return UV_ECANCELED;
    uv_buf_t b = uv_buf_init((char *)io->out, (unsigned)len);
    int n = uv_try_write(stream_of(t), &b, 1);
    if (n == UV_EAGAIN)
        n = 0;
    if (n < 0) {
        t->error = n;
        return n;
    }
    counters_raise(&io->bytes_out, len); /* what is pending, too */
    if ((size_t)n == len)
        return 0;
    return write_later(t, io->out + n, len - (size_t)n);
}

static void on_written(uv_write_t *w, int status)
{
    struct transport *t = w->handle->data;

    free(w); /* the first member of its struct pending */
    t->writes--;
    if (t->closing)
        return;
    if (status != 0) {
        t->error = status;
        if (t->finishing)
            transport_close(t);
        else
            transport_fail(t);
        return;
    }
    if (t->writes > 0)
        return;
    if (t->finishing && t->peer_ended) {
        transport_close(t);
        return;
    }
    if (!t->peer_ended && !t->paused)
        uv_read_start(stream_of(t), on_alloc, on_read);
    if (transport_is_open(t))
        transport_emit(t, TRANSPORT_SENT, NULL, 0);
}

void transport_pause(struct transport *t)
{
    t->paused = true;
    if (!t->closing)
        uv_read_stop(stream_of(t));
}

void transport_resume(struct transport *t)
{
    t->paused = false;
    if (transport_is_open(t) && !t->peer_ended && t->writes == 0)
        uv_read_start(stream_of(t), on_alloc, on_read);
}

void transport_finish(struct transport *t)
{
    if (!transport_is_open(t))
        return;
    t->finishing = true;
    t->paused = false;
    if (transport_flush(t) < 0 || t->error != 0 || t->peer_ended ||
        uv_shutdown(&t->shutdown, stream_of(t), NULL) != 0) {
        /* Pending bytes still have on_written() to close for them. */
        if (t->writes == 0 || t->error != 0)
            transport_close(t);
        return;
    }
    uv_read_start(stream_of(t), on_alloc, on_read);
}

void transport_close(struct transport *t)
{
    if (t->closing)
        return;
    t->closing = true;
    t->io->out_len = 0;
    uv_close((uv_handle_t *)&t->tcp, on_closed);
}

static void on_closed(uv_handle_t *h)
{
    struct transport *t = h->data;

    t->on_event(t->owner, TRANSPORT_CLOSED, NULL, 0);
}

bool transport_has_heard(const struct transport *t)
{
    return t->heard;
}

bool transport_has_unread(const struct transport *t)
{
    uv_os_fd_t fd;
    char byte;

    return !t->peer_ended &&
           uv_fileno((const uv_handle_t *)&t->tcp, &fd) == 0 &&
           recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}
