/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server_listeners.h"

#include "config_address.h"
#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- what is open already --- */

/* Whether that one's sockets would do for this one, which is to be on given
 * (-1: on its own). */
static bool fits(const struct config_listener *l, int given,
                 const struct activation *a,
                 const struct server_listeners *before, size_t k)
{
    const struct config_listener *old = &before->config->listeners[k];
    int old_given = activation_find(a, before->config, old);

    if (given >= 0 || old_given >= 0)
        return given == old_given;
    if (strcmp(l->address, old->address) != 0)
        return false;
    if (l->port == 0)
        return old->port == 0 && strcmp(l->name, old->name) == 0;
    return l->port == before->ports[k];
}

static long find_heir(const struct server_listeners *s,
                      const struct config_listener *l, int given,
                      const struct activation *a,
                      const struct server_listeners *before)
{
    for (size_t k = 0; before != NULL && k < before->n; k++)
        if (!s->inherited[k] && fits(l, given, a, before, k))
            return (long)k;
    return -1;
}

/* Whether we have that port, at an address that takes in this one's. */
static bool is_ours(const struct config_listener *l,
                    const struct server_listeners *before)
{
    for (size_t k = 0; before != NULL && k < before->n; k++)
        if (l->port == before->ports[k] &&
            config_address_overlap(l->address,
                                   before->config->listeners[k].address))
            return true;
    return false;
}

/* --- open and close --- */

static bool allocate(struct server_listeners *s,
                     const struct server_listeners *before)
{
    size_t n_before = before != NULL ? before->n : 0;

    s->fds = malloc(s->n * s->n_each * sizeof *s->fds);
    s->ports = calloc(s->n, sizeof *s->ports);
    s->heirs = malloc(s->n * sizeof *s->heirs);
    s->inherited = calloc(n_before + 1, sizeof *s->inherited);
    if (s->fds == NULL || s->ports == NULL || s->heirs == NULL ||
        s->inherited == NULL)
        return false;
    for (size_t i = 0; i < s->n * s->n_each; i++)
        s->fds[i] = -1;
    return true;
}

static int open_one(struct server_listeners *s, size_t i,
                    const struct supervisor *supervisor,
                    const struct server_listeners *before,
                    char error[LISTENER_ERROR_MAX])
{
    const struct config_listener *l = &s->config->listeners[i];
    const struct activation *a = &supervisor->activation;
    int given = activation_find(a, s->config, l);
    int *fds = s->fds + i * s->n_each;

    s->heirs[i] = find_heir(s, l, given, a, before);
    if (s->heirs[i] >= 0) {
        s->inherited[s->heirs[i]] = true;
        s->ports[i] = before->ports[s->heirs[i]];
        return 0;
    }
    int status = given < 0 && is_ours(l, before)
                     ? listener_bind_beside(s->config, l, fds, s->n_each,
                                            &s->ports[i], error)
                     : supervisor_listen(supervisor, s->config, l, fds,
                                         s->n_each, &s->ports[i], error);
    if (status == 0)
        return 0;
    for (size_t k = 0; k < s->n_each; k++)
        fds[k] = -1; /* closed again */
    return -EINVAL;
}

int server_listeners_open(struct server_listeners *s,
                          const struct config *config, size_t n_workers,
                          const struct supervisor *supervisor,
                          const struct server_listeners *before,
                          char error[LISTENER_ERROR_MAX])
{
    *s = (struct server_listeners){
        .config = config, .n = config->n_listeners, .n_each = n_workers};
    int status = allocate(s, before) ? 0 : -ENOMEM;

    for (size_t i = 0; i < s->n && status == 0; i++)
        status = open_one(s, i, supervisor, before, error);
    if (status != 0)
        server_listeners_close(s);
    return status;
}

int server_listeners_take(struct server_listeners *s, size_t listener,
                          size_t worker)
{
    int *fd = &s->fds[listener * s->n_each + worker];
    int taken = *fd;

    *fd = -1;
    return taken;
}

void server_listeners_close(struct server_listeners *s)
{
    for (size_t i = 0; s->fds != NULL && i < s->n * s->n_each; i++)
        if (s->fds[i] >= 0)
            close(s->fds[i]);
    free(s->fds);
    free(s->ports);
    free(s->heirs);
    free(s->inherited);
    *s = (struct server_listeners){.n = 0};
}

/* --- what is said of one --- */

/* Whether server_listeners_say() has the same to say of both. */
static bool are_alike(const struct config_listener *a,
                      const struct config_listener *b)
{
    if (strcmp(a->name, b->name) != 0 || a->keep_open != b->keep_open ||
        (a->tls == NULL) != (b->tls == NULL))
        return false;
    return a->tls != NULL ? a->tls->client_auth == b->tls->client_auth
                          : (a->write == CONFIG_WRITE_ANY) ==
                                (b->write == CONFIG_WRITE_ANY);
}

void server_listeners_say_new(const struct server_listeners *s,
                              const struct server_listeners *before)
{
    for (size_t i = 0; i < s->n; i++) {
        long heir = s->heirs[i];
        if (heir < 0 || !are_alike(&s->config->listeners[i],
                                   &before->config->listeners[heir]))
            server_listeners_say(s, i);
    }
}

void server_listeners_say(const struct server_listeners *s, size_t i)
{
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
