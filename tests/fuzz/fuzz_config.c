/* fuzz_config.c - the configuration against any file.
 *
 * Held to: a file is refused with one line that names it and can be shown, or
 * makes a configuration whose every value is in its bounds, and the same one
 * when it is read again; nothing that was taken is left.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "fuzz.h"
#include "fuzz_file.h"
#include "wwep_text.h"

#include <string.h>

static struct fuzz_file file;

static void check_error(const char *error)
{
    FUZZ_CHECK(memchr(error, '\0', CONFIG_ERROR_MAX) != NULL);
    FUZZ_CHECK(strncmp(error, file.path, strlen(file.path)) == 0);
    for (const char *p = error; *p != '\0'; p++)
        FUZZ_CHECK((uint8_t)*p >= 0x20 && (uint8_t)*p != 0x7f);
}

static void check_tls(const struct config_tls *tls)
{
    bool asks = tls->client_auth != CONFIG_CLIENT_AUTH_NONE;

    FUZZ_CHECK(tls->certificate != NULL && tls->private_key != NULL);
    FUZZ_CHECK(!asks || tls->client_ca != NULL);
    FUZZ_CHECK(asks || tls->crl == NULL);
}

static bool asks_for_own(const struct config_listener *l)
{
    return l->write == CONFIG_WRITE_OWN || l->read == CONFIG_READ_OWN;
}

static void check_listener(const struct config *c, size_t i)
{
    const struct config_listener *l = &c->listeners[i];

    FUZZ_CHECK(l->name != NULL && strlen(l->name) <= 32);
    FUZZ_CHECK(l->name[0] != '\0');
    FUZZ_CHECK(l->address != NULL);
    if (l->tls != NULL)
        check_tls(l->tls);
    if (asks_for_own(l))
        FUZZ_CHECK(l->tls != NULL &&
                   l->tls->client_auth == CONFIG_CLIENT_AUTH_REQUIRED);
    for (size_t k = 0; k < i; k++)
        FUZZ_CHECK(strcmp(l->name, c->listeners[k].name) != 0);
}

static void check(const struct config *c)
{
    const struct config_timeouts *t = &c->timeouts;

    FUZZ_CHECK(strcmp(c->file, file.path) == 0);
    FUZZ_CHECK(c->workers >= 1);
    FUZZ_CHECK(c->n_listeners >= 1);
    for (size_t i = 0; i < c->n_listeners; i++)
        check_listener(c, i);
    FUZZ_CHECK(t->message_ms >= 10 && t->message_ms <= 60000);
    FUZZ_CHECK(t->idle_s >= 1 && t->idle_s <= 86400);
    FUZZ_CHECK(t->handshake_s >= 1 && t->handshake_s <= 600);
    FUZZ_CHECK(t->drain_s <= 3600);
    FUZZ_CHECK(c->log_target != NULL && c->messages_target != NULL);
    FUZZ_CHECK((c->store.path == NULL) ==
               (c->store.durability == CONFIG_STORE_MEMORY));
    if (c->store.path != NULL)
        FUZZ_CHECK(c->store.history_days >= 1 && c->store.history_max_mb >= 16);
}

static uint64_t digest_text(uint64_t digest, const char *text)
{
    if (text == NULL)
        return fuzz_digest(digest, 256);
    for (; *text != '\0'; text++)
        digest = fuzz_digest(digest, (uint8_t)*text);
    return fuzz_digest(digest, 257);
}

static uint64_t digest_of(const struct config *c, const char *error)
{
    uint64_t d = digest_text(FUZZ_DIGEST_INIT, error);

    for (size_t i = 0; c != NULL && i < c->n_listeners; i++) {
        const struct config_listener *l = &c->listeners[i];

        d = digest_text(d, l->name);
        d = digest_text(d, l->address);
        d = fuzz_digest(d, l->port);
        d = digest_text(d, l->tls != NULL ? l->tls->certificate : NULL);
    }
    return c != NULL ? digest_text(d, c->control) : d;
}

static uint64_t load(void)
{
    char error[CONFIG_ERROR_MAX];
    char path[CONFIG_ERROR_MAX];

    memset(error, 'x', sizeof error);
    struct config *c = config_load(file.path, error);
    if (c == NULL) {
        check_error(error);
    } else {
        FUZZ_CHECK(error[0] == '\0');
        check(c);
        config_key_path(c, &c->listeners[0], "port", path, sizeof path);
    }
    uint64_t digest = digest_of(c, error);
    config_free(c);
    return digest;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (file.fd == 0)
        fuzz_file_init(&file);
    int lowest = fuzz_file_lowest();
    fuzz_file_set(&file, data, size);
    uint64_t digest = load();
    FUZZ_CHECK(load() == digest);
    FUZZ_CHECK(fuzz_file_lowest() == lowest);
    return 0;
}
