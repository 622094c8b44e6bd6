/* supervisor.c - feeds the watchdog, tells what we are about to do.
 *
 * Happy path: the timer -> each worker has turned its loop since it was asked
 * -> a sign of life, and each is asked again -> half of the watchdog's time
 * later, the timer.
 * Failures: a worker has not -> no sign; it is looked at again soon, and while
 * it hangs the watchdog's time runs out.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "supervisor.h"

#include "log.h"
#include "worker.h"

#include <stdio.h>
#include <string.h>

/* How often a worker that is late is looked at, in a watchdog's time. */
#define LOOKS 32u

static void on_timer(uv_timer_t *timer);

void supervisor_take(struct supervisor *s)
{
    memset(s, 0, sizeof *s);
    (void)activation_take(&s->activation, s->activation_error);
    (void)notify_open(&s->notify, s->notify_error);
}

bool supervisor_check(const struct supervisor *s, const struct config *config)
{
    char line[ACTIVATION_ERROR_MAX];

    if (s->notify_error[0] != '\0')
        log_warning("%s", s->notify_error);
    if (s->activation_error[0] != '\0')
        log_error("%s", s->activation_error);
    else if (activation_check(&s->activation, config, line) != 0)
        log_error("%s", line);
    else
        return true;
    return false;
}

int supervisor_listen(const struct supervisor *s, const struct config *config,
                      const struct config_listener *listener, int *fds,
                      size_t n, uint16_t *port, char error[LISTENER_ERROR_MAX])
{
    int fd = activation_find(&s->activation, config, listener);

    if (fd < 0)
        return listener_bind(config, listener, fds, n, port, error);
    int status = activation_copy(fd, fds, n, port);
    if (status != 0)
        snprintf(error, LISTENER_ERROR_MAX,
                 "%s: the socket that this was started with can not be "
                 "copied: %s",
                 listener->name, strerror(-status));
    else
        log_info("%s: on the socket that this was started with",
                 listener->name);
    return status;
}

/* --- what it is told --- */

static void complain(const char *what, int status)
{
    if (status != 0)
        log_warning("whoever started this could not be told that it is %s: %s",
                    what, strerror(-status));
}

void supervisor_ready(const struct supervisor *s, const struct config *config)
{
    char text[NOTIFY_TEXT_MAX];
    size_t n = config->n_listeners;
    unsigned workers = s->n_workers; /* a reload leaves them as they are */

    snprintf(text, sizeof text, "serving: %zu listener%s, %u worker%s", n,
             n == 1 ? "" : "s", workers, workers == 1 ? "" : "s");
    complain("ready", notify_ready(&s->notify, text));
}

void supervisor_reloading(const struct supervisor *s)
{
    complain("reloading", notify_reloading(&s->notify));
}

void supervisor_stopping(const struct supervisor *s,
                         const struct config *config)
{
    complain("stopping", notify_stopping(&s->notify, config->timeouts.drain_s,
                                         "finishing what is under way"));
}

/* --- the watchdog --- */

static void ask_workers(const struct supervisor *s)
{
    for (unsigned i = 0; i < s->n_workers; i++)
        worker_ask(&s->workers[i]);
}

/* Returns which has not turned its loop since it was asked, or n_workers. */
static unsigned late_worker(const struct supervisor *s)
{
    unsigned i = 0;

    while (i < s->n_workers && worker_has_turned(&s->workers[i]))
        i++;
    return i;
}

static void on_timer(uv_timer_t *timer)
{
    struct supervisor *s = timer->data;
    unsigned late = late_worker(s);

    if (late < s->n_workers) {
        if (!s->late)
            log_warning("worker %u does nothing: the watchdog is not told that "
                        "all is well",
                        late);
        s->late = true;
        uv_timer_start(timer, on_timer, 1 + s->rest_ms * 2 / LOOKS, 0);
        return;
    }
    if (s->late)
        log_warning("the workers go on");
    s->late = false;
    int status = notify_alive(&s->notify);
    if (status != 0 && !s->deaf)
        log_warning("the watchdog could not be told that all is well: %s",
                    strerror(-status));
    s->deaf = status != 0;
    ask_workers(s);
    uv_timer_start(timer, on_timer, s->rest_ms, 0);
}

static void watch(struct supervisor *s, uv_loop_t *loop)
{
    s->rest_ms = s->notify.watchdog_us / 1000 / 2;
    if (s->rest_ms == 0)
        s->rest_ms = 1;
    uv_timer_init(loop, &s->timer);
    s->timer.data = s;
    s->watching = true;
    on_timer(&s->timer);
}

void supervisor_start(struct supervisor *s, const struct config *config,
                      uv_loop_t *loop, struct worker *workers)
{
    s->workers = workers;
    s->n_workers = config->workers;
    if (s->notify.watchdog_us != 0)
        watch(s, loop);
    supervisor_ready(s, config);
}

void supervisor_stop(struct supervisor *s)
{
    if (s->watching)
        uv_close((uv_handle_t *)&s->timer, NULL);
    s->watching = false;
}

void supervisor_leave(struct supervisor *s)
{
    activation_close(&s->activation);
    notify_close(&s->notify);
}
