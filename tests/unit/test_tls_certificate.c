/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_certificate.h"

#include "tls_context.h"
#include "unit.h"
#include "unit_io.h"
#include "unit_pki.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const char commands[] =
    "ec p384 P-384; issue p384 ca /CN=p384.example 'keyUsage=digitalSignature'"
    " -sha384\n"
    "ec p521 P-521; issue p521 ca /CN=p521.example 'keyUsage=digitalSignature'"
    " -sha512\n"
    "rsa rsa3072 3072; issue rsa3072 rsa3072 /CN=r 'basicConstraints=CA:FALSE'"
    " -sha384\n"
    "rsa sha1 2048; issue sha1 sha1 /CN=sha1.example "
    "'keyUsage=digitalSignature' -sha1\n"
    "ec ecsha1 P-256; issue ecsha1 ecsha1 /CN=s 'basicConstraints=CA:FALSE' "
    "-sha1\n"
    "key ed -algorithm ED25519; issue ed ca /CN=ed.example "
    "'keyUsage=digitalSignature'\n"
    "ec dated P-256; dated dated ca /CN=dated 20200131100000Z "
    "20210228115959Z\n"
    "ec far P-256; dated far ca /CN=far 20300101000000Z 20600101000000Z\n"
    "ec nocn P-256; issue nocn ca / "
    "'subjectAltName=DNS:first.example,DNS:second.example'\n"
    "ec utf8 P-256; issue utf8 ca '/CN=K\xc3\xbc"
    "che' 'basicConstraints=CA:FALSE'\n"
    "san=; for i in 1 2 3 4 5 6 7 8 9; do for k in 0 1 2 3 4 5 6 7 8 9; do\n"
    "san=$san,DNS:name-number-$i$k.example; done; done\n"
    "ec many P-256; issue many ca /CN=many \"subjectAltName=DNS:first$san\"\n"
    "{ echo Some words; cat server.pem; echo more words; cat rsa.pem;\n"
    "  echo the end; } >mixed.pem\n"
    "sed 's/$/\\r/' server.pem >crlf.pem\n"
    "head -n 5 server.pem >truncated.pem\n"
    "cat truncated.pem rsa.pem >swallowing.pem\n"
    "printf '%s\\n' '-----BEGIN CERTIFICATE-----' AAAA "
    "'-----END CERTIFICATE-----' >nonsense.pem\n"
    "printf '%s\\n' '-----BEGIN CERTIFICATE-----' "
    "'-----END CERTIFICATE-----' >hollow.pem\n";

static void make_all(void)
{
    unit_pki_setup(commands);
}

static uint8_t *pem_of(const char *name, size_t *len)
{
    char path[4096];

    snprintf(path, sizeof path, "%s/%s", unit_pki_folder, name);
    return (uint8_t *)unit_read(path, len);
}

static int read_nth(struct tls_certificate *c, const char *name, size_t n)
{
    size_t len;
    uint8_t *pem = pem_of(name, &len);
    int status = tls_certificate_read_pem(c, pem, len, n);

    free(pem);
    return status;
}

static struct tls_certificate read_one(const char *name)
{
    struct tls_certificate c;

    memset(&c, 0xa5, sizeof c);
    ck_assert_int_eq(read_nth(&c, name, 0), 0);
    return c;
}

/* --- what it says --------------------------------------------------------- */

static const struct {
    const char *file;
    const char *key;
    const char *signature;
    bool sha1;
    bool self_signed;
    bool is_ca;
} kinds[] = {
    {"ca.pem", "P-256", "ECDSA-SHA256", false, true, true},
    {"sub.pem", "P-256", "ECDSA-SHA256", false, false, true},
    {"server.pem", "P-256", "ECDSA-SHA256", false, false, false},
    {"rsa.pem", "RSA-2048", "ECDSA-SHA256", false, false, false},
    {"self.pem", "P-256", "ECDSA-SHA256", false, true, false},
    {"p384.pem", "P-384", "ECDSA-SHA384", false, false, false},
    {"p521.pem", "P-521", "ECDSA-SHA512", false, false, false},
    {"rsa3072.pem", "RSA-3072", "RSA-SHA384", false, true, false},
    {"sha1.pem", "RSA-2048", "RSA-SHA1", true, true, false},
    {"ecsha1.pem", "P-256", "ECDSA-SHA1", true, true, false},
};

START_TEST(a_kind)
{
    struct tls_certificate c = read_one(kinds[_i].file);

    ck_assert_str_eq(c.key, kinds[_i].key);
    ck_assert_str_eq(c.signature, kinds[_i].signature);
    ck_assert_int_eq(c.sha1, kinds[_i].sha1);
    ck_assert_int_eq(c.self_signed, kinds[_i].self_signed);
    ck_assert_int_eq(c.is_ca, kinds[_i].is_ca);
}
END_TEST

START_TEST(names)
{
    struct tls_certificate c = read_one("server.pem");

    ck_assert_str_eq(c.subject, "/CN=wwep.example");
    ck_assert_str_eq(c.issuer, "/CN=unit test root");
    ck_assert_str_eq(c.names, "wwep.example, 192.0.2.3, 2001:db8::3, "
                              "urn:x:y, *.wwep.example");
    c = read_one("ca.pem");
    ck_assert_str_eq(c.subject, c.issuer);
    ck_assert_str_eq(c.names, "");
    c = read_one("rsa.pem");
    ck_assert_str_eq(c.subject, "/O=Some School/CN=rsa.example");
    ck_assert_str_eq(c.names, "rsa.example");
    c = read_one("nocn.pem");
    ck_assert_str_eq(c.subject, "");
    ck_assert_str_eq(c.names, "first.example, second.example");
    c = read_one("utf8.pem");
    ck_assert_str_eq(c.subject, "/CN=K\\xC3\\xBCche");
}
END_TEST

START_TEST(many_names_are_cut)
{
    struct tls_certificate c = read_one("many.pem");
    size_t len = strlen(c.names);

    ck_assert_uint_lt(len, sizeof c.names);
    ck_assert_uint_gt(len, sizeof c.names - 40);
    ck_assert_ptr_eq(strstr(c.names, "first, name-number-10.example, "),
                     c.names);
    ck_assert_str_eq(c.names + len - 8, ".example"); /* none by half */
}
END_TEST

START_TEST(dates)
{
    time_t now = time(NULL);
    struct tls_certificate c = read_one("dated.pem");

    ck_assert_int_eq(c.not_before, 1580464800); /* 2020-01-31 10:00 UTC */
    ck_assert_int_eq(c.not_after, 1614513599);  /* 2021-02-28 11:59:59 */
    c = read_one("far.pem"); /* GeneralizedTime from 2050 on */
    ck_assert_int_eq(c.not_before, 1893456000);
    ck_assert_int_eq(c.not_after, 2840140800);
    c = read_one("server.pem");
    ck_assert_int_le(c.not_before, now);
    ck_assert_int_ge(c.not_after, now + 99 * 86400);
    ck_assert_int_le(c.not_after, now + 101 * 86400);
}
END_TEST

START_TEST(the_time_zone_does_not_matter)
{
    setenv("TZ", "UTC-13", 1);
    tzset();
    struct tls_certificate c = read_one("dated.pem");
    ck_assert_int_eq(c.not_before, 1580464800);
}
END_TEST

/* --- PEM ------------------------------------------------------------------ */

START_TEST(several_with_words_between_them)
{
    struct tls_certificate c;

    ck_assert_int_eq(read_nth(&c, "mixed.pem", 0), 0);
    ck_assert_str_eq(c.subject, "/CN=wwep.example");
    ck_assert_int_eq(read_nth(&c, "mixed.pem", 1), 0);
    ck_assert_str_eq(c.subject, "/O=Some School/CN=rsa.example");
    ck_assert_int_eq(read_nth(&c, "mixed.pem", 2), 1);
    ck_assert_int_eq(read_nth(&c, "mixed.pem", 1000), 1);
}
END_TEST

START_TEST(line_ends_of_windows)
{
    struct tls_certificate c = read_one("crlf.pem");

    ck_assert_str_eq(c.subject, "/CN=wwep.example");
}
END_TEST

START_TEST(what_is_no_certificate)
{
    static const char *const damaged[] = {"truncated.pem", "swallowing.pem",
                                          "nonsense.pem", "hollow.pem"};
    static const char *const without[] = {"server.key", "server.csr",
                                          "index.txt"};
    struct tls_certificate c;

    for (size_t i = 0; i < LENGTH(damaged); i++)
        ck_assert_msg(read_nth(&c, damaged[i], 0) < 0, "%s", damaged[i]);
    for (size_t i = 0; i < LENGTH(without); i++)
        ck_assert_msg(read_nth(&c, without[i], 0) == 1, "%s", without[i]);
    ck_assert_int_eq(tls_certificate_read_pem(&c, (const uint8_t *)"", 0, 0),
                     1);
}
END_TEST

START_TEST(blocks_are_found_exactly)
{
    static const char text[] = "x-----BEGIN CERTIFICATE-----1"
                               "-----END CERTIFICATE-----y"
                               "-----END CERTIFICATE-----"
                               "-----BEGIN CERTIFICATE-----2";
    const uint8_t *pem = (const uint8_t *)text;
    size_t len = sizeof text - 1;
    size_t block_len = 0;

    ck_assert_ptr_eq(tls_certificate_find_pem(pem, len, 0, &block_len),
                     pem + 1);
    ck_assert_uint_eq(block_len, 27 + 1 + 25);
    ck_assert_ptr_eq(tls_certificate_find_pem(pem, len, 1, &block_len),
                     pem + len - 28);
    ck_assert_uint_eq(block_len, 28); /* to the end */
    ck_assert_ptr_null(tls_certificate_find_pem(pem, len, 2, &block_len));
    /* The text ends where it is said to. */
    ck_assert_ptr_null(tls_certificate_find_pem(pem, 27, 0, &block_len));
    ck_assert_ptr_eq(tls_certificate_find_pem(pem, 28, 0, &block_len), pem + 1);
    ck_assert_uint_eq(block_len, 27);
}
END_TEST

START_TEST(der_cut_anywhere_is_refused)
{
    struct tls_certificate c;
    size_t len;
    uint8_t *der = unit_pki_der(unit_pki_folder, "server.pem", &len);

    ck_assert_int_eq(tls_certificate_read(&c, der, len), 0);
    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *copy = malloc(cut > 0 ? cut : 1); /* its end is watched */
        ck_assert_ptr_nonnull(copy);
        memcpy(copy, der, cut);
        ck_assert_msg(tls_certificate_read(&c, copy, cut) < 0, "%zu of %zu",
                      cut, len);
        free(copy);
    }
    free(der);
}
END_TEST

static bool same_id(const struct tls_name_id *a, const struct tls_name_id *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* leaf, sub, ca, each made by the next. */
START_TEST(the_ids_of_both_names)
{
    static const char *files[] = {"leaf.pem", "sub.pem", "ca.pem", "ca.pem"};
    struct tls_name_id issuer[LENGTH(files)];
    struct tls_name_id subject[LENGTH(files)];

    for (size_t i = 0; i < LENGTH(files); i++) {
        struct tls_certificate c;
        size_t len;
        uint8_t *der = unit_pki_der(unit_pki_folder, files[i], &len);
        ck_assert(tls_certificate_ids(der, len, &issuer[i], &subject[i]));
        ck_assert_int_eq(tls_certificate_read(&c, der, len), 0);
        ck_assert(same_id(&c.issuer_id, &issuer[i]));
        ck_assert(same_id(&c.subject_id, &subject[i]));
        free(der);
    }
    for (size_t i = 1; i < LENGTH(files); i++)
        ck_assert(same_id(&issuer[i - 1], &subject[i]));
    ck_assert(!same_id(&issuer[0], &subject[0]));
    ck_assert(!same_id(&issuer[0], &issuer[1]));
}
END_TEST

/* Of the name as it is encoded, with its tag and length. */
START_TEST(an_id_is_of_the_whole_name)
{
    static const char name[] = "\x30\x18\x31\x16\x30\x14\x06\x03\x55\x04\x03"
                               "\x0c\x0d"
                               "unit test sub";
    struct wwep_der der = wwep_der_of((const uint8_t *)name, sizeof name - 1);
    struct tls_name_id id;
    struct tls_name_id issuer;
    struct tls_name_id subject;
    size_t len;
    uint8_t *leaf = unit_pki_der(unit_pki_folder, "leaf.pem", &len);

    ck_assert(tls_certificate_ids(leaf, len, &issuer, &subject));
    tls_name_id(&id, &der);
    ck_assert(same_id(&issuer, &id));
    free(leaf);
}
END_TEST

START_TEST(what_is_cut_has_no_ids)
{
    struct tls_name_id issuer;
    struct tls_name_id subject;
    size_t len;
    uint8_t *der = unit_pki_der(unit_pki_folder, "leaf.pem", &len);

    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *copy = malloc(cut > 0 ? cut : 1); /* its end is watched */
        ck_assert_ptr_nonnull(copy);
        memcpy(copy, der, cut);
        ck_assert(!tls_certificate_ids(copy, cut, &issuer, &subject));
        free(copy);
    }
    free(der);
}
END_TEST

START_TEST(der_with_a_wrong_byte_does_no_harm)
{
    struct tls_certificate c;
    size_t len;
    uint8_t *der = unit_pki_der(unit_pki_folder, "server.pem", &len);
    size_t read = 0;

    for (size_t i = 0; i < len; i++) {
        for (unsigned flip = 1; flip < 256; flip <<= 1) {
            der[i] = (uint8_t)(der[i] ^ flip);
            memset(&c, 0xa5, sizeof c);
            read += tls_certificate_read(&c, der, len) == 0;
            ck_assert_ptr_nonnull(memchr(c.subject, 0, sizeof c.subject));
            ck_assert_ptr_nonnull(memchr(c.names, 0, sizeof c.names));
            for (const char *s = c.subject; *s != '\0'; s++)
                ck_assert(*s >= ' ' && *s <= '~');
            der[i] = (uint8_t)(der[i] ^ flip);
        }
    }
    ck_assert_uint_gt(read, 0); /* the signature is not looked at */
    ck_assert_uint_lt(read, 8 * len);
    free(der);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tls_certificate");
    TCase *tc = tcase_create("tls_certificate");

    tcase_add_unchecked_fixture(tc, make_all, unit_pki_teardown);
    tcase_add_loop_test(tc, a_kind, 0, (int)LENGTH(kinds));
    tcase_add_test(tc, names);
    tcase_add_test(tc, many_names_are_cut);
    tcase_add_test(tc, dates);
    tcase_add_test(tc, the_time_zone_does_not_matter);
    tcase_add_test(tc, several_with_words_between_them);
    tcase_add_test(tc, line_ends_of_windows);
    tcase_add_test(tc, what_is_no_certificate);
    tcase_add_test(tc, blocks_are_found_exactly);
    tcase_add_test(tc, der_cut_anywhere_is_refused);
    tcase_add_test(tc, the_ids_of_both_names);
    tcase_add_test(tc, an_id_is_of_the_whole_name);
    tcase_add_test(tc, what_is_cut_has_no_ids);
    tcase_add_test(tc, der_with_a_wrong_byte_does_no_harm);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
