/* The file that is installed; and every file that is almost good.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "unit.h"
#include "unit_config.h"

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

/* But for the database, and the socket: somebody has installed this one to
 * keep it. */
START_TEST(the_installed_file_is_the_same_as_none)
{
    char *text = read_installed();
    struct config *config = unit_config_load(text);
    struct config *builtin = config_builtin();

    ck_assert_str_eq(config->store.path, "/var/lib/wwep/wwep.db");
    ck_assert_int_eq(config->store.durability, CONFIG_STORE_COMMIT);
    ck_assert_ptr_null(builtin->store.path);
    ck_assert_str_eq(config->control, "/run/wwep/control");
    ck_assert_ptr_null(builtin->control);
    free(config->control);
    config->control = NULL;
    free(config->store.path);
    config->store.path = NULL;
    config->store.durability = CONFIG_STORE_MEMORY;
    unit_config_assert_same(config, builtin);
    ck_assert_uint_eq(config->n_listeners, 1);
    unit_config_assert_plain(config->listeners);
    config_free(builtin);
    config_free(config);
    free(text);
}
END_TEST

START_TEST(the_installed_file_has_tls_behind_number_signs)
{
    char *text = read_installed();
    uncomment_secure(text);
    struct config *config = unit_config_load(text);

    ck_assert_uint_eq(config->n_listeners, 2);
    unit_config_assert_plain(config->listeners);
    const struct config_listener *secure = &config->listeners[1];
    ck_assert_str_eq(secure->name, "secure");
    ck_assert_str_eq(secure->address, "*");
    ck_assert_uint_eq(secure->port, 40508);
    ck_assert(!secure->explain_errors);
    ck_assert(!secure->keep_open);
    unit_config_assert_in_folder(secure->tls->certificate, "server.pem");
    unit_config_assert_in_folder(secure->tls->private_key, "server.key");
    ck_assert_int_eq(secure->tls->client_auth, CONFIG_CLIENT_AUTH_NONE);
    ck_assert_ptr_null(secure->tls->client_ca);
    ck_assert_int_eq(secure->tls->min_version, CONFIG_TLS_1_2);
    config_free(config);
    free(text);
}
END_TEST

/* --- files that are almost good ------------------------------------------- */

/* Not by an assertion a letter: each of them is a system call. */
static bool is_printable(const char *text)
{
    while (isprint((unsigned char)*text))
        text++;
    return *text == '\0';
}

/* Loads, or says in one line why not; and never is it libcyaml that finds what
 * the check before it has let pass. */
static bool load_or_tell(const char *bytes, size_t len)
{
    char error[CONFIG_ERROR_MAX];
    char *path = unit_write_bytes(unit_config_folder, "wwepd.yaml", bytes, len);
    struct config *config = config_load(path, error);
    if (config != NULL) {
        ck_assert_uint_ge(config->n_listeners, 1);
        config_free(config);
        free(path);
        return true;
    }
    unsigned line = 0, column = 0;
    ck_assert_int_eq(strncmp(error, path, strlen(path)), 0);
    ck_assert_msg(sscanf(error + strlen(path), ":%u:%u: ", &line, &column) == 2,
                  "no place: %s", error);
    ck_assert_uint_ge(line, 1);
    ck_assert_uint_ge(column, 1);
    ck_assert_msg(is_printable(error), "unprintable: %s", error);
    free(path);
    return false;
}

START_TEST(a_file_cut_anywhere_loads_or_tells_why)
{
    const size_t full_len = strlen(unit_config_full);
    size_t good = 0;

    for (size_t len = 0; len <= full_len; len++)
        good += load_or_tell(unit_config_full, len) ? 1 : 0;
    ck_assert(load_or_tell(unit_config_full, full_len));
    /* One that ends behind a line is good, but not before the first port. */
    ck_assert_uint_gt(good, 10);
    ck_assert_uint_lt(good, full_len / 2);
}
END_TEST

static const char bad_bytes[] = "\0\t\n\"'#&*-:[]{}%@~\x7f\x80\xc3\xff";

START_TEST(a_file_with_a_bad_byte_anywhere_loads_or_tells_why)
{
    const size_t full_len = strlen(unit_config_full);
    char *text = strdup(unit_config_full);
    size_t good = 0;

    ck_assert_ptr_nonnull(text);
    for (size_t i = 0; i < full_len; i++) {
        text[i] = bad_bytes[_i];
        good += load_or_tell(text, full_len) ? 1 : 0;
        text[i] = unit_config_full[i];
    }
    ck_assert_uint_lt(good, full_len);
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("config_file");
    TCase *tcase = tcase_create("config_file");

    tcase_add_checked_fixture(tcase, unit_config_setup, unit_config_teardown);
    tcase_add_test(tcase, the_installed_file_is_the_same_as_none);
    tcase_add_test(tcase, the_installed_file_has_tls_behind_number_signs);
    tcase_add_test(tcase, a_file_cut_anywhere_loads_or_tells_why);
    tcase_add_loop_test(tcase,
                        a_file_with_a_bad_byte_anywhere_loads_or_tells_why, 0,
                        (int)sizeof bad_bytes - 1);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
