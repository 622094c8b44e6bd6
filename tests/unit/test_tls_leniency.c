/* What a link takes that is not as good as it might be, and what else the
 * course's API asks of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "unit.h"
#include "unit_pki.h"
#include "unit_tls_link.h"

#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Signed with SHA-1 are: sha1, rsasha1, the intermediate of below, selfsha1. */
static const char commands[] =
    "CA='basicConstraints=critical,CA:TRUE\\nkeyUsage=keyCertSign'\n"
    "NAME='subjectAltName=DNS:wwep.example'\n"
    "ec sha1 P-256; issue sha1 ca /CN=wwep.example \"$NAME\" -sha1\n"
    "rsa rsasha1 2048; issue rsasha1 ca /CN=wwep.example \"$NAME\" -sha1\n"
    "ec mid P-256; issue mid ca /CN=mid \"$CA\" -sha1\n"
    "ec below P-256; issue below mid /CN=wwep.example \"$NAME\"\n"
    "cat mid.pem >>below.pem\n"
    "rsa selfsha1 2048; issue selfsha1 selfsha1 /CN=wwep.example \"$NAME\" "
    "-sha1\n"
    "ec board P-256; issue board ca '/O=School/CN=0FAC' "
    "'extendedKeyUsage=clientAuth'\n"
    "ec two P-256; issue two ca '/CN=0FAC/CN=0FAD' 'keyUsage=digitalSignature'"
    "\n"
    "cat >>openssl.cnf <<'END'\n"
    "[any]\n"
    "x509_extensions = names\n"
    "[names]\n"
    "subjectAltName = DNS:wwep.example\n"
    "basicConstraints = critical,CA:TRUE\n"
    "keyUsage = keyCertSign, digitalSignature\n"
    "END\n"
    "ec old P-256; dated old ca /CN=wwep.example 20200131100000Z "
    "20210228115959Z\n"
    "ec young P-256; dated young ca /CN=wwep.example 20400101000000Z "
    "20410101000000Z\n"
    "ec under P-256; issue under old /CN=wwep.example \"$NAME\"\n"
    "cp under.key chain.key; cat under.pem old.pem >chain.pem\n"
    /* Somebody's CA of the same name, and what it has made. */
    "ec ca2 P-256; issue ca2 ca2 '/CN=unit test root' \"$CA\"\n"
    "ec oldtwin P-256; dated oldtwin ca2 /CN=wwep.example 20200131100000Z "
    "20210228115959Z\n"
    "ec below2 P-256; issue below2 oldtwin /CN=wwep.example \"$NAME\"\n"
    "cat oldtwin.pem >>below2.pem\n"
    "ec oldfar P-256; dated oldfar self /CN=wwep.example 20200131100000Z "
    "20210228115959Z\n"
    "ec below3 P-256; issue below3 oldfar /CN=wwep.example \"$NAME\"\n"
    "cat oldfar.pem >>below3.pem\n";

static struct unit_near near;

static void make_all(void)
{
    unit_pki_setup(commands);
}

static void begin(void)
{
    unit_near_init(&near);
}

static enum wwep_tls_version version_of(int i)
{
    return i % 2 == 0 ? WWEP_TLS_1_3 : WWEP_TLS_1_2;
}

static struct unit_far far_of(const char *name)
{
    static char certificate[64], key[64];
    struct unit_far far = {.certificate = certificate, .key = key};

    snprintf(certificate, sizeof certificate, "%s.pem", name);
    snprintf(key, sizeof key, "%s.key", name);
    return far;
}

static void check(const char *name, enum wwep_fault_kind kind)
{
    struct unit_far far = far_of(name);

    near.fault.kind = WWEP_FAULT_NONE;
    (void)unit_tls_link_run(&near, &far);
    ck_assert_msg(near.fault.kind == kind, "%s: %s (%d)", name,
                  wwep_fault_text(near.fault.kind), near.fault.code);
    ck_assert_int_eq(near.result == WWEP_OK, kind == WWEP_FAULT_NONE);
    if (kind == WWEP_FAULT_NONE)
        ck_assert(near.security.verified);
    unit_far_free(&far);
}

/* --- certificates -----------------------------------------------------------
 */

START_TEST(weak_signatures)
{
    static const char *names[] = {"sha1", "rsasha1", "below"};

    near.config.version = version_of(_i);
    for (size_t i = 0; i < LENGTH(names); i++) {
        near.setup.leniency = (struct wwep_tls_leniency){.dates = true};
        check(names[i], WWEP_FAULT_WEAK_SIGNATURE);
        ck_assert_ptr_nonnull(strstr(near.story, "signed with SHA-1 or MD5"));
        near.setup.leniency = (struct wwep_tls_leniency){.signatures = true};
        check(names[i], WWEP_FAULT_NONE);
    }
}
END_TEST

/* A root is trusted for itself, also where it is the server's own. */
START_TEST(weak_signature_of_a_root)
{
    near.config.version = version_of(_i);
    near.config.roots = unit_near_file("selfsha1.pem");
    check("selfsha1", WWEP_FAULT_NONE);
    ck_assert_int_eq(wwep_tls_check(&near.config, &near.port, &near.fault),
                     WWEP_OK);
    near.config.roots = unit_near_file("mid.pem");
    check("below", WWEP_FAULT_NONE);
}
END_TEST

START_TEST(dates)
{
    near.config.version = version_of(_i);
    near.setup.leniency.signatures = true;
    check("old", WWEP_FAULT_EXPIRED);
    check("young", WWEP_FAULT_NOT_YET_VALID);
    near.setup.leniency.dates = true;
    check("old", WWEP_FAULT_NONE);
    check("young", WWEP_FAULT_NONE);
    near.config.roots = unit_near_file("self.pem");
    check("old", WWEP_FAULT_UNKNOWN_CA);
}
END_TEST

/* Only the dates: that it has ended makes no other's certificate good. */
START_TEST(dates_of_another_ca)
{
    static const char *names[] = {"oldtwin", "below2", "oldfar", "below3"};

    near.config.version = version_of(_i);
    near.setup.leniency.dates = true;
    check("chain", WWEP_FAULT_NONE);
    for (size_t i = 0; i < LENGTH(names); i++) {
        struct unit_far far = far_of(names[i]);
        ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_E_TLS);
        /* Which of the two depends on how the library was built. */
        ck_assert_msg(near.fault.kind == WWEP_FAULT_OTHER_CA ||
                          near.fault.kind == WWEP_FAULT_UNKNOWN_CA,
                      "%s: %s", names[i], wwep_fault_text(near.fault.kind));
        unit_far_free(&far);
    }
}
END_TEST

START_TEST(dates_of_a_root)
{
    near.config.version = version_of(_i);
    near.config.roots = unit_near_file("old.pem");
    ck_assert_int_eq(unit_near_open(&near), WWEP_E_CREDENTIALS);
    ck_assert_int_eq(near.fault.kind, WWEP_FAULT_OUR_ROOT_EXPIRED);
    near.setup.leniency.dates = true;
    check("under", WWEP_FAULT_NONE);
    check("old", WWEP_FAULT_NONE);
    check("server", WWEP_FAULT_UNKNOWN_CA);
}
END_TEST

/* --- names ------------------------------------------------------------------
 */

START_TEST(any_name)
{
    near.config.version = version_of(_i);
    near.setup.host = near.config.name = NULL;
    near.setup.leniency.any_name = true;
    check("rsa", WWEP_FAULT_NONE);
    check("board", WWEP_FAULT_WRONG_USAGE); /* it is for clients alone */
}
END_TEST

START_TEST(peer)
{
    static const struct {
        const char *server;
        const char *peer;
        bool good;
    } cases[] = {
        {"two", "0FAC", false}, /* which of the two? */
        {"two", "0FAD", false},
        {"server", "wwep.example", true},
        {"server", "a.wwep.example", true},
        {"server", "192.0.2.3", true},
        {"server", "192.0.2.4", false},
        {"server", "", false},
        {"rsa", "Some School", false},
        {"rsa", "rsa.example", true},
    };

    near.config.version = version_of(_i);
    near.setup.leniency.any_name = true;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        near.setup.peer = cases[i].peer;
        check(cases[i].server,
              cases[i].good ? WWEP_FAULT_NONE : WWEP_FAULT_WRONG_NAME);
    }
    /* Both must be right, where both are asked for. */
    near.setup.leniency.any_name = false;
    near.setup.peer = "a.wwep.example";
    check("server", WWEP_FAULT_NONE);
    near.config.name = "rsa.example";
    check("server", WWEP_FAULT_WRONG_NAME);
    near.setup.peer = "rsa.example";
    near.config.name = "wwep.example";
    check("server", WWEP_FAULT_WRONG_NAME);
}
END_TEST

/* --- what else --------------------------------------------------------------
 */

START_TEST(optional)
{
    struct unit_far far = far_of("self");

    near.config.version = version_of(_i);
    near.setup.leniency.optional = true;
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_OK);
    ck_assert(!near.security.verified);
    ck_assert_ptr_nonnull(strstr(near.story, "unknown CA"));
    unit_far_free(&far);
}
END_TEST

START_TEST(protocols)
{
    near.config.version = version_of(_i);
    near.setup.protocols = "h2,http/1.1"; /* the server does not care */
    check("server", WWEP_FAULT_NONE);
}
END_TEST

START_TEST(has_more)
{
    struct unit_far far = far_of("server");
    uint8_t byte;

    near.config.version = version_of(_i);
    unit_far_start(&far, &near);
    ck_assert_int_eq(unit_near_open(&near), WWEP_OK);
    ck_assert(!wwep_tls_link_has_more(near.link));
    ck_assert_int_eq(wwep_tls_link_send(near.link, (const uint8_t *)"R000101",
                                        7, &near.fault),
                     7);
    for (int i = 0; i < 11; i++) {
        ck_assert_int_eq(wwep_tls_link_has_more(near.link), i > 0);
        ck_assert_int_eq(wwep_tls_link_recv(near.link, &byte, 1, &near.fault),
                         1);
    }
    ck_assert(!wwep_tls_link_has_more(near.link));
    wwep_tls_link_close(near.link);
    unit_far_join(&far, &near);
    unit_far_free(&far);
}
END_TEST

START_TEST(drop)
{
    struct unit_far far = far_of("server");

    near.config.version = version_of(_i);
    unit_far_start(&far, &near);
    ck_assert_int_eq(unit_near_open(&near), WWEP_OK);
    size_t sent = near.sent;
    wwep_tls_link_drop(near.link);
    ck_assert_uint_eq(near.sent, sent);
    unit_far_join(&far, &near);
    unit_far_free(&far);
    wwep_tls_link_drop(NULL);
}
END_TEST

/* A session is for those who are as lenient as who made it. */
START_TEST(sessions)
{
    struct wwep_session slot = {NULL, 0, 0, false, false};
    struct unit_far far = far_of("server");

    near.config.version = version_of(_i);
    near.config.session = &slot;
    near.setup.leniency.any_name = true;
    for (int i = 0; i < 5; i++) {
        static const bool resumed[] = {false, true, false, true, false};
        if (i == 2)
            near.setup.leniency.any_name = false;
        if (i == 4)
            near.setup.peer = "wwep.example";
        ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_OK);
        ck_assert_int_eq(near.security.resumed, resumed[i]);
    }
    wwep_session_clear(&slot);
    unit_far_free(&far);
}
END_TEST

static Suite *tls_leniency_suite(void)
{
    Suite *suite = suite_create("tls_leniency");
    TCase *tcase = tcase_create("leniency");

    tcase_add_unchecked_fixture(tcase, make_all, unit_pki_teardown);
    tcase_add_checked_fixture(tcase, begin, NULL);
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, weak_signatures, 0, 2);
    tcase_add_loop_test(tcase, weak_signature_of_a_root, 0, 2);
    tcase_add_loop_test(tcase, dates, 0, 2);
    tcase_add_loop_test(tcase, dates_of_another_ca, 0, 2);
    tcase_add_loop_test(tcase, dates_of_a_root, 0, 2);
    tcase_add_loop_test(tcase, any_name, 0, 2);
    tcase_add_loop_test(tcase, peer, 0, 2);
    tcase_add_loop_test(tcase, optional, 0, 2);
    tcase_add_loop_test(tcase, protocols, 0, 2);
    tcase_add_loop_test(tcase, has_more, 0, 2);
    tcase_add_loop_test(tcase, drop, 0, 2);
    tcase_add_loop_test(tcase, sessions, 0, 2);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return unit_run(tls_leniency_suite());
}
