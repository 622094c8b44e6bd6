/* Which clients the TLS transport lets in where it asks for certificates.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport.h"

#include "tls_context.h"
#include "unit.h"
#include "unit_io.h"
#include "unit_pki.h"
#include "unit_tls_link.h"
#include "unit_transport.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const char commands[] =
    "CA='basicConstraints=critical,CA:TRUE\\nkeyUsage=critical,keyCertSign'\n"
    "USE='keyUsage=critical,digitalSignature'\n"
    "ec inter P-256; issue inter ca /CN=inter \"$CA\"\n"
    "ec weak P-256; issue weak ca /CN=weak \"$CA\" -sha1\n"
    "own() { n=$1; b=$2; u=$3; shift 3; issue $n $b /CN=$n \"$u\" \"$@\"\n"
    "    [ $b = ca ] || cat $b.pem >>$n.pem; }\n"
    "ec board P-256; own board ca \"$USE\"\n"
    "ec plain P-256; own plain ca basicConstraints=CA:FALSE\n"
    "ec far P-256; own far inter \"$USE\"\n"
    "cp far.key alone.key; openssl x509 -in far.pem -out alone.pem\n"
    "ec agree P-256; own agree ca keyUsage=keyAgreement\n"
    "ec sign P-256; own sign ca keyUsage=critical,keyCertSign\n"
    "ec sha1 P-256; own sha1 ca \"$USE\" -sha1\n"
    "rsa rsasha1 2048; own rsasha1 ca \"$USE\" -sha1\n"
    "ec below P-256; own below weak \"$USE\"\n"
    "rsa rsa 2048; own rsa ca \"$USE\"; rsa small 1024; own small ca \"$USE\"\n"
    "chmod 600 *.key\n";

/* wolfSSL 5.5 loses a key share of TLS 1.3 if it has no memory for the next
 * thing. The sanitizer asks what is not ours. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:TLSX_KeyShare_New\n";
}

static struct config_tls tls_config;
static struct config_listener listener_config;
static struct config config;
static struct tls_context *context;

static char *path_of(const char *name, const char *kind)
{
    char path[4096];

    snprintf(path, sizeof path, "%s/%s.%s", unit_pki_folder, name, kind);
    return strdup(path);
}

static void make_certificates(void)
{
    unit_heap_install();
    unit_pki_setup(commands);
    tls_config.certificate = path_of("server", "pem");
    tls_config.private_key = path_of("server", "key");
    tls_config.client_ca = path_of("ca", "pem");
    listener_config.name = (char *)"secure";
    listener_config.tls = &tls_config;
}

static void remove_certificates(void)
{
    free(tls_config.certificate);
    free(tls_config.private_key);
    free(tls_config.client_ca);
    unit_pki_teardown();
}

static void open_log(void)
{
    unit_log_open(unit_pki_folder, CONFIG_LOG_ERROR);
}

static void listen_with(enum config_client_auth auth)
{
    char error[TLS_ERROR_MAX];

    tls_config.client_auth = auth;
    context = tls_context_new(&config, &listener_config, error);
    ck_assert_msg(context != NULL, "%s", error);
}

static void end(void)
{
    tls_context_unref(context);
    context = NULL;
    unit_log_close();
}

/* --- clients -------------------------------------------------------------- */

static WOLFSSL_CTX *client_context(const char *name, bool tls13)
{
    WOLFSSL_CTX *ctx = wolfSSL_CTX_new(tls13 ? wolfTLSv1_3_client_method()
                                             : wolfTLSv1_2_client_method());

    ck_assert_ptr_nonnull(ctx);
    wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_NONE, NULL);
    if (name != NULL) {
        char *certificate = path_of(name, "pem");
        char *key = path_of(name, "key");
        (void)wolfSSL_CTX_SetMinRsaKey_Sz(ctx, 1024);
        ck_assert_int_eq(
            wolfSSL_CTX_use_certificate_chain_file(ctx, certificate),
            WOLFSSL_SUCCESS);
        ck_assert_int_eq(
            wolfSSL_CTX_use_PrivateKey_file(ctx, key, WOLFSSL_FILETYPE_PEM),
            WOLFSSL_SUCCESS);
        free(certificate);
        free(key);
    }
    return ctx;
}

/* Goes on until the server lets the client in or does not, or the client gives
 * up by itself. */
static void shake_hands(WOLFSSL *ssl)
{
    bool over = false;

    wolfSSL_set_fd(ssl, rig.client);
    ck_assert_int_eq(fcntl(rig.client, F_SETFL, O_NONBLOCK), 0);
    for (int i = 0; i < 2000 && !over; i++) {
        int status = wolfSSL_connect(ssl);
        over = status != WOLFSSL_SUCCESS &&
               wolfSSL_get_error(ssl, status) != WOLFSSL_ERROR_WANT_READ;
        unit_turn();
        over = over || strpbrk(rig.events, "RF") != NULL;
    }
}

/* A client with this certificate, or NULL; the rig has what came of it until
 * unit_transport_stop(). */
static void come(const char *name, bool tls13)
{
    WOLFSSL_CTX *ctx = client_context(name, tls13);
    WOLFSSL *ssl = wolfSSL_new(ctx);

    unit_transport_start(context);
    shake_hands(ssl);
    wolfSSL_free(ssl);
    wolfSSL_CTX_free(ctx);
}

static void get_in(const char *name, bool tls13, const char *identity)
{
    come(name, tls13);
    ck_assert_msg(strchr(rig.events, 'R') != NULL, "%s: %s (%d), %s", name,
                  wwep_fault_text(rig.t->fault.kind), rig.t->fault.code,
                  rig.t->fault_note != NULL ? rig.t->fault_note : "");
    if (identity != NULL)
        ck_assert_str_eq(rig.t->info.identity, identity);
    else
        ck_assert_ptr_null(rig.t->info.identity);
    unit_transport_stop();
}

static void stay_out(const char *name, bool tls13, enum wwep_fault_kind kind,
                     const char *note)
{
    come(name, tls13);
    ck_assert_msg(strchr(rig.events, 'F') != NULL, "%s: %s", name, rig.events);
    ck_assert_msg(rig.t->fault.kind == kind, "%s: %s (%d)", name,
                  wwep_fault_text(rig.t->fault.kind), rig.t->fault.code);
    if (note != NULL)
        ck_assert_str_eq(rig.t->fault_note, note);
    unit_transport_stop();
}

/* --- who gets in ---------------------------------------------------------- */

START_TEST(good_clients)
{
    static const char *names[] = {"board", "plain", "far", "rsa"};
    bool tls13 = _i % 2 == 0;

    listen_with(_i < 2 ? CONFIG_CLIENT_AUTH_REQUIRED
                       : CONFIG_CLIENT_AUTH_OPTIONAL);
    for (size_t i = 0; i < LENGTH(names); i++)
        get_in(names[i], tls13, names[i]);
    if (_i >= 2)
        get_in(NULL, tls13, NULL);
    else
        stay_out(NULL, tls13, WWEP_FAULT_NO_CERTIFICATE, NULL);
}
END_TEST

static const struct {
    const char *name;
    enum wwep_fault_kind kind;
    const char *note;
} bad[] = {
    {"sha1", WWEP_FAULT_WEAK_SIGNATURE, "it is that of /CN=sha1, ECDSA-SHA1"},
    {"rsasha1", WWEP_FAULT_WEAK_SIGNATURE,
     "it is that of /CN=rsasha1, ECDSA-SHA1"},
    {"below", WWEP_FAULT_WEAK_SIGNATURE, "it is that of /CN=weak, ECDSA-SHA1"},
    {"small", WWEP_FAULT_WEAK_KEY, NULL},
    {"agree", WWEP_FAULT_WRONG_USAGE,
     "its key usage is without digitalSignature"},
    {"sign", WWEP_FAULT_WRONG_USAGE,
     "its key usage is without digitalSignature"},
    {"self", WWEP_FAULT_UNKNOWN_CA, "it is signed by itself"},
    {"alone", WWEP_FAULT_UNKNOWN_CA, NULL},
};

START_TEST(bad_clients)
{
    const char *name = bad[_i / 4].name;
    bool tls13 = _i % 2 == 0;

    listen_with(_i / 2 % 2 == 0 ? CONFIG_CLIENT_AUTH_REQUIRED
                                : CONFIG_CLIENT_AUTH_OPTIONAL);
    stay_out(name, tls13, bad[_i / 4].kind, bad[_i / 4].note);
    get_in("board", tls13, "board");
    stay_out(name, tls13, bad[_i / 4].kind, bad[_i / 4].note);
}
END_TEST

/* The library remembers what another client has brought. */
START_TEST(an_intermediate_is_for_who_brings_it)
{
    bool tls13 = _i % 2 == 0;

    listen_with(CONFIG_CLIENT_AUTH_REQUIRED);
    stay_out("alone", tls13, WWEP_FAULT_UNKNOWN_CA, NULL);
    get_in("far", tls13, "far");
    stay_out("alone", tls13, WWEP_FAULT_UNKNOWN_CA, "that CA is /CN=inter");
    get_in("far", tls13, "far");
}
END_TEST

/* Each allocation fails once, the client's as well as the server's: nobody gets
 * in without the name that is on the certificate. */
START_TEST(no_memory)
{
    bool tls13 = _i % 2 == 0;
    WOLFSSL_CTX *ctx = client_context("board", tls13);
    bool failed = true;
    long n = 0;

    listen_with(_i < 2 ? CONFIG_CLIENT_AUTH_REQUIRED
                       : CONFIG_CLIENT_AUTH_OPTIONAL);
    for (; failed; n++) {
        WOLFSSL *ssl = wolfSSL_new(ctx);
        unit_transport_start(context);
        unit_heap_fail_at(n);
        shake_hands(ssl);
        failed = unit_heap_has_failed();
        unit_heap_fail_at(-1);
        if (strchr(rig.events, 'R') != NULL)
            ck_assert_msg(rig.t->info.identity != NULL,
                          "allocation %ld: without a name", n);
        ck_assert_msg(rig.t->fault.kind != WWEP_FAULT_BAD_NAME,
                      "allocation %ld: a bad name", n);
        ck_assert(failed || strchr(rig.events, 'R') != NULL);
        wolfSSL_free(ssl);
        unit_transport_stop();
    }
    ck_assert_int_gt(n, 20);
    wolfSSL_CTX_free(ctx);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("transport_mutual");
    TCase *tc = tcase_create("transport_mutual");

    tcase_add_unchecked_fixture(tc, make_certificates, remove_certificates);
    tcase_add_checked_fixture(tc, open_log, end);
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, good_clients, 0, 4);
    tcase_add_loop_test(tc, bad_clients, 0, 4 * (int)LENGTH(bad));
    tcase_add_loop_test(tc, an_intermediate_is_for_who_brings_it, 0, 2);
    tcase_add_loop_test(tc, no_memory, 0, 4);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
