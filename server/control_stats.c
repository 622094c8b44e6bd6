/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control_stats.h"

#include "control_json.h"
#include "msglog.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int64_t size_of(const char *path, const char *suffix)
{
    char name[4096 + 8];
    struct stat st;
    char *real = realpath(path, NULL); /* SQLite's files are beside that */

    snprintf(name, sizeof name, "%s%s", real != NULL ? real : path, suffix);
    free(real);
    return stat(name, &st) == 0 ? (int64_t)st.st_size : 0;
}

const char *control_whole_path(const char *path, char out[CONTROL_WHOLE_MAX])
{
    char folder[4096];

    if (*path == '\0' || *path == '/' || getcwd(folder, sizeof folder) == NULL)
        return path;
    snprintf(out, CONTROL_WHOLE_MAX, "%s/%s", folder, path);
    return out;
}

char *control_tell_stats(const struct control_subject *subject,
                         uint64_t uptime_s)
{
    const struct config *config = subject->config;
    const struct worker_shared *shared = subject->shared;
    char path[CONTROL_WHOLE_MAX];
    static const char *const words[] = {
        [CONFIG_STORE_COMMIT] = "commit",
        [CONFIG_STORE_ASYNC] = "async",
        [CONFIG_STORE_MEMORY] = "memory",
    };
    struct control_stats s = {
        .uptime_s = uptime_s,
        .open = atomic_load(&shared->connections),
        .accepted = atomic_load(&shared->accepted),
        .turned_away = atomic_load(&shared->turned_away),
        .accept_failed = atomic_load(&shared->accept_failed),
        .handshakes = atomic_load(&shared->limiter.handshakes),
        .messages_lost = msglog_lost(shared->msglog),
        .durability = words[config->store.durability],
    };

    if (config->store.durability != CONFIG_STORE_MEMORY) {
        s.path = control_whole_path(config->store.path, path);
        s.file_size = size_of(config->store.path, "");
        s.log_size = size_of(config->store.path, "-wal");
    }
    for (unsigned i = 0; i < config->workers; i++) {
        const struct worker *w = &subject->workers[i];
        counters_sum(&w->counters, s.counts);
        s.bytes_in += atomic_load(&w->io.bytes_in);
        s.bytes_out += atomic_load(&w->io.bytes_out);
    }
    store_stats(subject->store, &s.store);
    /* They are not read at one moment. */
    if (s.counts[COUNTER_STORE_BEGUN] > s.counts[COUNTER_STORE_ENDED])
        s.store.queue +=
            s.counts[COUNTER_STORE_BEGUN] - s.counts[COUNTER_STORE_ENDED];
    return control_json_stats(&s);
}
