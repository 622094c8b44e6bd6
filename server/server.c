/* server.c - starts what wwepd is made of, waits for a signal, stops it.
 *
 * Happy path: TLS contexts -> store -> sockets -> message log -> workers ->
 * "ready" -> SIGTERM or SIGINT -> the workers drain -> all is given back in
 * reverse order -> a last line tells what was served. Meanwhile, once a day,
 * what has ended or is about to is told.
 * Failures: each step says why and undoes the steps before it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "server.h"

#include "access.h"
#include "control.h"
#include "fd_limit.h"
#include "log.h"
#include "msglog.h"
#include "store.h"
#include "tls_context.h"
#include "worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#define LOOK_MS (60u * 60 * 1000)

struct server {
    const struct config *config;
    struct tls_context **contexts; /* one a listener; NULL: plain */
    uint16_t *ports;
    int *fds; /* listener by listener, one a worker */
    struct store store;
    struct control *control; /* NULL: none */
    struct worker_shared shared;
    struct worker *workers;
    unsigned running; /* of them; the others can not be told anything */
    uv_signal_t sigterm;
    uv_signal_t sigint;
    uv_timer_t look_timer;
    time_t looked; /* when last */
    bool stopping;
};

/* --- TLS --- */

static void free_contexts(struct server *s)
{
    for (size_t i = 0; i < s->config->n_listeners; i++)
        tls_context_unref(s->contexts[i]);
    free(s->contexts);
    tls_library_deinit();
}

static enum server_exit make_contexts(struct server *s)
{
    const struct config *config = s->config;
    char error[TLS_ERROR_MAX];

    s->contexts = calloc(config->n_listeners, sizeof(struct tls_context *));
    if (s->contexts == NULL || tls_library_init() != 0) {
        log_error("the TLS library does not start");
        free(s->contexts);
        return SERVER_FAILURE;
    }
    for (size_t i = 0; i < config->n_listeners; i++) {
        if (config->listeners[i].tls == NULL)
            continue;
        s->contexts[i] = tls_context_new(config, &config->listeners[i], error);
        if (s->contexts[i] == NULL) {
            log_error("%s", error);
            free_contexts(s);
            return SERVER_CONFIG;
        }
    }
    return SERVER_OK;
}

/* --- what ends --- */

/* Whether the listeners before this one have it too, so it has been told. */
static bool is_told(const struct server *s, size_t listener,
                    const struct validity *v)
{
    for (size_t i = 0; i < listener; i++) {
        size_t n = 0;
        const struct validity *other =
            s->contexts[i] != NULL ? tls_context_validity(s->contexts[i], &n)
                                   : NULL;
        for (size_t k = 0; k < n; k++)
            if (validity_same(&other[k], v))
                return true;
    }
    return false;
}

static void look_at(const struct server *s, size_t listener,
                    const struct validity *v, time_t now)
{
    enum validity_state state = validity_state(v, now);
    char where[VALIDITY_LINE_MAX / 2];
    char line[VALIDITY_LINE_MAX];

    if (state == VALIDITY_FINE || is_told(s, listener, v))
        return;
    config_key_path(s->config, &s->config->listeners[listener], validity_key(v),
                    where, sizeof where);
    validity_format(v, where, now, line);
    if (state == VALIDITY_ENDED)
        log_error("%s", line);
    else
        log_warning("%s", line);
}

/* Says what has ended, or is about to. */
static void look(struct server *s, time_t now)
{
    for (size_t i = 0; i < s->config->n_listeners; i++) {
        size_t n;
        if (s->contexts[i] == NULL)
            continue;
        const struct validity *v = tls_context_validity(s->contexts[i], &n);
        for (size_t k = 0; k < n; k++)
            look_at(s, i, &v[k], now);
    }
    s->looked = now;
}

/* Once an hour: the loop's clock stands still while a laptop sleeps, so
 * whether a day has passed is for the wall clock to say. */
static void on_look(uv_timer_t *timer)
{
    struct server *s = timer->data;
    time_t now = time(NULL);

    if (validity_is_due(s->looked, now))
        look(s, now);
}

/* What the store and the control socket would find. */
static enum server_exit check_paths(const struct config *config)
{
    char error[STORE_ERROR_MAX];

    if (!store_check(&config->store, error)) {
        log_error("%s: store.path: %s", config->file, error);
        return SERVER_CONFIG;
    }
    if (config->control != NULL &&
        control_socket_check(config->control, error) != 0) {
        log_error("%s: control: %s", config->file, error);
        return SERVER_CONFIG;
    }
    return SERVER_OK;
}

enum server_exit server_check(const struct config *config)
{
    struct server s = {.config = config};
    enum server_exit status = make_contexts(&s);

    if (status == SERVER_OK) {
        look(&s, time(NULL));
        free_contexts(&s);
        status = check_paths(config);
    }
    return status;
}

/* --- sockets --- */

static void close_sockets(struct server *s, size_t n_listeners)
{
    for (size_t i = 0; i < n_listeners * s->config->workers; i++)
        if (s->fds[i] >= 0) /* a worker's own by now */
            close(s->fds[i]);
    free(s->fds);
    free(s->ports);
}

static enum server_exit open_sockets(struct server *s)
{
    const struct config *config = s->config;
    char error[LISTENER_ERROR_MAX];
    size_t n = config->n_listeners;

    s->fds = calloc(n * config->workers, sizeof *s->fds);
    s->ports = calloc(n, sizeof *s->ports);
    if (s->fds == NULL || s->ports == NULL) {
        log_error("no memory for the listeners");
        close_sockets(s, 0);
        return SERVER_FAILURE;
    }
    for (size_t i = 0; i < n; i++) {
        if (listener_bind(config, &config->listeners[i],
                          s->fds + i * config->workers, config->workers,
                          &s->ports[i], error) != 0) {
            log_error("%s", error);
            close_sockets(s, i);
            return SERVER_CONFIG;
        }
    }
    return SERVER_OK;
}

static void say_listening(const struct server *s)
{
    for (size_t i = 0; i < s->config->n_listeners; i++) {
        const struct config_listener *l = &s->config->listeners[i];
        static const char *const auth[] = {
            [CONFIG_CLIENT_AUTH_NONE] = "no client certificates",
            [CONFIG_CLIENT_AUTH_OPTIONAL] = "client certificates optional",
            [CONFIG_CLIENT_AUTH_REQUIRED] = "client certificates required",
        };
        log_info("%s: listening on %s port %u, %s%s%s", l->name,
                 strcmp(l->address, "*") == 0 ? "every address" : l->address,
                 s->ports[i], l->tls != NULL ? "TLS, " : "plain",
                 l->tls != NULL ? auth[l->tls->client_auth] : "",
                 l->keep_open ? ", keep-open" : "");
        if (l->tls == NULL)
            log_warning("%s: not encrypted: whoever is on the way can read and "
                        "change what boards send%s",
                        l->name,
                        l->write == CONFIG_WRITE_ANY ? ", and anybody can write"
                                                     : "");
    }
    access_say(s->config);
}

/* --- workers --- */

static int prepare_worker(struct server *s, unsigned index)
{
    struct worker *w = &s->workers[index];
    const struct config *config = s->config;
    int status = worker_init(w, &s->shared, index, config->n_listeners);

    if (status != 0)
        return status;
    for (size_t i = 0; i < config->n_listeners && status == 0; i++) {
        int *fd = &s->fds[i * config->workers + index];
        status = listener_start(&w->listeners[i], w, &config->listeners[i],
                                s->contexts[i], *fd);
        *fd = -1;
    }
    if (status != 0)
        worker_deinit(w);
    return status;
}

/* Prepares all, then starts all: none serves before all can. Returns how many
 * are running; fewer than there should be have been told to end. */
static unsigned start_workers(struct server *s)
{
    unsigned n = s->config->workers;
    unsigned prepared = 0;
    unsigned running = 0;
    int status = 0;

    while (prepared < n && (status = prepare_worker(s, prepared)) == 0)
        prepared++;
    while (status == 0 && running < n &&
           (status = worker_start(&s->workers[running])) == 0)
        running++;
    if (status == 0)
        return running;
    log_error("worker %u does not start: %s", running, uv_strerror(status));
    for (unsigned i = running; i < prepared; i++)
        worker_deinit(&s->workers[i]);
    for (unsigned i = 0; i < running; i++)
        worker_tell(&s->workers[i], WORKER_ABORT);
    return running;
}

/* --- the main thread --- */

static void on_signal(uv_signal_t *handle, int signum)
{
    struct server *s = handle->data;
    enum worker_order order = s->stopping ? WORKER_ABORT : WORKER_DRAIN;

    if (s->stopping)
        log_info("a second signal: stopping at once");
    else
        log_info("%s: finishing what is under way",
                 signum == SIGINT ? "SIGINT" : "SIGTERM");
    s->stopping = true;
    for (unsigned i = 0; i < s->running; i++)
        worker_tell(&s->workers[i], order);
}

static void on_worker_ended(uv_async_t *async)
{
    struct server *s = async->data;
    sigset_t late;

    if (atomic_load(&s->shared.running) > 0)
        return;
    /* A signal that comes from here on would find its default, and kill us
     * when all is done: it stays pending. The other threads block it too. */
    sigemptyset(&late);
    sigaddset(&late, SIGTERM);
    sigaddset(&late, SIGINT);
    pthread_sigmask(SIG_BLOCK, &late, NULL);
    uv_close((uv_handle_t *)&s->shared.ended, NULL);
    uv_close((uv_handle_t *)&s->sigterm, NULL);
    uv_close((uv_handle_t *)&s->sigint, NULL);
    uv_close((uv_handle_t *)&s->look_timer, NULL);
    control_stop(s->control);
}

static int watch(struct server *s, uv_loop_t *loop)
{
    int status = uv_async_init(loop, &s->shared.ended, on_worker_ended);

    if (status != 0)
        return status;
    s->shared.ended.data = s;
    s->sigterm.data = s;
    s->sigint.data = s;
    s->look_timer.data = s;
    uv_signal_init(loop, &s->sigterm);
    uv_signal_init(loop, &s->sigint);
    uv_timer_init(loop, &s->look_timer);
    uv_timer_start(&s->look_timer, on_look, LOOK_MS, LOOK_MS);
    status = uv_signal_start(&s->sigterm, on_signal, SIGTERM);
    if (status == 0)
        status = uv_signal_start(&s->sigint, on_signal, SIGINT);
    return status;
}

/* What an acknowledged write may rely on. */
static const char *promise_of(enum config_durability durability)
{
    static const char *const promises[] = {
        [CONFIG_STORE_COMMIT] = "is on the disk before it is acknowledged, and "
                                "outlives a crash and a power cut",
        [CONFIG_STORE_ASYNC] = "is on the disk within a second: a crash or a "
                               "power cut may take the last second",
        [CONFIG_STORE_MEMORY] = "is kept in memory, and gone when this ends",
    };

    return promises[durability];
}

/* Without it the class is served all the same. */
static void start_control(struct server *s, uv_loop_t *loop)
{
    const struct control_subject subject = {.config = s->config,
                                            .store = &s->store,
                                            .shared = &s->shared,
                                            .workers = s->workers};
    int status = control_start(s->control, loop, &subject);

    if (status != 0)
        log_error("control: %s: %s", s->config->control, uv_strerror(status));
    else if (s->control != NULL)
        log_info("control: listening at %s", s->config->control);
}

/* Serves with all that is open; returns when the last worker has ended. */
static enum server_exit serve(struct server *s)
{
    unsigned n = s->config->workers;
    uv_loop_t loop;
    int status = uv_loop_init(&loop);

    if (status == 0)
        status = watch(s, &loop);
    if (status != 0) {
        log_error("the main loop does not start: %s", uv_strerror(status));
        return SERVER_FAILURE;
    }
    s->workers = worker_array_new(n);
    s->running = s->workers != NULL ? start_workers(s) : 0;
    if (s->running == n) {
        start_control(s, &loop);
        log_ready();
        log_info("ready: %u worker%s, at most %u connections; what is written "
                 "%s",
                 n, n == 1 ? "" : "s", s->shared.max_connections,
                 promise_of(s->config->store.durability));
    } else if (s->running == 0) /* nobody is there to say that it has ended */
        uv_async_send(&s->shared.ended);
    uv_run(&loop, UV_RUN_DEFAULT);
    for (unsigned i = 0; i < s->running; i++)
        worker_join(&s->workers[i]);
    uv_loop_close(&loop);
    free(s->workers);
    return s->running == n ? SERVER_OK : SERVER_FAILURE;
}

/* count: NULL where the message log is stuck. */
static void say_goodbye(const struct server *s,
                        const struct msglog_count *count)
{
    uint64_t cut = atomic_load(&s->shared.cut);

    if (cut > 0)
        log_warning("connections cut before they were done: %llu",
                    (unsigned long long)cut);
    if (count == NULL) {
        log_warning("stopped; the message log's target is stuck, its last "
                    "lines are lost");
        return;
    }
    if (count->lost > 0)
        log_warning("message log: lines lost in all: %llu",
                    (unsigned long long)count->lost);
    log_info("stopped: %llu plain and %llu secure exchanges",
             (unsigned long long)count->plain,
             (unsigned long long)count->secure);
}

static enum server_exit open_store(struct server *s, bool start_fresh)
{
    const struct config *config = s->config;
    const struct store_options options = {.config = &config->store,
                                          .n_workers = config->workers,
                                          .start_fresh = start_fresh};
    char line[STORE_ERROR_MAX];
    int error = store_open(&s->store, &options, line);

    if (error == 0)
        return SERVER_OK;
    if (error != -EINVAL) {
        log_error("registers: %s", strerror(-error));
        return SERVER_FAILURE;
    }
    log_error("%s: store.path: %s",
              config->file != NULL ? config->file : "built-in", line);
    return SERVER_CONFIG;
}

/* With contexts, sockets, the store and the control socket open: the rest, and
 * back. */
static enum server_exit run_open(struct server *s)
{
    const struct config *config = s->config;
    struct msglog_count count;
    int error;

    s->shared.config = config;
    s->shared.store = &s->store;
    s->shared.max_connections = fd_limit_connections(
        64 + 8 * config->workers +
        (unsigned)config->n_listeners * (config->workers + 1));
    s->shared.msglog =
        msglog_start(config->messages_format, config->messages_target,
                     config->workers, &error);
    if (s->shared.msglog == NULL) {
        log_error("%s: messages.target: %s: %s: write a path that this user "
                  "may write to, or stdout",
                  config->file != NULL ? config->file : "built-in",
                  config->messages_target, strerror(-error));
        return SERVER_CONFIG;
    }
    enum server_exit status = serve(s);
    bool counted = msglog_stop(s->shared.msglog, &count);
    say_goodbye(s, counted ? &count : NULL);
    return status;
}

static enum server_exit run_controlled(struct server *s)
{
    char error[CONTROL_ERROR_MAX];

    if (control_open(&s->control, s->config, error) != 0) {
        log_error("%s: control: %s", s->config->file, error);
        return SERVER_CONFIG;
    }
    enum server_exit status = run_open(s);
    control_close(s->control);
    return status;
}

enum server_exit server_run(const struct config *config, bool start_fresh)
{
    struct server s = {.config = config};
    enum server_exit status = make_contexts(&s);

    if (status != SERVER_OK)
        return status;
    look(&s, time(NULL));
    status = open_sockets(&s);
    if (status == SERVER_OK) {
        say_listening(&s);
        status = open_store(&s, start_fresh);
        if (status == SERVER_OK) {
            status = run_controlled(&s);
            store_close(&s.store);
        }
        close_sockets(&s, config->n_listeners);
    }
    free_contexts(&s);
    return status;
}
