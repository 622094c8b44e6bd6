/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "secure_hello.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#define RECORD 5u

/* A ClientHello in one record, made by and by. */
struct hello {
    uint8_t bytes[SECURE_HELLO_MAX + 64];
    size_t len;
};

static struct hello hello;
static struct secure_offer offer;

static void put(unsigned n, size_t number)
{
    while (n-- > 0)
        hello.bytes[hello.len++] = (uint8_t)(number >> (8 * n));
}

static void put_list(const uint16_t *numbers)
{
    for (; *numbers != 0; numbers++)
        put(2, *numbers);
}

static size_t size_of(const uint16_t *numbers)
{
    size_t n = 0;

    while (numbers[n] != 0)
        n++;
    return 2 * n;
}

/* Fills in the lengths of record and message. */
static void finish(void)
{
    size_t record = hello.len - RECORD;
    size_t message = record - 4;

    hello.bytes[3] = (uint8_t)(record >> 8);
    hello.bytes[4] = (uint8_t)record;
    hello.bytes[6] = (uint8_t)(message >> 16);
    hello.bytes[7] = (uint8_t)(message >> 8);
    hello.bytes[8] = (uint8_t)message;
}

/* Up to where extensions begin. */
static void begin(const uint16_t *suites)
{
    hello.len = 0;
    put(3, 0x160301);
    put(2, 0);
    put(4, 0x01000000);
    put(2, 0x0303);
    for (int i = 0; i < 32; i++)
        put(1, (size_t)i);
    put(1, 0);
    put(2, size_of(suites));
    put_list(suites);
    put(2, 0x0100); /* one compression: none */
}

/* Lists end by a 0; NULL: no such extension. */
static void make(const uint16_t *suites, const uint16_t *signatures,
                 const uint16_t *versions)
{
    begin(suites);
    size_t at = hello.len;
    put(2, 0);
    put(4, 0x00170000); /* one that is of no interest, and empty */
    if (signatures != NULL) {
        put(2, 13);
        put(2, size_of(signatures) + 2);
        put(2, size_of(signatures));
        put_list(signatures);
    }
    if (versions != NULL) {
        put(2, 43);
        put(2, size_of(versions) + 1);
        put(1, size_of(versions));
        put_list(versions);
    }
    size_t len = hello.len - at - 2;
    hello.bytes[at] = (uint8_t)(len >> 8);
    hello.bytes[at + 1] = (uint8_t)len;
    finish();
}

static const uint16_t both_suites[] = {0xC02B, 0xC02F, 0x1301, 0};
static const uint16_t both_signatures[] = {0x0403, 0x0804, 0x0401, 0};
static const uint16_t both_versions[] = {0x7F17, 0x0304, 0x0303, 0};

static void check(bool ec, bool rsa, bool tls12, bool tls13)
{
    ck_assert_int_eq(secure_hello_read(hello.bytes, hello.len, &offer),
                     SECURE_HELLO_WHOLE);
    ck_assert_int_eq(secure_offer_allows(&offer, WWEP_KEY_EC, tls12, tls13),
                     ec);
    ck_assert_int_eq(secure_offer_allows(&offer, WWEP_KEY_RSA, tls12, tls13),
                     rsa);
    ck_assert(!secure_offer_allows(&offer, WWEP_KEY_OTHER, tls12, tls13));
    ck_assert(!secure_offer_allows(&offer, WWEP_KEY_ED25519, tls12, tls13));
}

/* What the hello says; and what it means to a server of 1.2, of 1.3, of
 * both. */
START_TEST(what_is_offered)
{
    static const uint16_t ec_suites[] = {0xCCA9, 0x1301, 0};
    static const uint16_t rsa_suites[] = {0xC030, 0};
    static const uint16_t old_suites[] = {0x002F, 0xC013, 0};
    static const uint16_t ec_signatures[] = {0x0807, 0x0603, 0};
    static const uint16_t pkcs1[] = {0x0501, 0};
    static const uint16_t pss[] = {0x0806, 0};
    static const uint16_t sha1[] = {0x0201, 0x0203, 0};
    static const uint16_t only12[] = {0x0303, 0};

    make(both_suites, both_signatures, both_versions);
    check(true, true, true, false);
    check(true, true, false, true);
    check(true, true, true, true);
    make(ec_suites, both_signatures, NULL);
    check(true, false, true, false);
    check(true, false, true, true);
    check(false, false, false, true);
    make(rsa_suites, both_signatures, only12);
    check(false, true, true, true);
    make(old_suites, both_signatures, NULL);
    check(false, false, true, true);
    make(both_suites, ec_signatures, both_versions);
    check(true, false, true, true);
    make(both_suites, pkcs1, both_versions);
    check(false, true, true, false);
    check(false, false, true, true); /* not good enough for 1.3 */
    make(both_suites, pss, both_versions);
    check(false, true, true, true);
    make(both_suites, sha1, both_versions);
    check(false, false, true, true);
    /* Suites of 1.2 do not matter to 1.3, nor does 1.3 to who has it not. */
    make(old_suites, both_signatures, both_versions);
    check(true, true, true, true);
    check(false, false, true, false);
    /* A client of TLS 1.2 need not name any. */
    make(both_suites, NULL, NULL);
    check(true, true, true, true);
    begin(both_suites);
    finish();
    check(true, true, true, true);
}
END_TEST

static enum secure_hello read_copy(size_t len)
{
    uint8_t *copy = malloc(len + 1); /* what is behind it, is not ours */

    memcpy(copy, hello.bytes, len);
    copy = realloc(copy, len > 0 ? len : 1);
    enum secure_hello status = secure_hello_read(copy, len, &offer);
    free(copy);
    return status;
}

START_TEST(each_truncation_is_a_part)
{
    make(both_suites, both_signatures, both_versions);
    for (size_t len = 0; len < hello.len; len++)
        ck_assert_int_eq(read_copy(len), SECURE_HELLO_PART);
    ck_assert_int_eq(read_copy(hello.len), SECURE_HELLO_WHOLE);
}
END_TEST

/* The same hello, cut short in its message, with all lengths outside of it
 * right: a length inside then points beyond it. */
START_TEST(each_short_message_is_none)
{
    make(both_suites, both_signatures, both_versions);
    size_t len = hello.len;
    size_t without = len - (2 + 4 + (4 + 2 + 6) + (4 + 1 + 6));

    for (size_t cut = RECORD + 4; cut < len; cut++) {
        make(both_suites, both_signatures, both_versions);
        hello.len = cut;
        finish();
        ck_assert_msg(read_copy(cut) == (cut == without ? SECURE_HELLO_WHOLE
                                                        : SECURE_HELLO_NONE),
                      "%zu of %zu", cut, len);
    }
}
END_TEST

START_TEST(each_changed_byte)
{
    make(both_suites, both_signatures, both_versions);
    for (size_t at = 0; at < hello.len; at++)
        for (unsigned value = 0; value < 256; value++) {
            uint8_t was = hello.bytes[at];
            hello.bytes[at] = (uint8_t)value;
            (void)read_copy(hello.len); /* the sanitizers look */
            hello.bytes[at] = was;
        }
}
END_TEST

/* In records of each size: a header before each piece. */
START_TEST(several_records)
{
    uint8_t message[512];

    make(both_suites, both_signatures, both_versions);
    size_t len = hello.len - RECORD;
    memcpy(message, hello.bytes + RECORD, len);
    for (size_t piece = 1; piece <= len; piece++) {
        hello.len = 0;
        for (size_t at = 0; at < len; at += piece) {
            size_t here = len - at < piece ? len - at : piece;
            put(3, 0x160303);
            put(2, here);
            memcpy(hello.bytes + hello.len, message + at, here);
            hello.len += here;
        }
        for (size_t cut = 0; cut < hello.len; cut++)
            ck_assert_int_eq(read_copy(cut), SECURE_HELLO_PART);
        check(true, true, true, true);
    }
}
END_TEST

START_TEST(what_is_no_hello)
{
    static const char *texts[] = {"R000101", "GET / HTTP/1.1\r\n",
                                  "\x80\x2e\x01\x03\x01",
                                  "\x17\x03\x03\x00\x10", "\x16\x02\x00"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        hello.len = strlen(texts[i]);
        memcpy(hello.bytes, texts[i], hello.len);
        ck_assert_int_eq(read_copy(hello.len), SECURE_HELLO_NONE);
    }
    make(both_suites, both_signatures, both_versions);
    hello.bytes[RECORD] = 2; /* a ServerHello */
    ck_assert_int_eq(read_copy(hello.len), SECURE_HELLO_NONE);
    ck_assert_int_eq(read_copy(RECORD + 1), SECURE_HELLO_NONE);

    make(both_suites, both_signatures, both_versions);
    hello.bytes[3] = hello.bytes[4] = 0; /* an empty record */
    ck_assert_int_eq(read_copy(hello.len), SECURE_HELLO_NONE);
    make(both_suites, both_signatures, both_versions);
    hello.bytes[3] = 0x40; /* one that is too long */
    hello.bytes[4] = 0x01;
    ck_assert_int_eq(read_copy(hello.len), SECURE_HELLO_NONE);
    make(both_suites, both_signatures, both_versions);
    hello.bytes[7] = 0x20; /* a message that is too long for us */
    ck_assert_int_eq(read_copy(hello.len), SECURE_HELLO_NONE);
    /* Another message in the same record, and an extension twice. */
    make(both_suites, both_signatures, both_versions);
    put(4, 0x14000000);
    hello.bytes[4] = (uint8_t)(hello.bytes[4] + 4);
    ck_assert_int_eq(read_copy(hello.len), SECURE_HELLO_NONE);
}
END_TEST

/* Once, it is one; twice, none. */
START_TEST(an_extension_twice)
{
    static const struct {
        uint16_t type;
        unsigned prefix; /* bytes of the list's length */
    } cases[] = {{13, 2}, {43, 1}};

    for (size_t i = 0; i < 4; i++) {
        unsigned prefix = cases[i / 2].prefix;
        unsigned times = i % 2 == 0 ? 1 : 2;
        begin(both_suites);
        put(2, times * (4 + prefix + 2));
        for (unsigned n = 0; n < times; n++) {
            put(2, cases[i / 2].type);
            put(2, prefix + 2);
            put(prefix, 2);
            put(2, 0x0403);
        }
        finish();
        ck_assert_int_eq(read_copy(hello.len),
                         times == 1 ? SECURE_HELLO_WHOLE : SECURE_HELLO_NONE);
    }
}
END_TEST

/* The longest that is looked at. */
START_TEST(long_hello)
{
    make(both_suites, both_signatures, both_versions);
    memset(hello.bytes + hello.len, 0, sizeof hello.bytes - hello.len);
    hello.len = SECURE_HELLO_MAX + RECORD + 1;
    finish();
    ck_assert_int_eq(read_copy(hello.len), SECURE_HELLO_NONE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wiced_tls_hello");
    TCase *tc = tcase_create("hello");

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, what_is_offered);
    tcase_add_test(tc, each_truncation_is_a_part);
    tcase_add_test(tc, each_short_message_is_none);
    tcase_add_test(tc, each_changed_byte);
    tcase_add_test(tc, several_records);
    tcase_add_test(tc, what_is_no_hello);
    tcase_add_test(tc, an_extension_twice);
    tcase_add_test(tc, long_hello);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
