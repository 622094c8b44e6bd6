/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "unit_store.h"

#include "unit.h"
#include "unit_io.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

char *unit_store_folder;
char unit_store_path[4096];
struct config_store unit_store_config;

void unit_store_setup(void)
{
    unit_store_folder = unit_mkdtemp();
    snprintf(unit_store_path, sizeof unit_store_path, "%s/wwep.db",
             unit_store_folder);
    unit_log_open(unit_store_folder, CONFIG_LOG_DEBUG);
    unit_store_config = (struct config_store){
        .path = unit_store_path, .history_days = 30, .history_max_mb = 64};
}

void unit_store_teardown(void)
{
    unit_log_close();
    unit_rmdir(unit_store_folder);
}

void unit_store_open(struct store *s, const struct config_store *config,
                     size_t n_workers)
{
    const struct store_options options = {.config = config,
                                          .n_workers = n_workers};
    char error[STORE_ERROR_MAX];
    int status = store_open(s, &options, error);

    ck_assert_msg(status == 0, "%s", error);
    ck_assert_str_eq(error, "");
}

void unit_store_refused(const struct config_store *config, const char *words)
{
    const struct store_options options = {.config = config, .n_workers = 1};
    struct store s;
    char error[STORE_ERROR_MAX];

    ck_assert_int_eq(store_open(&s, &options, error), -EINVAL);
    ck_assert_ptr_null(s.registers);
    ck_assert_msg(strstr(error, words) != NULL, "\"%s\" is not in: %s", words,
                  error);
    ck_assert_msg(strncmp(error, config->path, strlen(config->path)) == 0,
                  "does not begin with the path: %s", error);
    ck_assert_ptr_null(strchr(error, '\n'));
}

/* --- writers --- */

struct one {
    struct store_write write; /* the first member */
    struct unit_writer *writer;
};

static void on_wake(void *ctx)
{
    const struct unit_writer *w = ctx;
    const uint64_t one = 1;

    ck_assert_int_eq(write(w->event, &one, sizeof one), sizeof one);
}

void unit_writer_init(struct unit_writer *w, struct store *s, uint8_t number)
{
    memset(w, 0, sizeof *w);
    w->store = s;
    w->peer.v4.sin_family = AF_INET;
    w->peer.v4.sin_addr.s_addr = htonl(0x0a000000u | number);
    w->event = eventfd(0, EFD_CLOEXEC);
    ck_assert_int_ge(w->event, 0);
    store_port_init(&w->port, on_wake, w);
}

void unit_writer_deinit(struct unit_writer *w)
{
    ck_assert_uint_eq(w->under_way, 0);
    store_port_deinit(&w->port);
    close(w->event);
}

void unit_writer_open(struct unit_writer *w, struct store *s,
                      enum config_durability durability)
{
    unit_store_config.durability = durability;
    unit_store_open(s, &unit_store_config, 2);
    unit_writer_init(w, s, 1);
}

void unit_writer_close(struct unit_writer *w)
{
    struct store *s = w->store;

    unit_writer_deinit(w);
    store_close(s);
    ck_assert_ptr_null(s->registers);
}

static void on_done(struct store_write *write, bool stored)
{
    struct one *o = (struct one *)write;
    struct unit_writer *w = o->writer;
    uint16_t value;

    w->under_way--;
    if (stored) {
        w->stored++;
        ck_assert(store_read(w->store, write->device, write->reg, &value));
    } else {
        w->refused++;
    }
    free(o);
}

void unit_writer_begin(struct unit_writer *w, uint16_t device, uint8_t reg,
                       uint16_t value)
{
    struct one *o = calloc(1, sizeof *o);

    o->writer = w;
    o->write = (struct store_write){.device = device,
                                    .reg = reg,
                                    .value = value,
                                    .peer = &w->peer,
                                    .port = &w->port,
                                    .done = on_done};
    w->under_way++;
    store_write(w->store, &o->write);
}

void unit_writer_wait(struct unit_writer *w)
{
    uint64_t n;

    while (w->under_way > 0) {
        struct pollfd p = {.fd = w->event, .events = POLLIN};
        ck_assert_msg(poll(&p, 1, UNIT_DEADLINE_MS) == 1,
                      "%zu writes have not come back", w->under_way);
        ck_assert_int_eq(read(w->event, &n, sizeof n), sizeof n);
        store_port_deliver(&w->port);
    }
}

bool unit_write_one(struct unit_writer *w, uint16_t device, uint8_t reg,
                    uint16_t value)
{
    size_t before = w->stored;

    unit_writer_begin(w, device, reg, value);
    unit_writer_wait(w);
    return w->stored > before;
}

void *unit_store_hold(const char *path)
{
    sqlite3 *other = NULL;

    ck_assert_int_eq(sqlite3_open(path, &other), SQLITE_OK);
    sqlite3_busy_timeout(other, (int)UNIT_DEADLINE_MS);
    ck_assert_int_eq(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL),
                     SQLITE_OK);
    return other;
}

void unit_store_let_go(void *holder)
{
    ck_assert_int_eq(sqlite3_close(holder), SQLITE_OK);
}

struct store_db *unit_store_db_open(struct registers *registers)
{
    static const struct store_bounds bounds = {.days = 30, .max_mb = 64};
    char error[STORE_ERROR_MAX];
    struct store_db *db =
        store_db_open(unit_store_path, bounds, false, registers, error);

    ck_assert_msg(db != NULL, "%s", error);
    return db;
}

struct msglog_entry unit_store_entry(const char *request, const char *reply)
{
    struct msglog_entry e = {.time = {1769853600, 123456789},
                             .conn = 7,
                             .us = 42,
                             .listener = "plain"};

    e.peer.v4.sin_family = AF_INET;
    if (*reply == 'X')
        e.reason.kind = WWEP_REASON_NOT_FOUND;
    wwep_decoder_init(&e.request);
    wwep_decoder_feed(&e.request, (const uint8_t *)request, strlen(request));
    e.reply_len = (uint8_t)strlen(reply);
    memcpy(e.reply, reply, e.reply_len);
    return e;
}

char *unit_sqlite(const char *path, const char *sql)
{
    char command[2048];

    if (system("command -v sqlite3 >/dev/null") != 0)
        return NULL;
    snprintf(command, sizeof command, "sqlite3 '%s' \"%s\" 2>&1", path, sql);
    FILE *f = popen(command, "r");
    ck_assert_ptr_nonnull(f);
    char *text = calloc(1, 65536);
    size_t len = fread(text, 1, 65535, f);
    pclose(f);
    if (len > 0 && text[len - 1] == '\n')
        text[len - 1] = '\0';
    return text;
}
