/* Whom a handshake believes: roots, chains, dates, names.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "unit.h"
#include "unit_pki.h"
#include "unit_tls_link.h"
#include "unit_wiced_tls.h"

#include <string.h>

/* course: as the course's own certificate is, self-signed with SHA-1, and it
 * has ended; sha1self: the same, but it has not. */
static const char commands[] =
    "SAN='subjectAltName=DNS:wwep.example'\n"
    "CA='basicConstraints=critical,CA:TRUE\\nkeyUsage=keyCertSign'\n"
    "ec sha1 P-256; issue sha1 ca /CN=wwep.example \"$SAN\" -sha1\n"
    "rsa rsasha1 2048; issue rsasha1 ca /CN=wwep.example \"$SAN\" -sha1\n"
    "ec subsha1 P-256; issue subsha1 ca /CN=subsha1 \"$CA\" -sha1\n"
    "ec belowsha1 P-256; issue belowsha1 subsha1 /CN=wwep.example \"$SAN\"\n"
    "cat subsha1.pem >>belowsha1.pem\n"
    "rsa sha1self 2048; issue sha1self sha1self /CN=IoT "
    "'basicConstraints=critical,CA:TRUE' -sha1\n"
    "ec board P-256; issue board ca '/CN=0FAC' 'extendedKeyUsage=clientAuth'\n"
    "ec plain P-256; issue plain ca '/O=School/CN=IoT' "
    "'keyUsage=digitalSignature'\n"
    "touch index.txt\n"
    "cat >>openssl.cnf <<'END'\n"
    "[any]\n"
    "x509_extensions = ca_names\n"
    "[ca_names]\n"
    "basicConstraints = critical,CA:TRUE\n"
    "keyUsage = keyCertSign, digitalSignature\n"
    "END\n"
    "past() { n=$1; by=$2; shift 2\n"
    "openssl req -new -key $n.key -subj /CN=$n -out $n.csr\n"
    "openssl ca -batch -notext -in $n.csr -keyfile $by.key "
    "-startdate 20170101000000Z -enddate 20180717000000Z -out $n.pem \"$@\"; "
    "}\n"
    "rsa course 2048; past course course -selfsign -md sha1\n"
    "sed 's/$/\\r/' course.pem >course-crlf.pem\n"
    "ec oldroot P-256; past oldroot oldroot -selfsign\n"
    "ec underold P-256; issue underold oldroot /CN=wwep.example \"$SAN\"\n"
    "ec old P-256; past old ca -cert ca.pem\n"
    "ec oldsub P-256; past oldsub ca -cert ca.pem\n"
    "ec belowold P-256; issue belowold oldsub /CN=wwep.example \"$SAN\"\n"
    "cat oldsub.pem >>belowold.pem\n"
    "ec young P-256; openssl req -new -key young.key -subj /CN=young "
    "-out young.csr\n"
    "openssl ca -batch -notext -in young.csr -keyfile ca.key -cert ca.pem "
    "-startdate 20400101000000Z -enddate 20410101000000Z -out young.pem\n"
    "ec mid P-256; issue mid ca /CN=mid \"$CA\"\n"
    "ec chain P-256; issue chain mid /CN=wwep.example \"$SAN\"\n"
    "cat mid.pem >>chain.pem\n"
    "cat self.pem ca.pem >bundle.pem; echo nothing >nothing.pem\n";

static struct unit_two two;

static void make_all(void)
{
    unit_pki_setup(commands);
}

static enum wwep_tls_version version_of(int i)
{
    return i % 2 == 0 ? WWEP_TLS_1_2 : WWEP_TLS_1_3;
}

static void begin_test(void)
{
    unit_two_board(WWEP_TLS_1_2, false);
    unit_two_init(&two);
}

static void end_test(void)
{
    unit_two_deinit(&two);
    (void)wiced_tls_deinit_root_ca_certificates();
}

/* --- nobody is trusted ------------------------------------------------------
 */

START_TEST(no_roots)
{
    unit_two_board(version_of(_i), false);
    unit_end_identity(&two.server, "self");
    unit_console_begin();
    for (int i = 0; i < 3; i++) {
        ck_assert(unit_two_open(&two));
        ck_assert(unit_two_talk(&two));
        unit_two_connect(&two);
    }
    const char *said = unit_console_end();
    /* Once for each kind of peer. */
    ck_assert_uint_eq(unit_count(said, "nothing is trusted, so nobody is "
                                       "verified: whoever answers is taken"),
                      1);
    ck_assert_uint_eq(unit_count(said, "nothing is trusted, so nobody is "
                                       "verified: whoever connects"),
                      1);
    ck_assert_uint_eq(unit_count(said, "\n"), 2);
}
END_TEST

/* After a bad one there is none: as in the SDK. */
START_TEST(bad_roots_are_none)
{
    unit_end_identity(&two.server, "server");
    two.server.verification = TLS_NO_VERIFICATION;
    ck_assert_int_eq(unit_trust("self.pem"), 0);
    ck_assert(!unit_two_open(&two));
    ck_assert_int_eq(unit_trust("nothing.pem"), WICED_ERROR);
    unit_two_connect(&two);
    ck_assert(unit_two_open(&two));
    ck_assert_int_eq(unit_trust("self.pem"), 0);
    unit_two_connect(&two);
    ck_assert(!unit_two_open(&two));
    ck_assert_int_eq(wiced_tls_deinit_root_ca_certificates(), 0);
    unit_two_connect(&two);
    ck_assert(unit_two_open(&two));
}
END_TEST

/* --- the server's chain -----------------------------------------------------
 */

static const struct {
    const char *name;  /* the server's */
    const char *roots; /* the client's */
    bool strict;       /* it is believed as it is */
    bool lenient;      /* ... as in the SDK */
    const char *words;
} chains[] = {
    {"server", "ca.pem", true, true, ""},
    {"chain", "ca.pem", true, true, ""},
    {"rsa", "bundle.pem", true, true, ""},
    {"self", "self.pem", true, true, ""},
    {"server", "self.pem", false, false, "from an unknown CA"},
    {"leaf", "ca.pem", false, false, "from an unknown CA"},
    {"sha1", "ca.pem", false, true, "signed with SHA-1"},
    {"rsasha1", "ca.pem", false, true, "signed with SHA-1"},
    {"belowsha1", "ca.pem", false, true, "signed with SHA-1"},
    {"sha1self", "sha1self.pem", true, true, ""}, /* trusted for itself */
    {"old", "ca.pem", false, true, "certificate has expired"},
    {"belowold", "ca.pem", false, true, "certificate has expired"},
    {"young", "ca.pem", false, true, "is not valid yet"},
    {"underold", "oldroot.pem", false, true,
     "(CN=oldroot): a root certificate of ours has expired"},
    {"course", "course.pem", false, true, "ours has expired"},
    {"course", "course-crlf.pem", false, true, "ours has expired"},
    {"course", "ca.pem", false, false, "unknown CA"},
};

#define CHAINS ((int)(sizeof chains / sizeof chains[0]))

START_TEST(chain_strict)
{
    size_t i = (size_t)_i / 2;

    unit_two_board(version_of(_i), false);
    unit_end_identity(&two.server, chains[i].name);
    unit_end_trust(&two.client, chains[i].roots);
    two.server.verification = TLS_NO_VERIFICATION;
    unit_console_begin();
    bool opened = unit_two_open(&two);
    const char *said = unit_console_end();
    ck_assert_msg(opened == chains[i].strict, "%s by %s: %s", chains[i].name,
                  chains[i].roots, said);
    ck_assert_msg(strstr(said, chains[i].words) != NULL, "%s: %s",
                  chains[i].name, said);
    if (opened)
        return;
    ck_assert_int_eq(two.client.opened, WICED_TLS_ERROR);
    ck_assert_uint_eq(unit_count(said, "TLS with the server 127"), 1);
    ck_assert_ptr_null(strstr(said, "as in the SDK"));
}
END_TEST

START_TEST(chain_lenient)
{
    size_t i = (size_t)_i / 2;

    unit_two_board(version_of(_i), true);
    unit_end_identity(&two.server, chains[i].name);
    unit_end_trust(&two.client, chains[i].roots);
    two.server.verification = TLS_NO_VERIFICATION;
    unit_console_begin();
    bool opened = unit_two_open(&two);
    if (opened) { /* that it is said, is said once */
        unit_two_connect(&two);
        opened = unit_two_open(&two);
    }
    const char *said = unit_console_end();
    ck_assert_msg(opened == chains[i].lenient, "%s by %s: %s", chains[i].name,
                  chains[i].roots, said);
    ck_assert_uint_eq(unit_count(said, "as in the SDK"), 1);
}
END_TEST

/* --- both sides -------------------------------------------------------------
 */

/* The same roots for both ends, which is how the API has it. */
START_TEST(mutual)
{
    unit_two_board(version_of(_i), false);
    ck_assert_int_eq(unit_trust("ca.pem"), 0);
    unit_end_identity(&two.server, "server");
    unit_end_identity(&two.client, "board");
    unit_console_begin();
    bool opened = unit_two_open(&two);
    const char *said = unit_console_end();
    ck_assert_msg(opened, "%s", said);
    ck_assert_str_eq(said, "");
    ck_assert(unit_two_talk(&two));
}
END_TEST

START_TEST(mutual_refused)
{
    static const char *words[] = {"the peer sent no certificate",
                                  "from an unknown CA", "signed with SHA-1",
                                  "has expired"};
    static const char *clients[] = {NULL, "self", "sha1", "old"};
    size_t i = (size_t)_i / 2;

    unit_two_board(version_of(_i), false);
    ck_assert_int_eq(unit_trust("ca.pem"), 0);
    unit_end_identity(&two.server, "server");
    if (clients[i] != NULL)
        unit_end_identity(&two.client, clients[i]);
    unit_console_begin();
    (void)unit_two_open(&two);
    const char *said = unit_console_end();
    ck_assert_int_eq(two.server.opened, WICED_TLS_ERROR);
    ck_assert_msg(strstr(said, words[i]) != NULL, "%s", said);
    ck_assert_ptr_nonnull(strstr(said, "TLS with the client 127"));
    if (_i % 2 == 0) /* in TLS 1.3 it learns it later */
        ck_assert_int_eq(two.client.opened, WICED_TLS_ERROR);
}
END_TEST

/* A context's own win over the program's. */
START_TEST(context_roots)
{
    unit_end_identity(&two.server, "server");
    two.server.verification = TLS_NO_VERIFICATION;
    ck_assert_int_eq(unit_trust("self.pem"), 0);
    unit_end_trust(&two.client, "ca.pem");
    ck_assert(unit_two_open(&two));
    ck_assert_int_eq(unit_trust("ca.pem"), 0);
    unit_end_trust(&two.client, "self.pem");
    unit_two_connect(&two);
    ck_assert(!unit_two_open(&two));
    /* NULL and 0 change nothing. */
    ck_assert_int_eq(wiced_tls_set_context_root_ca_certificates(
                         &two.client.context, NULL, 0),
                     0);
    unit_two_connect(&two);
    ck_assert(!unit_two_open(&two));
    /* Without, it is the program's again. */
    ck_assert_int_eq(wiced_tls_deinit_context(&two.client.context), 0);
    ck_assert_int_eq(wiced_tls_init_context(&two.client.context, NULL, NULL),
                     0);
    unit_two_connect(&two);
    ck_assert(unit_two_open(&two));
}
END_TEST

/* --- names ------------------------------------------------------------------
 */

static const struct {
    const char *server;
    const char *peer_cn;
    bool good;
} names[] = {
    {"server", "wwep.example", true},   /* SAN, and CN */
    {"server", "a.wwep.example", true}, /* SAN alone */
    {"server", "192.0.2.3", true},
    {"server", "WWEP.Example", true},
    {"server", "other.example", false},
    {"server", "", false},
    {"plain", "IoT", true}, /* CN alone: there is no SAN */
    {"plain", "iot", false},
    {"plain", "Io", false},
    {"plain", "IoTs", false},
    {"plain", "School", false},
    {"rsa", "rsa.example", true},
};

#define NAMES ((int)(sizeof names / sizeof names[0]))

START_TEST(peer_cn)
{
    size_t i = (size_t)_i / 2;

    unit_two_board(version_of(_i), false);
    unit_end_identity(&two.server, names[i].server);
    two.client.context.peer_cn = names[i].peer_cn;
    unit_end_trust(&two.client, "ca.pem");
    unit_console_begin();
    bool opened = unit_two_open(&two);
    const char *said = unit_console_end();
    ck_assert_msg(opened == names[i].good, "%s: %s", names[i].peer_cn, said);
    if (!opened)
        ck_assert_msg(strstr(said, "is for another name") != NULL, "%s", said);
}
END_TEST

/* A server looks at its clients' too. */
START_TEST(peer_cn_of_a_client)
{
    unit_two_board(version_of(_i), false);
    unit_end_identity(&two.server, "server");
    unit_end_identity(&two.client, "board");
    unit_end_trust(&two.server, "ca.pem");
    two.server.context.peer_cn = _i < 2 ? "0FAC" : "0FAD";
    (void)unit_two_open(&two);
    ck_assert_int_eq(two.server.opened,
                     _i < 2 ? WICED_SUCCESS : WICED_TLS_ERROR);
}
END_TEST

/* Without roots nobody is looked at, as in the SDK. */
START_TEST(peer_cn_without_roots)
{
    unit_end_identity(&two.server, "server");
    two.client.context.peer_cn = "other.example";
    ck_assert(unit_two_open(&two));
}
END_TEST

START_TEST(server_name)
{
    static const struct {
        const char *name;
        const char *peer_cn;
        bool good;
    } cases[] = {
        {"wwep.example", NULL, true},
        {"a.wwep.example", "wwep.example", true},
        {"192.0.2.3", NULL, true},
        {"other.example", NULL, false},
        {"wwep.example", "other.example", false},
        {"other.example", "wwep.example", false},
    };
    char name[32];
    wiced_tls_extension_t extension = {.type = TLS_EXTENSION_TYPE_SERVER_NAME,
                                       .extension_data.server_name =
                                           (uint8_t *)name};
    size_t i = (size_t)_i;

    snprintf(name, sizeof name, "%s", cases[i].name);
    unit_end_identity(&two.server, "server");
    two.client.context.peer_cn = cases[i].peer_cn;
    unit_end_trust(&two.client, "ca.pem");
    ck_assert_int_eq(wiced_tls_set_extension(&two.client.context, &extension),
                     0);
    ck_assert_int_eq(unit_two_open(&two), cases[i].good);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wiced_tls_trust");
    TCase *tc = tcase_create("trust");

    tcase_add_unchecked_fixture(tc, make_all, unit_pki_teardown);
    tcase_add_checked_fixture(tc, begin_test, end_test);
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, no_roots, 0, 2);
    tcase_add_test(tc, bad_roots_are_none);
    tcase_add_loop_test(tc, chain_strict, 0, 2 * CHAINS);
    tcase_add_loop_test(tc, chain_lenient, 0, 2 * CHAINS);
    tcase_add_loop_test(tc, mutual, 0, 2);
    tcase_add_loop_test(tc, mutual_refused, 0, 8);
    tcase_add_test(tc, context_roots);
    tcase_add_loop_test(tc, peer_cn, 0, 2 * NAMES);
    tcase_add_loop_test(tc, peer_cn_of_a_client, 0, 4);
    tcase_add_test(tc, peer_cn_without_roots);
    tcase_add_loop_test(tc, server_name, 0, 6);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
