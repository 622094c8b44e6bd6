/* What a listener reads of whom it takes for its clients.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_clients.h"

#include "unit.h"
#include "unit_io.h"
#include "unit_pki.h"
#include "unit_secure.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const char commands[] =
    "openssl x509 -in server.pem -outform DER -out der.pem\n"
    "head -n 5 server.pem >truncated.pem\n"
    ": >empty; mkdir folder; chmod 600 *.key\n"
    "head -c 1048577 /dev/zero | tr '\\0' x >large\n"
    "cat ca.pem sub.pem >cas.pem; cat ca.pem leaf.pem >with-leaf.pem\n"
    "CA='basicConstraints=critical,CA:TRUE'\n"
    "ec no-sign P-256; issue no-sign no-sign /CN=no-sign "
    "\"$CA\\nkeyUsage=digitalSignature\"\n"
    "rsa weak-ca 1024; issue weak-ca weak-ca /CN=weak-ca \"$CA\"\n"
    "ec v1 P-256; openssl req -new -key v1.key -subj /CN=v1 -out v1.csr\n"
    "openssl x509 -req -in v1.csr -signkey v1.key -days 9 -out v1.pem\n"
    "openssl x509 -in v1.pem -noout -text | grep 'Version: 1 '\n"
    "cat >>openssl.cnf <<'END'\n"
    "[any]\n"
    "x509_extensions = ca_extensions\n"
    "[ca_extensions]\n"
    "basicConstraints = critical,CA:TRUE\n"
    "END\n"
    "ec old-ca P-256; dated old-ca ca /CN=old-ca 20200131100000Z "
    "20200228100000Z\n"
    "ec early-ca P-256; dated early-ca ca /CN=early-ca 20980101000000Z "
    "20990101000000Z\n"
    "cat ca.pem old-ca.pem >with-old.pem\n"
    "cat ca.pem truncated.pem >half-ca.pem\n";

static void make_all(void)
{
    unit_pki_setup(commands);
}

/* A listener that asks, as this says, for the clients of this CA. */
static void ask(struct unit_secure *s, enum config_client_auth auth,
                const char *client_ca)
{
    unit_secure_init(s, "server.pem", "server.key");
    unit_secure_ask(s, auth, client_ca, NULL);
}

START_TEST(client_ca)
{
    static const enum config_client_auth auths[] = {
        CONFIG_CLIENT_AUTH_OPTIONAL, CONFIG_CLIENT_AUTH_REQUIRED};
    struct unit_secure s;

    ask(&s, auths[_i], "cas.pem");
    tls_context_unref(unit_secure_open(&s));
    unit_log_expect("cas.pem: /CN=unit test root;");
    unit_log_expect("cas.pem: /CN=unit test sub;");
    ck_assert_uint_eq(unit_log_count("warning"), 0);
}
END_TEST

START_TEST(without_client_auth_the_ca_is_not_read)
{
    struct unit_secure s;

    ask(&s, CONFIG_CLIENT_AUTH_NONE, "missing.pem");
    tls_context_unref(unit_secure_open(&s));
}
END_TEST

static const struct {
    const char *client_ca;
    const char *words;
} bad_cas[] = {
    {"missing.pem", "%/missing.pem does not exist: make it"},
    {"folder", "%/folder can not be read: Is a directory"},
    {"large", "%/large is no PEM file: it is too large"},
    {"der.pem", "%/der.pem is DER, and PEM is needed: openssl x509 -inform"},
    {"empty", "%/empty has no certificate in PEM in it (BEGIN CERTIFICATE)"},
    {"ca.key", "%/ca.key has no certificate in PEM in it"},
    {"truncated.pem", "%/truncated.pem: certificate 1 in it is damaged"},
    {"half-ca.pem", "%/half-ca.pem: certificate 2 in it is damaged"},
    {"leaf.pem", "%/leaf.pem: certificate 1 (/CN=leaf.example) is not a CA's: "
                 "give the CA that signed the clients"},
    {"with-leaf.pem", "%/with-leaf.pem: certificate 2 (/CN=leaf.example) is "
                      "not a CA's: give the CA"},
    {"no-sign.pem", "%/no-sign.pem: certificate 1 (/CN=no-sign) is not a CA's"},
    {"old-ca.pem", "%/old-ca.pem: certificate 1 (/CN=old-ca) ended on "
                   "2020-02-28 at 10:00:00 UTC, so its clients would be "
                   "refused: set this machine's clock, or take it out"},
    {"with-old.pem", "%/with-old.pem: certificate 2 (/CN=old-ca) ended on "},
    {"early-ca.pem", "%/early-ca.pem: certificate 1 (/CN=early-ca) begins only "
                     "on 2098-01-01 at 00:00:00 UTC, so its clients"},
    {"weak-ca.pem", "%/weak-ca.pem: the TLS library does not take certificate "
                    "1 (/CN=weak-ca; code "},
};

START_TEST(a_refused_ca)
{
    struct unit_secure s;

    ask(&s, CONFIG_CLIENT_AUTH_REQUIRED, bad_cas[_i].client_ca);
    unit_secure_refused(&s, "client_ca", bad_cas[_i].words);
}
END_TEST

/* X.509's first version does not say who is a CA. */
START_TEST(a_root_of_the_first_version)
{
    struct unit_secure s;

    ask(&s, CONFIG_CLIENT_AUTH_REQUIRED, "v1.pem");
    tls_context_unref(unit_secure_open(&s));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tls_clients");
    TCase *tc = tcase_create("tls_clients");

    tcase_add_unchecked_fixture(tc, make_all, unit_pki_teardown);
    tcase_add_checked_fixture(tc, unit_secure_setup, unit_secure_teardown);
    tcase_add_loop_test(tc, client_ca, 0, 2);
    tcase_add_test(tc, without_client_auth_the_ca_is_not_read);
    tcase_add_loop_test(tc, a_refused_ca, 0, (int)LENGTH(bad_cas));
    tcase_add_test(tc, a_root_of_the_first_version);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
