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
    "ec uri P-256; issue uri ca /O=Only 'subjectAltName=URI:urn:board:17,"
    "DNS:second.example'\n"
    "ec ip P-256; issue ip ca / 'subjectAltName=IP:192.0.2.3'\n"
    "ec none P-256; issue none ca /O=Only 'basicConstraints=CA:FALSE'\n"
    "ec cn P-256; issue cn ca /CN=MARKER 'subjectAltName=DNS:other.example'\n"
    "ec utf8 P-256; issue utf8 ca '/CN=K\xc3\xbc"
    "che' 'basicConstraints=CA:FALSE'\n"
    "san=; for i in 1 2 3 4 5 6 7 8 9; do for k in 0 1 2 3 4 5 6 7 8 9; do\n"
    "san=$san,DNS:name-number-$i$k.example; done; done\n"
    "device=subjectAltName=URI:urn:wwep:device:\n"
    "ec device P-256; issue device ca /CN=b \"${device}0FAC\"\n"
    "ec device-twice P-256\n"
    "issue device-twice ca /CN=b \"${device}0FAC,URI:urn:wwep:device:0FAC\"\n"
    "ec device-two P-256\n"
    "issue device-two ca /CN=b \"${device}0FAC,URI:urn:wwep:device:0FAD\"\n"
    "ec device-long P-256; issue device-long ca /CN=b \"${device}0FACE\"\n"
    "ec device-dns P-256\n"
    "issue device-dns ca /CN=b subjectAltName=DNS:urn:wwep:device:0FAC\n"
    "ec many P-256; issue many ca /CN=many \"subjectAltName=DNS:first$san\"\n"
    "ec many-nocn P-256; issue many-nocn ca / \"subjectAltName=IP:192.0.2.1,"
    "DNS:first$san\"\n"
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

/* --- a client's identity -------------------------------------------------- */

static const struct {
    const char *file;
    const char *identity;
} identities[] = {
    {"server.pem", "wwep.example"},
    {"rsa.pem", "rsa.example"},
    {"cn.pem", "MARKER"}, /* rather than its SAN */
    {"nocn.pem", "first.example"},
    {"uri.pem", "urn:board:17"},
    {"none.pem", ""},
    {"many-nocn.pem", "first"},
    {"ip.pem", ""}, /* an address is none */
    {"utf8.pem", "K\xc3\xbc"
                 "che"},
};

START_TEST(an_identity)
{
    char name[129];
    int32_t device;
    size_t len;
    uint8_t *der = unit_pki_der(unit_pki_folder, identities[_i].file, &len);

    memset(name, 'x', sizeof name);
    ck_assert_int_eq(
        tls_certificate_identity(der, len, name, sizeof name, &device), 0);
    ck_assert_str_eq(name, identities[_i].identity);
    ck_assert_int_eq(device, DEVICE_NONE);
    free(der);
}
END_TEST

/* Whether a CN of these bytes is taken as it is. */
static bool is_taken(const uint8_t *der, size_t len, const void *cn,
                     size_t cn_len, char name[129])
{
    size_t patched_len;
    uint8_t *patched =
        unit_pki_patch(der, len, "MARKER", cn, cn_len, &patched_len);
    struct tls_certificate c;

    /* It is a certificate, and what is shown of it is escaped. */
    ck_assert_int_eq(tls_certificate_read(&c, patched, patched_len), 0);
    for (const char *s = c.subject; *s != '\0'; s++)
        ck_assert(*s >= ' ' && *s <= '~');
    int32_t device;
    int status =
        tls_certificate_identity(patched, patched_len, name, 129, &device);
    free(patched);
    ck_assert_int_ge(status, 0);
    return status == 0;
}

START_TEST(every_byte_in_a_name)
{
    char name[129];
    size_t len;
    uint8_t *der = unit_pki_der(unit_pki_folder, "cn.pem", &len);

    for (unsigned byte = 0; byte < 256; byte++) {
        const char cn[] = {'b', 'o', 'a', 'r', 'd', (char)byte, '7'};
        bool taken = is_taken(der, len, cn, sizeof cn, name);
        ck_assert_msg(taken == (byte >= ' ' && byte != 0x7f), "%02x", byte);
        if (taken) {
            ck_assert_uint_eq(strlen(name), sizeof cn);
            ck_assert_mem_eq(name, cn, sizeof cn);
        }
    }
    free(der);
}
END_TEST

START_TEST(a_nul_hides_nothing)
{
    char name[129];
    size_t len;
    uint8_t *der = unit_pki_der(unit_pki_folder, "cn.pem", &len);

    ck_assert(!is_taken(der, len, "admin\0.example", 14, name));
    ck_assert(!is_taken(der, len, "admin\0", 6, name));
    ck_assert(!is_taken(der, len, "\0", 1, name));
    free(der);
}
END_TEST

START_TEST(long_names)
{
    char cn[300];
    char name[129];
    size_t len;
    uint8_t *der = unit_pki_der(unit_pki_folder, "cn.pem", &len);

    memset(cn, 'n', sizeof cn);
    ck_assert(is_taken(der, len, cn, 64, name));
    ck_assert_uint_eq(strlen(name), 64);
    ck_assert(is_taken(der, len, cn, 128, name));
    ck_assert_uint_eq(strlen(name), 128);
    ck_assert(!is_taken(der, len, cn, 129, name));
    ck_assert(!is_taken(der, len, cn, 200, name));
    free(der);
}
END_TEST

/* Each is patched over the URI of a certificate, which has as many bytes. */
static const struct {
    const char *uri;
    int32_t device;
} device_uris[] = {
    {"urn:wwep:device:0FAC", 0x0fac},
    {"urn:wwep:device:0000", 0},
    {"urn:wwep:device:FFFF", 0xffff},
    {"urn:wwep:device:0fac", DEVICE_UNCLEAR}, /* no message has such an ID */
    {"urn:wwep:device:0FAG", DEVICE_UNCLEAR},
    {"urn:wwep:device: FAC", DEVICE_UNCLEAR},
    {"urn:wwep:device:+0FA", DEVICE_UNCLEAR},
    {"urn:wwep:devices:FAC", DEVICE_NONE},
    {"urn:wwep.device:0FAC", DEVICE_NONE},
};

START_TEST(the_device_of_a_certificate)
{
    static const char old[] = "urn:wwep:device:0FAC";
    const size_t uri_len = sizeof old - 1;
    size_t len;
    char name[129];
    int32_t device;
    uint8_t *der = unit_pki_der(unit_pki_folder, "device.pem", &len);
    uint8_t *uri = memmem(der, len, old, uri_len);

    ck_assert_ptr_nonnull(uri);
    ck_assert_uint_eq(strlen(device_uris[_i].uri), uri_len);
    memcpy(uri, device_uris[_i].uri, uri_len);
    ck_assert_int_eq(
        tls_certificate_identity(der, len, name, sizeof name, &device), 0);
    ck_assert_int_eq(device, device_uris[_i].device);
    free(der);
}
END_TEST

static const struct {
    const char *file;
    int32_t device;
} devices[] = {
    {"device-twice.pem", 0x0fac},
    {"device-two.pem", DEVICE_UNCLEAR},
    {"device-long.pem", DEVICE_UNCLEAR},
    {"device-dns.pem", DEVICE_NONE}, /* a name of another kind */
};

START_TEST(names_beside_the_device)
{
    size_t len;
    char name[129];
    int32_t device;
    uint8_t *der = unit_pki_der(unit_pki_folder, devices[_i].file, &len);

    ck_assert_int_eq(
        tls_certificate_identity(der, len, name, sizeof name, &device), 0);
    ck_assert_int_eq(device, devices[_i].device);
    free(der);
}
END_TEST

START_TEST(no_certificate_no_identity)
{
    char name[129];
    int32_t device;

    ck_assert_int_lt(tls_certificate_identity((const uint8_t *)"", 0, name,
                                              sizeof name, &device),
                     0);
    ck_assert_int_lt(
        tls_certificate_identity((const uint8_t *)"\x30\x03\x02\x01", 4, name,
                                 sizeof name, &device),
        0);
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
    tcase_add_loop_test(tc, an_identity, 0, (int)LENGTH(identities));
    tcase_add_loop_test(tc, the_device_of_a_certificate, 0,
                        (int)LENGTH(device_uris));
    tcase_add_loop_test(tc, names_beside_the_device, 0, (int)LENGTH(devices));
    tcase_add_test(tc, every_byte_in_a_name);
    tcase_add_test(tc, a_nul_hides_nothing);
    tcase_add_test(tc, long_names);
    tcase_add_test(tc, no_certificate_no_identity);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
