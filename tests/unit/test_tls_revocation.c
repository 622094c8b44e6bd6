/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_revocation.h"

#include "tls_context.h"
#include "tls_refusal.h"
#include "unit.h"
#include "unit_io.h"
#include "unit_pki.h"
#include "unit_secure.h"

#include <wolfssl/options.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wolfssl/ssl.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define DAY_S         ((time_t)86400)

/* As a class has it: root, inter, and what inter has issued.
 * ca NAME BY SUBJECT [USAGE]: an authority
 * gen BY [OPTIONS]: its list of what index.txt has, for 30 days */
static const char commands[] =
    "ca() { ec $1 P-256; issue $1 $2 \"$3\" \"basicConstraints=critical,"
    "CA:TRUE\\nkeyUsage=critical,${4:-keyCertSign,cRLSign}\\n"
    "subjectKeyIdentifier=hash\\n$5\"; }\n"
    "gen() { b=$1; shift; openssl ca -gencrl -cert $b.pem -keyfile $b.key "
    "-crldays 30 \"$@\"; }\n"
    "revoke() { openssl ca -cert $1.pem -keyfile $1.key -revoke $2.pem; }\n"
    "cat >>openssl.cnf <<'END'\n"
    "[idp]\n"
    "issuingDistributionPoint=critical,@part\n"
    "[part]\n"
    "onlyuser=TRUE\n"
    "[aki]\n"
    "authorityKeyIdentifier=keyid\n"
    "END\n"
    ": >index.txt\n"
    "ca root root /CN=root; ca inter root /CN=inter\n"
    "ca fake fake /CN=root; ca other other /CN=other\n"
    "ca mute mute /CN=mute keyCertSign; ca weak root /CN=weak cRLSign\n"
    "ec srv P-256; issue srv inter /CN=srv subjectAltName=DNS:srv\n"
    "ec direct P-256; issue direct root /CN=direct subjectAltName=DNS:direct\n"
    "ec far P-256; issue far other /CN=far subjectAltName=DNS:far\n"
    "ec bad P-256; issue bad inter /CN=bad subjectAltName=DNS:bad\n"
    "ec wsrv P-256; issue wsrv weak /CN=wsrv subjectAltName=DNS:wsrv\n"
    "ca brief root /CN=brief; ec bsrv P-256; issue bsrv brief /CN=bsrv ''\n"
    "openssl x509 -req -in brief.csr -days 20 -extfile brief.ext -out "
    "brief.pem -CA root.pem -CAkey root.key -CAcreateserial\n"
    "cat bsrv.pem brief.pem >brief-chain.pem\n"
    /* The same CA anew, and another one that only has the name. */
    "cp root.key again.key; cp root.ext again.ext; issue again again /CN=root "
    "\"$(cat root.ext)\"; cat root.pem again.pem >renewed.pem\n"
    "cat root.pem fake.pem >two-roots.pem\n"
    "ca inter2 root /CN=inter; cp srv.key srv2.key; issue srv2 inter2 /CN=srv2 "
    "''; cat srv2.pem inter2.pem >chain2.pem\n"
    "chmod 600 *.key\n"
    "cat srv.pem inter.pem >chain.pem; cat wsrv.pem weak.pem >weak-chain.pem\n"
    "cat chain.pem root.pem >full.pem\n"
    "cat root.pem inter.pem >both.pem; cat root.pem other.pem >cas.pem\n"
    "gen root >root.crl; gen inter >inter.crl; gen fake >fake.crl\n"
    "gen fake -crlexts aki >fake-aki.crl; gen root -crlexts aki >aki.crl\n"
    "gen mute >mute.crl; gen other >other.crl; gen weak >weak.crl\n"
    "gen root -crlexts idp >part.crl\n"
    "gen root -crl_lastupdate 20300101000000Z -crl_nextupdate "
    "20400101000000Z >early.crl\n"
    "gen root -crl_lastupdate 20200101000000Z -crl_nextupdate "
    "20200201000000Z >old.crl\n"
    "gen brief >brief0.crl\n"
    "two() { cat $1.crl $2.crl >$3.crl; }\n"
    "gen inter2 >inter2.crl; two root inter2 all2\n"
    "two root brief0 brief; two root inter all; two inter root turned; two "
    "root root twice\n"
    "two aki inter with-aki\n"
    "two root other stranger; two root fake imitation; two root weak weakly\n"
    "two fake inter forged; two fake-aki inter forged-aki; two root old rusty\n"
    "{ echo Words; cat root.crl; openssl crl -in inter.crl -text; } "
    ">words.crl\n"
    "sed 's/$/\\r/' all.crl >crlf.crl\n"
    "openssl crl -in root.crl -outform DER -out der.crl\n"
    "head -n 4 inter.crl >cut.crl; two root cut half; two cut root swallow\n"
    ": >empty.crl\n"
    "revoke inter bad; gen inter >inter-bad.crl; two root inter-bad bad\n"
    ": >index.txt; revoke root inter; gen root >root-inter.crl\n"
    "two root-inter inter cut-off\n";

/* A list of /CN=x that does not say when it ends. */
static const char endless[] =
    "\x30\x3e\x30\x2c\x02\x01\x01"
    "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"
    "\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01x"
    "\x17\x0d"
    "260101000000Z"
    "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02\x03\x02\x00\x00";

static void make_all(void)
{
    unit_pki_setup(commands);
    free(unit_write_bytes(unit_pki_folder, "endless.der", endless,
                          sizeof endless - 1));
    unit_pki_run(unit_pki_folder,
                 "{ echo '-----BEGIN X509 CRL-----'; openssl base64 -in "
                 "endless.der; echo '-----END X509 CRL-----'; } "
                 ">endless.crl\n");
}

/* A listener of this chain that wants clients of this CA, by these lists. */
static void prepare(struct unit_secure *s, const char *certificate,
                    const char *client_ca, const char *crl)
{
    unit_secure_init(s, certificate,
                     strcmp(certificate, "weak-chain.pem") == 0 ? "wsrv.key"
                                                                : "srv.key");
    unit_secure_ask(s, CONFIG_CLIENT_AUTH_REQUIRED, client_ca, crl);
}

/* --- what is good --------------------------------------------------------- */

static const struct {
    const char *certificate;
    const char *client_ca;
    const char *crl;
    size_t lists;
} good[] = {
    {"chain.pem", "root.pem", "all.crl", 2},
    {"chain.pem", "root.pem", "turned.crl", 2},
    {"chain.pem", "root.pem", "words.crl", 2},
    {"chain.pem", "root.pem", "crlf.crl", 2},
    {"chain.pem", "root.pem", "bad.crl", 2},
    {"chain.pem", "root.pem", "with-aki.crl", 2},
    {"chain.pem", "both.pem", "all.crl", 2},
    /* The chain does not lead to client_ca: it has nothing to do with it. */
    {"chain.pem", "other.pem", "other.crl", 1},
    {"srv.pem", "root.pem", "root.crl", 1},
    {"full.pem", "root.pem", "all.crl", 2},
    {"full.pem", "both.pem", "all.crl", 2},
    {"srv.pem", "renewed.pem", "root.crl", 1},
    {"chain2.pem", "root.pem", "all2.crl", 2},
    /* A CA that may not sign certificates is none. */
    {"weak-chain.pem", "root.pem", "root.crl", 1},
};

START_TEST(good_lists)
{
    struct unit_secure s;
    size_t n;
    size_t lists = 0;

    prepare(&s, good[_i].certificate, good[_i].client_ca, good[_i].crl);
    struct tls_context *c = unit_secure_open(&s);
    const struct validity *v = tls_context_validity(c, &n);
    for (size_t i = 0; i < n; i++)
        lists += v[i].kind == VALIDITY_CRL;
    ck_assert_uint_eq(lists, good[_i].lists);
    ck_assert_uint_eq(unit_log_count("revocation list of /CN="), lists);
    ck_assert_uint_eq(unit_log_count("warning"), 0);
    tls_context_unref(c);
}
END_TEST

START_TEST(what_ends_is_known)
{
    struct unit_secure s;
    size_t n;

    prepare(&s, "chain.pem", "root.pem", "all.crl");
    struct tls_context *c = unit_secure_open(&s);
    const struct validity *v = tls_context_validity(c, &n);
    static const struct validity expected[] = {
        {.kind = VALIDITY_CERTIFICATE, .name = "/CN=srv"},
        {.kind = VALIDITY_CERTIFICATE, .name = "/CN=inter"},
        {.kind = VALIDITY_CLIENT_CA, .name = "/CN=root"},
        {.kind = VALIDITY_CRL, .name = "/CN=root"},
        {.kind = VALIDITY_CRL, .name = "/CN=inter"},
    };
    ck_assert_uint_eq(n, LENGTH(expected));
    for (size_t i = 0; i < n; i++) {
        time_t days = expected[i].kind == VALIDITY_CRL ? 30 : 100;
        time_t left_s = v[i].ends - time(NULL);
        ck_assert_int_eq(v[i].kind, expected[i].kind);
        ck_assert_str_eq(v[i].name, expected[i].name);
        ck_assert_int_le(left_s, days * DAY_S);
        ck_assert_int_gt(left_s, (days - 1) * DAY_S);
    }
    tls_context_unref(c);
}
END_TEST

START_TEST(without_client_auth_the_lists_are_not_read)
{
    struct unit_secure s;

    prepare(&s, "chain.pem", "root.pem", "missing.crl");
    s.tls.client_auth = CONFIG_CLIENT_AUTH_NONE;
    tls_context_unref(unit_secure_open(&s));
}
END_TEST

START_TEST(an_intermediate_that_is_revoked)
{
    struct unit_secure s;

    /* Its own list is not needed any more; nor does it do harm. */
    prepare(&s, "chain.pem", "root.pem",
            _i == 0 ? "cut-off.crl" : "root-inter.crl");
    tls_context_unref(unit_secure_open(&s));
    unit_log_expect("chain.pem is revoked by the list of /CN=root: who has a "
                    "certificate from it is refused");
}
END_TEST

/* --- what is not ---------------------------------------------------------- */

static const struct {
    const char *certificate;
    const char *client_ca;
    const char *crl;
    const char *words;
} bad[] = {
    {"chain.pem", "root.pem", "missing.crl",
     "%/missing.crl does not exist: make it (wwep-certs crl), or write"},
    {"chain.pem", "root.pem", "", "%/ can not be read: Is a directory"},
    {"chain.pem", "root.pem", "der.crl",
     "%/der.crl is DER, and PEM is needed: openssl crl -inform DER -in "},
    {"chain.pem", "root.pem", "empty.crl",
     "%/empty.crl has no revocation list in PEM in it (BEGIN X509 CRL): make a "
     "fresh one (wwep-certs crl)"},
    {"chain.pem", "root.pem", "root.pem", "%/root.pem has no revocation list"},
    {"chain.pem", "root.pem", "cut.crl",
     "%/cut.crl: list 1 in it is damaged: make a fresh one (wwep-certs crl)"},
    {"chain.pem", "root.pem", "half.crl",
     "%/half.crl: list 2 in it is damaged: make"},
    {"chain.pem", "root.pem", "swallow.crl",
     "%/swallow.crl: list 1 in it is damaged: make"},
    {"chain.pem", "root.pem", "forged.crl",
     "%/forged.crl: list 1 is not signed by the /CN=root that is in client_ca "
     "(code "},
    {"chain.pem", "root.pem", "forged-aki.crl",
     "%/forged-aki.crl: list 1 is not signed by the /CN=root that is in "},
    {"chain.pem", "root.pem", "old.crl",
     "%/old.crl: list 1 (/CN=root) ended on 2020-02-01 at 00:00:00 UTC: make a "
     "fresh one (wwep-certs crl)"},
    {"chain.pem", "root.pem", "early.crl",
     "%/early.crl: list 1 (/CN=root) begins on 2030-01-01 at 00:00:00 UTC "
     "only: set this machine's clock, or make a fresh one"},
    {"chain.pem", "root.pem", "endless.crl",
     "%/endless.crl: list 1 (/CN=x) does not say when it ends, so nobody can "
     "tell whether it is out of date: make a fresh one"},
    {"chain.pem", "root.pem", "part.crl",
     "%/part.crl: list 1 (/CN=root) is not complete (it has a critical "},
    {"chain.pem", "root.pem", "twice.crl",
     "%/twice.crl: list 2 is of /CN=root, as list 1 is: keep the newer one"},
    {"chain.pem", "root.pem", "imitation.crl",
     "%/imitation.crl: list 2 is of /CN=root, as list 1 is"},
    {"chain.pem", "root.pem", "rusty.crl", "%/rusty.crl: list 2 is of /CN=ro"},
    {"chain.pem", "root.pem", "root.crl",
     "%/root.crl has no list of /CN=inter (in certificate), so none of its "
     "clients could be checked, and all would be refused: add that list"},
    {"chain.pem", "root.pem", "inter.crl",
     "%/inter.crl has no list of /CN=root (in client_ca), so none"},
    {"srv.pem", "cas.pem", "root.crl",
     "%/root.crl has no list of /CN=other (in client_ca), so none"},
    {"chain.pem", "both.pem", "root.crl",
     "%/root.crl has no list of /CN=inter (in client_ca), so none"},
    {"srv.pem", "root.pem", "all.crl",
     "%/all.crl: list 2 is of /CN=inter, which is neither in client_ca nor in "
     "certificate: add its certificate to client_ca, or take the list out"},
    {"srv.pem", "root.pem", "stranger.crl",
     "%/stranger.crl: list 2 is of /CN=other, which is neither in client_ca"},
    {"weak-chain.pem", "root.pem", "weakly.crl",
     "%/weakly.crl: list 2 is of /CN=weak, which is neither in client_ca"},
    {"chain.pem", "other.pem", "all.crl", "%/all.crl has no list of /CN=other"},
    {"srv.pem", "mute.pem", "mute.crl",
     "%/mute.crl: list 1 is of /CN=mute, whose certificate does not let it "
     "sign lists (its key usage is without cRLSign): make that CA anew"},
    {"chain.pem", "both.pem", "cut-off.crl",
     "%/cut-off.crl: the list of /CN=root revokes /CN=inter, which is in "
     "client_ca: take it out of there"},
};

START_TEST(a_refusal)
{
    struct unit_secure s;

    prepare(&s, bad[_i].certificate, bad[_i].client_ca, bad[_i].crl);
    unit_secure_refused(&s, "crl", bad[_i].words);
}
END_TEST

/* A list tells its CA by the name alone. */
START_TEST(two_of_one_name)
{
    struct unit_secure s;

    prepare(&s, "srv.pem", "two-roots.pem", "root.crl");
    unit_secure_refused(&s, "client_ca",
                        "client_ca has two different CAs named /CN=root: "
                        "revocation can not tell them apart: take one out, or "
                        "do without crl");
    s.tls.crl = NULL;
    tls_context_unref(unit_secure_open(&s));
    prepare(&s, "chain2.pem", "both.pem", "all.crl");
    unit_secure_refused(&s, "certificate",
                        "client_ca, with certificate, has two different CAs "
                        "named /CN=inter: revocation can not tell them apart: "
                        "take one out, or do without crl");
}
END_TEST

/* --- clients -------------------------------------------------------------- */

/* Lists and authorities without a listener; freed by the test. */
static struct tls_revocation *load(WOLFSSL_CTX *ctx, struct unit_secure *s,
                                   struct tls_authorities *authorities)
{
    const struct tls_source source = {&s->config, &s->listener, s->error, NULL};
    const char *files[] = {s->tls.certificate, s->tls.client_ca};
    struct tls_revocation *r = tls_revocation_new(authorities);
    struct tls_certificate c;

    ck_assert_ptr_nonnull(r);
    for (size_t i = 0; i < LENGTH(files); i++) {
        size_t len;
        char *pem = unit_read(files[i], &len);
        const uint8_t *bytes = (const uint8_t *)pem;
        for (size_t n = 0; tls_certificate_read_pem(&c, bytes, len, n) == 0;
             n++)
            ck_assert_int_eq(
                tls_authorities_add(authorities, &c, bytes, len, n, i == 1), 0);
        free(pem);
    }
    ck_assert_int_eq(
        wolfSSL_CTX_load_verify_locations(ctx, s->tls.client_ca, NULL),
        WOLFSSL_SUCCESS);
    ck_assert_msg(tls_revocation_load(r, &source, ctx, time(NULL)) == 0, "%s",
                  s->error);
    return r;
}

static const struct {
    const char *certificate;
    const char *client_ca;
    const char *leaf;
    time_t days; /* from now */
    enum wwep_fault_kind kind;
    const char *note;
} clients[] = {
    {"chain.pem", "root.pem", "srv.pem", 0, WWEP_FAULT_NONE, NULL},
    {"full.pem", "root.pem", "srv.pem", 0, WWEP_FAULT_NONE, NULL},
    {"full.pem", "both.pem", "srv.pem", 0, WWEP_FAULT_NONE, NULL},
    {"chain.pem", "root.pem", "srv.pem", 25, WWEP_FAULT_NONE, NULL},
    {"brief-chain.pem", "root.pem", "bsrv.pem", 0, WWEP_FAULT_NONE, NULL},
    {"brief-chain.pem", "root.pem", "bsrv.pem", 25, WWEP_FAULT_EXPIRED,
     "its intermediate /CN=brief did on 20"},
    {"chain.pem", "root.pem", "srv.pem", 31, WWEP_FAULT_CRL_ENDED,
     "that of /CN=inter ended on 20"},
    {"chain.pem", "root.pem", "direct.pem", 31, WWEP_FAULT_CRL_ENDED,
     "that of /CN=root ended on 20"},
    {"chain.pem", "root.pem", "direct.pem", 25, WWEP_FAULT_NONE, NULL},
    {"chain.pem", "root.pem", "far.pem", 0, WWEP_FAULT_CRL_MISSING,
     "that CA is /CN=other"},
};

/* After wolfSSL has let it in, whenever that is. */
START_TEST(a_client_is_judged_again)
{
    struct unit_secure s;
    WOLFSSL_CTX *ctx = wolfSSL_CTX_new(wolfTLSv1_3_server_method());
    size_t len;

    prepare(&s, clients[_i].certificate, clients[_i].client_ca,
            strcmp(clients[_i].certificate, "brief-chain.pem") == 0
                ? "brief.crl"
                : "all.crl");
    struct tls_authorities authorities = {.n = 0};
    struct tls_revocation *r = load(ctx, &s, &authorities);
    const struct tls_path_trust trust = {&authorities, r};
    struct tls_refusal refusal = {.trust = &trust};
    uint8_t *der = unit_pki_der(unit_pki_folder, clients[_i].leaf, &len);
    const struct wwep_der sent = wwep_der_of(der, len);
    tls_refusal_judge(&refusal, &sent, 1,
                      time(NULL) + clients[_i].days * DAY_S);
    ck_assert_int_eq(refusal.kind, clients[_i].kind);
    ck_assert_int_eq(refusal.code, 0);
    if (clients[_i].note == NULL)
        ck_assert_ptr_null(refusal.note);
    else
        ck_assert_msg(strstr(refusal.note, clients[_i].note) == refusal.note,
                      "%s", refusal.note);
    tls_refusal_deinit(&refusal);
    free(der);
    tls_revocation_free(r);
    tls_authorities_deinit(&authorities);
    wolfSSL_CTX_free(ctx);
}
END_TEST

START_TEST(what_is_no_certificate_is_refused)
{
    const struct wwep_der sent = wwep_der_of((const uint8_t *)"x", 1);
    const struct tls_authorities none = {.n = 0};
    const struct tls_path_trust trust = {.authorities = &none};
    struct tls_refusal refusal = {.trust = &trust};

    tls_refusal_judge(&refusal, &sent, 1, time(NULL));
    ck_assert_int_eq(refusal.kind, WWEP_FAULT_BAD_CERTIFICATE);
    tls_refusal_deinit(&refusal);
    tls_revocation_free(NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tls_revocation");
    TCase *tc = tcase_create("tls_revocation");

    tcase_add_unchecked_fixture(tc, make_all, unit_pki_teardown);
    tcase_add_checked_fixture(tc, unit_secure_setup, unit_secure_teardown);
    tcase_add_loop_test(tc, good_lists, 0, (int)LENGTH(good));
    tcase_add_test(tc, what_ends_is_known);
    tcase_add_test(tc, without_client_auth_the_lists_are_not_read);
    tcase_add_loop_test(tc, an_intermediate_that_is_revoked, 0, 2);
    tcase_add_loop_test(tc, a_refusal, 0, (int)LENGTH(bad));
    tcase_add_test(tc, two_of_one_name);
    tcase_add_loop_test(tc, a_client_is_judged_again, 0, (int)LENGTH(clients));
    tcase_add_test(tc, what_is_no_certificate_is_refused);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
