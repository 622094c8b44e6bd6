/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct tls_context *make_context(const struct setup *s,
                                        const struct setup *before,
                                        const struct config_listener *listener,
                                        char error[TLS_ERROR_MAX])
{
    long i = before != NULL ? config_find(before->config, listener->name) : -1;
    struct tls_context *old = i >= 0 ? before->contexts[i] : NULL;

    if (old != NULL && tls_context_is_current(old, listener))
        return tls_context_ref(old);
    return tls_context_new(s->config, listener, error);
}

static bool make_contexts(struct setup *s, const struct setup *before,
                          char error[TLS_ERROR_MAX])
{
    for (size_t i = 0; i < s->config->n_listeners; i++) {
        const struct config_listener *listener = &s->config->listeners[i];
        if (listener->tls == NULL)
            continue;
        s->contexts[i] = make_context(s, before, listener, error);
        if (s->contexts[i] == NULL)
            return false;
    }
    return true;
}

static void free_setup(struct setup *s)
{
    for (size_t i = 0; s->contexts != NULL && i < s->config->n_listeners; i++)
        tls_context_unref(s->contexts[i]);
    free(s->contexts);
    config_free(s->taken);
    free(s);
}

struct setup *setup_new(const struct config *config, const struct setup *before,
                        char error[TLS_ERROR_MAX])
{
    struct setup *s = calloc(1, sizeof *s);

    snprintf(error, TLS_ERROR_MAX, "no memory for the listeners");
    if (s == NULL)
        return NULL;
    atomic_init(&s->refs, 1);
    s->config = config;
    s->contexts = calloc(config->n_listeners, sizeof(struct tls_context *));
    if (s->contexts != NULL && make_contexts(s, before, error))
        return s;
    free_setup(s);
    return NULL;
}

void setup_take(struct setup *s, struct config *config)
{
    s->taken = config;
}

struct setup *setup_ref(struct setup *s)
{
    atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
    return s;
}

void setup_unref(struct setup *s)
{
    if (s == NULL ||
        atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1)
        return;
    free_setup(s);
}
