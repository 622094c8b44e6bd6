/* control.c - clients of the control socket: a line in, a line out.
 *
 * Happy path: on_readable() accepts -> on_read() gathers a line -> serve_line()
 * -> stats are answered at once; a reset and a restore are a job for the store,
 * which comes home by on_changed(), a reload is one for the server, whose end
 * control_reloaded() tells -> answer() -> on_written() -> the next line. A
 * client that ends its side gets its replies, and is closed. Failures: a line
 * that is no order -> a reply that says why; one that is too long -> the same,
 * and the end; silence, or nobody who reads -> on_timeout() closes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "control.h"

#include "control_json.h"
#include "control_stats.h"
#include "log.h"
#include "store_change.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS_MAX 16u
#define LINE_MS     60000u /* for a whole line: a person may type it */
#define SEND_MS     5000u  /* for a reply to be taken */
#define PAUSE_MS    100u   /* where nobody can be accepted */

struct client {
    LIST_ENTRY(client) link;
    struct control *control;
    uv_pipe_t pipe;
    uv_timer_t timer;
    unsigned open_handles;
    uv_write_t write;
    char *reply; /* under way */
    bool ended;  /* nothing more comes */
    bool last;   /* the reply is the last one */
    bool closing;
    pid_t pid;
    uint64_t reload; /* that it waits for; 0: none */
    size_t len;
    char line[CONTROL_LINE_MAX];
};

struct control {
    struct control_socket socket;
    struct control_subject subject;
    uv_loop_t *loop;
    uv_poll_t poll;
    uv_timer_t pause;
    uv_async_t wake; /* by the store */
    struct store_port port;
    LIST_HEAD(, client) clients;
    unsigned n_clients;
    uint64_t started_ms; /* loop time */
    bool started;
    bool stopping;
    bool changing; /* there is a job */
    struct store_change change;
    struct client *asker; /* who wants to know */
    struct control_request request;
};

static void on_readable(uv_poll_t *poll, int status, int events);
static void on_pause_over(uv_timer_t *timer);
static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf);
static void go_on(struct client *k);
static void serve_line(struct client *k, size_t len);
static void start_change(struct client *k);
static void order_reload(struct client *k);
static void on_changed(struct store_job *job);
static void answer(struct client *k, char *reply);
static void on_written(uv_write_t *write, int status);
static void on_timeout(uv_timer_t *timer);

/* --- clients come and go --- */

static void on_handle_closed(uv_handle_t *handle)
{
    struct client *k = handle->data;

    if (--k->open_handles > 0)
        return;
    free(k->reply);
    free(k);
}

static void close_client(struct client *k)
{
    if (k->closing)
        return;
    k->closing = true;
    LIST_REMOVE(k, link);
    k->control->n_clients--;
    if (k->control->asker == k)
        k->control->asker = NULL;
    uv_close((uv_handle_t *)&k->pipe, on_handle_closed);
    uv_close((uv_handle_t *)&k->timer, on_handle_closed);
}

/* It is told why, as far as there is room for that at once. */
static void turn_away(int fd)
{
    static const char line[] =
        "{\"ok\":false,\"error\":\"too many are connected to the control "
        "socket: try again later\"}\n";
    ssize_t n = write(fd, line, sizeof line - 1);

    (void)n;
    close(fd);
}

static void add_client(struct control *c, int fd, pid_t pid)
{
    struct client *k = c->n_clients < CLIENTS_MAX ? calloc(1, sizeof *k) : NULL;

    if (k == NULL) {
        turn_away(fd);
        return;
    }
    k->control = c;
    k->pid = pid;
    k->open_handles = 2;
    uv_timer_init(c->loop, &k->timer);
    uv_pipe_init(c->loop, &k->pipe, 0);
    k->timer.data = k;
    k->pipe.data = k;
    k->write.data = k;
    LIST_INSERT_HEAD(&c->clients, k, link);
    c->n_clients++;
    if (uv_pipe_open(&k->pipe, fd) != 0) {
        close(fd);
        close_client(k);
        return;
    }
    go_on(k);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct control *c = poll->data;
    pid_t pid;
    int fd = 0;

    (void)status;
    (void)events;
    /* Not without end: the rest is told of again. */
    for (unsigned i = 0; i < CLIENTS_MAX; i++) {
        fd = control_socket_accept(&c->socket, &pid);
        if (fd < 0)
            break;
        add_client(c, fd, pid);
    }
    if (fd < 0 && fd != -EAGAIN) { /* it would be told of again at once */
        uv_poll_stop(poll);
        uv_timer_start(&c->pause, on_pause_over, PAUSE_MS, 0);
    }
}

static void on_pause_over(uv_timer_t *timer)
{
    struct control *c = timer->data;

    uv_poll_start(&c->poll, UV_READABLE, on_readable);
}

static void on_timeout(uv_timer_t *timer)
{
    close_client(timer->data);
}

/* --- lines --- */

static void on_room(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
    struct client *k = handle->data;

    (void)size;
    buf->base = k->line + k->len;
    buf->len = sizeof k->line - k->len;
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct client *k = stream->data;

    (void)buf;
    if (n == 0)
        return;
    uv_read_stop(stream);
    if (n < 0 && n != UV_EOF) {
        close_client(k);
        return;
    }
    if (n == UV_EOF)
        k->ended = true;
    else
        k->len += (size_t)n;
    go_on(k);
}

/* The next line, if there is one; else there shall be more. */
static void go_on(struct client *k)
{
    char *end = memchr(k->line, '\n', k->len);

    if (end != NULL) {
        size_t len = (size_t)(end - k->line);
        serve_line(k, len);
        k->len -= len + 1;
        memmove(k->line, end + 1, k->len);
    } else if (k->ended && k->len > 0) { /* who has sent no LF behind it */
        serve_line(k, k->len);
        k->len = 0;
    } else if (k->ended) {
        close_client(k);
    } else if (k->len == sizeof k->line) {
        k->last = true;
        answer(k, control_json_error("the line is too long: an order has at "
                                     "most 8191 bytes"));
    } else {
        if (!uv_is_active((uv_handle_t *)&k->timer))
            uv_timer_start(&k->timer, on_timeout, LINE_MS, 0);
        if (uv_read_start((uv_stream_t *)&k->pipe, on_room, on_read) != 0)
            close_client(k);
    }
}

/* Takes the reply; NULL: no memory. */
static void answer(struct client *k, char *reply)
{
    k->reply = reply;
    uv_timer_stop(&k->timer);
    if (reply == NULL) {
        close_client(k);
        return;
    }
    uv_buf_t buf = uv_buf_init(reply, (unsigned)strlen(reply));
    if (uv_write(&k->write, (uv_stream_t *)&k->pipe, &buf, 1, on_written) != 0)
        close_client(k);
    else
        uv_timer_start(&k->timer, on_timeout, SEND_MS, 0);
}

static void on_written(uv_write_t *write, int status)
{
    struct client *k = write->data;

    free(k->reply);
    k->reply = NULL;
    if (k->closing) /* on_handle_closed() follows */
        return;
    uv_timer_stop(&k->timer);
    if (status != 0 || k->last || k->control->stopping)
        close_client(k);
    else
        go_on(k);
}

/* --- orders --- */

static void serve_line(struct client *k, size_t len)
{
    struct control *c = k->control;
    struct control_request request;
    char words[CONTROL_WORDS_MAX];

    if (!control_json_parse(k->line, len, &request, words)) {
        answer(k, control_json_error(words));
    } else if (request.command == CONTROL_STATS) {
        answer(k, control_tell_stats(&c->subject,
                                     (uv_now(c->loop) - c->started_ms) / 1000));
    } else if (request.command == CONTROL_RELOAD) {
        order_reload(k);
    } else if (c->changing) {
        answer(k, control_json_error("another reset or restore is under way: "
                                     "wait for its end"));
    } else {
        c->request = request;
        start_change(k);
    }
}

static void order_reload(struct client *k)
{
    const struct control_subject *subject = &k->control->subject;
    char who[48];

    uv_timer_stop(&k->timer);
    snprintf(who, sizeof who, "process %ld", (long)k->pid);
    k->reload = subject->reload(subject->ctx, who);
}

void control_reloaded(struct control *c, uint64_t number,
                      const struct control_reloaded *what)
{
    struct client *next;

    if (c == NULL)
        return;
    for (struct client *k = LIST_FIRST(&c->clients); k != NULL; k = next) {
        next = LIST_NEXT(k, link);
        if (k->reload != number)
            continue;
        k->reload = 0;
        answer(k, what->error[0] != '\0'
                      ? control_json_error(what->error)
                      : control_json_reload(what->changed, what->restart));
    }
}

static void start_change(struct client *k)
{
    struct control *c = k->control;
    struct store_change *change = &c->change;

    uv_timer_stop(&k->timer);
    c->changing = true;
    c->asker = k;
    if (c->request.command == CONTROL_RESTORE)
        store_change_restore(change, c->request.path);
    else
        store_change_reset(change, c->request.device);
    change->job.port = &c->port;
    change->job.done = on_changed;
    log_info("control: %s, by process %ld",
             c->request.command == CONTROL_RESTORE ? "restore" : "reset",
             (long)k->pid);
    store_submit(c->subject.store, &change->job);
}

static void close_wake(struct control *c)
{
    uv_close((uv_handle_t *)&c->wake, NULL);
}

static void on_changed(struct store_job *job)
{
    struct control *c =
        (struct control *)((char *)job - offsetof(struct control, change));
    const struct store_change *change = &c->change;
    struct client *k = c->asker;
    char copy[CONTROL_WHOLE_MAX];

    c->changing = false;
    c->asker = NULL;
    if (change->error[0] != '\0')
        log_error("control: nothing has been changed: %s", change->error);
    if (k != NULL)
        answer(k, change->error[0] != '\0'
                      ? control_json_error(change->error)
                      : control_json_change(
                            c->request.command, change->registers,
                            control_whole_path(change->copy, copy)));
    if (c->stopping)
        close_wake(c);
}

/* On the store's thread. */
static void on_stored(void *ctx)
{
    struct control *c = ctx;

    uv_async_send(&c->wake);
}

static void on_wake(uv_async_t *async)
{
    struct control *c = async->data;

    store_port_deliver(&c->port);
}

/* --- start and end --- */

int control_open(struct control **out, const struct config *config,
                 char error[CONTROL_ERROR_MAX])
{
    *out = NULL;
    if (config->control == NULL)
        return 0;
    struct control *c = calloc(1, sizeof *c);
    if (c == NULL) {
        snprintf(error, CONTROL_ERROR_MAX, "%.512s: no memory",
                 config->control);
        return -1;
    }
    LIST_INIT(&c->clients);
    if (control_socket_open(&c->socket, config->control, error) != 0) {
        free(c);
        return -1;
    }
    *out = c;
    return 0;
}

int control_start(struct control *c, uv_loop_t *loop,
                  const struct control_subject *subject)
{
    if (c == NULL)
        return 0;
    c->loop = loop;
    c->subject = *subject;
    c->started_ms = uv_now(loop);
    int status = uv_async_init(loop, &c->wake, on_wake);
    if (status != 0)
        return status;
    c->wake.data = c;
    status = uv_poll_init(loop, &c->poll, c->socket.fd);
    if (status != 0) {
        close_wake(c);
        return status;
    }
    c->poll.data = c;
    uv_timer_init(loop, &c->pause);
    c->pause.data = c;
    store_port_init(&c->port, on_stored, c);
    c->started = true;
    return uv_poll_start(&c->poll, UV_READABLE, on_readable);
}

void control_stop(struct control *c)
{
    struct client *next;

    if (c == NULL || !c->started || c->stopping)
        return;
    c->stopping = true;
    uv_close((uv_handle_t *)&c->poll, NULL);
    uv_close((uv_handle_t *)&c->pause, NULL);
    for (struct client *k = LIST_FIRST(&c->clients); k != NULL; k = next) {
        next = LIST_NEXT(k, link);
        if (k != c->asker)
            close_client(k);
    }
    if (c->changing)
        atomic_store(&c->change.cancelled, true);
    else
        close_wake(c);
}

void control_close(struct control *c)
{
    if (c == NULL)
        return;
    assert(LIST_EMPTY(&c->clients) && !c->changing);
    if (c->stopping)
        store_port_deinit(&c->port);
    control_socket_close(&c->socket);
    free(c);
}
