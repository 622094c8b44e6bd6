/* For what a root is trusted: one that is a CA for those whom it has signed,
 * any other for itself alone.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "unit.h"
#include "unit_pki.h"
#include "unit_tls_link.h"

#include <stdio.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* root NAME [EXTENSIONS]: signs itself; below NAME BY: NAME.pem has itself, and
 * NAME-chain.pem its issuer, too. */
static const char commands[] =
    "CA='basicConstraints=critical,CA:TRUE'\n"
    "NAME='subjectAltName=DNS:wwep.example'\n"
    "root() { ec $1 P-256; issue $1 $1 /CN=$1 \"$NAME\\n$2\"; }\n"
    "below() { ec $1 P-256; issue $1 $2 /CN=wwep.example \"$NAME\\n$3\"\n"
    "    cp $1.key $1-chain.key; cat $1.pem $2.pem >$1-chain.pem; }\n"
    "root bare; below under-bare bare\n"
    "root noca basicConstraints=critical,CA:FALSE; below under-noca noca\n"
    "root nosign \"$CA\\nkeyUsage=digitalSignature\"\n"
    "below under-nosign nosign\n"
    "root full \"$CA\\nkeyUsage=digitalSignature,keyCertSign\"\n"
    "below under-full full\n"
    "issue leaf sub /CN=leaf \"$NAME\"; cp leaf.pem own.pem; cp leaf.key "
    "own.key\n"
    "below under-leaf leaf; below under-sub sub\n"
    "v1() { ec $1 P-256; openssl req -new -key $1.key -subj /CN=wwep.example "
    "-out $1.csr; n=$1; shift\n"
    "    openssl x509 -req -in $n.csr -days 9 -out $n.pem \"$@\"; }\n"
    "v1 v1 -signkey v1.key; below under-v1 v1\n"
    "v1 v1leaf -CA ca.pem -CAkey ca.key -CAcreateserial\n"
    "below under-v1leaf v1leaf\n"
    "below agree ca keyUsage=keyAgreement\n"
    "below sign ca keyUsage=digitalSignature\n"
    "cat >>openssl.cnf <<'END'\n"
    "[any]\n"
    "x509_extensions = names\n"
    "[names]\n"
    "subjectAltName = DNS:wwep.example\n"
    "END\n"
    "ec old P-256; dated old ca /CN=old 20200131100000Z 20210228115959Z\n"
    "below under-old old\n";

static struct unit_near near;

static void make_all(void)
{
    unit_pki_setup(commands);
}

static void begin(void)
{
    unit_near_init(&near);
}

static const struct {
    const char *root;
    const char *server;
    bool any_name;
    bool good;
} cases[] = {
    {"bare.pem", "bare", false, true},
    {"bare.pem", "under-bare", false, false},
    {"bare.pem", "under-bare-chain", false, false},
    {"noca.pem", "noca", false, true},
    {"noca.pem", "under-noca", false, false},
    {"noca.pem", "under-noca-chain", false, false},
    {"nosign.pem", "nosign", false, true},
    {"nosign.pem", "under-nosign", false, false},
    {"nosign.pem", "under-nosign-chain", false, false},
    {"full.pem", "full", false, true},
    {"full.pem", "under-full", false, true},
    {"full.pem", "under-full-chain", false, true},
    {"own.pem", "own", false, true},
    {"own.pem", "under-leaf", false, false},
    {"own.pem", "under-leaf-chain", false, false},
    {"sub.pem", "under-sub", false, true},
    /* X.509's first version does not say who is a CA. */
    {"v1.pem", "under-v1", false, true},
    {"v1.pem", "under-v1-chain", false, true},
    {"v1.pem", "v1", true, true},
    {"v1leaf.pem", "v1leaf", true, true},
    {"v1leaf.pem", "under-v1leaf", false, false},
    {"v1leaf.pem", "under-v1leaf-chain", false, false},
};

START_TEST(a_root)
{
    char certificate[64], key[64];
    struct unit_far far = {.certificate = certificate, .key = key};

    snprintf(certificate, sizeof certificate, "%s.pem", cases[_i].server);
    snprintf(key, sizeof key, "%s.key", cases[_i].server);
    near.config.roots = unit_near_file(cases[_i].root);
    near.setup.leniency.any_name = cases[_i].any_name;
    ck_assert_int_eq(wwep_tls_check(&near.config, &near.port, &near.fault),
                     WWEP_OK);
    for (int version = WWEP_TLS_1_2; version <= WWEP_TLS_1_3; version++) {
        near.config.version = (enum wwep_tls_version)version;
        ck_assert_msg(unit_tls_link_run(&near, &far) ==
                          (cases[_i].good ? WWEP_OK : WWEP_E_TLS),
                      "%s: %s (%d)", cases[_i].server,
                      wwep_fault_text(near.fault.kind), near.fault.code);
        if (!cases[_i].good)
            ck_assert_msg(near.fault.kind == WWEP_FAULT_UNKNOWN_CA ||
                              near.fault.kind == WWEP_FAULT_NOT_A_CA,
                          "%s", wwep_fault_text(near.fault.kind));
    }
    unit_far_free(&far);
}
END_TEST

/* Where dates do not matter, nobody becomes a CA by having ended. */
START_TEST(an_old_one_that_is_no_ca)
{
    struct unit_far far = {.certificate = "under-old-chain.pem",
                           .key = "under-old.key"};

    near.config.version = _i == 0 ? WWEP_TLS_1_3 : WWEP_TLS_1_2;
    near.setup.leniency.dates = true;
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_E_TLS);
    unit_tls_link_expect(&near.fault, WWEP_FAULT_NOT_A_CA);
    unit_far_free(&far);
}
END_TEST

/* The library looks at that in TLS 1.2 alone. */
START_TEST(a_key_for_other_uses)
{
    struct unit_far far = {.certificate = "agree.pem", .key = "agree.key"};

    near.config.version = _i == 0 ? WWEP_TLS_1_3 : WWEP_TLS_1_2;
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_E_TLS);
    unit_tls_link_expect(&near.fault, WWEP_FAULT_WRONG_USAGE);
    unit_far_free(&far);
    far = (struct unit_far){.certificate = "sign.pem", .key = "sign.key"};
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_OK);
    unit_far_free(&far);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tls_roots");
    TCase *tcase = tcase_create("roots");

    tcase_add_unchecked_fixture(tcase, make_all, unit_pki_teardown);
    tcase_add_checked_fixture(tcase, begin, NULL);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, a_root, 0, (int)LENGTH(cases));
    tcase_add_loop_test(tcase, an_old_one_that_is_no_ca, 0, 2);
    tcase_add_loop_test(tcase, a_key_for_other_uses, 0, 2);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
