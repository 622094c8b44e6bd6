/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server_look.h"

#include "log.h"
#include "validity.h"

#define LOOK_MS (60u * 60 * 1000)

/* Whether the listeners before this one have it too, so it has been told. */
static bool is_told(const struct setup *s, size_t listener,
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

static void look_at(const struct setup *s, size_t listener,
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

void server_look_at(struct server_look *look, const struct setup *setup,
                    time_t now)
{
    for (size_t i = 0; i < setup->config->n_listeners; i++) {
        size_t n;
        if (setup->contexts[i] == NULL)
            continue;
        const struct validity *v = tls_context_validity(setup->contexts[i], &n);
        for (size_t k = 0; k < n; k++)
            look_at(setup, i, &v[k], now);
    }
    look->setup = setup;
    look->last = now;
}

/* Once an hour: the loop's clock stands still while a laptop sleeps, so
 * whether a day has passed is for the wall clock to say. */
static void on_look(uv_timer_t *timer)
{
    struct server_look *look = timer->data;
    time_t now = time(NULL);

    if (validity_is_due(look->last, now))
        server_look_at(look, look->setup, now);
}

void server_look_start(struct server_look *look, uv_loop_t *loop)
{
    uv_timer_init(loop, &look->timer);
    look->timer.data = look;
    uv_timer_start(&look->timer, on_look, LOOK_MS, LOOK_MS);
}

void server_look_stop(struct server_look *look)
{
    uv_close((uv_handle_t *)&look->timer, NULL);
}
