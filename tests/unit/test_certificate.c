/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "certificate.h"
#include "certificate_name.h"
#include "unit.h"
#include "unit_pki.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const char commands[] =
    "rsa rsa3072 3072; issue rsa3072 ca '/C=GB/ST=X/L=Y/O=Some\\/School/"
    "OU=Room 4/CN=b' 'basicConstraints=CA:FALSE'\n"
    "ec p521 P-521; issue p521 ca /CN=p 'subjectAltName=DNS:a.example,"
    "IP:192.0.2.3,IP:2001:db8::3,URI:urn:x,email:a@b.example,RID:1.2.3'\n"
    "ec p384 P-384; issue p384 ca /CN=p "
    "'basicConstraints=CA:TRUE\\nkeyUsage=digitalSignature'\n"
    "key ed -algorithm ED25519; issue ed ca "
    "'/CN=K\xc3\xbc"
    "che' 'basicConstraints=CA:TRUE\\n"
    "keyUsage=keyCertSign,cRLSign'\n"
    "ec far P-256; dated far ca /CN=far 19500101000000Z 21000228235959Z\n"
    "ec twocn P-256; issue twocn ca /CN=a/CN=b basicConstraints=CA:FALSE\n"
    "ec ecsha1 P-256; issue ecsha1 ca /CN=p basicConstraints=CA:FALSE -sha1\n"
    "rsa_by() { n=$1; shift; cp rsa.key $n.key\n"
    "issue $n rsa /CN=p basicConstraints=CA:FALSE \"$@\"; }\n"
    "rsa_by rsamd5 -md5; for d in sha1 sha256 sha512; do rsa_by rsa$d -$d\n"
    "rsa_by pss$d -$d -sigopt rsa_padding_mode:pss; done\n"
    "ec agree P-256; issue agree ca /CN=p keyUsage=keyAgreement\n"
    "ec nosign P-256; issue nosign nosign /CN=p "
    "'basicConstraints=CA:TRUE\\nkeyUsage=cRLSign'\n"
    "v1() { ec $1 P-256; openssl req -new -key $1.key -subj /CN=$1 -out "
    "$1.csr; n=$1; shift\n"
    "openssl x509 -req -in $n.csr -days 9 -out $n.pem \"$@\"; }\n"
    "v1 v1 -signkey v1.key; v1 v1leaf -CA v1.pem -CAkey v1.key "
    "-CAcreateserial\n"
    "ec long P-256; issue long ca /CN=$(printf 'x%.0s' $(seq 60)) "
    "subjectAltName=$(printf 'DNS:a%.0s.example,' $(seq 40))DNS:end\n";

static void make_all(void)
{
    unit_pki_setup(commands);
}

static uint8_t *der_of(const char *name, size_t *len)
{
    return unit_pki_der(unit_pki_folder, name, len);
}

/* --- whole certificates --------------------------------------------------- */

static struct wwep_certificate describe(const char *name, struct wwep_x509 *c)
{
    static uint8_t *der; /* what *c points into */
    struct wwep_certificate out;
    size_t len;

    free(der);
    der = der_of(name, &len);
    ck_assert_msg(wwep_x509_read(c, der, len), "%s", name);
    wwep_x509_describe(c, &out);
    return out;
}

START_TEST(descriptions)
{
    static const struct {
        const char *name;
        const char *subject;
        const char *names;
        const char *key;
        bool may_sign;
    } cases[] = {
        {"ca.pem", "CN=unit test root", "", "EC P-256", true},
        {"sub.pem", "CN=unit test sub", "", "EC P-256", false},
        {"server.pem", "CN=wwep.example",
         "wwep.example, 192.0.2.3, 2001:db8::3, urn:x:y, *.wwep.example",
         "EC P-256", false},
        {"rsa3072.pem", "C=GB, ST=X, L=Y, O=Some/School, OU=Room 4, CN=b", "",
         "RSA 3072", false},
        {"rsa.pem", "O=Some School, CN=rsa.example", "rsa.example", "RSA 2048",
         false},
        {"p521.pem", "CN=p",
         "a.example, 192.0.2.3, 2001:db8::3, urn:x, a@b.example", "EC P-521",
         false},
        {"p384.pem", "CN=p", "", "EC P-384", false},
        {"ed.pem", "CN=K\\xC3\\xBCche", "", "Ed25519", true},
    };

    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct wwep_x509 c;
        struct wwep_certificate out = describe(cases[i].name, &c);
        ck_assert_str_eq(out.subject, cases[i].subject);
        ck_assert_str_eq(out.issuer, "CN=unit test root");
        ck_assert_str_eq(out.names, cases[i].names);
        ck_assert_str_eq(out.key, cases[i].key);
        ck_assert_int_eq(c.may_sign, cases[i].may_sign);
        ck_assert_int_eq(out.not_after - out.not_before, 100 * 86400);
        ck_assert_int_lt(llabs(out.not_before - time(NULL)), 3600);
    }
}
END_TEST

START_TEST(signatures)
{
    static const struct {
        const char *name;
        bool weak;
    } cases[] = {
        {"server.pem", false},    {"p384.pem", false},
        {"ecsha1.pem", true},     {"rsamd5.pem", true},
        {"rsasha1.pem", true},    {"rsasha256.pem", false},
        {"rsasha512.pem", false}, {"psssha1.pem", true},
        {"psssha256.pem", false}, {"psssha512.pem", false},
    };

    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct wwep_x509 c;
        (void)describe(cases[i].name, &c);
        ck_assert_msg(c.weak_signature == cases[i].weak, "%s", cases[i].name);
    }
}
END_TEST

START_TEST(usages)
{
    static const struct {
        const char *name;
        bool is_ca;
        bool may_sign;
        bool no_digital_signature;
    } cases[] = {
        {"ca.pem", true, true, false},     {"sub.pem", true, false, false},
        {"ed.pem", true, true, true},      {"p384.pem", false, false, false},
        {"self.pem", false, false, false}, {"server.pem", false, false, false},
        {"agree.pem", false, false, true}, {"nosign.pem", false, false, true},
        {"v1.pem", true, true, false},     {"v1leaf.pem", false, false, false},
    };

    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct wwep_x509 c;
        (void)describe(cases[i].name, &c);
        ck_assert_msg(c.is_ca == cases[i].is_ca, "%s", cases[i].name);
        ck_assert_msg(c.may_sign == cases[i].may_sign, "%s", cases[i].name);
        ck_assert_msg(c.no_digital_signature == cases[i].no_digital_signature,
                      "%s", cases[i].name);
    }
}
END_TEST

START_TEST(common_names)
{
    struct wwep_x509 c;

    (void)describe("rsa.pem", &c);
    ck_assert(wwep_x509_has_cn(&c, "rsa.example"));
    ck_assert(!wwep_x509_has_cn(&c, "RSA.example"));
    ck_assert(!wwep_x509_has_cn(&c, "rsa.exampl"));
    ck_assert(!wwep_x509_has_cn(&c, "rsa.example."));
    ck_assert(!wwep_x509_has_cn(&c, "Some School"));
    ck_assert(!wwep_x509_has_cn(&c, ""));
    (void)describe("ed.pem", &c);
    ck_assert(wwep_x509_has_cn(&c, "K\xc3\xbc"
                                   "che"));
    (void)describe("twocn.pem", &c);
    ck_assert(!wwep_x509_has_cn(&c, "a"));
    ck_assert(!wwep_x509_has_cn(&c, "b"));
}
END_TEST

START_TEST(dates_of_both_kinds)
{
    struct wwep_x509 c;
    struct wwep_certificate out = describe("far.pem", &c);

    ck_assert_int_eq(out.not_before, -631152000);
    ck_assert_int_eq(out.not_after, 4107542399);
}
END_TEST

START_TEST(long_names_are_cut)
{
    struct wwep_x509 c;
    struct wwep_certificate out = describe("long.pem", &c);

    ck_assert_uint_lt(strlen(out.names), sizeof out.names);
    ck_assert_uint_gt(strlen(out.names), sizeof out.names - 16);
    ck_assert_int_eq(wwep_x509_check_host(&c, "end"), WWEP_FAULT_NONE);
}
END_TEST

/* Shorter, longer, and with each byte changed: nothing is read that is not
 * there (the sanitizers look), and what can be read, can be shown. */
START_TEST(damaged)
{
    static const char *names[] = {"server.pem", "rsa.pem", "p521.pem"};
    size_t len;
    uint8_t *der = der_of(names[_i], &len);
    struct wwep_certificate out;
    struct wwep_x509 c;

    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *copy = malloc(cut + 1);
        memcpy(copy, der, cut);
        ck_assert(!wwep_x509_read(&c, copy, cut));
        free(copy);
    }
    der = realloc(der, len + 1);
    der[len] = 0;
    ck_assert(!wwep_x509_read(&c, der, len + 1));
    for (size_t at = 0; at < len; at++)
        for (unsigned change = 1; change < 256; change <<= 1) {
            der[at] ^= (uint8_t)change;
            if (wwep_x509_read(&c, der, len)) {
                wwep_x509_describe(&c, &out);
                (void)wwep_x509_check_host(&c, "wwep.example");
            }
            der[at] ^= (uint8_t)change;
        }
    free(der);
}
END_TEST

/* --- names ---------------------------------------------------------------- */

static enum wwep_fault_kind check_host(const char *names, size_t len,
                                       const char *host)
{
    struct wwep_x509 c;

    memset(&c, 0, sizeof c);
    c.names = wwep_der_of((const uint8_t *)names, len);
    return wwep_x509_check_host(&c, host);
}

START_TEST(hosts)
{
#define NAMES(text) text, sizeof(text) - 1
    static const struct {
        const char *names;
        size_t len;
        const char *host;
        enum wwep_fault_kind kind;
    } cases[] = {
        {NAMES("\x82\5ab.cd"), "ab.cd", WWEP_FAULT_NONE},
        {NAMES("\x82\5ab.cd"), "AB.cD.", WWEP_FAULT_NONE},
        {NAMES("\x82\5ab.cd"), "ab.cde", WWEP_FAULT_WRONG_NAME},
        {NAMES("\x82\5ab.cd"), "", WWEP_FAULT_WRONG_NAME},
        {NAMES("\x82\5ab.cd"), ".", WWEP_FAULT_WRONG_NAME},
        {NAMES("\x82\0"), "", WWEP_FAULT_WRONG_NAME},
        {NAMES("\x82\1x\x82\5ab.cd"), "ab.cd", WWEP_FAULT_NONE},
        {NAMES("\x82\6ab.cd\0"), "ab.cd", WWEP_FAULT_WRONG_NAME},
        {NAMES("\x82\7*.ab.cd"), "x.ab.cd", WWEP_FAULT_NONE},
        {NAMES("\x82\7*.ab.cd"), "X.AB.CD", WWEP_FAULT_NONE},
        {NAMES("\x82\7*.ab.cd"), "ab.cd", WWEP_FAULT_WRONG_NAME},
        {NAMES("\x82\7*.ab.cd"), ".ab.cd", WWEP_FAULT_WRONG_NAME},
        {NAMES("\x82\7*.ab.cd"), "x.y.ab.cd", WWEP_FAULT_WRONG_NAME},
        {NAMES("\x82\7*.ab.cd"), "*.ab.cd", WWEP_FAULT_NONE},
        {NAMES("\x82\4*.cd"), "ab.cd", WWEP_FAULT_WRONG_NAME},
        {NAMES("\x82\1*"), "ab", WWEP_FAULT_WRONG_NAME},
        {NAMES("\x82\2*."), "ab.", WWEP_FAULT_WRONG_NAME},
        {NAMES("\x82\6x*.b.c"), "xy.b.c", WWEP_FAULT_WRONG_NAME},
        {NAMES("\x82\7"
               "192.0.2"),
         "192.0.2", WWEP_FAULT_NONE},
        {NAMES("\x82\x09"
               "192.0.2.1"),
         "192.0.2.1", WWEP_FAULT_WRONG_NAME},
        {NAMES("\x87\4\xC0\0\2\1"), "192.0.2.1", WWEP_FAULT_NONE},
        {NAMES("\x87\4\xC0\0\2\1"), "192.0.2.2", WWEP_FAULT_WRONG_NAME},
        {NAMES("\x87\4\xC0\0\2\1"), "::ffff:192.0.2.1", WWEP_FAULT_WRONG_NAME},
        {NAMES("\x87\3\xC0\0\2"), "192.0.2.0", WWEP_FAULT_WRONG_NAME},
        {NAMES("\x87\x10\xFE\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\1"), "fe80::1%eth0",
         WWEP_FAULT_NONE},
        {NAMES("\x86\5ab.cd"), "ab.cd", WWEP_FAULT_NO_NAME},
        {NAMES(""), "ab.cd", WWEP_FAULT_NO_NAME},
        {NAMES("\x82\x09"
               "ab.cd"),
         "ab.cd", WWEP_FAULT_NO_NAME},
    };

    for (size_t i = 0; i < LENGTH(cases); i++)
        ck_assert_msg(check_host(cases[i].names, cases[i].len, cases[i].host) ==
                          cases[i].kind,
                      "%zu: %s", i, cases[i].host);
}
END_TEST

START_TEST(addresses)
{
    static const struct {
        const char *text;
        const char *shown; /* NULL: it is none */
    } cases[] = {
        {"0.0.0.0", "0.0.0.0"},
        {"255.255.255.255", "255.255.255.255"},
        {"::", "::"},
        {"::1", "::1"},
        {"1::", "1::"},
        {"2001:DB8::3", "2001:db8::3"},
        {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
        {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
        {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
        {"1::8", "1::8"},
        {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
        {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
        {"fe80::1%2", "fe80::1"},
        {"", NULL},
        {"1.2.3", NULL},
        {"1.2.3.4.5", NULL},
        {"1.2.3.256", NULL},
        {"1.2.3.04", NULL},
        {"1.2.3.", NULL},
        {"1..2.3", NULL},
        {"1.2.3.4 ", NULL},
        {" 1.2.3.4", NULL},
        {"1.2.3.4%2", NULL},
        {":", NULL},
        {":::", NULL},
        {"1", NULL},
        {"1:2", NULL},
        {"1:2:3:4:5:6:7", NULL},
        {"1:2:3:4:5:6:7:8:9", NULL},
        {"1:2:3:4:5:6:7:8:", NULL},
        {"1::2::3", NULL},
        {"12345::", NULL},
        {"g::", NULL},
        {"1:2:3:4:5:6:7:1.2.3.4", NULL},
        {"::1%", NULL},
        {"::1.2.3", NULL},
        {"1:2:3:4::5:6:7:8", NULL},
        {"wwep.example", NULL},
    };

    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct wwep_address address;
        char shown[WWEP_ADDRESS_TEXT_MAX];
        bool is = wwep_address_read(&address, cases[i].text);
        ck_assert_msg(is == (cases[i].shown != NULL), "%s", cases[i].text);
        wwep_address_text(&address, shown);
        ck_assert_str_eq(shown, is ? cases[i].shown : "");
    }
}
END_TEST

static Suite *certificate_suite(void)
{
    Suite *suite = suite_create("certificate");
    TCase *tcase = tcase_create("certificates");

    tcase_add_unchecked_fixture(tcase, make_all, unit_pki_teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, descriptions);
    tcase_add_test(tcase, signatures);
    tcase_add_test(tcase, usages);
    tcase_add_test(tcase, common_names);
    tcase_add_test(tcase, dates_of_both_kinds);
    tcase_add_test(tcase, long_names_are_cut);
    tcase_add_loop_test(tcase, damaged, 0, 3);
    tcase_add_test(tcase, hosts);
    tcase_add_test(tcase, addresses);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return unit_run(certificate_suite());
}
