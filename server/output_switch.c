/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output_switch.h"

void output_switch_init(struct output_switch *s)
{
    pthread_mutex_init(&s->mutex, NULL);
    atomic_init(&s->waiting, false);
}

void output_switch_deinit(struct output_switch *s)
{
    if (atomic_exchange(&s->waiting, false))
        output_close(&s->next);
    pthread_mutex_destroy(&s->mutex);
}

void output_switch_give(struct output_switch *s, struct output next)
{
    pthread_mutex_lock(&s->mutex);
    if (atomic_load(&s->waiting))
        output_close(&s->next);
    s->next = next;
    atomic_store(&s->waiting, true);
    pthread_mutex_unlock(&s->mutex);
}

bool output_switch_take(struct output_switch *s, struct output *out)
{
    if (!atomic_load(&s->waiting))
        return false;
    pthread_mutex_lock(&s->mutex);
    struct output next = s->next;
    atomic_store(&s->waiting, false);
    pthread_mutex_unlock(&s->mutex);
    next.lost = out->lost;
    next.error = out->error;
    output_close(out);
    *out = next;
    return true;
}
