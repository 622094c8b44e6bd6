/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "unit_server.h"

#include "unit.h"
#include "unit_io.h"
#include "unit_socket.h"
#include "unit_store.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit_server unit_server;

static const struct config_listener listeners[UNIT_LISTENERS] = {
    [UNIT_PLAIN] = {.name = (char *)"plain", .address = (char *)"127.0.0.1"},
    [UNIT_EXPLAINING] = {.name = (char *)"explaining",
                         .address = (char *)"127.0.0.1",
                         .explain_errors = true},
    [UNIT_KEEP_OPEN] = {.name = (char *)"lines",
                        .address = (char *)"127.0.0.1",
                        .explain_errors = true,
                        .keep_open = true},
};

static void on_ended(uv_async_t *async)
{
    unit_server.ended = true;
    uv_close((uv_handle_t *)async, NULL);
}

static void messages_path(char path[4096])
{
    snprintf(path, 4096, "%s/messages", unit_server.folder);
}

static void open_listeners(struct unit_server *s)
{
    for (size_t i = 0; i < UNIT_LISTENERS; i++) {
        char text[LISTENER_ERROR_MAX];
        int fd;
        ck_assert_int_eq(listener_bind(&s->config, &s->listeners[i], &fd, 1,
                                       &s->ports[i], text),
                         0);
        ck_assert_int_eq(worker_listen(&s->worker, &s->setup, i, fd), 0);
    }
}

static void prepare(enum config_durability durability)
{
    struct unit_server *s = &unit_server;
    char path[4096];
    int error;

    signal(SIGPIPE, SIG_IGN); /* as wwepd does */
    memset(s, 0, sizeof *s);
    s->folder = unit_mkdtemp();
    unit_log_open(s->folder, CONFIG_LOG_DEBUG);
    memcpy(s->listeners, listeners, sizeof listeners);
    s->config = (struct config){
        .workers = 1,
        .listeners = s->listeners,
        .n_listeners = UNIT_LISTENERS,
        .timeouts = {UNIT_LONG_S * 1000, UNIT_LONG_S, UNIT_LONG_S, UNIT_LONG_S},
        .limits = {.connections = 1000},
        .store = {.durability = durability,
                  .path = s->database,
                  .history_days = 30,
                  .history_max_mb = 64},
    };
    s->setup.config = &s->config;
    s->setup.contexts = s->contexts;
    atomic_init(&s->setup.refs, 1);
    snprintf(s->database, sizeof s->database, "%s/wwep.db", s->folder);
    unit_store_open(&s->store, &s->config.store, 1);
    worker_shared_init(&s->shared, &s->config);
    s->shared.store = &s->store;
    messages_path(path);
    s->shared.msglog = msglog_start(CONFIG_MESSAGES_JSON, path, 1, &error);
    ck_assert_ptr_nonnull(s->shared.msglog);
    ck_assert_int_eq(uv_loop_init(&s->loop), 0);
    ck_assert_int_eq(uv_async_init(&s->loop, &s->shared.ended, on_ended), 0);
    ck_assert_int_eq(worker_init(&s->worker, &s->shared, 0, UNIT_LISTENERS), 0);
    open_listeners(s);
}

void unit_server_prepare(void)
{
    prepare(CONFIG_STORE_MEMORY);
}

void unit_server_prepare_kept(void)
{
    prepare(CONFIG_STORE_COMMIT);
}

void unit_server_serve(void)
{
    ck_assert_int_eq(worker_start(&unit_server.worker), 0);
}

void unit_server_start(void)
{
    unit_server_prepare();
    unit_server_serve();
}

void unit_server_start_kept(void)
{
    unit_server_prepare_kept();
    unit_server_serve();
}

void unit_server_join(void)
{
    ck_assert_int_eq(uv_run(&unit_server.loop, UV_RUN_DEFAULT), 0);
    ck_assert(unit_server.ended);
    worker_join(&unit_server.worker);
    ck_assert_uint_eq(atomic_load(&unit_server.shared.running), 0);
    ck_assert_uint_eq(atomic_load(&unit_server.shared.connections), 0);
}

void unit_server_stop(void)
{
    struct unit_server *s = &unit_server;
    struct msglog_count count;

    if (!s->ended) {
        worker_tell(&s->worker, WORKER_ABORT);
        unit_server_join();
    }
    ck_assert_int_eq(uv_loop_close(&s->loop), 0);
    worker_shared_deinit(&s->shared);
    if (s->shared.msglog != NULL)
        ck_assert(msglog_stop(s->shared.msglog, &count));
    store_close(&s->store);
    unit_log_close();
    unit_rmdir(s->folder);
}

json_t *unit_server_messages(void)
{
    struct msglog_count count;
    json_t *lines = json_array();
    char path[4096];

    worker_tell(&unit_server.worker, WORKER_DRAIN);
    unit_server_join();
    ck_assert(msglog_stop(unit_server.shared.msglog, &count));
    unit_server.shared.msglog = NULL;
    messages_path(path);
    char *text = unit_read(path, NULL);
    for (char *line = strtok(text, "\n"); line != NULL;
         line = strtok(NULL, "\n"))
        ck_assert_int_eq(
            json_array_append_new(lines, json_loads(line, 0, NULL)), 0);
    free(text);
    ck_assert_uint_eq(json_array_size(lines), count.plain + count.secure);
    ck_assert_uint_eq(count.lost, 0);
    return lines;
}

void unit_exchange(int listener, const char *request, const char *reply)
{
    int fd = unit_connect(unit_server.ports[listener], 0);

    unit_send_text(fd, request);
    unit_expect_end(fd, reply);
}

void unit_exchange_and_end(int listener, const char *request, const char *reply)
{
    int fd = unit_connect(unit_server.ports[listener], 0);

    unit_send_text(fd, request);
    unit_end(fd);
    unit_expect_end(fd, reply);
}

void unit_wait_connections(unsigned n)
{
    uint64_t until = unit_now_ms() + UNIT_DEADLINE_MS;

    while (atomic_load(&unit_server.shared.connections) != n) {
        ck_assert_msg(unit_now_ms() < until, "%u open, and not %u",
                      atomic_load(&unit_server.shared.connections), n);
        poll(NULL, 0, 1);
    }
}
