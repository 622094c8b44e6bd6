/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "unit.h"
#include "unit_pki.h"
#include "unit_tls_link.h"

#include <stdlib.h>
#include <string.h>

#define THREADS 8

static const char commands[] =
    "ec client P-256; issue client ca '/CN=board' "
    "'extendedKeyUsage=clientAuth'\n"
    "issue self self '/CN=self' 'subjectAltName=DNS:self.example'\n"
    "ec agree P-256; issue agree ca '/CN=board' keyUsage=keyAgreement\n";

/* A server that is a link too. */
struct pair {
    struct unit_near near;
    struct unit_near served; /* the server's port, carrier and config */
    struct unit_far far;
};

static struct pair pair;

static void make_all(void)
{
    unit_pki_setup(commands);
}

static int far_send(void *ctx, const uint8_t *buf, size_t len)
{
    struct pair *p = ctx;

    p->served.fd = p->far.fd;
    return p->near.carrier.send(&p->served, buf, len);
}

static int far_recv(void *ctx, uint8_t *buf, size_t len)
{
    struct pair *p = ctx;

    p->served.fd = p->far.fd;
    return p->near.carrier.recv(&p->served, buf, len);
}

static void init(struct pair *p)
{
    memset(p, 0, sizeof *p);
    unit_near_init(&p->near);
    unit_near_init(&p->served);
    p->served.config = (struct wwep_tls_config){
        .certificate = unit_near_file("server.pem"),
        .key = unit_near_file("server.key"),
    };
    p->served.carrier.ctx = p;
    p->served.carrier.send = far_send;
    p->served.carrier.recv = far_recv;
    p->served.setup.role = WWEP_TLS_SERVER;
    p->served.setup.host = NULL;
    p->far.link = &p->served.setup;
}

static void begin(void)
{
    init(&pair);
}

static void use_version(int i)
{
    pair.near.config.version = i % 2 == 0 ? WWEP_TLS_1_3 : WWEP_TLS_1_2;
}

START_TEST(server_and_client)
{
    use_version(_i);
    ck_assert_int_eq(unit_tls_link_run(&pair.near, &pair.far), WWEP_OK);
    ck_assert(pair.near.security.verified);
    ck_assert_int_eq(pair.far.code, WWEP_OK);
    ck_assert_uint_eq(pair.far.heard, 7);
    ck_assert(pair.far.security.tls);
    ck_assert(!pair.far.security.verified);
    ck_assert_str_eq(pair.far.security.version, pair.near.security.version);
    ck_assert_str_eq(pair.far.security.cipher, pair.near.security.cipher);
    ck_assert_ptr_nonnull(strstr(pair.served.story, "in ClientHello\n"));
}
END_TEST

/* With its own version too, and both with the board's short records. */
START_TEST(versions_of_the_server)
{
    use_version(_i);
    pair.served.config.version = pair.near.config.version;
    pair.near.config.version = WWEP_TLS_ANY;
    pair.near.config.max_fragment = 512;
    ck_assert_int_eq(unit_tls_link_run(&pair.near, &pair.far), WWEP_OK);
    ck_assert_str_eq(pair.near.security.version,
                     _i == 0 ? "TLS 1.3" : "TLS 1.2");
}
END_TEST

START_TEST(nothing_is_resumed)
{
    struct wwep_session slot = {NULL, 0, 0, false, false};

    use_version(_i);
    pair.near.config.session = &slot;
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(unit_tls_link_run(&pair.near, &pair.far), WWEP_OK);
        ck_assert(!pair.near.security.resumed);
    }
    wwep_session_clear(&slot);
}
END_TEST

START_TEST(mutual)
{
    use_version(_i);
    pair.served.config.roots = unit_near_file("ca.pem");
    pair.near.config.certificate = unit_near_file("client.pem");
    pair.near.config.key = unit_near_file("client.key");
    ck_assert_int_eq(unit_tls_link_run(&pair.near, &pair.far), WWEP_OK);
    ck_assert(pair.near.security.client_certificate);
    ck_assert(pair.far.security.verified);
    ck_assert(pair.far.security.dates_checked);
    ck_assert_ptr_nonnull(
        strstr(pair.served.story, "certificate 0 [CN=board]"));
}
END_TEST

START_TEST(client_is_refused)
{
    use_version(_i);
    pair.served.config.roots = unit_near_file("ca.pem");
    if (_i >= 2) {
        pair.near.config.certificate = unit_near_file("self.pem");
        pair.near.config.key = unit_near_file("self.key");
    }
    ck_assert_int_eq(unit_tls_link_run(&pair.near, &pair.far), WWEP_E_TLS);
    ck_assert_int_eq(pair.far.code, WWEP_E_TLS);
    unit_tls_link_expect(&pair.far.fault, _i < 2 ? WWEP_FAULT_NO_CERTIFICATE
                                                 : WWEP_FAULT_UNKNOWN_CA);
    if (_i < 2)
        ck_assert_int_eq(pair.near.fault.kind, WWEP_FAULT_ALERT_NO_CERTIFICATE);
    else /* which of the two the library says depends on how it was built */
        ck_assert(pair.near.fault.kind == WWEP_FAULT_ALERT_UNKNOWN_CA ||
                  pair.near.fault.kind == WWEP_FAULT_ALERT_BAD_CERTIFICATE);
}
END_TEST

/* Its key may not make what it makes in a handshake. */
START_TEST(client_without_digital_signature)
{
    use_version(_i);
    pair.served.config.roots = unit_near_file("ca.pem");
    pair.near.config.certificate = unit_near_file("agree.pem");
    pair.near.config.key = unit_near_file("agree.key");
    ck_assert_int_eq(unit_tls_link_run(&pair.near, &pair.far), WWEP_E_TLS);
    unit_tls_link_expect(&pair.far.fault, WWEP_FAULT_WRONG_USAGE);
}
END_TEST

START_TEST(client_refuses)
{
    use_version(_i);
    pair.near.config.roots = unit_near_file("self.pem");
    ck_assert_int_eq(unit_tls_link_run(&pair.near, &pair.far), WWEP_E_TLS);
    ck_assert_int_eq(pair.far.fault.kind, WWEP_FAULT_ALERT_UNKNOWN_CA);
}
END_TEST

START_TEST(server_without_key)
{
    pair.served.config.key = unit_near_file("client.key");
    ck_assert_int_ne(unit_tls_link_run(&pair.near, &pair.far), WWEP_OK);
    ck_assert_int_eq(pair.far.code, WWEP_E_CREDENTIALS);
    ck_assert_int_eq(pair.far.fault.kind, WWEP_FAULT_OUR_KEY_OTHER);
    pair.served.config.key = pair.served.config.certificate =
        (struct wwep_bytes){NULL, 0};
    ck_assert_int_ne(unit_tls_link_run(&pair.near, &pair.far), WWEP_OK);
    ck_assert_int_eq(pair.far.code, WWEP_E_CREDENTIALS);
    ck_assert_int_eq(pair.far.fault.kind, WWEP_FAULT_OUR_CERTIFICATE_BAD);
}
END_TEST

START_TEST(plain_client)
{
    uint8_t buf[64];

    unit_far_start(&pair.far, &pair.near);
    ck_assert_int_eq(
        pair.near.carrier.send(&pair.near, (const uint8_t *)"R000101", 7), 7);
    (void)pair.near.carrier.recv(&pair.near, buf, sizeof buf);
    unit_far_join(&pair.far, &pair.near);
    ck_assert_int_eq(pair.far.fault.kind, WWEP_FAULT_PLAIN_WWEP);
}
END_TEST

/* --- key log -------------------------------------------------------------- */

static size_t count(const char *text, const char *what)
{
    size_t n = 0;

    for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
        n++;
    return n;
}

/* The secrets of both ends are the same: so they are the ones in use. */
START_TEST(key_log)
{
    static const char *labels[] = {
        "CLIENT_HANDSHAKE_TRAFFIC_SECRET ", "SERVER_HANDSHAKE_TRAFFIC_SECRET ",
        "CLIENT_TRAFFIC_SECRET_0 ", "SERVER_TRAFFIC_SECRET_0 "};

    use_version(_i);
    pair.near.observer.secrets = pair.served.observer.secrets = true;
    if (_i == 1) /* wolfSSL may know the secret by the session only */
        pair.far =
            (struct unit_far){.certificate = "server.pem", .key = "server.key"};
    ck_assert_int_eq(unit_tls_link_run(&pair.near, &pair.far), WWEP_OK);
    unit_far_free(&pair.far);
    const char *near = pair.near.secrets;
#if !defined(OPENSSL_EXTRA) && !defined(HAVE_EXT_CACHE)
    if (_i == 1)
        return; /* this wolfSSL does not tell it */
#endif
    if (_i == 1) {
        ck_assert_uint_eq(count(near, "\n"), 1);
        ck_assert_ptr_eq(strstr(near, "CLIENT_RANDOM "), near);
        ck_assert_uint_eq(strlen(near), 14 + 64 + 1 + 96 + 1);
        return;
    }
#ifdef HAVE_SECRET_CALLBACK
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        const char *line = strstr(near, labels[i]);
        ck_assert_ptr_nonnull(line);
        char *copy = strndup(line, strcspn(line, "\n"));
        ck_assert_uint_eq(strlen(copy), strlen(labels[i]) + 64 + 1 + 64);
        ck_assert_msg(strstr(pair.served.secrets, copy) != NULL, "%s\n%s", copy,
                      pair.served.secrets);
        free(copy);
    }
#else
    (void)labels;
    ck_assert_str_eq(near, "");
#endif
}
END_TEST

START_TEST(no_secrets_unasked)
{
    use_version(_i);
    ck_assert_int_eq(unit_tls_link_run(&pair.near, &pair.far), WWEP_OK);
    ck_assert_str_eq(pair.near.secrets, "");
    pair.near.setup.observer = NULL;
    ck_assert_int_eq(unit_tls_link_run(&pair.near, &pair.far), WWEP_OK);
}
END_TEST

/* --- threads -------------------------------------------------------------- */

/* Half of the links have no entropy: each asks its own port. */
static void *thread_main(void *arg)
{
    struct pair *p = arg;

    for (int i = 0; i < 20 && p->near.result == WWEP_OK; i++)
        (void)unit_tls_link_run(&p->near, &p->far);
    wwep_tls_thread_end();
    return NULL;
}

START_TEST(threads)
{
    static struct pair pairs[THREADS];
    pthread_t ids[THREADS];

    ck_assert_int_eq(wwep_tls_start(), WWEP_OK);
    for (int i = 0; i < THREADS; i++) {
        init(&pairs[i]);
        pairs[i].near.entropy = i % 2;
        pairs[i].near.result = WWEP_OK;
    }
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&ids[i], NULL, thread_main, &pairs[i]),
                         0);
    for (int i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_join(ids[i], NULL), 0);
        ck_assert_int_eq(pairs[i].near.result,
                         i % 2 == 0 ? WWEP_OK : WWEP_E_ENTROPY);
    }
    wwep_tls_stop();
}
END_TEST

static Suite *tls_link_roles_suite(void)
{
    Suite *suite = suite_create("tls_link_roles");
    TCase *tcase = tcase_create("roles");

    tcase_add_unchecked_fixture(tcase, make_all, unit_pki_teardown);
    tcase_add_checked_fixture(tcase, begin, NULL);
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, server_and_client, 0, 2);
    tcase_add_loop_test(tcase, versions_of_the_server, 0, 2);
    tcase_add_loop_test(tcase, nothing_is_resumed, 0, 2);
    tcase_add_loop_test(tcase, mutual, 0, 2);
    tcase_add_loop_test(tcase, client_is_refused, 0, 4);
    tcase_add_loop_test(tcase, client_without_digital_signature, 0, 2);
    tcase_add_loop_test(tcase, client_refuses, 0, 2);
    tcase_add_test(tcase, server_without_key);
    tcase_add_test(tcase, plain_client);
    tcase_add_loop_test(tcase, key_log, 0, 2);
    tcase_add_loop_test(tcase, no_secrets_unasked, 0, 2);
    tcase_add_test(tcase, threads);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return unit_run(tls_link_roles_suite());
}
