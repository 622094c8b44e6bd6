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
    "NAME='subjectAltName=DNS:wwep.example'\n"
    "ec other P-256; issue other other '/CN=other root' \"$CA\"\n"
    "ec ca2 P-256; issue ca2 ca2 '/CN=unit test root' \"$CA\"\n"
    "ec twin P-256; issue twin ca2 '/CN=wwep.example' \"$NAME\"\n"
    "ec stranger P-256; issue stranger other '/CN=wwep.example' \"$NAME\"\n"
    "issue self self '/CN=wwep.example' \"$NAME\"\n"
    "ec noname P-256; issue noname ca '/CN=wwep.example' "
    "'basicConstraints=CA:FALSE'\n"
    "ec usage P-256; issue usage ca '/CN=wwep.example' "
    "\"$NAME\\nextendedKeyUsage=clientAuth\"\n"
    "rsa weak 1024; issue weak ca '/CN=wwep.example' \"$NAME\"\n"
    "rsa strong 2048; issue strong ca '/CN=wwep.example' \"$NAME\"\n"
    "ec p384 P-384; issue p384 ca '/CN=wwep.example' \"$NAME\" -sha384\n"
    "issue leaf sub '/CN=wwep.example' \"$NAME\"\n"
    "cat leaf.pem sub.pem >nosign.pem; cp leaf.key nosign.key\n"
    "ec mid P-256; issue mid ca '/CN=unit test mid' "
    "\"$CA\\nkeyUsage=keyCertSign\"\n"
    "ec chain P-256; issue chain mid '/CN=wwep.example' \"$NAME\"\n"
    "cat mid.pem >>chain.pem\n"
    "ec client P-256; issue client ca '/CN=board 0FAC' "
    "'extendedKeyUsage=clientAuth'\n"
    "cat >>openssl.cnf <<'END'\n"
    "[any]\n"
    "x509_extensions = names\n"
    "[names]\n"
    "subjectAltName = DNS:wwep.example\n"
    "END\n"
    "ec old P-256; dated old ca /CN=wwep.example 20200131100000Z "
    "20210228115959Z\n"
    "ec young P-256; dated young ca /CN=wwep.example 20400101000000Z "
    "20410101000000Z\n"
    "cat server.pem ca.pem ca.key >all.pem\n";

static void make_all(void)
{
    unit_pki_setup(commands);
}

static struct unit_near near;

static void begin(void)
{
    unit_near_init(&near);
}

static struct unit_far far_of(const char *name)
{
    static char certificate[64], key[64];
    struct unit_far far = {.certificate = certificate, .key = key};

    snprintf(certificate, sizeof certificate, "%s.pem", name);
    snprintf(key, sizeof key, "%s.key", name);
    return far;
}

/* Two versions, by the test's number. */
static enum wwep_tls_version version_of(int i)
{
    return i % 2 == 0 ? WWEP_TLS_1_3 : WWEP_TLS_1_2;
}

/* --- handshakes that succeed -----------------------------------------------
 */

START_TEST(full)
{
    struct unit_far far = far_of("server");

    near.config.version = version_of(_i);
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_OK);
    ck_assert(near.security.tls);
    ck_assert(near.security.verified);
    ck_assert(near.security.dates_checked);
    ck_assert(!near.security.resumed);
    ck_assert(!near.security.client_certificate);
    ck_assert(!near.offered);
    ck_assert_str_eq(near.security.version, _i == 0 ? "TLS 1.3" : "TLS 1.2");
    ck_assert_ptr_nonnull(strstr(near.security.cipher,
                                 _i == 0 ? "TLS_AES_" : "TLS_ECDHE_ECDSA_"));
    ck_assert_str_eq(near.security.group, "SECP256R1");
    ck_assert_uint_eq(far.heard, 7);
    unit_far_free(&far);
}
END_TEST

START_TEST(any_is_1_3)
{
    struct unit_far far = far_of("server");

    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_OK);
    ck_assert_str_eq(near.security.version, "TLS 1.3");
    unit_far_free(&far);
    far.method = wolfTLSv1_2_server_method;
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_OK);
    ck_assert_str_eq(near.security.version, "TLS 1.2");
    unit_far_free(&far);
}
END_TEST

START_TEST(story)
{
    struct unit_far far = far_of("chain");

    near.config.version = version_of(_i);
    ck_assert_msg(unit_tls_link_run(&near, &far) == WWEP_OK, "%s", near.story);
    const char *lines[] = {
        "out ClientHello\n",
        "certificate 1 [CN=unit test mid] [CN=unit test root] [] EC P-256: \n",
        "certificate 0 [CN=wwep.example] [CN=unit test mid] [wwep.example] "
        "EC P-256: \n",
        _i == 0 ? "in ServerHello, encrypted\n"
                : "in ServerHello, Certificate, ServerKeyExchange, "
                  "ServerHelloDone\n",
        _i == 0 ? "out encrypted\n"
                : "out ClientKeyExchange, ChangeCipherSpec, encrypted\n",
        "secured",
        _i == 0 ? "out records 29\n" : "out records 36\n",
        "in records",
    };
    const char *at = near.story;
    for (size_t i = 0; i < LENGTH(lines); i++) {
        const char *found = strstr(at, lines[i]);
        ck_assert_msg(found != NULL, "no '%s' in:\n%s", lines[i], near.story);
        at = found;
    }
    unit_far_free(&far);
}
END_TEST

START_TEST(kinds_of_keys)
{
    static const char *names[] = {"strong", "p384"};
    struct unit_far far = far_of(names[_i / 2]);

    near.config.version = version_of(_i);
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_OK);
    ck_assert(near.security.verified);
    unit_far_free(&far);
}
END_TEST

START_TEST(chain_with_root_and_more_is_fine)
{
    struct unit_far far = far_of("server");

    near.config.version = version_of(_i);
    far.certificate = "all.pem";
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_OK);
    unit_far_free(&far);
}
END_TEST

START_TEST(intermediate_as_root)
{
    struct unit_far far = far_of("chain");

    near.config.version = version_of(_i);
    near.config.roots = unit_near_file("mid.pem");
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_OK);
    ck_assert(near.security.verified);
    unit_far_free(&far);
}
END_TEST

START_TEST(server_certificate_as_root)
{
    struct unit_far far = far_of("self");

    near.config.version = version_of(_i);
    near.config.roots = unit_near_file("self.pem");
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_OK);
    ck_assert(near.security.verified);
    near.config.name = "other.example";
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_E_TLS);
    ck_assert_int_eq(near.fault.kind, WWEP_FAULT_WRONG_NAME);
    unit_far_free(&far);
}
END_TEST

START_TEST(bytes_one_by_one)
{
    struct unit_far far = far_of("server");

    near.config.version = version_of(_i);
    near.recv_piece = 1;
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_OK);
    ck_assert_ptr_nonnull(strstr(near.story, "in ServerHello"));
    unit_far_free(&far);
}
END_TEST

START_TEST(short_fragments)
{
    static const uint16_t sizes[] = {512, 1024, 2048, 4096};
    struct unit_far far = far_of("server");

    near.config.version = version_of(_i);
    near.config.max_fragment = sizes[_i / 2];
    far.reply_len = 9000;
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_OK);
    unit_far_free(&far);
}
END_TEST

START_TEST(odd_fragment_is_refused)
{
    struct unit_far far = far_of("server");

    near.config.max_fragment = 1000;
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_E_ARGUMENT);
    ck_assert_uint_eq(near.sent, 0);
    unit_far_free(&far);
}
END_TEST

/* --- trust ------------------------------------------------------------------
 */

START_TEST(unverified)
{
    struct unit_far far = far_of("stranger");

    near.config.version = version_of(_i);
    near.config.name = "other.example";
    if (_i < 2)
        near.config.roots = (struct wwep_bytes){NULL, 0};
    else
        near.config.unverified = true;
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_OK);
    ck_assert(near.security.tls);
    ck_assert(!near.security.verified);
    ck_assert(!near.security.dates_checked);
    ck_assert_ptr_nonnull(strstr(near.story, "unknown CA"));
    unit_far_free(&far);
}
END_TEST

static const struct {
    const char *name;
    enum wwep_fault_kind kind;
} bad[] = {
    {"stranger", WWEP_FAULT_UNKNOWN_CA}, {"leaf", WWEP_FAULT_UNKNOWN_CA},
    {"self", WWEP_FAULT_UNKNOWN_CA},     {"twin", WWEP_FAULT_OTHER_CA},
    {"nosign", WWEP_FAULT_NOT_A_CA},     {"old", WWEP_FAULT_EXPIRED},
    {"young", WWEP_FAULT_NOT_YET_VALID}, {"noname", WWEP_FAULT_NO_NAME},
    {"rsa", WWEP_FAULT_WRONG_NAME},      {"weak", WWEP_FAULT_WEAK_KEY},
    {"usage", WWEP_FAULT_WRONG_USAGE},
};

START_TEST(bad_certificates)
{
    size_t i = (size_t)_i / 2;
    struct unit_far far = far_of(bad[i].name);

    near.config.version = version_of(_i);
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_E_TLS);
    ck_assert_msg(near.fault.kind == bad[i].kind, "%s: %s (%d)", bad[i].name,
                  wwep_fault_text(near.fault.kind), near.fault.code);
    ck_assert_int_eq(near.fault.alert, -1);
    ck_assert_int_eq(near.port_error, 0);
    ck_assert_uint_eq(far.heard, 0);
    ck_assert_ptr_nonnull(strstr(near.story, wwep_fault_text(near.fault.kind)));
    ck_assert_int_ne(far.code, 0);
    unit_far_free(&far);
}
END_TEST

/* Each byte of the certificate in turn: none of them may be believed. */
START_TEST(changed_certificate)
{
    size_t len;
    uint8_t *der = unit_pki_der(unit_pki_folder, "server.pem", &len);

    near.config.version = version_of(_i);
    /* The last bytes are the signature, and are never parsed alone. */
    for (size_t at = len - 60; at < len; at += 7) {
        struct unit_far far = far_of("server");
        der[at] ^= 0x10;
        far.der = der;
        far.der_len = len;
        ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_E_TLS);
        ck_assert_msg(near.fault.kind == WWEP_FAULT_OTHER_CA ||
                          near.fault.kind == WWEP_FAULT_BAD_CERTIFICATE,
                      "byte %zu: %s", at, wwep_fault_text(near.fault.kind));
        der[at] ^= 0x10;
        unit_far_free(&far);
    }
    free(der);
}
END_TEST

START_TEST(key_of_somebody_else)
{
    struct unit_far far = far_of("server");

    near.config.version = version_of(_i);
    far.key = "leaf.key";
    if (_i >= 2)
        near.config.roots = (struct wwep_bytes){NULL, 0};
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_E_TLS);
    unit_tls_link_expect(&near.fault, WWEP_FAULT_BAD_SIGNATURE);
    unit_far_free(&far);
}
END_TEST

START_TEST(names)
{
    static const struct {
        const char *host;
        const char *name; /* NULL: the host */
        bool fits;
    } cases[] = {
        {"wwep.example", NULL, true},     {"WWEP.example.", NULL, true},
        {"a.wwep.example", NULL, true},   {"a.b.wwep.example", NULL, false},
        {"192.0.2.3", NULL, true},        {"192.0.2.4", NULL, false},
        {"2001:db8::3", NULL, true},      {"2001:DB8:0:0::3", NULL, true},
        {"2001:db8::4", NULL, false},     {"wwep.exampl", NULL, false},
        {"192.0.2.9", "192.0.2.3", true}, {"x", "wwep.example", true},
        {"wwep.example", "other", false},
    };
    struct unit_far far = far_of("server");

    for (size_t i = 0; i < LENGTH(cases); i++) {
        near.setup.host = cases[i].host;
        near.config.name = cases[i].name;
        ck_assert_msg(
            (unit_tls_link_run(&near, &far) == WWEP_OK) == cases[i].fits,
            "%s: %s", cases[i].host, wwep_fault_text(near.fault.kind));
    }
    unit_far_free(&far);
}
END_TEST

/* --- time --------------------------------------------------------------------
 */

START_TEST(no_clock)
{
    struct unit_far far = far_of(_i < 2 ? "server" : "young");

    near.config.version = version_of(_i);
    if (_i == 0)
        near.port.wall_clock = NULL;
    near.clock = -1;
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_OK);
    ck_assert(near.security.verified);
    ck_assert(!near.security.dates_checked);
    unit_far_free(&far);
}
END_TEST

/* Ended before the library was built: that much is known without a clock. */
START_TEST(no_clock_and_long_over)
{
    struct unit_far far = far_of("old");

    near.config.version = version_of(_i);
    near.clock = -1;
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_E_TLS);
    ck_assert_int_eq(near.fault.kind, WWEP_FAULT_EXPIRED);
    unit_far_free(&far);
}
END_TEST

/* The port's clock counts, and not the system's: roots would be in the way, so
 * that the server's own certificate is the root. */
START_TEST(clock_of_the_port)
{
    struct unit_far far = far_of("old");

    near.config.version = version_of(_i);
    near.config.roots = unit_near_file("old.pem");
    near.clock = 1600000000; /* September 2020 */
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_OK);
    ck_assert(near.security.verified);
    ck_assert(near.security.dates_checked);
    unit_far_free(&far);
}
END_TEST

/* --- client certificates -----------------------------------------------------
 */

START_TEST(client_certificate)
{
    struct unit_far far = far_of("server");

    near.config.version = version_of(_i);
    near.config.certificate = unit_near_file("client.pem");
    near.config.key = unit_near_file("client.key");
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_OK);
    ck_assert(!near.security.client_certificate);
    unit_far_free(&far);
    far.client_ca = "ca.pem";
    far.demands = true;
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_OK);
    ck_assert(near.security.client_certificate);
    unit_far_free(&far);
    /* Asked, but not made to: */
    far.demands = false;
    near.config.certificate = near.config.key = (struct wwep_bytes){NULL, 0};
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_OK);
    ck_assert(!near.security.client_certificate);
    unit_far_free(&far);
}
END_TEST

START_TEST(certificate_demanded)
{
    struct unit_far far = far_of("server");

    near.config.version = version_of(_i);
    far.client_ca = "ca.pem";
    far.demands = true;
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_E_TLS);
    ck_assert_msg(near.fault.kind == WWEP_FAULT_ALERT_NO_CERTIFICATE, "%s",
                  wwep_fault_text(near.fault.kind));
    near.config.certificate = unit_near_file("stranger.pem");
    near.config.key = unit_near_file("stranger.key");
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_E_TLS);
    ck_assert_msg(near.fault.kind == WWEP_FAULT_ALERT_UNKNOWN_CA ||
                      near.fault.kind == WWEP_FAULT_ALERT_BAD_CERTIFICATE,
                  "%s", wwep_fault_text(near.fault.kind));
    unit_far_free(&far);
}
END_TEST

static Suite *tls_link_suite(void)
{
    Suite *suite = suite_create("tls_link");
    TCase *works = tcase_create("works");
    TCase *trust = tcase_create("trust");

    tcase_add_unchecked_fixture(works, make_all, unit_pki_teardown);
    tcase_add_checked_fixture(works, begin, NULL);
    tcase_set_timeout(works, 60);
    tcase_add_loop_test(works, full, 0, 2);
    tcase_add_test(works, any_is_1_3);
    tcase_add_loop_test(works, story, 0, 2);
    tcase_add_loop_test(works, kinds_of_keys, 0, 4);
    tcase_add_loop_test(works, chain_with_root_and_more_is_fine, 0, 2);
    tcase_add_loop_test(works, intermediate_as_root, 0, 2);
    tcase_add_loop_test(works, server_certificate_as_root, 0, 2);
    tcase_add_loop_test(works, bytes_one_by_one, 0, 2);
    tcase_add_loop_test(works, short_fragments, 0, 8);
    tcase_add_test(works, odd_fragment_is_refused);
    tcase_add_loop_test(works, client_certificate, 0, 2);
    tcase_add_loop_test(works, certificate_demanded, 0, 2);
    tcase_add_unchecked_fixture(trust, make_all, unit_pki_teardown);
    tcase_add_checked_fixture(trust, begin, NULL);
    tcase_set_timeout(trust, 60);
    tcase_add_loop_test(trust, unverified, 0, 4);
    tcase_add_loop_test(trust, bad_certificates, 0, 2 * (int)LENGTH(bad));
    tcase_add_loop_test(trust, changed_certificate, 0, 2);
    tcase_add_loop_test(trust, key_of_somebody_else, 0, 4);
    tcase_add_test(trust, names);
    tcase_add_loop_test(trust, no_clock, 0, 4);
    tcase_add_loop_test(trust, no_clock_and_long_over, 0, 2);
    tcase_add_loop_test(trust, clock_of_the_port, 0, 2);
    suite_add_tcase(suite, works);
    suite_add_tcase(suite, trust);
    return suite;
}

int main(void)
{
    return unit_run(tls_link_suite());
}
