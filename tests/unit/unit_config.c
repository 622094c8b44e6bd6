/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "unit_config.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

char *unit_config_folder;

const char unit_config_full[] =
    "workers: 3\n"
    "listeners:\n"
    "  - name: Plain_2-b\n"
    "    address: 127.0.0.1\n"
    "    port: 65535\n"
    "    explain_errors: yes\n"
    "    keep_open: yes\n"
    "    write: no\n"
    "    authorize: warn\n"
    "  - name: secure\n"
    "    port: 0              # any\n"
    "    tls:\n"
    "      certificate: server.pem\n"
    "      private_key: /etc/keys/server.key\n"
    "      client_auth: optional\n"
    "      client_ca: \"../ca.pem\"\n"
    "      crl: lists/crl.pem\n"
    "      min_version: \"1.3\"\n"
    "timeouts: {message_ms: 10, idle_s: 86400, handshake_s: 600, drain_s: 0}\n"
    "limits: {connections: 1, per_address: 0, handshakes: 1000000,\n"
    "         new_per_second: 7}\n"
    "log: {level: debug, target: server.log}\n"
    "messages: {format: json, target: log/messages}\n"
    "store: {path: db/wwep.db, durability: async, history_days: 7,\n"
    "        history_max_mb: 100}\n"
    "control: run/control\n";

void unit_config_setup(void)
{
    unit_config_folder = unit_mkdtemp();
}

void unit_config_teardown(void)
{
    unit_rmdir(unit_config_folder);
}

struct config *unit_config_load(const char *text)
{
    char error[CONFIG_ERROR_MAX];
    char *path = unit_write(unit_config_folder, "wwepd.yaml", text);
    struct config *config = config_load(path, error);

    ck_assert_msg(config != NULL, "%s", error);
    ck_assert_str_eq(error, "");
    ck_assert_str_eq(config->file, path);
    free(path);
    return config;
}

void unit_config_assert_in_folder(const char *path, const char *name)
{
    char expected[512];

    snprintf(expected, sizeof expected, "%s/%s", unit_config_folder, name);
    ck_assert_str_eq(path, expected);
}

void unit_config_assert_same(const struct config *a, const struct config *b)
{
    ck_assert_uint_eq(a->workers, b->workers);
    ck_assert_uint_eq(a->timeouts.message_ms, b->timeouts.message_ms);
    ck_assert_uint_eq(a->timeouts.idle_s, b->timeouts.idle_s);
    ck_assert_uint_eq(a->timeouts.handshake_s, b->timeouts.handshake_s);
    ck_assert_uint_eq(a->timeouts.drain_s, b->timeouts.drain_s);
    ck_assert_uint_eq(a->limits.connections, b->limits.connections);
    ck_assert_uint_eq(a->limits.per_address, b->limits.per_address);
    ck_assert_uint_eq(a->limits.handshakes, b->limits.handshakes);
    ck_assert_uint_eq(a->limits.new_per_second, b->limits.new_per_second);
    ck_assert_int_eq(a->log_level, b->log_level);
    ck_assert_str_eq(a->log_target, b->log_target);
    ck_assert_int_eq(a->messages_format, b->messages_format);
    ck_assert_str_eq(a->messages_target, b->messages_target);
    ck_assert_pstr_eq(a->control, b->control);
    ck_assert_pstr_eq(a->store.path, b->store.path);
    ck_assert_int_eq(a->store.durability, b->store.durability);
    ck_assert_uint_eq(a->store.history_days, b->store.history_days);
    ck_assert_uint_eq(a->store.history_max_mb, b->store.history_max_mb);
}

void unit_config_assert_plain(const struct config_listener *listener)
{
    ck_assert_str_eq(listener->name, "plain");
    ck_assert_str_eq(listener->address, "*");
    ck_assert_uint_eq(listener->port, 27708);
    ck_assert(!listener->explain_errors);
    ck_assert(!listener->keep_open);
    ck_assert_ptr_null(listener->tls);
}
