/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "access.h"

#include "log.h"

#include <stdbool.h>
#include <stdio.h>

static bool is_granted(const struct config_listener *l, int32_t device,
                       const struct wwep_request *request)
{
    bool own = device == (int32_t)request->device;

    if (request->command != WWEP_WRITE)
        return l->read == CONFIG_READ_ANY || own;
    return l->write == CONFIG_WRITE_ANY ||
           (l->write == CONFIG_WRITE_OWN && own);
}

enum access_verdict access_check(const struct config_listener *l,
                                 int32_t device,
                                 const struct wwep_request *request)
{
    if (is_granted(l, device, request))
        return ACCESS_GRANTED;
    return l->authorize == CONFIG_AUTHORIZE_WARN ? ACCESS_TOLERATED
                                                 : ACCESS_REFUSED;
}

void access_why(const struct config_listener *l, int32_t device,
                const struct wwep_request *request, char out[ACCESS_WHY_MAX])
{
    bool writes = request->command == WWEP_WRITE;
    const char *verb = writes ? "write" : "read";
    unsigned asked = request->device;

    if (writes && l->write == CONFIG_WRITE_NO)
        snprintf(out, ACCESS_WHY_MAX,
                 "may not write device %04X: this listener takes no writes "
                 "(write: no): use another one",
                 asked);
    else if (device == DEVICE_NONE)
        snprintf(out, ACCESS_WHY_MAX,
                 "may not %s device %04X: its certificate is for no device: "
                 "make it one by \"wwep-certs client %04X\"",
                 verb, asked, asked);
    else if (device == DEVICE_UNCLEAR)
        snprintf(out, ACCESS_WHY_MAX,
                 "may not %s device %04X: its certificate names several "
                 "devices, or none that can be: make it one by \"wwep-certs "
                 "client %04X\"",
                 verb, asked, asked);
    else
        snprintf(out, ACCESS_WHY_MAX,
                 "may not %s device %04X: its certificate is for device "
                 "%04X: use that ID, or the certificate of %04X",
                 verb, asked, (unsigned)device, asked);
}

static bool is_ruled(const struct config_listener *l)
{
    return l->write != CONFIG_WRITE_ANY || l->read != CONFIG_READ_ANY;
}

/* The setting by which not anybody can write there. */
static const char *stricter(const struct config_listener *l)
{
    if (l->write == CONFIG_WRITE_OWN)
        return "authorize to enforce";
    if (l->tls == NULL || l->tls->client_auth != CONFIG_CLIENT_AUTH_REQUIRED)
        return "write to no";
    return "write to no or own-device";
}

/* The same of reading, which only a certificate can be asked for. */
static const char *stricter_read(const struct config_listener *l)
{
    if (l->read == CONFIG_READ_OWN)
        return "authorize to enforce";
    if (l->tls == NULL || l->tls->client_auth != CONFIG_CLIENT_AUTH_REQUIRED)
        return "read to own-device, with tls.client_auth: required";
    return "read to own-device";
}

/* Where anybody reads what this one shows to its own boards alone. */
static void say_readers(const struct config *config,
                        const struct config_listener *strict)
{
    for (size_t i = 0; i < config->n_listeners; i++) {
        const struct config_listener *l = &config->listeners[i];
        if (l->read == CONFIG_READ_ANY || l->authorize == CONFIG_AUTHORIZE_WARN)
            log_warning("%s: here anybody can read from any device, also from "
                        "those that %s keeps for their own boards: set "
                        "listeners[%s].%s, or remove the listener",
                        l->name, strict->name, l->name, stricter_read(l));
    }
}

void access_say(const struct config *config)
{
    const struct config_listener *strict = NULL;
    const struct config_listener *secret = NULL;

    for (size_t i = 0; i < config->n_listeners; i++) {
        const struct config_listener *l = &config->listeners[i];
        if (is_ruled(l) && l->authorize == CONFIG_AUTHORIZE_WARN)
            log_warning("%s: authorize is warn: what a client may not do is "
                        "told here, and done all the same",
                        l->name);
        else if (l->write == CONFIG_WRITE_OWN && strict == NULL)
            strict = l;
        if (l->read == CONFIG_READ_OWN && secret == NULL &&
            l->authorize == CONFIG_AUTHORIZE_ENFORCE)
            secret = l;
    }
    if (secret != NULL)
        say_readers(config, secret);
    for (size_t i = 0; strict != NULL && i < config->n_listeners; i++) {
        const struct config_listener *l = &config->listeners[i];
        if (l->write == CONFIG_WRITE_ANY ||
            (is_ruled(l) && l->authorize == CONFIG_AUTHORIZE_WARN))
            log_warning("%s: here anybody can write to any device, also to "
                        "those that %s keeps for their own boards: set "
                        "listeners[%s].%s, or remove the listener",
                        l->name, strict->name, l->name, stricter(l));
    }
}
