/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_crl.h"

#include "unit.h"
#include "unit_io.h"
#include "unit_pki.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(text)   text, sizeof(text) - 1

/* --- lists by hand -------------------------------------------------------- */

/* The parts of a list whose issuer is /CN=x. */
#define V2        "\x02\x01\x01"
#define ALGORITHM "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"
#define ISSUER    "\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01x"
#define BEGINS \
    "\x17\x0d" \
    "260101000000Z"
#define ENDS   \
    "\x17\x0d" \
    "261201000000Z"
#define REVOKED                            \
    "\x30\x14\x30\x12\x02\x01\x05\x17\x0d" \
    "260101000000Z"
#define SIGNATURE  ALGORITHM "\x03\x02\x00\x00"
#define EXTENSION  "\xa0\x0f\x30\x0d\x30\x0b\x06\x03\x55\x1d\x1b"
#define CRITICAL   "\x01\x01\xff\x04\x01\x00"
#define UNCRITICAL "\x01\x01\x00\x04\x01\x00"

/* Puts a SEQUENCE around what is there; it is shorter than 128 bytes. */
static size_t wrap(uint8_t *out, const char *bytes, size_t len)
{
    ck_assert_uint_lt(len, 128);
    out[0] = 0x30;
    out[1] = (uint8_t)len;
    memcpy(out + 2, bytes, len);
    return len + 2;
}

static bool read_parts(struct tls_crl *crl, const char *parts, size_t len)
{
    uint8_t inner[256];
    uint8_t outer[256];
    size_t inner_len = wrap(inner, parts, len);

    memcpy(inner + inner_len, SIGNATURE, sizeof SIGNATURE - 1);
    size_t outer_len =
        wrap(outer, (const char *)inner, inner_len + sizeof SIGNATURE - 1);
    /* In memory of its own size, for the sanitizers to see. */
    uint8_t *der = malloc(outer_len);
    ck_assert_ptr_nonnull(der);
    memcpy(der, outer, outer_len);
    bool is_list = tls_crl_read(crl, der, outer_len);
    free(der);
    return is_list;
}

static const struct {
    const char *parts;
    size_t len;
    bool ends;
    bool partial;
} good[] = {
    {BYTES(V2 ALGORITHM ISSUER BEGINS ENDS), true, false},
    {BYTES(ALGORITHM ISSUER BEGINS ENDS), true, false},
    {BYTES(V2 ALGORITHM ISSUER BEGINS), false, false},
    {BYTES(V2 ALGORITHM ISSUER BEGINS ENDS REVOKED), true, false},
    {BYTES(V2 ALGORITHM ISSUER BEGINS REVOKED), false, false},
    {BYTES(V2 ALGORITHM ISSUER BEGINS ENDS EXTENSION CRITICAL), true, true},
    {BYTES(V2 ALGORITHM ISSUER BEGINS ENDS EXTENSION UNCRITICAL), true, false},
};

START_TEST(a_list)
{
    struct tls_crl crl;

    ck_assert(read_parts(&crl, good[_i].parts, good[_i].len));
    ck_assert_str_eq(crl.issuer, "/CN=x");
    ck_assert_int_eq(crl.this_update, 1767225600);
    ck_assert_int_eq(crl.next_update, good[_i].ends ? 1796083200 : 0);
    ck_assert_int_eq(crl.partial, good[_i].partial);
}
END_TEST

static const struct {
    const char *parts;
    size_t len;
} bad[] = {
    {BYTES("")},
    {BYTES(V2)},
    {BYTES(V2 ISSUER)},
    {BYTES(V2 ALGORITHM ISSUER)},
    {BYTES(V2 ALGORITHM ISSUER ENDS "x")},
    {BYTES(V2 ALGORITHM ISSUER "\x17\x0d"
                               "261301000000Z")},
    {BYTES(V2 ALGORITHM ISSUER BEGINS "\x17\x0d"
                                      "261301000000Z")},
    {BYTES(V2 ALGORITHM ISSUER BEGINS
           "\x17\x0d"
           "260230000000Z")}, /* there is no such day */
    {BYTES(V2 ALGORITHM ISSUER BEGINS "\x18\x0d"
                                      "261201000000Z")},
    {BYTES(V2 ALGORITHM ISSUER BEGINS ENDS ENDS)},
    {BYTES(V2 ALGORITHM ISSUER BEGINS ENDS REVOKED REVOKED)},
    {BYTES(V2 ALGORITHM ISSUER BEGINS ENDS "\xa0\x00")},
    {BYTES(V2 ALGORITHM ISSUER BEGINS ENDS "\xa0\x04\x30\x02\x30\x00")},
    {BYTES(V2 ALGORITHM ISSUER BEGINS ENDS "\xa0\x04\x30\x02\x04\x00")},
    {BYTES(V2 ALGORITHM ISSUER BEGINS ENDS EXTENSION "\x01\x01\xff\x05\x01z")},
};

START_TEST(no_list)
{
    struct tls_crl crl;

    ck_assert(!read_parts(&crl, bad[_i].parts, bad[_i].len));
}
END_TEST

START_TEST(an_issuer_is_shown_escaped)
{
    static const char evil[] =
        "\x30\x1b\x31\x0a\x30\x08\x06\x03\x55\x04\x0a\x0c\x01\n"
        "\x31\x0d\x30\x0b\x06\x03\x55\x04\x03\x0c\x04"
        "a\0\x1b"
        "b";
    char parts[128];
    struct tls_crl crl;
    size_t len = sizeof ALGORITHM - 1;

    memcpy(parts, ALGORITHM, len);
    memcpy(parts + len, evil, sizeof evil - 1);
    len += sizeof evil - 1;
    memcpy(parts + len, BEGINS ENDS, sizeof(BEGINS ENDS) - 1);
    ck_assert(read_parts(&crl, parts, len + sizeof(BEGINS ENDS) - 1));
    ck_assert_str_eq(crl.issuer, "/O=\\x0A/CN=a\\x00\\x1Bb");
}
END_TEST

/* --- openssl's ------------------------------------------------------------ */

static const char commands[] =
    ": >index.txt\n"
    "gen() { openssl ca -gencrl -cert $1.pem -keyfile $1.key -crldays 30; }\n"
    "gen ca >ca.crl; gen sub >sub.crl\n"
    "{ echo Words; cat ca.crl ca.pem; echo more; cat sub.crl; } >two.crl\n"
    "openssl ca -cert ca.pem -keyfile ca.key -revoke server.pem\n"
    "gen ca >revoking.crl\n"
    "head -n 4 ca.crl >cut.crl; cat sub.crl cut.crl >half.crl\n"
    "cat cut.crl sub.crl >swallowing.crl\n"
    "sed 's/^MI/M!/' ca.crl >letters.crl\n";

static void make_all(void)
{
    unit_pki_setup(commands);
}

/* Reads the n-th list of a file, as tls_crl_decode_pem() returns. */
static int read_nth(struct tls_crl *crl, const char *name, size_t n)
{
    char path[4200];
    size_t len;
    size_t der_len;
    uint8_t *der = NULL;

    snprintf(path, sizeof path, "%s/%s", unit_pki_folder, name);
    char *pem = unit_read(path, &len);
    int status =
        tls_crl_decode_pem((const uint8_t *)pem, len, n, &der, &der_len);
    free(pem);
    if (status != 0)
        return status;
    ck_assert(tls_crl_read(crl, der, der_len));
    for (size_t cut = 0; cut < der_len; cut++) {
        struct tls_crl part;
        ck_assert(!tls_crl_read(&part, der, cut));
    }
    free(der);
    return 0;
}

START_TEST(a_list_by_openssl)
{
    static const char *const names[] = {"ca.crl", "revoking.crl"};
    struct tls_certificate ca;
    struct tls_crl crl;
    size_t len;
    uint8_t *der = unit_pki_der(unit_pki_folder, "ca.pem", &len);

    ck_assert_int_eq(tls_certificate_read(&ca, der, len), 0);
    free(der);
    ck_assert_int_eq(read_nth(&crl, names[_i], 0), 0);
    ck_assert_str_eq(crl.issuer, ca.subject);
    ck_assert_mem_eq(&crl.issuer_id, &ca.subject_id, sizeof crl.issuer_id);
    ck_assert_int_eq(crl.next_update - crl.this_update, 30 * 86400);
    ck_assert(!crl.partial);
    ck_assert_int_eq(read_nth(&crl, names[_i], 1), 1);
}
END_TEST

START_TEST(each_of_several)
{
    struct tls_crl crl;

    ck_assert_int_eq(read_nth(&crl, "two.crl", 0), 0);
    ck_assert_str_eq(crl.issuer, "/CN=unit test root");
    ck_assert_int_eq(read_nth(&crl, "two.crl", 1), 0);
    ck_assert_str_eq(crl.issuer, "/CN=unit test sub");
    ck_assert_int_eq(read_nth(&crl, "two.crl", 2), 1);
    ck_assert_int_eq(read_nth(&crl, "ca.pem", 0), 1);
}
END_TEST

START_TEST(what_is_damaged)
{
    struct tls_crl crl;

    ck_assert_int_eq(read_nth(&crl, "cut.crl", 0), -1);
    ck_assert_int_eq(read_nth(&crl, "swallowing.crl", 0), -1);
    ck_assert_int_eq(read_nth(&crl, "letters.crl", 0), -1);
    ck_assert_int_eq(read_nth(&crl, "half.crl", 0), 0);
    ck_assert_int_eq(read_nth(&crl, "half.crl", 1), -1);
}
END_TEST

START_TEST(when)
{
    char text[TLS_WHEN_MAX];

    tls_crl_when(1796083200 + 3661, text);
    ck_assert_str_eq(text, "2026-12-01 at 01:01:01 UTC");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tls_crl");
    TCase *hand = tcase_create("by hand");
    TCase *openssl = tcase_create("openssl");

    tcase_add_loop_test(hand, a_list, 0, (int)LENGTH(good));
    tcase_add_loop_test(hand, no_list, 0, (int)LENGTH(bad));
    tcase_add_test(hand, an_issuer_is_shown_escaped);
    tcase_add_test(hand, when);
    suite_add_tcase(suite, hand);
    tcase_add_unchecked_fixture(openssl, make_all, unit_pki_teardown);
    tcase_add_loop_test(openssl, a_list_by_openssl, 0, 2);
    tcase_add_test(openssl, each_of_several);
    tcase_add_test(openssl, what_is_damaged);
    suite_add_tcase(suite, openssl);
    return unit_run(suite);
}
