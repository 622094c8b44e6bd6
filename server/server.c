/* server.c - starts what wwepd is made of, waits for a signal, stops it.
 *
 * Happy path: TLS contexts -> store -> sockets -> message log -> workers ->
 * "ready" -> SIGTERM or SIGINT -> the workers drain -> all is given back in
 * reverse order -> a last line tells what was served. SIGHUP and SIGUSR1 are
 * for server_reload.h; what ends one day is told by server_look.h.
 * Failures: each step says why and undoes the steps before it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "server.h"

#include "access.h"
#include "control.h"
#include "log.h"
#include "msglog.h"
#include "server_listeners.h"
#include "server_look.h"
#include "server_paths.h"
#include "server_reload.h"
#include "setup.h"
#include "store.h"
#include "worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uv.h>

struct server {
    const struct config *config;       /* as it was at the start */
    struct server_listeners listeners; /* until the reload has them */
    struct server_look look;
    struct server_reload reload; /* has what is served by */
    struct store store;
    struct control *control; /* NULL: none */
    struct supervisor *supervisor;
    struct worker_shared shared;
    struct worker *workers;
    unsigned running; /* of them; the others can not be told anything */
    uv_signal_t signals[4];
    bool stopping;
};

static void on_signal(uv_signal_t *handle, int signum);

static const int signal_numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};

#define SIGNALS (sizeof signal_numbers / sizeof signal_numbers[0])

/* --- TLS --- */

static void free_setup(struct setup *setup)
{
    setup_unref(setup);
    tls_library_deinit();
}

static enum server_exit make_setup(const struct config *config,
                                   struct setup **setup)
{
    char error[TLS_ERROR_MAX];

    if (tls_library_init() != 0) {
        log_error("the TLS library does not start");
        return SERVER_FAILURE;
    }
    *setup = setup_new(config, NULL, error);
    if (*setup != NULL)
        return SERVER_OK;
    log_error("%s", error);
    tls_library_deinit();
    return SERVER_CONFIG;
}

enum server_exit server_check(const struct config *config)
{
    char error[SERVER_PATHS_ERROR_MAX];
    struct server_look look;
    struct setup *setup;
    enum server_exit status = make_setup(config, &setup);

    if (status != SERVER_OK)
        return status;
    server_look_at(&look, setup, time(NULL));
    free_setup(setup);
    if (server_paths_check(config, NULL, error))
        return SERVER_OK;
    log_error("%s", error);
    return SERVER_CONFIG;
}

/* --- sockets --- */

static enum server_exit open_listeners(struct server *s)
{
    char error[LISTENER_ERROR_MAX] = "no memory for the listeners";
    int status =
        server_listeners_open(&s->listeners, s->config, s->config->workers,
                              s->supervisor, NULL, error);

    if (status != 0) {
        log_error("%s", error);
        return status == -EINVAL ? SERVER_CONFIG : SERVER_FAILURE;
    }
    for (size_t i = 0; i < s->listeners.n; i++)
        server_listeners_say(&s->listeners, i);
    access_say(s->config, NULL);
    return SERVER_OK;
}

/* --- workers --- */

static int prepare_worker(struct server *s, unsigned index)
{
    struct worker *w = &s->workers[index];
    struct server_listeners *l = &s->reload.listeners;
    int status = worker_init(w, &s->shared, index, l->n);

    if (status != 0)
        return status;
    for (size_t i = 0; i < l->n && status == 0; i++)
        status = worker_listen(w, s->reload.setup, i,
                               server_listeners_take(l, i, index));
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

    s->workers = worker_array_new(n);
    s->reload.workers = s->workers;
    int status = s->workers != NULL ? 0 : UV_ENOMEM;
    while (!status && prepared < n && !(status = prepare_worker(s, prepared)))
        prepared++;
    while (status == 0 && running < n &&
           (status = worker_start(&s->workers[running])) == 0)
        running++;
    if (status == 0)
        return running;
    unsigned which = prepared < n ? prepared : running;
    log_error("worker %u does not start: %s", which, uv_strerror(status));
    for (unsigned i = running; i < prepared; i++)
        worker_deinit(&s->workers[i]);
    for (unsigned i = 0; i < running; i++)
        worker_tell(&s->workers[i], WORKER_ABORT);
    return running;
}

/* --- the main thread --- */

static void stop(struct server *s, int signum)
{
    enum worker_order order = s->stopping ? WORKER_ABORT : WORKER_DRAIN;

    if (s->stopping)
        log_info("a second signal: stopping at once");
    else
        log_info("%s: finishing what is under way",
                 signum == SIGINT ? "SIGINT" : "SIGTERM");
    supervisor_stopping(s->supervisor, server_reload_config(&s->reload));
    s->stopping = true;
    server_reload_stop(&s->reload);
    for (unsigned i = 0; i < s->running; i++)
        worker_tell(&s->workers[i], order);
}

static void on_signal(uv_signal_t *handle, int signum)
{
    struct server *s = handle->data;

    if (signum == SIGUSR1)
        server_reload_logs(&s->reload);
    else if (signum != SIGHUP)
        stop(s, signum);
    else if (!s->stopping)
        server_reload_order(&s->reload, "SIGHUP");
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
    for (size_t i = 0; i < SIGNALS; i++)
        sigaddset(&late, signal_numbers[i]);
    pthread_sigmask(SIG_BLOCK, &late, NULL);
    uv_close((uv_handle_t *)&s->shared.ended, NULL);
    for (size_t i = 0; i < SIGNALS; i++)
        uv_close((uv_handle_t *)&s->signals[i], NULL);
    server_look_stop(&s->look);
    server_reload_stop(&s->reload);
    server_reload_close(&s->reload);
    supervisor_stop(s->supervisor);
    worker_shared_unwatch(&s->shared);
    control_stop(s->control);
}

static int watch(struct server *s, uv_loop_t *loop)
{
    int status = uv_async_init(loop, &s->shared.ended, on_worker_ended);

    if (status != 0)
        return status;
    s->shared.ended.data = s;
    status = server_reload_start(&s->reload, loop);
    server_look_start(&s->look, loop);
    worker_shared_watch(&s->shared, loop);
    for (size_t i = 0; i < SIGNALS; i++) {
        uv_signal_init(loop, &s->signals[i]);
        s->signals[i].data = s;
        if (status == 0)
            status =
                uv_signal_start(&s->signals[i], on_signal, signal_numbers[i]);
    }
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

static uint64_t on_ordered(void *ctx, const char *who)
{
    struct server *s = ctx;

    return server_reload_order(&s->reload, who);
}

static void on_reloaded(void *ctx, const struct server_reloaded *what)
{
    struct server *s = ctx;
    const struct control_reloaded reply = {.error = what->error,
                                           .changed = what->changed,
                                           .restart = what->restart};

    control_reloaded(s->control, what->number, &reply);
}

/* Without it the class is served all the same. */
static void start_control(struct server *s, uv_loop_t *loop)
{
    const struct control_subject subject = {.config = s->config,
                                            .store = &s->store,
                                            .shared = &s->shared,
                                            .workers = s->workers,
                                            .reload = on_ordered,
                                            .ctx = s};
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
    s->running = start_workers(s);
    if (s->running == n) {
        start_control(s, &loop);
        log_ready();
        log_info("ready: %u worker%s, at most %u connections; what is written "
                 "%s",
                 n, n == 1 ? "" : "s", atomic_load(&s->shared.max_connections),
                 promise_of(s->config->store.durability));
        supervisor_start(s->supervisor, s->config, &loop, s->workers);
    } else {
        server_reload_stop(&s->reload); /* not all are there to be told */
        if (s->running == 0) /* nobody is there to say that it has ended */
            uv_async_send(&s->shared.ended);
    }
    uv_run(&loop, UV_RUN_DEFAULT);
    for (unsigned i = 0; i < s->running; i++)
        worker_join(&s->workers[i]);
    uv_loop_close(&loop);
    if (s->running == n)
        server_reload_end(&s->reload);
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
    log_error("%s: store.path: %s", config_name(config), line);
    return SERVER_CONFIG;
}

/* With all else open: the rest, and back. */
static enum server_exit run_open(struct server *s)
{
    const struct config *config = s->config;
    struct msglog_count count;
    int error;

    worker_shared_init(&s->shared, config);
    s->shared.store = &s->store;
    s->shared.activation = &s->supervisor->activation;
    s->shared.msglog =
        msglog_start(config->messages_format, config->messages_target,
                     config->workers, &error);
    if (s->shared.msglog == NULL) {
        log_error("%s: messages.target: %s: %s: write a path that this user "
                  "may write to, or stdout",
                  config_name(config), config->messages_target,
                  strerror(-error));
        worker_shared_deinit(&s->shared);
        return SERVER_CONFIG;
    }
    enum server_exit status = serve(s);
    worker_shared_deinit(&s->shared);
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

static enum server_exit run_stored(struct server *s, bool start_fresh)
{
    enum server_exit status = open_store(s, start_fresh);

    if (status != SERVER_OK)
        return status;
    status = run_controlled(s);
    store_close(&s->store);
    return status;
}

enum server_exit server_run(const struct config *config,
                            struct supervisor *supervisor, bool start_fresh)
{
    struct server s = {.config = config, .supervisor = supervisor};
    struct setup *setup;
    enum server_exit status = make_setup(config, &setup);

    if (status != SERVER_OK)
        return status;
    server_look_at(&s.look, setup, time(NULL));
    status = open_listeners(&s);
    s.reload.started = config;
    s.reload.supervisor = supervisor;
    s.reload.shared = &s.shared;
    s.reload.look = &s.look;
    s.reload.on_done = on_reloaded;
    s.reload.ctx = &s;
    server_reload_init(&s.reload, setup, &s.listeners);
    if (status == SERVER_OK)
        status = run_stored(&s, start_fresh);
    server_reload_deinit(&s.reload);
    tls_library_deinit();
    return status;
}
