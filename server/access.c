/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "access.h"

#include "log.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

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

/* --- what is told of it --- */

/* What a listener may keep for the boards whose devices these are. */
struct right {
    const char *verb;
    const char *preposition;
    bool (*is_kept)(const struct config_listener *l);
    bool (*is_open)(const struct config_listener *l); /* to anybody */
    /* The setting by which it is not open. */
    const char *(*stricter)(const struct config_listener *l);
};

static bool is_enforced(const struct config_listener *l)
{
    return l->authorize == CONFIG_AUTHORIZE_ENFORCE;
}

static bool is_mutual(const struct config_listener *l)
{
    return l->tls != NULL && l->tls->client_auth == CONFIG_CLIENT_AUTH_REQUIRED;
}

static bool keeps_writes(const struct config_listener *l)
{
    return l->write == CONFIG_WRITE_OWN && is_enforced(l);
}

static bool lets_write(const struct config_listener *l)
{
    return l->write == CONFIG_WRITE_ANY || !is_enforced(l);
}

static const char *stricter_writes(const struct config_listener *l)
{
    if (l->write == CONFIG_WRITE_OWN)
        return "authorize to enforce";
    return is_mutual(l) ? "write to no or own-device" : "write to no";
}

static bool keeps_reads(const struct config_listener *l)
{
    return l->read == CONFIG_READ_OWN && is_enforced(l);
}

static bool lets_read(const struct config_listener *l)
{
    return !keeps_reads(l);
}

static const char *stricter_reads(const struct config_listener *l)
{
    if (l->read == CONFIG_READ_OWN)
        return "authorize to enforce";
    return is_mutual(l) ? "read to own-device"
                        : "read to own-device, with tls.client_auth: required";
}

static const struct right rights[] = {
    {"write", "to", keeps_writes, lets_write, stricter_writes},
    {"read", "from", keeps_reads, lets_read, stricter_reads},
};

/* The first that keeps devices for their own boards. NULL: none does. */
static const struct config_listener *find_strict(const struct config *config,
                                                 const struct right *right)
{
    for (size_t i = 0; config != NULL && i < config->n_listeners; i++)
        if (right->is_kept(&config->listeners[i]))
            return &config->listeners[i];
    return NULL;
}

/* Whether `before` (NULL: none) has it, with the same rules. */
static bool is_known(const struct config_listener *l,
                     const struct config *before)
{
    long at = before != NULL ? config_find(before, l->name) : -1;

    if (at < 0)
        return false;
    const struct config_listener *was = &before->listeners[at];
    return was->write == l->write && was->read == l->read &&
           was->authorize == l->authorize && is_mutual(was) == is_mutual(l);
}

static void say_open(const struct right *right, const struct config *config,
                     const struct config *before)
{
    const struct config_listener *strict = find_strict(config, right);
    const struct config_listener *was = find_strict(before, right);
    bool same_strict =
        strict != NULL && was != NULL && strcmp(strict->name, was->name) == 0;

    for (size_t i = 0; strict != NULL && i < config->n_listeners; i++) {
        const struct config_listener *l = &config->listeners[i];
        if (right->is_open(l) && !(same_strict && is_known(l, before)))
            log_warning("%s: here anybody can %s %s any device, also %s those "
                        "that %s keeps for their own boards: set "
                        "listeners[%s].%s, or remove the listener",
                        l->name, right->verb, right->preposition,
                        right->preposition, strict->name, l->name,
                        right->stricter(l));
    }
}

void access_say(const struct config *config, const struct config *before)
{
    for (size_t i = 0; i < config->n_listeners; i++) {
        const struct config_listener *l = &config->listeners[i];
        if (is_ruled(l) && !is_enforced(l) && !is_known(l, before))
            log_warning("%s: authorize is warn: what a client may not do is "
                        "told here, and done all the same",
                        l->name);
    }
    for (size_t i = 0; i < sizeof rights / sizeof rights[0]; i++)
        say_open(&rights[i], config, before);
}
