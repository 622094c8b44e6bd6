/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "unit.h"
#include "unit_pki.h"
#include "unit_tls_link.h"

#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const char commands[] =
    "CA='basicConstraints=critical,CA:TRUE'\n"
    "ec other P-256; issue other other '/CN=other root' \"$CA\"\n"
    "rsa rsaca 2048; issue rsaca rsaca '/CN=rsa root' \"$CA\"\n"
    "rsa weak 1024; issue weak weak '/CN=weak root' \"$CA\"\n"
    "ec client P-256; issue client ca '/CN=board' "
    "'extendedKeyUsage=clientAuth'\n"
    "rsa rclient 2048; issue rclient ca '/CN=board' "
    "'extendedKeyUsage=clientAuth'\n"
    "rsa rother 2048\n"
    "ec mid P-256; issue mid ca '/CN=mid' \"$CA\\nkeyUsage=keyCertSign\"\n"
    "ec far P-256; issue far mid '/CN=far board' "
    "'extendedKeyUsage=clientAuth'\n"
    "cat far.pem mid.pem ca.pem >far-chain.pem\n"
    "cat >>openssl.cnf <<'END'\n"
    "[any]\n"
    "x509_extensions = ca_names\n"
    "[ca_names]\n"
    "basicConstraints = critical,CA:TRUE\n"
    "END\n"
    "for n in 'oldca 20200131100000Z 20210228115959Z' "
    "'youngca 20400101000000Z 20410101000000Z'; do\n"
    "set -- $n; ec $1 P-256; dated $1 ca \"/CN=$1\" $2 $3; done\n"
    "der() { openssl x509 -in $1.pem -outform DER -out $1.der; }\n"
    "kder() { openssl pkey -in $1.key -outform DER -out $1.kder; }\n"
    "for n in ca other client rclient far mid oldca; do der $n; done\n"
    "for n in client rclient far; do kder $n; done\n"
    "openssl ec -in client.key -out client.sec1\n"
    "openssl ec -in client.key -no_public -out client.short\n"
    "openssl ec -in client.key -outform DER -out client.sder\n"
    "openssl rsa -in rclient.key -traditional -out rclient.pkcs1\n"
    "openssl rsa -in rclient.key -traditional -outform DER -out "
    "rclient.rder\n"
    "{ openssl ecparam -name prime256v1; cat client.sec1; } >client.params\n"
    "openssl pkey -in client.key -aes128 -passout pass:x -out client.enc\n"
    "openssl ec -in client.key -aes128 -passout pass:x -out client.rfc1421\n"
    "openssl pkcs8 -topk8 -in client.key -outform DER -passout pass:x "
    "-out client.eder\n"
    "{ echo Words before; openssl x509 -in other.pem -text; echo words; "
    "openssl x509 -in ca.pem -text; echo after; } >text.pem\n"
    "sed 's/$/\\r/' text.pem >crlf.pem\n"
    "tr -d '\\n' <ca.pem | sed 's/-----/&\\n/2; s/-----END/\\n&/' >line.pem\n"
    "cat other.der oldca.der >/dev/null; cat other.der ca.der >two.der\n"
    "cat client.pem client.key >client.both\n"
    "cat far.der mid.der ca.der >far-chain.der\n"
    "head -n 5 ca.pem >cut.pem; { head -n 5 other.pem; cat ca.pem; } "
    ">cut2.pem\n"
    "sed '3s/./-/5' ca.pem >junk.pem\n"
    "head -c 100 ca.der >cut.der; { cat ca.der; echo; } >tail.der\n"
    "{ cat ca.pem; sed '4s/[A-Za-z]/B/9;4s/[A-Za-z]/C/8' other.pem; } "
    ">changed.pem\n"
    "printf '%s' '-----BEGIN CERTIFICATE' >begin.pem\n"
    "{ cat ca.pem; printf '%s' '-----BEGIN CERTIFICATE--'; } >begin2.pem\n"
    "printf '%s' '-----BEGIN PRIVATE KEY' >begin.key\n"
    "printf '%s\\n' '-----BEGIN CERTIFICATE-----' AAAA "
    "'-----END CERTIFICATE-----' >nonsense.pem\n"
    "cat other.pem oldca.pem ca.pem >withold.pem\n"
    ": >empty.pem; echo nothing >nothing.pem\n";

static struct unit_near near;

static void make_all(void)
{
    unit_pki_setup(commands);
}

static void begin(void)
{
    unit_near_init(&near);
}

static void check(enum wwep_result result, enum wwep_fault_kind kind,
                  const char *what)
{
    near.log[0] = '\0';
    enum wwep_result found =
        wwep_tls_check(&near.config, &near.port, &near.fault);
    ck_assert_msg(found == result && near.fault.kind == kind, "%s: %s, %s (%d)",
                  what, wwep_result_text(found),
                  wwep_fault_text(near.fault.kind), near.fault.code);
}

/* --- roots ------------------------------------------------------------------
 */

START_TEST(good_roots)
{
    static const char *names[] = {"ca.pem",  "ca.der",   "text.pem", "crlf.pem",
                                  "two.der", "line.pem", "rsaca.pem"};
    struct unit_far far = {.certificate = "server.pem", .key = "server.key"};

    for (size_t i = 0; i < LENGTH(names); i++) {
        near.config.roots = unit_near_file(names[i]);
        check(WWEP_OK, WWEP_FAULT_NONE, names[i]);
        if (strcmp(names[i], "rsaca.pem") == 0)
            break;
        ck_assert_msg(unit_tls_link_run(&near, &far) == WWEP_OK, "%s: %s",
                      names[i], near.story);
        ck_assert(near.security.verified);
    }
    unit_far_free(&far);
}
END_TEST

START_TEST(bad_roots)
{
    static const struct {
        const char *name;
        enum wwep_fault_kind kind;
        const char *log;
    } cases[] = {
        {"cut.pem", WWEP_FAULT_OUR_ROOT_BAD, "root certificate 1:"},
        {"cut2.pem", WWEP_FAULT_OUR_ROOT_BAD, "root certificate 1:"},
        {"cut.der", WWEP_FAULT_OUR_ROOT_BAD, "root certificate 1:"},
        {"begin.pem", WWEP_FAULT_OUR_ROOT_BAD, "root certificate 1:"},
        {"begin2.pem", WWEP_FAULT_OUR_ROOT_BAD, "root certificate 2:"},
        {"tail.der", WWEP_FAULT_OUR_ROOT_BAD, "root certificate 2:"},
        {"junk.pem", WWEP_FAULT_OUR_ROOT_BAD, "root certificate 1:"},
        {"nonsense.pem", WWEP_FAULT_OUR_ROOT_BAD, "root certificate 1:"},
        {"changed.pem", WWEP_FAULT_OUR_ROOT_BAD, "root certificate 2"},
        {"empty.pem", WWEP_FAULT_OUR_ROOT_BAD, "root certificates:"},
        {"nothing.pem", WWEP_FAULT_OUR_ROOT_BAD, "root certificate 1:"},
        {"ca.key", WWEP_FAULT_OUR_ROOT_BAD, "root certificate 1:"},
        {"client.kder", WWEP_FAULT_OUR_ROOT_BAD, "root certificate 1:"},
        {"weak.pem", WWEP_FAULT_OUR_ROOT_BAD, "root certificate 1 (CN=weak"},
        {"oldca.pem", WWEP_FAULT_OUR_ROOT_EXPIRED, "1 (CN=oldca)"},
        {"withold.pem", WWEP_FAULT_OUR_ROOT_EXPIRED, "2 (CN=oldca)"},
        {"youngca.pem", WWEP_FAULT_OUR_ROOT_NOT_YET_VALID, "1 (CN=youngca)"},
    };

    for (size_t i = 0; i < LENGTH(cases); i++) {
        near.config.roots = unit_near_file(cases[i].name);
        check(WWEP_E_CREDENTIALS, cases[i].kind, cases[i].name);
        ck_assert_msg(strstr(near.log, cases[i].log) != NULL, "%s: %s",
                      cases[i].name, near.log);
        ck_assert_ptr_eq(strchr(near.log, '\n') + 1,
                         near.log + strlen(near.log));
        /* Nothing goes out either. */
        if (strcmp(cases[i].name, "changed.pem") == 0)
            continue; /* what only the check finds */
        ck_assert_int_eq(unit_near_open(&near), WWEP_E_CREDENTIALS);
        ck_assert_int_eq(near.fault.kind, cases[i].kind);
        ck_assert_uint_eq(near.sent, 0);
    }
}
END_TEST

START_TEST(roots_and_time)
{
    near.config.roots = unit_near_file("oldca.pem");
    near.clock = 1600000000;
    check(WWEP_OK, WWEP_FAULT_NONE, "then");
    near.clock = -1;
    check(WWEP_E_CREDENTIALS, WWEP_FAULT_OUR_ROOT_EXPIRED, "no clock");
    near.config.roots = unit_near_file("youngca.pem");
    check(WWEP_OK, WWEP_FAULT_NONE, "no clock");
    ck_assert_int_eq(wwep_tls_check(&near.config, NULL, &near.fault), WWEP_OK);
}
END_TEST

/* --- our own ----------------------------------------------------------------
 */

START_TEST(good_identities)
{
    static const struct {
        const char *certificate;
        const char *key;
    } cases[] = {
        {"client.pem", "client.key"},     {"client.pem", "client.sec1"},
        {"client.pem", "client.short"},   {"client.pem", "client.params"},
        {"client.pem", "client.kder"},    {"client.der", "client.sder"},
        {"client.both", "client.both"},   {"far-chain.pem", "far.key"},
        {"far-chain.der", "far.kder"},    {"rclient.pem", "rclient.key"},
        {"rclient.der", "rclient.pkcs1"}, {"rclient.pem", "rclient.kder"},
        {"rclient.pem", "rclient.rder"},
    };
    struct unit_far far = {.certificate = "server.pem",
                           .key = "server.key",
                           .client_ca = "ca.pem",
                           .demands = true};

    for (size_t i = 0; i < LENGTH(cases); i++)
        for (int version = WWEP_TLS_1_2; version <= WWEP_TLS_1_3; version++) {
            near.config.certificate = unit_near_file(cases[i].certificate);
            near.config.key = unit_near_file(cases[i].key);
            near.config.version = (enum wwep_tls_version)version;
            check(WWEP_OK, WWEP_FAULT_NONE, cases[i].key);
            ck_assert_msg(unit_tls_link_run(&near, &far) == WWEP_OK,
                          "%s: %s, far %d", cases[i].key, near.story, far.code);
            ck_assert(near.security.client_certificate);
        }
    unit_far_free(&far);
}
END_TEST

START_TEST(bad_identities)
{
    static const struct {
        const char *certificate;
        const char *key;
        enum wwep_fault_kind kind;
    } cases[] = {
        {"client.pem", "far.key", WWEP_FAULT_OUR_KEY_OTHER},
        {"client.pem", "rclient.key", WWEP_FAULT_OUR_KEY_OTHER},
        {"rclient.pem", "client.key", WWEP_FAULT_OUR_KEY_OTHER},
        {"rclient.pem", "rother.key", WWEP_FAULT_OUR_KEY_OTHER},
        {"client.pem", "client.enc", WWEP_FAULT_OUR_KEY_ENCRYPTED},
        {"client.pem", "client.rfc1421", WWEP_FAULT_OUR_KEY_ENCRYPTED},
        {"client.pem", "client.eder", WWEP_FAULT_OUR_KEY_ENCRYPTED},
        {"client.pem", "client.pem", WWEP_FAULT_OUR_KEY_BAD},
        {"client.pem", "client.der", WWEP_FAULT_OUR_KEY_BAD},
        {"client.pem", "nothing.pem", WWEP_FAULT_OUR_KEY_BAD},
        {"client.pem", "empty.pem", WWEP_FAULT_OUR_KEY_BAD},
        {"client.pem", NULL, WWEP_FAULT_OUR_KEY_BAD},
        {NULL, "client.key", WWEP_FAULT_OUR_CERTIFICATE_BAD},
        {"client.key", "client.key", WWEP_FAULT_OUR_CERTIFICATE_IS_KEY},
        {"client.kder", "client.key", WWEP_FAULT_OUR_CERTIFICATE_IS_KEY},
        {"client.enc", "client.key", WWEP_FAULT_OUR_CERTIFICATE_IS_KEY},
        {"cut.pem", "client.key", WWEP_FAULT_OUR_CERTIFICATE_BAD},
        {"begin.pem", "client.key", WWEP_FAULT_OUR_CERTIFICATE_BAD},
        {"begin2.pem", "client.key", WWEP_FAULT_OUR_CERTIFICATE_BAD},
        {"client.pem", "begin.key", WWEP_FAULT_OUR_KEY_BAD},
        {"empty.pem", "client.key", WWEP_FAULT_OUR_CERTIFICATE_BAD},
        {"nonsense.pem", "client.key", WWEP_FAULT_OUR_CERTIFICATE_BAD},
    };
    const struct wwep_bytes none = {NULL, 0};

    for (size_t i = 0; i < LENGTH(cases); i++) {
        const char *c = cases[i].certificate;
        const char *k = cases[i].key;
        near.config.certificate = c != NULL ? unit_near_file(c) : none;
        near.config.key = k != NULL ? unit_near_file(k) : none;
        check(WWEP_E_CREDENTIALS, cases[i].kind, c != NULL ? c : "none");
        ck_assert_int_eq(unit_near_open(&near), WWEP_E_CREDENTIALS);
        ck_assert_int_eq(near.fault.kind, cases[i].kind);
    }
}
END_TEST

/* A key file in which the public half is another's: only the check finds that;
 * the server does too. */
START_TEST(doctored_key)
{
    struct wwep_bytes own = unit_near_file("client.sder");
    struct wwep_bytes other = unit_near_file("far.kder");
    uint8_t *key = malloc(own.len);

    memcpy(key, own.bytes, own.len);
    memcpy(key + 7, other.bytes + 36, 32); /* the private number */
    near.config.certificate = unit_near_file("client.pem");
    near.config.key = (struct wwep_bytes){key, own.len};
    check(WWEP_E_CREDENTIALS, WWEP_FAULT_OUR_KEY_OTHER, "doctored");
    free(key);
}
END_TEST

START_TEST(nothing_to_check)
{
    near.config.roots = (struct wwep_bytes){NULL, 0};
    check(WWEP_OK, WWEP_FAULT_NONE, "nothing");
}
END_TEST

static Suite *tls_credentials_suite(void)
{
    Suite *suite = suite_create("tls_credentials");
    TCase *tcase = tcase_create("credentials");

    tcase_add_unchecked_fixture(tcase, make_all, unit_pki_teardown);
    tcase_add_checked_fixture(tcase, begin, NULL);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, good_roots);
    tcase_add_test(tcase, bad_roots);
    tcase_add_test(tcase, roots_and_time);
    tcase_add_test(tcase, good_identities);
    tcase_add_test(tcase, bad_identities);
    tcase_add_test(tcase, doctored_key);
    tcase_add_test(tcase, nothing_to_check);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return unit_run(tls_credentials_suite());
}
