/* The file that is installed; and every file that is almost good.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "unit.h"

static const char full[] =
    "workers: 3\n"
    "listeners:\n"
    "  - name: Plain_2-b\n"
    "    address: 127.0.0.1\n"
    "    port: 65535\n"
    "    explain_errors: yes\n"
    "    keep_open: yes\n"
    "  - name: secure\n"
    "    port: 0              # any\n"
    "    tls:\n"
    "      certificate: server.pem\n"
    "      private_key: /etc/keys/server.key\n"
    "      client_auth: optional\n"
    "      client_ca: \"../ca.pem\"\n"
    "      min_version: \"1.3\"\n"
    "timeouts: {message_ms: 10, idle_s: 86400, handshake_s: 600, drain_s: 0}\n"
    "log: {level: debug, target: server.log}\n"
    "messages: {format: json, target: log/messages}\n";

static char *folder;

static void make_folder(void)
{
    folder = unit_mkdtemp();
}

static void remove_folder(void)
{
    unit_rmdir(folder);
}

static struct config *load(const char *text)
{
    char error[CONFIG_ERROR_MAX];
    char *path = unit_write(folder, "wwepd.yaml", text);
    struct config *config = config_load(path, error);

    ck_assert_msg(config != NULL, "%s", error);
    ck_assert_str_eq(error, "");
    ck_assert_str_eq(config->file, path);
    free(path);
    return config;
}

static void assert_in_folder(const char *path, const char *name)
{
    char expected[512];

    snprintf(expected, sizeof expected, "%s/%s", folder, name);
    ck_assert_str_eq(path, expected);
}

static void assert_same(const struct config *a, const struct config *b)
{
    ck_assert_uint_eq(a->workers, b->workers);
    ck_assert_uint_eq(a->timeouts.message_ms, b->timeouts.message_ms);
    ck_assert_uint_eq(a->timeouts.idle_s, b->timeouts.idle_s);
    ck_assert_uint_eq(a->timeouts.handshake_s, b->timeouts.handshake_s);
    ck_assert_uint_eq(a->timeouts.drain_s, b->timeouts.drain_s);
    ck_assert_int_eq(a->log_level, b->log_level);
    ck_assert_str_eq(a->log_target, b->log_target);
    ck_assert_int_eq(a->messages_format, b->messages_format);
    ck_assert_str_eq(a->messages_target, b->messages_target);
}

static void assert_plain(const struct config_listener *listener)
{
    ck_assert_str_eq(listener->name, "plain");
    ck_assert_str_eq(listener->address, "*");
    ck_assert_uint_eq(listener->port, 27708);
    ck_assert(!listener->explain_errors);
    ck_assert(!listener->keep_open);
    ck_assert_ptr_null(listener->tls);
}

/* --- the file that is installed ------------------------------------------- */

static char *read_installed(void)
{
    const char *top = getenv("WWEP_TOP_SRCDIR");
    char path[4096];
    char *text = calloc(1, 65536);

    ck_assert_ptr_nonnull(text);
    ck_assert_msg(top != NULL, "WWEP_TOP_SRCDIR is not set");
    snprintf(path, sizeof path, "%s/conf/wwepd.yaml", top);
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "no %s", path);
    ck_assert_uint_gt(fread(text, 1, 65535, file), 1000);
    ck_assert_int_eq(fclose(file), 0);
    return text;
}

/* As its comment says: the first number sign, from each line of the block. */
static void uncomment_secure(char *text)
{
    char *line = strstr(text, "\n  #- name: secure\n");

    ck_assert_ptr_nonnull(line);
    while (strncmp(++line, "  #", 3) == 0) {
        memmove(line + 2, line + 3, strlen(line + 3) + 1);
        line = strchr(line, '\n');
    }
}

START_TEST(the_installed_file_is_the_same_as_none)
{
    char *text = read_installed();
    struct config *config = load(text);
    struct config *builtin = config_builtin();

    assert_same(config, builtin);
    ck_assert_uint_eq(config->n_listeners, 1);
    assert_plain(config->listeners);
    config_free(builtin);
    config_free(config);
    free(text);
}
END_TEST

START_TEST(the_installed_file_has_tls_behind_number_signs)
{
    char *text = read_installed();
    uncomment_secure(text);
    struct config *config = load(text);

    ck_assert_uint_eq(config->n_listeners, 2);
    assert_plain(config->listeners);
    const struct config_listener *secure = &config->listeners[1];
    ck_assert_str_eq(secure->name, "secure");
    ck_assert_str_eq(secure->address, "*");
    ck_assert_uint_eq(secure->port, 40508);
    ck_assert(!secure->explain_errors);
    ck_assert(!secure->keep_open);
    assert_in_folder(secure->tls->certificate, "server.pem");
    assert_in_folder(secure->tls->private_key, "server.key");
    ck_assert_int_eq(secure->tls->client_auth, CONFIG_CLIENT_AUTH_NONE);
    ck_assert_ptr_null(secure->tls->client_ca);
    ck_assert_int_eq(secure->tls->min_version, CONFIG_TLS_1_2);
    config_free(config);
    free(text);
}
END_TEST

/* --- files that are almost good ------------------------------------------- */

/* Loads, or says in one line why not; and never is it libcyaml that finds what
 * the check before it has let pass. */
static bool load_or_tell(const char *bytes, size_t len)
{
    char error[CONFIG_ERROR_MAX];
    char path[512];

    snprintf(path, sizeof path, "%s/wwepd.yaml", folder);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
    ck_assert_int_eq(fclose(file), 0);
    struct config *config = config_load(path, error);
    if (config != NULL) {
        ck_assert_uint_ge(config->n_listeners, 1);
        config_free(config);
        return true;
    }
    unsigned line = 0, column = 0;
    ck_assert_int_eq(strncmp(error, path, strlen(path)), 0);
    ck_assert_msg(sscanf(error + strlen(path), ":%u:%u: ", &line, &column) == 2,
                  "no place: %s", error);
    ck_assert_uint_ge(line, 1);
    ck_assert_uint_ge(column, 1);
    for (const char *c = error; *c != '\0'; c++)
        ck_assert_msg(isprint((unsigned char)*c), "unprintable: %s", error);
    return false;
}

START_TEST(a_file_cut_anywhere_loads_or_tells_why)
{
    size_t good = 0;

    for (size_t len = 0; len <= sizeof full - 1; len++)
        good += load_or_tell(full, len) ? 1 : 0;
    ck_assert(load_or_tell(full, sizeof full - 1));
    /* One that ends behind a line is good, but not before the first port. */
    ck_assert_uint_gt(good, 10);
    ck_assert_uint_lt(good, sizeof full / 2);
}
END_TEST

static const char bad_bytes[] = "\0\t\n\"'#&*-:[]{}%@~\x7f\x80\xc3\xff";

START_TEST(a_file_with_a_bad_byte_anywhere_loads_or_tells_why)
{
    char text[sizeof full];
    size_t good = 0;

    memcpy(text, full, sizeof full);
    for (size_t i = 0; i < sizeof full - 1; i++) {
        text[i] = bad_bytes[_i];
        good += load_or_tell(text, sizeof full - 1) ? 1 : 0;
        text[i] = full[i];
    }
    ck_assert_uint_lt(good, sizeof full - 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("config_file");
    TCase *tcase = tcase_create("config_file");

    tcase_add_checked_fixture(tcase, make_folder, remove_folder);
    tcase_add_test(tcase, the_installed_file_is_the_same_as_none);
    tcase_add_test(tcase, the_installed_file_has_tls_behind_number_signs);
    tcase_add_test(tcase, a_file_cut_anywhere_loads_or_tells_why);
    tcase_add_loop_test(tcase,
                        a_file_with_a_bad_byte_anywhere_loads_or_tells_why, 0,
                        (int)sizeof bad_bytes - 1);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
