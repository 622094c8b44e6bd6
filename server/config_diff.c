/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config_diff.h"

#include <stdio.h>
#include <string.h>

#define KEY_MAX 96u

static void text(struct changes *out, const char *key, const char *old,
                 const char *new_one)
{
    old = old != NULL ? old : "none";
    new_one = new_one != NULL ? new_one : "none";
    if (strcmp(old, new_one) != 0)
        changes_add(out, "%s: %s -> %s", key, old, new_one);
}

static void number(struct changes *out, const char *key, unsigned old,
                   unsigned new_one)
{
    if (old != new_one)
        changes_add(out, "%s: %u -> %u", key, old, new_one);
}

void config_diff(const struct config *old, const struct config *new_one,
                 struct changes *out)
{
    static const char *const levels[] = {
        [CONFIG_LOG_ERROR] = "error",
        [CONFIG_LOG_WARNING] = "warning",
        [CONFIG_LOG_INFO] = "info",
        [CONFIG_LOG_DEBUG] = "debug",
    };
    const struct config_timeouts *a = &old->timeouts;
    const struct config_timeouts *b = &new_one->timeouts;
    const struct config_limits *c = &old->limits;
    const struct config_limits *d = &new_one->limits;

    number(out, "timeouts.message_ms", a->message_ms, b->message_ms);
    number(out, "timeouts.idle_s", a->idle_s, b->idle_s);
    number(out, "timeouts.handshake_s", a->handshake_s, b->handshake_s);
    number(out, "timeouts.drain_s", a->drain_s, b->drain_s);
    number(out, "limits.connections", c->connections, d->connections);
    number(out, "limits.per_address", c->per_address, d->per_address);
    number(out, "limits.handshakes", c->handshakes, d->handshakes);
    number(out, "limits.new_per_second", c->new_per_second, d->new_per_second);
    text(out, "log.level", levels[old->log_level], levels[new_one->log_level]);
    text(out, "log.target", old->log_target, new_one->log_target);
    text(out, "messages.target", old->messages_target,
         new_one->messages_target);
}

void config_diff_start(const struct config *running,
                       const struct config *new_one, struct changes *out)
{
    static const char *const formats[] = {
        [CONFIG_MESSAGES_TABLE] = "table",
        [CONFIG_MESSAGES_JSON] = "json",
        [CONFIG_MESSAGES_NONE] = "none",
    };
    static const char *const words[] = {
        [CONFIG_STORE_COMMIT] = "commit",
        [CONFIG_STORE_ASYNC] = "async",
        [CONFIG_STORE_MEMORY] = "memory",
    };
    const struct config_store *a = &running->store;
    const struct config_store *b = &new_one->store;

    number(out, "workers", running->workers, new_one->workers);
    text(out, "messages.format", formats[running->messages_format],
         formats[new_one->messages_format]);
    text(out, "store.durability", words[a->durability], words[b->durability]);
    text(out, "store.path", a->path, b->path);
    number(out, "store.history_days", a->history_days, b->history_days);
    number(out, "store.history_max_mb", a->history_max_mb, b->history_max_mb);
    text(out, "control", running->control, new_one->control);
}

/* --- listeners --- */

static const char *yes_or_no(bool on)
{
    return on ? "yes" : "no";
}

static const char *key_of(const struct config_listener *l, const char *key,
                          char out[KEY_MAX])
{
    snprintf(out, KEY_MAX, "listeners[%s].%s", l->name, key);
    return out;
}

static void diff_tls(const struct config_listener *l,
                     const struct config_tls *old,
                     const struct config_tls *new_one, struct changes *out)
{
    static const char *const auths[] = {
        [CONFIG_CLIENT_AUTH_NONE] = "none",
        [CONFIG_CLIENT_AUTH_OPTIONAL] = "optional",
        [CONFIG_CLIENT_AUTH_REQUIRED] = "required",
    };
    static const char *const versions[] = {
        [CONFIG_TLS_1_2] = "1.2",
        [CONFIG_TLS_1_3] = "1.3",
    };
    char key[KEY_MAX];

    text(out, key_of(l, "tls.certificate", key), old->certificate,
         new_one->certificate);
    text(out, key_of(l, "tls.private_key", key), old->private_key,
         new_one->private_key);
    text(out, key_of(l, "tls.client_auth", key), auths[old->client_auth],
         auths[new_one->client_auth]);
    text(out, key_of(l, "tls.client_ca", key), old->client_ca,
         new_one->client_ca);
    text(out, key_of(l, "tls.crl", key), old->crl, new_one->crl);
    text(out, key_of(l, "tls.min_version", key), versions[old->min_version],
         versions[new_one->min_version]);
}

void config_diff_listener(const struct config_listener *old,
                          const struct config_listener *new_one,
                          struct changes *out)
{
    static const char *const writes[] = {
        [CONFIG_WRITE_ANY] = "any",
        [CONFIG_WRITE_OWN] = "own-device",
        [CONFIG_WRITE_NO] = "no",
    };
    static const char *const reads[] = {
        [CONFIG_READ_ANY] = "any",
        [CONFIG_READ_OWN] = "own-device",
    };
    static const char *const authorizes[] = {
        [CONFIG_AUTHORIZE_ENFORCE] = "enforce",
        [CONFIG_AUTHORIZE_WARN] = "warn",
    };
    char key[KEY_MAX];

    text(out, key_of(old, "address", key), old->address, new_one->address);
    number(out, key_of(old, "port", key), old->port, new_one->port);
    text(out, key_of(old, "explain_errors", key),
         yes_or_no(old->explain_errors), yes_or_no(new_one->explain_errors));
    text(out, key_of(old, "keep_open", key), yes_or_no(old->keep_open),
         yes_or_no(new_one->keep_open));
    text(out, key_of(old, "write", key), writes[old->write],
         writes[new_one->write]);
    text(out, key_of(old, "read", key), reads[old->read], reads[new_one->read]);
    text(out, key_of(old, "authorize", key), authorizes[old->authorize],
         authorizes[new_one->authorize]);
    text(out, key_of(old, "tls", key), yes_or_no(old->tls != NULL),
         yes_or_no(new_one->tls != NULL));
    if (old->tls != NULL && new_one->tls != NULL)
        diff_tls(old, old->tls, new_one->tls, out);
}
