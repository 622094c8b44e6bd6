/* SPDX-License-Identifier: GPL-2.0-or-later */
/* First, or sched.h has no sched_getaffinity(). */
#include "config_build.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_MESSAGE_MS     250
#define DEFAULT_IDLE_S         10
#define DEFAULT_HANDSHAKE_S    5
#define DEFAULT_DRAIN_S        3

#define DEFAULT_CONNECTIONS    16384
#define DEFAULT_PER_ADDRESS    256
#define DEFAULT_HANDSHAKES     1024
#define DEFAULT_NEW_PER_SECOND 500

#define DEFAULT_HISTORY_DAYS   30
#define DEFAULT_HISTORY_MAX_MB 512

/* The cores that this process may use: taskset and the like count. */
static unsigned count_cores(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return (unsigned)CPU_COUNT(&set);
    /* On a machine of more than 1024 the set has no room. */
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (unsigned)online : 1;
}

static unsigned count_workers(unsigned wanted)
{
    unsigned max = config_rule("workers")->max;

    if (wanted == 0)
        wanted = count_cores();
    return wanted < max ? wanted : max;
}

static unsigned or_default(const unsigned *number, unsigned otherwise)
{
    return number != NULL ? *number : otherwise;
}

/* The caller owns the path; NULL: no memory. */
static char *resolve(const char *value, const char *file)
{
    const char *slash = file != NULL ? strrchr(file, '/') : NULL;
    size_t folder = slash != NULL ? (size_t)(slash - file) + 1 : 0;
    size_t len = strlen(value);

    if (*value == '/')
        folder = 0;
    char *path = malloc(folder + len + 1);
    if (path != NULL) {
        if (folder > 0)
            memcpy(path, file, folder);
        memcpy(path + folder, value, len + 1);
    }
    return path;
}

static char *resolve_target(const char *value, const char *otherwise,
                            const char *file)
{
    if (value == NULL)
        value = otherwise;
    if (strcmp(value, "stdout") == 0 || strcmp(value, "stderr") == 0)
        return strdup(value);
    return resolve(value, file);
}

static struct config_tls *build_tls(const struct config_file_tls *file,
                                    const char *path)
{
    struct config_tls *tls = calloc(1, sizeof *tls);

    if (tls == NULL)
        return NULL;
    tls->client_auth = file->client_auth;
    tls->min_version = file->min_version;
    tls->certificate = resolve(file->certificate, path);
    tls->private_key = resolve(file->private_key, path);
    if (file->client_ca != NULL)
        tls->client_ca = resolve(file->client_ca, path);
    if (file->crl != NULL)
        tls->crl = resolve(file->crl, path);
    return tls;
}

static bool tls_complete(const struct config_file_tls *file,
                         const struct config_tls *tls)
{
    return tls != NULL && tls->certificate != NULL &&
           tls->private_key != NULL &&
           (tls->client_ca != NULL || file->client_ca == NULL) &&
           (tls->crl != NULL || file->crl == NULL);
}

/* false: no memory; what is there is config_free()'s. */
static bool build_listener(struct config_listener *listener,
                           const struct config_file_listener *file,
                           const char *path)
{
    listener->port = file->port;
    listener->explain_errors = file->explain_errors;
    listener->keep_open = file->keep_open;
    listener->write = file->write;
    listener->read = file->read;
    listener->authorize = file->authorize;
    listener->name = strdup(file->name);
    listener->address = strdup(file->address != NULL ? file->address : "*");
    if (listener->name == NULL || listener->address == NULL)
        return false;
    if (file->tls == NULL)
        return true;
    listener->tls = build_tls(file->tls, path);
    return tls_complete(file->tls, listener->tls);
}

static bool build_listeners(struct config *config,
                            const struct config_file *file, const char *path)
{
    size_t count = (size_t)file->listeners_count;

    config->listeners = calloc(count, sizeof *config->listeners);
    if (config->listeners == NULL)
        return false;
    config->n_listeners = count;
    for (size_t i = 0; i < count; i++)
        if (!build_listener(&config->listeners[i], &file->listeners[i], path))
            return false;
    return true;
}

static void build_timeouts(struct config_timeouts *timeouts,
                           const struct config_file_timeouts *file)
{
    timeouts->message_ms = or_default(file->message_ms, DEFAULT_MESSAGE_MS);
    timeouts->idle_s = or_default(file->idle_s, DEFAULT_IDLE_S);
    timeouts->handshake_s = or_default(file->handshake_s, DEFAULT_HANDSHAKE_S);
    timeouts->drain_s = or_default(file->drain_s, DEFAULT_DRAIN_S);
}

static void build_limits(struct config_limits *limits,
                         const struct config_file_limits *file)
{
    limits->connections = or_default(file->connections, DEFAULT_CONNECTIONS);
    limits->per_address = or_default(file->per_address, DEFAULT_PER_ADDRESS);
    limits->handshakes = or_default(file->handshakes, DEFAULT_HANDSHAKES);
    limits->new_per_second =
        or_default(file->new_per_second, DEFAULT_NEW_PER_SECOND);
}

/* Without a path there is nothing to keep it in. false: no memory. */
static bool build_store(struct config_store *store,
                        const struct config_file_store *file, const char *path)
{
    store->history_days = or_default(file->history_days, DEFAULT_HISTORY_DAYS);
    store->history_max_mb =
        or_default(file->history_max_mb, DEFAULT_HISTORY_MAX_MB);
    store->durability =
        file->path != NULL ? file->durability : CONFIG_STORE_MEMORY;
    if (file->path == NULL)
        return true;
    store->path = resolve(file->path, path);
    return store->path != NULL;
}

static bool build_control(struct config *config, const struct config_file *file,
                          const char *path)
{
    if (file->control == NULL)
        return true;
    config->control = resolve(file->control, path);
    return config->control != NULL;
}

struct config *config_build(const struct config_file *file, const char *path)
{
    struct config *config = calloc(1, sizeof *config);

    if (config == NULL)
        return NULL;
    config->workers = count_workers(file->workers);
    build_timeouts(&config->timeouts, &file->timeouts);
    build_limits(&config->limits, &file->limits);
    config->log_level =
        file->log.level != NULL ? *file->log.level : CONFIG_LOG_INFO;
    config->messages_format = file->messages.format;
    config->log_target = resolve_target(file->log.target, "stderr", path);
    config->messages_target =
        resolve_target(file->messages.target, "stdout", path);
    if (path != NULL)
        config->file = strdup(path);
    if (config->log_target == NULL || config->messages_target == NULL ||
        (path != NULL && config->file == NULL) ||
        !build_store(&config->store, &file->store, path) ||
        !build_control(config, file, path) ||
        !build_listeners(config, file, path)) {
        config_free(config);
        return NULL;
    }
    return config;
}
