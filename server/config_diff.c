/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config_diff.h"

#include "config_schema.h"

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

/* An enumeration, whose key is the last part of the path. */
static void word(struct changes *out, const char *path, int old, int new_one)
{
    const char *key = strrchr(path, '.') + 1;

    text(out, path, config_word(key, old), config_word(key, new_one));
}

void config_diff(const struct config *old, const struct config *new_one,
                 struct changes *out)
{
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
    word(out, "log.level", (int)old->log_level, (int)new_one->log_level);
    text(out, "log.target", old->log_target, new_one->log_target);
    text(out, "messages.target", old->messages_target,
         new_one->messages_target);
}

void config_diff_start(const struct config *running,
                       const struct config *new_one, struct changes *out)
{
    const struct config_store *a = &running->store;
    const struct config_store *b = &new_one->store;

    number(out, "workers", running->workers, new_one->workers);
    word(out, "messages.format", (int)running->messages_format,
         (int)new_one->messages_format);
    word(out, "store.durability", (int)a->durability, (int)b->durability);
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
    char key[KEY_MAX];

    text(out, key_of(l, "tls.certificate", key), old->certificate,
         new_one->certificate);
    text(out, key_of(l, "tls.private_key", key), old->private_key,
         new_one->private_key);
    word(out, key_of(l, "tls.client_auth", key), (int)old->client_auth,
         (int)new_one->client_auth);
    text(out, key_of(l, "tls.client_ca", key), old->client_ca,
         new_one->client_ca);
    text(out, key_of(l, "tls.crl", key), old->crl, new_one->crl);
    word(out, key_of(l, "tls.min_version", key), (int)old->min_version,
         (int)new_one->min_version);
}

void config_diff_listener(const struct config_listener *old,
                          const struct config_listener *new_one,
                          struct changes *out)
{
    char key[KEY_MAX];

    text(out, key_of(old, "address", key), old->address, new_one->address);
    number(out, key_of(old, "port", key), old->port, new_one->port);
    text(out, key_of(old, "explain_errors", key),
         yes_or_no(old->explain_errors), yes_or_no(new_one->explain_errors));
    text(out, key_of(old, "keep_open", key), yes_or_no(old->keep_open),
         yes_or_no(new_one->keep_open));
    word(out, key_of(old, "write", key), (int)old->write, (int)new_one->write);
    word(out, key_of(old, "read", key), (int)old->read, (int)new_one->read);
    word(out, key_of(old, "authorize", key), (int)old->authorize,
         (int)new_one->authorize);
    text(out, key_of(old, "tls", key), yes_or_no(old->tls != NULL),
         yes_or_no(new_one->tls != NULL));
    if (old->tls != NULL && new_one->tls != NULL)
        diff_tls(old, old->tls, new_one->tls, out);
}
