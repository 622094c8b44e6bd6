/* server_reload.c - from one setup to the next.
 *
 * Happy path: server_reload_order() -> on_changed(): begin() reads and checks
 * all, opens what is new -> commit(): each worker is given its listeners -> the
 * last that has them: on_changed() -> finish() lets go of the old setup, which
 * lives until its last connection has ended, and tells what has changed.
 * Failures: up to commit() each one says why, and all that was made is given
 * back; from there on nothing can fail. An order that comes meanwhile is a
 * reload of its own, behind this one. The server ends meanwhile: workers drop
 * what they have not taken, and what is ordered from then on is refused.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "server_reload.h"

#include "access.h"
#include "config_diff.h"
#include "log.h"
#include "msglog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void on_changed(uv_async_t *async);
static void refuse(struct server_reload *r);
static void begin(struct server_reload *r);
static bool prepare(struct server_reload *r, char *error);
static void commit(struct server_reload *r);
static void finish(struct server_reload *r);

static const char is_ending[] =
    "wwepd is ending: the one that starts next reads its configuration";

void server_reload_init(struct server_reload *r, struct setup *setup,
                        struct server_listeners *listeners)
{
    r->setup = setup;
    r->listeners = *listeners;
    r->log.fd = -1;
    r->messages.fd = -1;
    *listeners = (struct server_listeners){.n = 0};
}

int server_reload_start(struct server_reload *r, uv_loop_t *loop)
{
    int status = uv_async_init(loop, &r->shared->changed, on_changed);

    r->shared->changed.data = r;
    return status;
}

uint64_t server_reload_order(struct server_reload *r, const char *who)
{
    if (r->stopped)
        log_info("reload, by %s: not done, as wwepd is ending", who);
    else
        log_info("reload, by %s: reading the configuration again", who);
    r->ordered = true;
    uv_async_send(&r->shared->changed);
    return r->number + 1;
}

static void on_changed(uv_async_t *async)
{
    struct server_reload *r = async->data;

    if (r->changes != NULL && atomic_load(&r->shared->changing) == 0)
        finish(r);
    if (r->changes != NULL || !r->ordered)
        return;
    if (r->stopped)
        refuse(r);
    else
        begin(r);
}

/* --- the next setup --- */

static void tell(struct server_reload *r, const char *error)
{
    const struct server_reloaded what = {.number = r->number,
                                         .error = error,
                                         .changed = &r->changed,
                                         .restart = &r->restart};

    if (!r->stopped)
        supervisor_ready(r->supervisor, r->setup->config);
    if (r->on_done != NULL)
        r->on_done(r->ctx, &what);
    changes_free(&r->changed);
    changes_free(&r->restart);
}

static void free_changes(struct server_reload *r)
{
    for (size_t i = 0; r->changes != NULL && i < r->started->workers; i++) {
        struct worker_change *ch = &r->changes[i];
        for (size_t k = 0; ch->listeners != NULL && k < ch->n; k++)
            if (ch->listeners[k] != NULL)
                listener_release(ch->listeners[k]);
        free(ch->listeners);
    }
    free(r->changes);
    free(r->retired);
    r->changes = NULL;
    r->retired = NULL;
}

/* All that has been made for the next setup. */
static void give_back(struct server_reload *r)
{
    free_changes(r);
    server_listeners_close(&r->next_listeners);
    setup_unref(r->next);
    r->next = NULL;
    output_close(&r->log);
    output_close(&r->messages);
}

/* Who has ordered it waits to be told. */
static void refuse(struct server_reload *r)
{
    r->ordered = false;
    r->number++;
    tell(r, is_ending);
}

static void begin(struct server_reload *r)
{
    char error[SERVER_RELOAD_ERROR_MAX] = "";

    supervisor_reloading(r->supervisor);
    r->ordered = false;
    r->number++;
    r->began_ms = uv_hrtime() / 1000000;
    if (prepare(r, error)) {
        commit(r);
        return;
    }
    give_back(r);
    log_error("reload: nothing has been changed: %s", error);
    tell(r, error);
    if (r->ordered) /* on_done() may have ordered another */
        uv_async_send(&r->shared->changed);
}

static bool load(struct server_reload *r, char *error)
{
    const struct config *running = r->setup->config;

    if (running->file == NULL) {
        snprintf(error, SERVER_RELOAD_ERROR_MAX,
                 "wwepd was started without a configuration file, so there is "
                 "none to read again: restart it with -c FILE");
        return false;
    }
    struct config *config = config_load(running->file, error);
    if (config == NULL)
        return false;
    r->next = setup_new(config, r->setup, error);
    if (r->next == NULL) {
        config_free(config);
        return false;
    }
    setup_take(r->next, config);
    return true;
}

/* A pipe that nobody reads must not hold us up. */
static int open_at_once(const char *target, struct output *out)
{
    struct stat st;
    bool pipe = stat(target, &st) == 0 && S_ISFIFO(st.st_mode);
    int fd = pipe ? open(target, O_WRONLY | O_NONBLOCK | O_CLOEXEC) : -1;

    if (pipe && fd < 0)
        return -errno;
    int status = output_open(out, target);
    if (fd >= 0)
        close(fd);
    return status;
}

static bool open_output(const struct config *config, const char *key,
                        const char *old, const char *target, struct output *out,
                        char *error)
{
    if (strcmp(old, target) == 0)
        return true;
    int status = open_at_once(target, out);
    if (status == 0)
        return true;
    out->fd = -1;
    snprintf(error, SERVER_RELOAD_ERROR_MAX,
             "%s: %s: %s: %s: write a path that this user may write to, or %s",
             config->file, key, target, strerror(-status),
             strcmp(key, "log.target") == 0 ? "stderr" : "stdout");
    return false;
}

static bool open_outputs(struct server_reload *r, char *error)
{
    const struct config *old = r->setup->config;
    const struct config *config = r->next->config;

    if (!open_output(config, "log.target", old->log_target, config->log_target,
                     &r->log, error))
        return false;
    return r->started->messages_format == CONFIG_MESSAGES_NONE ||
           open_output(config, "messages.target", old->messages_target,
                       config->messages_target, &r->messages, error);
}

/* --- what changes --- */

/* Whether who is connected to this one of the old listeners shall come again,
 * when what has been read of him is answered: it is no more, or takes others,
 * or keeps nobody. */
static bool is_retired(const struct server_reload *r, size_t old)
{
    const struct server_listeners *next = &r->next_listeners;

    if (!next->inherited[old])
        return true;
    size_t i = 0;
    while (next->heirs[i] != (long)old)
        i++;
    const struct config_listener *was = &r->setup->config->listeners[old];
    const struct config_listener *is = &r->next->config->listeners[i];
    if (was->write != is->write || was->read != is->read ||
        was->authorize != is->authorize || (was->keep_open && !is->keep_open))
        return true;
    const struct tls_context *a = r->setup->contexts[old];
    const struct tls_context *b = r->next->contexts[i];
    if (a == NULL || b == NULL)
        return a != b;
    return a != b && !tls_context_trusts_same(a, b);
}

static void compare_listener(struct server_reload *r, size_t i)
{
    const struct config_listener *l = &r->next->config->listeners[i];
    long k = config_find(r->setup->config, l->name);

    if (k < 0) {
        changes_add(&r->changed, "listeners[%s]: added, %s port %u, %s",
                    l->name, l->address, r->next_listeners.ports[i],
                    l->tls != NULL ? "TLS" : "plain");
        return;
    }
    const struct config_listener *old = &r->setup->config->listeners[k];
    const struct tls_context *a = r->setup->contexts[k];
    const struct tls_context *b = r->next->contexts[i];
    config_diff_listener(old, l, &r->changed);
    for (int f = 0; a != NULL && b != NULL && f < TLS_PRINTS; f++)
        if (tls_context_has_new(a, b, (enum tls_print_of)f))
            changes_add(&r->changed, "listeners[%s].%s: new content", l->name,
                        tls_print_key((enum tls_print_of)f));
}

static void compare(struct server_reload *r)
{
    const struct config *old = r->setup->config;

    for (size_t k = 0; k < old->n_listeners; k++)
        if (config_find(r->next->config, old->listeners[k].name) < 0)
            changes_add(&r->changed, "listeners[%s]: removed",
                        old->listeners[k].name);
    for (size_t i = 0; i < r->next->config->n_listeners; i++)
        compare_listener(r, i);
    config_diff(old, r->next->config, &r->changed);
    config_diff_start(r->started, r->next->config, &r->restart);
}

/* --- all that can fail --- */

static bool prepare_worker(struct server_reload *r, size_t index)
{
    struct worker_change *ch = &r->changes[index];
    size_t n = r->next_listeners.n;

    ch->listeners = calloc(n, sizeof(struct listener *));
    if (ch->listeners == NULL)
        return false;
    ch->n = n;
    ch->heirs = r->next_listeners.heirs;
    ch->retired = r->retired;
    ch->timeouts = &r->next->config->timeouts;
    for (size_t i = 0; i < n; i++) {
        int fd = server_listeners_take(&r->next_listeners, i, index);
        ch->listeners[i] = listener_new(r->next, i, fd);
        if (ch->listeners[i] == NULL)
            return false;
    }
    return true;
}

static bool prepare_workers(struct server_reload *r)
{
    size_t n = r->started->workers;
    bool good = true;

    r->retired = calloc(r->listeners.n, sizeof *r->retired);
    r->changes = calloc(n, sizeof *r->changes);
    if (r->retired == NULL || r->changes == NULL)
        return false;
    for (size_t k = 0; k < r->listeners.n; k++)
        r->retired[k] = is_retired(r, k);
    for (size_t i = 0; i < n && good; i++)
        good = prepare_worker(r, i);
    return good;
}

static bool prepare(struct server_reload *r, char *error)
{
    if (!load(r, error) ||
        activation_check(&r->supervisor->activation, r->next->config, error) !=
            0 ||
        !server_paths_check(r->next->config, r->started, error) ||
        !open_outputs(r, error))
        return false;
    int status = server_listeners_open(&r->next_listeners, r->next->config,
                                       r->started->workers, r->supervisor,
                                       &r->listeners, error);
    if (status == -EINVAL)
        return false;
    if (status == 0 && prepare_workers(r)) {
        compare(r);
        return true;
    }
    snprintf(error, SERVER_RELOAD_ERROR_MAX, "no memory for the listeners");
    return false;
}

/* --- all that can not --- */

static bool is_in(const struct setup *s, const struct tls_context *c)
{
    for (size_t i = 0; i < s->config->n_listeners; i++)
        if (s->contexts[i] == c)
            return true;
    return false;
}

static void commit(struct server_reload *r)
{
    const struct config *config = r->next->config;

    for (size_t i = 0; i < config->n_listeners; i++)
        if (r->next->contexts[i] != NULL &&
            !is_in(r->setup, r->next->contexts[i]))
            tls_context_resume_none(r->next->contexts[i]);
    log_set_level(config->log_level);
    if (r->log.fd >= 0)
        log_switch(r->log);
    if (r->messages.fd >= 0)
        msglog_switch(r->shared->msglog, r->messages);
    r->log = (struct output){.fd = -1};
    r->messages = (struct output){.fd = -1};
    worker_shared_limit(r->shared, config);
    atomic_store(&r->shared->changing, r->started->workers);
    for (size_t i = 0; i < r->started->workers; i++)
        worker_give(&r->workers[i], &r->changes[i]);
}

/* The workers have all let go of the old contexts, but for handshakes that have
 * begun: with the last of those, nobody can make a session by them. */
static void allow_sessions(const struct server_reload *r)
{
    time_t when =
        time(NULL) + (time_t)r->setup->config->timeouts.handshake_s + 1;

    for (size_t i = 0; i < r->next->config->n_listeners; i++)
        if (r->next->contexts[i] != NULL &&
            !is_in(r->setup, r->next->contexts[i]))
            tls_context_resume_since(r->next->contexts[i], when);
}

static void say_changes(const struct server_reload *r)
{
    char line[CHANGES_LINE_MAX];

    server_listeners_say_new(&r->next_listeners, &r->listeners);
    access_say(r->next->config, r->setup->config);
    changes_line(&r->changed, line);
    log_info("reloaded in %llu ms: %s",
             (unsigned long long)(uv_hrtime() / 1000000 - r->began_ms),
             r->changed.n > 0 ? line : "nothing has changed");
    changes_line(&r->restart, line);
    if (r->restart.n > 0)
        log_warning("reload: these wait for a restart: %s", line);
}

static void finish(struct server_reload *r)
{
    if (r->stopped) {
        log_info("reload: given up, as wwepd is ending");
        give_back(r);
        tell(r, is_ending);
        return;
    }
    allow_sessions(r);
    say_changes(r);
    free_changes(r);
    server_look_at(r->look, r->next, time(NULL));
    server_listeners_close(&r->listeners);
    r->listeners = r->next_listeners;
    r->next_listeners = (struct server_listeners){.n = 0};
    setup_unref(r->setup);
    r->setup = r->next;
    r->next = NULL;
    tell(r, "");
}

const struct config *server_reload_config(const struct server_reload *r)
{
    return r->changes != NULL ? r->next->config : r->setup->config;
}

/* --- log files --- */

/* Returns whether it is a file, and that is open again. */
static bool reopen(const char *key, const char *target, struct output *out)
{
    struct stat st;

    if (strcmp(target, "stdout") == 0 || strcmp(target, "stderr") == 0 ||
        (stat(target, &st) == 0 && !S_ISREG(st.st_mode)))
        return false; /* a pipe, or a terminal: nobody moves those */
    int status = output_open(out, target);
    if (status == 0)
        return true;
    log_error("%s: %s can not be opened again: %s: the old file is written "
              "on; let this user write there",
              key, target, strerror(-status));
    return false;
}

void server_reload_logs(struct server_reload *r)
{
    const struct config *config = server_reload_config(r);
    struct output out;
    bool some = false;

    if (reopen("log.target", config->log_target, &out)) {
        log_switch(out);
        log_info("opened again: %s", config->log_target);
        some = true;
    }
    if (r->started->messages_format != CONFIG_MESSAGES_NONE &&
        reopen("messages.target", config->messages_target, &out)) {
        msglog_switch(r->shared->msglog, out);
        log_info("opened again: %s", config->messages_target);
        some = true;
    }
    if (!some)
        log_info("no log file has been opened again");
}

/* --- the end --- */

void server_reload_stop(struct server_reload *r)
{
    r->stopped = true;
}

void server_reload_close(struct server_reload *r)
{
    uv_close((uv_handle_t *)&r->shared->changed, NULL);
}

void server_reload_end(struct server_reload *r)
{
    if (r->changes != NULL)
        finish(r); /* it has been stopped */
}

void server_reload_deinit(struct server_reload *r)
{
    server_listeners_close(&r->listeners);
    setup_unref(r->setup);
}
