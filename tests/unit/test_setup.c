/* Which TLS contexts a reload makes again, and which it keeps.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "setup.h"

#include "unit.h"
#include "unit_io.h"
#include "unit_pki.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* A configuration whose listener "secure" has copies of its own. */
struct tested {
    struct config config;
    struct config_listener listeners[2];
    struct config_tls tls;
    char paths[TLS_PRINTS][4096];
};

static struct tested before;
static struct tested after;

static void make_all(void)
{
    unit_pki_setup(NULL);
}

static void copy(const char *from, const char *to)
{
    char command[256];

    snprintf(command, sizeof command, "cp %s %s", from, to);
    unit_pki_run(unit_pki_folder, command);
}

static char *put_path(char path[4096], const char *name)
{
    snprintf(path, 4096, "%s/%s", unit_pki_folder, name);
    return path;
}

static void fill(struct tested *t)
{
    memset(t, 0, sizeof *t);
    t->tls = (struct config_tls){
        .certificate = put_path(t->paths[TLS_PRINT_CERTIFICATE], "own.pem"),
        .private_key = put_path(t->paths[TLS_PRINT_PRIVATE_KEY], "own.key"),
        .client_ca = put_path(t->paths[TLS_PRINT_CLIENT_CA], "own-ca.pem"),
    };
    t->listeners[0] = (struct config_listener){.name = (char *)"plain",
                                               .address = (char *)"*"};
    t->listeners[1] = (struct config_listener){
        .name = (char *)"secure", .address = (char *)"*", .tls = &t->tls};
    t->config = (struct config){
        .file = (char *)"f", .listeners = t->listeners, .n_listeners = 2};
}

static void setup_files(void)
{
    unit_log_open(unit_pki_folder, CONFIG_LOG_DEBUG);
    copy("server.pem", "own.pem");
    copy("server.key", "own.key");
    copy("ca.pem", "own-ca.pem");
    fill(&before);
    fill(&after);
}

static struct setup *make(struct tested *t, const struct setup *old)
{
    char error[TLS_ERROR_MAX];
    struct setup *s = setup_new(&t->config, old, error);

    ck_assert_msg(s != NULL, "%s", error);
    ck_assert_ptr_null(s->contexts[0]);
    ck_assert_ptr_nonnull(s->contexts[1]);
    return s;
}

static void new_pair(void)
{
    copy("rsa.pem", "own.pem");
    copy("rsa.key", "own.key");
}

static void new_ca(void)
{
    copy("self.pem", "own-ca.pem");
}

static void ask(void)
{
    after.tls.client_auth = CONFIG_CLIENT_AUTH_REQUIRED;
}

static void ask_both(void)
{
    before.tls.client_auth = CONFIG_CLIENT_AUTH_REQUIRED;
    after.tls.client_auth = CONFIG_CLIENT_AUTH_REQUIRED;
}

static void forbid_1_2(void)
{
    after.tls.min_version = CONFIG_TLS_1_3;
}

static void rename_it(void)
{
    after.listeners[1].name = (char *)"another";
}

static void keep_open(void)
{
    after.listeners[1].keep_open = true;
}

static void change_nothing(void)
{
}

/* To another path. */
static void move_it(void)
{
    copy("own.pem", "moved.pem");
    (void)put_path(after.paths[TLS_PRINT_CERTIFICATE], "moved.pem");
}

static const struct {
    void (*first)(void); /* to both */
    void (*change)(void);
    bool same;       /* the context */
    bool same_trust; /* in clients */
    int new_prints;  /* bits of enum tls_print_of */
} cases[] = {
    {change_nothing, change_nothing, true, true, 0},
    {change_nothing, keep_open, true, true, 0},
    {change_nothing, move_it, true, true, 0},
    {change_nothing, new_ca, true, true, 0}, /* it is not read */
    {change_nothing, new_pair, false, true,
     1 << TLS_PRINT_CERTIFICATE | 1 << TLS_PRINT_PRIVATE_KEY},
    {change_nothing, forbid_1_2, false, true, 0},
    {change_nothing, rename_it, false, true, 0},
    {change_nothing, ask, false, false, 0},
    {ask_both, change_nothing, true, true, 0},
    {ask_both, new_pair, false, true,
     1 << TLS_PRINT_CERTIFICATE | 1 << TLS_PRINT_PRIVATE_KEY},
};

START_TEST(a_change)
{
    cases[_i].first();
    struct setup *a = make(&before, NULL);
    cases[_i].change();
    struct setup *b = make(&after, a);
    const struct tls_context *old = a->contexts[1];
    const struct tls_context *new_one = b->contexts[1];
    int prints = 0;

    ck_assert_int_eq(old == new_one, cases[_i].same);
    ck_assert_int_eq(tls_context_trusts_same(old, new_one),
                     cases[_i].same_trust);
    for (int i = 0; i < TLS_PRINTS; i++)
        if (tls_context_has_new(old, new_one, (enum tls_print_of)i))
            prints |= 1 << i;
    ck_assert_int_eq(prints, cases[_i].new_prints);
    setup_unref(a);
    setup_unref(b); /* where it is the same, it has a reference of its own */
}
END_TEST

START_TEST(an_authority_of_the_same_name)
{
    ask_both();
    struct setup *a = make(&before, NULL);
    unit_pki_run(unit_pki_folder, "cat ca.pem sub.pem > own-ca.pem");
    struct setup *b = make(&after, a);

    ck_assert(!tls_context_trusts_same(a->contexts[1], b->contexts[1]));
    ck_assert(tls_context_has_new(a->contexts[1], b->contexts[1],
                                  TLS_PRINT_CLIENT_CA));
    setup_unref(a);
    setup_unref(b);
}
END_TEST

START_TEST(what_is_broken_makes_none)
{
    char error[TLS_ERROR_MAX];
    struct setup *a = make(&before, NULL);

    copy("rsa.key", "own.key");
    ck_assert_ptr_null(setup_new(&after.config, a, error));
    ck_assert_ptr_nonnull(
        strstr(error, "f: listeners[secure].tls.private_key: "));
    ck_assert_ptr_nonnull(strstr(error, "does not belong to the certificate"));
    copy("server.key", "own.key");
    struct setup *b = make(&after, a);
    ck_assert_ptr_eq(b->contexts[1], a->contexts[1]);
    setup_unref(a);
    setup_unref(b);
}
END_TEST

START_TEST(references_and_what_is_taken)
{
    char error[TLS_ERROR_MAX];
    struct config *config = config_builtin();
    struct setup *s = setup_new(config, NULL, error);

    ck_assert_ptr_nonnull(s);
    setup_take(s, config);
    ck_assert_int_eq(config_find(s->config, "plain"), 0);
    ck_assert_int_eq(config_find(s->config, "secure"), -1);
    ck_assert_ptr_eq(setup_ref(s), s);
    setup_unref(s);
    ck_assert_str_eq(s->config->listeners[0].name, "plain");
    setup_unref(s); /* the configuration goes, too */
    setup_unref(NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("setup");
    TCase *tc = tcase_create("setup");

    tcase_add_unchecked_fixture(tc, make_all, unit_pki_teardown);
    tcase_add_checked_fixture(tc, setup_files, unit_log_close);
    tcase_add_loop_test(tc, a_change, 0, (int)LENGTH(cases));
    tcase_add_test(tc, an_authority_of_the_same_name);
    tcase_add_test(tc, what_is_broken_makes_none);
    tcase_add_test(tc, references_and_what_is_taken);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
