/* What wwepd makes of a good file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "unit.h"
#include "unit_config.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* Of a listener "a" at port 1, with more keys. */
static struct config *load_listener(const char *keys)
{
    char text[1024];

    snprintf(text, sizeof text, "listeners:\n  - name: a\n    port: 1\n%s",
             keys);
    return unit_config_load(text);
}

static struct config *load_tls(const char *keys)
{
    char text[512];

    snprintf(text, sizeof text,
             "    tls:\n      certificate: c\n      private_key: k\n%s", keys);
    return load_listener(text);
}

/* --- every key ------------------------------------------------------------ */

START_TEST(every_key_of_the_server_is_taken)
{
    struct config *config = unit_config_load(unit_config_full);

    ck_assert_uint_eq(config->workers, 3);
    ck_assert_uint_eq(config->n_listeners, 2);
    ck_assert_uint_eq(config->timeouts.message_ms, 10);
    ck_assert_uint_eq(config->timeouts.idle_s, 86400);
    ck_assert_uint_eq(config->timeouts.handshake_s, 600);
    ck_assert_uint_eq(config->timeouts.drain_s, 0);
    ck_assert_uint_eq(config->limits.connections, 1);
    ck_assert_uint_eq(config->limits.per_address, 0);
    ck_assert_uint_eq(config->limits.handshakes, 1000000);
    ck_assert_uint_eq(config->limits.new_per_second, 7);
    ck_assert_int_eq(config->log_level, CONFIG_LOG_DEBUG);
    unit_config_assert_in_folder(config->log_target, "server.log");
    ck_assert_int_eq(config->messages_format, CONFIG_MESSAGES_JSON);
    unit_config_assert_in_folder(config->messages_target, "log/messages");
    unit_config_assert_in_folder(config->store.path, "db/wwep.db");
    ck_assert_int_eq(config->store.durability, CONFIG_STORE_ASYNC);
    ck_assert_uint_eq(config->store.history_days, 7);
    ck_assert_uint_eq(config->store.history_max_mb, 100);
    unit_config_assert_in_folder(config->control, "run/control");
    config_free(config);
}
END_TEST

START_TEST(every_key_of_a_listener_is_taken)
{
    struct config *config = unit_config_load(unit_config_full);
    const struct config_listener *plain = &config->listeners[0];
    const struct config_listener *secure = &config->listeners[1];

    ck_assert_str_eq(plain->name, "Plain_2-b");
    ck_assert_str_eq(plain->address, "127.0.0.1");
    ck_assert_uint_eq(plain->port, 65535);
    ck_assert(plain->explain_errors);
    ck_assert(plain->keep_open);
    ck_assert_int_eq(plain->write, CONFIG_WRITE_NO);
    ck_assert_int_eq(plain->read, CONFIG_READ_ANY);
    ck_assert_int_eq(plain->authorize, CONFIG_AUTHORIZE_WARN);
    ck_assert_ptr_null(plain->tls);
    ck_assert_str_eq(secure->name, "secure");
    ck_assert_uint_eq(secure->port, 0);
    ck_assert_ptr_nonnull(secure->tls);
    unit_config_assert_in_folder(secure->tls->certificate, "server.pem");
    ck_assert_str_eq(secure->tls->private_key, "/etc/keys/server.key");
    ck_assert_int_eq(secure->tls->client_auth, CONFIG_CLIENT_AUTH_OPTIONAL);
    unit_config_assert_in_folder(secure->tls->client_ca, "../ca.pem");
    unit_config_assert_in_folder(secure->tls->crl, "lists/crl.pem");
    ck_assert_int_eq(secure->tls->min_version, CONFIG_TLS_1_3);
    config_free(config);
}
END_TEST

START_TEST(a_key_that_is_not_there_has_its_default)
{
    struct config *config =
        load_tls("log: {}\ntimeouts: {idle_s: 11}\nmessages: {}\n");
    struct config *builtin = config_builtin();
    const struct config_listener *listener = config->listeners;

    ck_assert_uint_eq(config->timeouts.idle_s, 11);
    config->timeouts.idle_s = builtin->timeouts.idle_s;
    unit_config_assert_same(config, builtin);
    ck_assert_str_eq(listener->address, "*");
    ck_assert(!listener->explain_errors);
    ck_assert(!listener->keep_open);
    ck_assert_int_eq(listener->write, CONFIG_WRITE_ANY);
    ck_assert_int_eq(listener->read, CONFIG_READ_ANY);
    ck_assert_int_eq(listener->authorize, CONFIG_AUTHORIZE_ENFORCE);
    ck_assert_int_eq(listener->tls->client_auth, CONFIG_CLIENT_AUTH_NONE);
    ck_assert_ptr_null(listener->tls->client_ca);
    ck_assert_ptr_null(listener->tls->crl);
    ck_assert_int_eq(listener->tls->min_version, CONFIG_TLS_1_2);
    config_free(builtin);
    config_free(config);
}
END_TEST

START_TEST(whose_device_it_is_a_required_certificate_tells)
{
    struct config *config =
        load_tls("      client_auth: required\n      client_ca: ca\n"
                 "    write: own-device\n    read: own-device\n    authorize: "
                 "enforce\n");
    ck_assert_int_eq(config->listeners->write, CONFIG_WRITE_OWN);
    ck_assert_int_eq(config->listeners->read, CONFIG_READ_OWN);
    ck_assert_int_eq(config->listeners->authorize, CONFIG_AUTHORIZE_ENFORCE);
    config_free(config);
}
END_TEST

START_TEST(without_a_file_the_plain_port_is_served)
{
    struct config *config = config_builtin();

    ck_assert_ptr_null(config->file);
    ck_assert_uint_eq(config->n_listeners, 1);
    unit_config_assert_plain(config->listeners);
    ck_assert_uint_eq(config->timeouts.message_ms, 250);
    ck_assert_uint_eq(config->timeouts.idle_s, 10);
    ck_assert_uint_eq(config->timeouts.handshake_s, 5);
    ck_assert_uint_eq(config->timeouts.drain_s, 3);
    ck_assert_uint_eq(config->limits.connections, 16384);
    ck_assert_uint_eq(config->limits.per_address, 256);
    ck_assert_uint_eq(config->limits.handshakes, 1024);
    ck_assert_uint_eq(config->limits.new_per_second, 500);
    ck_assert_int_eq(config->log_level, CONFIG_LOG_INFO);
    ck_assert_str_eq(config->log_target, "stderr");
    ck_assert_int_eq(config->messages_format, CONFIG_MESSAGES_TABLE);
    ck_assert_str_eq(config->messages_target, "stdout");
    ck_assert_ptr_null(config->store.path);
    ck_assert_ptr_null(config->control);
    ck_assert_int_eq(config->store.durability, CONFIG_STORE_MEMORY);
    ck_assert_uint_eq(config->store.history_days, 30);
    ck_assert_uint_eq(config->store.history_max_mb, 512);
    config_free(config);
    config_free(NULL);
}
END_TEST

/* --- ways to write a value ------------------------------------------------ */

START_TEST(a_switch_is_yes_or_no_true_or_false_on_or_off)
{
    static const struct {
        const char *key;
        bool on;
    } switches[] = {
        {"yes", true},    {"no", false},    {"true", true},
        {"false", false}, {"on", true},     {"off", false},
        {"Yes", true},    {"FALSE", false}, {"'on'", true},
    };

    for (size_t i = 0; i < COUNT(switches); i++) {
        char keys[64];
        snprintf(keys, sizeof keys, "    keep_open: %s\n", switches[i].key);
        struct config *config = load_listener(keys);
        ck_assert_msg(config->listeners->keep_open == switches[i].on, "%s",
                      switches[i].key);
        config_free(config);
    }
}
END_TEST

START_TEST(every_word_has_its_meaning)
{
    static const char *const levels[] = {"error", "warning", "info", "debug"};
    static const char *const formats[] = {"table", "json", "none"};
    static const char *const auths[] = {"none", "optional", "required"};

    for (size_t i = 0; i < 12; i++) {
        char keys[256];
        snprintf(keys, sizeof keys,
                 "      client_ca: ca\n      client_auth: %s\n"
                 "log: {level: %s}\nmessages: {format: %s}\n",
                 auths[i % 3], levels[i % 4], formats[i % 3]);
        struct config *config = load_tls(keys);
        ck_assert_uint_eq(config->listeners->tls->client_auth, i % 3);
        ck_assert_uint_eq(config->log_level, i % 4);
        ck_assert_uint_eq(config->messages_format, i % 3);
        config_free(config);
    }
}
END_TEST

START_TEST(a_store_with_a_path_keeps_what_is_written)
{
    static const struct {
        const char *key;
        enum config_durability durability;
        bool path;
    } stores[] = {
        {"{path: a.db}", CONFIG_STORE_COMMIT, true},
        {"{path: a.db, durability: commit}", CONFIG_STORE_COMMIT, true},
        {"{path: a.db, durability: async}", CONFIG_STORE_ASYNC, true},
        {"{path: a.db, durability: memory}", CONFIG_STORE_MEMORY, true},
        {"{durability: memory}", CONFIG_STORE_MEMORY, false},
    };

    for (size_t i = 0; i < COUNT(stores); i++) {
        char keys[128];
        snprintf(keys, sizeof keys, "store: %s\n", stores[i].key);
        struct config *config = load_listener(keys);
        ck_assert_int_eq(config->store.durability, stores[i].durability);
        if (stores[i].path)
            unit_config_assert_in_folder(config->store.path, "a.db");
        else
            ck_assert_ptr_null(config->store.path);
        config_free(config);
    }
}
END_TEST

START_TEST(a_version_needs_no_quotes)
{
    struct config *older = load_tls("      min_version: 1.2\n");
    ck_assert_int_eq(older->listeners->tls->min_version, CONFIG_TLS_1_2);
    config_free(older);

    struct config *newer = load_tls("      min_version: 1.3\n");
    ck_assert_int_eq(newer->listeners->tls->min_version, CONFIG_TLS_1_3);
    config_free(newer);
}
END_TEST

START_TEST(a_client_ca_may_stand_ready_without_client_auth)
{
    struct config *config = load_tls("      client_ca: ca.pem\n");

    ck_assert_int_eq(config->listeners->tls->client_auth,
                     CONFIG_CLIENT_AUTH_NONE);
    unit_config_assert_in_folder(config->listeners->tls->client_ca, "ca.pem");
    config_free(config);
}
END_TEST

START_TEST(an_address_is_a_number)
{
    static const char *const addresses[] = {
        "*",   "0.0.0.0",     "192.0.2.1",        "::",
        "::1", "2001:db8::1", "::ffff:192.0.2.1", "fe80::1%eth0",
    };

    for (size_t i = 0; i < COUNT(addresses); i++) {
        char keys[64];
        snprintf(keys, sizeof keys, "    address: \"%s\"\n", addresses[i]);
        struct config *config = load_listener(keys);
        ck_assert_str_eq(config->listeners->address, addresses[i]);
        config_free(config);
    }
}
END_TEST

START_TEST(listeners_may_share_what_does_not_clash)
{
    struct config *config =
        unit_config_load("listeners:\n"
                         "  - {name: a, port: 0}\n"
                         "  - {name: b, port: 0}\n"
                         "  - {name: c, port: 1, address: 127.0.0.1}\n"
                         "  - {name: d, port: 1, address: 127.0.0.2}\n"
                         "  - {name: e, port: 1, address: '::1'}\n"
                         "  - {name: f, port: 1, address: 'fe80::1%eth0'}\n"
                         "  - {name: g, port: 1, address: 'fe80::1%eth1'}\n"
                         "  - {name: h, port: 2}\n");

    ck_assert_uint_eq(config->n_listeners, 8);
    config_free(config);
}
END_TEST

START_TEST(sixty_four_listeners_are_served)
{
    char text[4096] = "listeners:\n";
    size_t used = strlen(text);

    for (int i = 1; i <= 64; i++)
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 "  - {name: n%d, port: %d}\n", i, i);
    struct config *config = unit_config_load(text);
    ck_assert_uint_eq(config->n_listeners, 64);
    ck_assert_str_eq(config->listeners[63].name, "n64");
    ck_assert_uint_eq(config->listeners[63].port, 64);
    config_free(config);
}
END_TEST

START_TEST(a_part_may_be_written_once_and_used_again)
{
    struct config *config =
        unit_config_load("listeners:\n"
                         "  - {name: a, port: 1, tls: &tls {certificate: c, "
                         "private_key: k}}\n"
                         "  - {name: b, port: 2, tls: *tls}\n");

    unit_config_assert_in_folder(config->listeners[1].tls->certificate, "c");
    unit_config_assert_in_folder(config->listeners[1].tls->private_key, "k");
    config_free(config);
}
END_TEST

START_TEST(a_byte_order_mark_and_crlf_are_fine)
{
    struct config *config =
        unit_config_load("\xef\xbb\xbf---\r\nlisteners:\r\n  - name: a\r\n"
                         "    port: 7\r\n...\r\n");

    ck_assert_str_eq(config->listeners->name, "a");
    ck_assert_uint_eq(config->listeners->port, 7);
    config_free(config);
}
END_TEST

/* --- what is resolved ----------------------------------------------------- */

START_TEST(no_number_of_workers_is_one_a_core)
{
    cpu_set_t allowed, one;
    size_t first = 0;

    ck_assert_int_eq(sched_getaffinity(0, sizeof allowed, &allowed), 0);
    struct config *config = config_builtin();
    ck_assert_int_eq((int)config->workers, CPU_COUNT(&allowed));
    config_free(config);

    while (!CPU_ISSET(first, &allowed))
        first++;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    ck_assert_int_eq(sched_setaffinity(0, sizeof one, &one), 0);
    config = load_listener("workers: 0\n");
    ck_assert_uint_eq(config->workers, 1);
    config_free(config);
    ck_assert_int_eq(sched_setaffinity(0, sizeof allowed, &allowed), 0);
}
END_TEST

START_TEST(standard_streams_are_no_files)
{
    struct config *config =
        load_listener("log: {target: stdout}\nmessages: {target: stderr}\n");
    ck_assert_str_eq(config->log_target, "stdout");
    ck_assert_str_eq(config->messages_target, "stderr");
    config_free(config);

    config = load_listener("log: {target: ./stderr}\n");
    unit_config_assert_in_folder(config->log_target, "./stderr");
    config_free(config);
}
END_TEST

START_TEST(a_file_without_a_folder_has_paths_without_one)
{
    char error[CONFIG_ERROR_MAX];
    struct config *first = load_tls("");

    ck_assert_int_eq(chdir(unit_config_folder), 0);
    struct config *config = config_load("wwepd.yaml", error);
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_ptr_nonnull(config);
    ck_assert_str_eq(config->file, "wwepd.yaml");
    ck_assert_str_eq(config->listeners->tls->certificate, "c");
    config_free(config);
    config_free(first);
}
END_TEST

START_TEST(a_key_has_a_path)
{
    char path[64];
    char expected[512];
    char longer[512];
    struct config *config = unit_config_load(unit_config_full);
    struct config *builtin = config_builtin();

    config_key_path(config, &config->listeners[1], "tls.private_key", longer,
                    sizeof longer);
    snprintf(expected, sizeof expected, "%s: listeners[secure].tls.private_key",
             config->file);
    ck_assert_str_eq(longer, expected);
    config_key_path(builtin, builtin->listeners, "port", path, sizeof path);
    ck_assert_str_eq(path, "built-in configuration: listeners[plain].port");
    config_key_path(builtin, builtin->listeners, "port", path, 10);
    ck_assert_str_eq(path, "built-in ");
    ck_assert_str_eq(config_name(builtin), "built-in");
    ck_assert_str_eq(config_name(config), config->file);
    ck_assert_int_eq(config_find(config, "secure"), 1);
    ck_assert_int_eq(config_find(builtin, "secure"), -1);
    config_free(builtin);
    config_free(config);
}
END_TEST

static TCase *make_tcase(const char *name)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, unit_config_setup, unit_config_teardown);
    return tcase;
}

static TCase *make_values(void)
{
    TCase *tcase = make_tcase("values");

    tcase_add_test(tcase, every_key_of_the_server_is_taken);
    tcase_add_test(tcase, every_key_of_a_listener_is_taken);
    tcase_add_test(tcase, a_key_that_is_not_there_has_its_default);
    tcase_add_test(tcase, whose_device_it_is_a_required_certificate_tells);
    tcase_add_test(tcase, without_a_file_the_plain_port_is_served);
    tcase_add_test(tcase, a_switch_is_yes_or_no_true_or_false_on_or_off);
    tcase_add_test(tcase, every_word_has_its_meaning);
    tcase_add_test(tcase, a_store_with_a_path_keeps_what_is_written);
    tcase_add_test(tcase, a_version_needs_no_quotes);
    tcase_add_test(tcase, a_client_ca_may_stand_ready_without_client_auth);
    tcase_add_test(tcase, an_address_is_a_number);
    tcase_add_test(tcase, listeners_may_share_what_does_not_clash);
    tcase_add_test(tcase, sixty_four_listeners_are_served);
    tcase_add_test(tcase, a_part_may_be_written_once_and_used_again);
    tcase_add_test(tcase, a_byte_order_mark_and_crlf_are_fine);
    return tcase;
}

static TCase *make_files(void)
{
    TCase *tcase = make_tcase("files");

    tcase_add_test(tcase, no_number_of_workers_is_one_a_core);
    tcase_add_test(tcase, standard_streams_are_no_files);
    tcase_add_test(tcase, a_file_without_a_folder_has_paths_without_one);
    tcase_add_test(tcase, a_key_has_a_path);
    return tcase;
}

int main(void)
{
    Suite *suite = suite_create("config");

    suite_add_tcase(suite, make_values());
    suite_add_tcase(suite, make_files());
    return unit_run(suite);
}
