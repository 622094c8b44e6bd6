/* What a reload says of two configurations, and the line that it makes of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "config_diff.h"

#include "unit.h"
#include "unit_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static struct changes changes;

static void setup(void)
{
    unit_config_setup();
    changes = (struct changes){.n = 0};
}

static void teardown(void)
{
    changes_free(&changes);
    unit_config_teardown();
}

static struct config *load(const char *listener, const char *others)
{
    char text[2048];

    snprintf(text, sizeof text, "listeners: [{%s}]\n%s", listener, others);
    return unit_config_load(text);
}

/* All that either function says of the two, with a LF behind each. */
static char *diff_all(const struct config *a, const struct config *b)
{
    char *text = calloc(1, 8192);

    ck_assert_ptr_nonnull(text);
    config_diff(a, b, &changes);
    config_diff_start(a, b, &changes);
    config_diff_listener(&a->listeners[0], &b->listeners[0], &changes);
    for (size_t i = 0; i < changes.n; i++) {
        strcat(text, changes.texts[i]);
        strcat(text, "\n");
    }
    ck_assert(!changes.failed);
    return text;
}

#define TLS "tls: {certificate: /a, private_key: /b"

static const struct {
    const char *listener[2];
    const char *others[2];
    const char *text;
} differences[] = {
    {{"name: a, port: 1", "port: 1, name: a"}, {"", ""}, ""},
    {{"name: a, port: 1", "name: a, port: 2"},
     {"", ""},
     "listeners[a].port: 1 -> 2\n"},
    {{"name: a, port: 1", "name: a, port: 1, address: \"::1\""},
     {"", ""},
     "listeners[a].address: * -> ::1\n"},
    {{"name: a, port: 1, explain_errors: yes", "name: a, port: 1"},
     {"", ""},
     "listeners[a].explain_errors: yes -> no\n"},
    {{"name: a, port: 1", "name: a, port: 1, keep_open: yes"},
     {"", ""},
     "listeners[a].keep_open: no -> yes\n"},
    {{"name: a, port: 1", "name: a, port: 1, write: no, authorize: warn"},
     {"", ""},
     "listeners[a].write: any -> no\n"
     "listeners[a].authorize: enforce -> warn\n"},
    {{"name: a, port: 1, " TLS ", client_auth: required, client_ca: /c}",
      "name: a, port: 1, " TLS
      ", client_auth: required, client_ca: /c}, write: "
      "own-device, read: own-device"},
     {"", ""},
     "listeners[a].write: any -> own-device\n"
     "listeners[a].read: any -> own-device\n"},
    {{"name: a, port: 1", "name: a, port: 1, " TLS "}"},
     {"", ""},
     "listeners[a].tls: no -> yes\n"},
    {{"name: a, port: 1, " TLS "}",
      "name: a, port: 1, tls: {certificate: /c, private_key: /d}"},
     {"", ""},
     "listeners[a].tls.certificate: /a -> /c\n"
     "listeners[a].tls.private_key: /b -> /d\n"},
    {{"name: a, port: 1, " TLS "}",
      "name: a, port: 1, " TLS ", client_auth: required, client_ca: /c, "
      "crl: /d, min_version: \"1.3\"}"},
     {"", ""},
     "listeners[a].tls.client_auth: none -> required\n"
     "listeners[a].tls.client_ca: none -> /c\n"
     "listeners[a].tls.crl: none -> /d\n"
     "listeners[a].tls.min_version: 1.2 -> 1.3\n"},
    {{"name: a, port: 1", "name: a, port: 1"},
     {"", "timeouts: {message_ms: 10, idle_s: 20, handshake_s: 30, drain_s: "
          "40}"},
     "timeouts.message_ms: 250 -> 10\ntimeouts.idle_s: 10 -> 20\n"
     "timeouts.handshake_s: 5 -> 30\ntimeouts.drain_s: 3 -> 40\n"},
    {{"name: a, port: 1", "name: a, port: 1"},
     {"", "limits: {connections: 100, per_address: 20, handshakes: 30, "
          "new_per_second: 40}"},
     "limits.connections: 16384 -> 100\nlimits.per_address: 256 -> 20\n"
     "limits.handshakes: 1024 -> 30\nlimits.new_per_second: 500 -> 40\n"},
    {{"name: a, port: 1", "name: a, port: 1"},
     {"log: {level: error, target: /a}", "messages: {target: /b}"},
     "log.level: error -> info\nlog.target: /a -> stderr\n"
     "messages.target: stdout -> /b\n"},
    {{"name: a, port: 1", "name: a, port: 1"},
     {"workers: 3\nmessages: {format: none}\ncontrol: /c",
      "workers: 4\nstore: {path: /s, durability: async, history_days: 7, "
      "history_max_mb: 99}"},
     "workers: 3 -> 4\nmessages.format: none -> table\n"
     "store.durability: memory -> async\nstore.path: none -> /s\n"
     "store.history_days: 30 -> 7\nstore.history_max_mb: 512 -> 99\n"
     "control: /c -> none\n"},
};

START_TEST(a_difference)
{
    struct config *a =
        load(differences[_i].listener[0], differences[_i].others[0]);
    struct config *b =
        load(differences[_i].listener[1], differences[_i].others[1]);
    char *text = diff_all(a, b);

    ck_assert_str_eq(text, differences[_i].text);
    free(text);
    config_free(a);
    config_free(b);
}
END_TEST

/* A key that is new in the configuration must be told of, too: where it is
 * missing here, each key of this text is a line. */
START_TEST(each_key_is_told_of)
{
    struct config *full = unit_config_load(unit_config_full);
    struct config *bare =
        unit_config_load("workers: 5\nlisteners: [{name: x, port: 1}, {name: "
                         "secure, port: 2, tls: {certificate: a, private_key: "
                         "b}}]\n");

    config_diff(full, bare, &changes);
    config_diff_start(full, bare, &changes);
    config_diff_listener(&full->listeners[0], &bare->listeners[0], &changes);
    config_diff_listener(&full->listeners[1], &bare->listeners[1], &changes);
    /* 18 keys of their own, 6 of the first listener and 7 of the second. */
    ck_assert_uint_eq(changes.n, 18 + 6 + 7);
    config_free(full);
    config_free(bare);
}
END_TEST

/* --- the line ------------------------------------------------------------- */

START_TEST(a_line)
{
    char line[CHANGES_LINE_MAX];

    changes_line(&changes, line);
    ck_assert_str_eq(line, "");
    changes_add(&changes, "a%d", 1);
    changes_line(&changes, line);
    ck_assert_str_eq(line, "a1");
    changes_add(&changes, "b");
    changes_line(&changes, line);
    ck_assert_str_eq(line, "a1; b");
}
END_TEST

START_TEST(a_line_of_many)
{
    char line[CHANGES_LINE_MAX];

    for (int i = 0; i < 1000; i++)
        changes_add(&changes, "listeners[%d]: added", i);
    changes_line(&changes, line);
    const char *more = strstr(line, "; and ");
    ck_assert_ptr_nonnull(more);
    unsigned shown = 1;
    for (const char *c = line; c < more; c++)
        shown += *c == ';';
    ck_assert_uint_eq(shown + strtoul(more + 6, NULL, 10), 1000);
    ck_assert_ptr_nonnull(strstr(more, " more"));
}
END_TEST

START_TEST(a_text_that_does_not_fit)
{
    char line[CHANGES_LINE_MAX];
    char path[2 * CHANGES_LINE_MAX];

    memset(path, 'x', sizeof path);
    path[sizeof path - 1] = '\0';
    changes_add(&changes, "%s", path);
    changes_line(&changes, line);
    ck_assert_str_eq(line, "1 more");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("config_diff");
    TCase *tc = tcase_create("config_diff");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, a_difference, 0, (int)LENGTH(differences));
    tcase_add_test(tc, each_key_is_told_of);
    tcase_add_test(tc, a_line);
    tcase_add_test(tc, a_line_of_many);
    tcase_add_test(tc, a_text_that_does_not_fit);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
