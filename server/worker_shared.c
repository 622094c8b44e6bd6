/* worker_shared.c - what all workers share, made and given back.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker.h"

#include "fd_limit.h"
#include "log.h"

#define TICK_MS 10000u

static unsigned most_connections(const struct config *config, unsigned workers)
{
    unsigned wanted = config->limits.connections;
    unsigned room = fd_limit_connections(
        64 + 8 * workers + (unsigned)config->n_listeners * (workers + 1));

    if (room >= wanted)
        return wanted;
    log_info("open files: they are limited, and there is room for %u "
             "connections where limits.connections is %u: raise that limit "
             "(ulimit -n, or LimitNOFILE= in the unit), or do with them",
             room, wanted);
    return room;
}

void worker_shared_limit(struct worker_shared *shared,
                         const struct config *config)
{
    /* There are as many workers as there were at the start. */
    atomic_store(&shared->max_connections,
                 most_connections(config, shared->config->workers));
    limiter_set(&shared->limiter, &config->limits);
}

void worker_shared_init(struct worker_shared *shared,
                        const struct config *config)
{
    bool all = limiter_init(&shared->limiter) == 0;

    shared->config = config;
    all = sharing_init(&shared->sharing) == 0 && all;
    all = verdicts_init(&shared->verdicts) == 0 && all;
    if (!all) /* a class is served all the same */
        log_error("no memory to tell clients apart by their addresses");
    worker_shared_limit(shared, config);
}

static void on_tick(uv_timer_t *timer)
{
    struct worker_shared *shared = timer->data;

    verdicts_tick(&shared->verdicts, uv_now(timer->loop));
}

void worker_shared_watch(struct worker_shared *shared, uv_loop_t *loop)
{
    uv_timer_init(loop, &shared->tick);
    shared->tick.data = shared;
    uv_timer_start(&shared->tick, on_tick, TICK_MS, TICK_MS);
}

void worker_shared_unwatch(struct worker_shared *shared)
{
    uv_close((uv_handle_t *)&shared->tick, NULL);
}

void worker_shared_deinit(struct worker_shared *shared)
{
    verdicts_deinit(&shared->verdicts, uv_hrtime() / 1000000);
    sharing_deinit(&shared->sharing);
    limiter_deinit(&shared->limiter);
}
