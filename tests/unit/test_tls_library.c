/* What scripts/wolfssl puts into the library gives the same as the library's
 * own: by known answers, and by another way to the same.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "tls_cpu.h"
#include "unit.h"

#include <string.h>
#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/curve25519.h>
#include <wolfssl/wolfcrypt/random.h>
#include <wolfssl/wolfcrypt/sha256.h>

#define DIGEST_LEN 32u
#define MILLION    1000000u

static void start(void)
{
    ck_assert(tls_cpu_probe());
}

/* --- SHA-256 -------------------------------------------------------------- */

/* Pieces of `piece` bytes: small ones go by the library's buffer, large ones
 * past it. */
static void digest_of(const uint8_t *bytes, size_t len, size_t piece,
                      uint8_t digest[DIGEST_LEN])
{
    wc_Sha256 sha;

    ck_assert_int_eq(wc_InitSha256(&sha), 0);
    for (size_t at = 0; at < len; at += piece) {
        size_t n = len - at < piece ? len - at : piece;
        ck_assert_int_eq(wc_Sha256Update(&sha, bytes + at, (word32)n), 0);
    }
    ck_assert_int_eq(wc_Sha256Final(&sha, digest), 0);
    wc_Sha256Free(&sha);
}

/* FIPS 180-2, appendix B. */
START_TEST(sha256_known_answers)
{
    static const char two_blocks[] =
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    static uint8_t many[MILLION];
    uint8_t digest[DIGEST_LEN];

    digest_of((const uint8_t *)"abc", 3, 3, digest);
    ck_assert_mem_eq(digest,
                     "\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae"
                     "\x22\x23\xb0\x03\x61\xa3\x96\x17\x7a\x9c\xb4\x10\xff\x61"
                     "\xf2\x00\x15\xad",
                     DIGEST_LEN);
    digest_of((const uint8_t *)two_blocks, strlen(two_blocks), 9, digest);
    ck_assert_mem_eq(digest,
                     "\x24\x8d\x6a\x61\xd2\x06\x38\xb8\xe5\xc0\x26\x93\x0c\x3e"
                     "\x60\x39\xa3\x3c\xe4\x59\x64\xff\x21\x67\xf6\xec\xed\xd4"
                     "\x19\xdb\x06\xc1",
                     DIGEST_LEN);
    memset(many, 'a', sizeof many);
    digest_of(many, sizeof many, sizeof many, digest);
    ck_assert_mem_eq(digest,
                     "\xcd\xc7\x6e\x5c\x99\x14\xfb\x92\x81\xa1\xc7\xe2\x84\xd7"
                     "\x3e\x67\xf1\x80\x9a\x48\xa4\x97\x20\x0e\x04\x6d\x39\xcc"
                     "\xc7\x11\x2c\xd0",
                     DIGEST_LEN);
}
END_TEST

START_TEST(sha256_in_pieces)
{
    static const size_t pieces[] = {1, 7, 63, 64, 65, 128};
    uint8_t bytes[301]; /* odd, so that no block is aligned below */

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 37);
    for (size_t len = 0; len < sizeof bytes; len++) {
        uint8_t whole[DIGEST_LEN];
        digest_of(bytes + 1, len, len + 1, whole);
        for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
            uint8_t digest[DIGEST_LEN];
            digest_of(bytes + 1, len, pieces[i], digest);
            ck_assert_mem_eq(digest, whole, DIGEST_LEN);
        }
    }
}
END_TEST

/* --- X25519 --------------------------------------------------------------- */

/* As OpenSSL 3.0 has it. */
START_TEST(x25519_known_answer)
{
    static const uint8_t number[CURVE25519_KEYSIZE + 1] =
        "\x70\x07\x6d\x0a\x73\x18\xa5\x7d\x3c\x16\xc1\x72\x51\xb2\x66\x45"
        "\xdf\x4c\x2f\x92\xeb\xc0\x99\x2a\xc1\x77\xfb\xa5\x1d\xb9\x2c\x6a";
    uint8_t point[CURVE25519_KEYSIZE];

    ck_assert_int_eq(
        wc_curve25519_make_pub(sizeof point, point, CURVE25519_KEYSIZE, number),
        0);
    ck_assert_mem_eq(
        point,
        "\xf8\xa9\x53\x5a\x2d\x2f\xf6\x05\xe8\xe1\x44\xd5\x4f\x4e\xf5\xc6"
        "\x23\x13\xa2\x05\x5d\xbb\x21\xfd\xdd\x3f\xd9\xc2\x99\xeb\x01\x5d",
        CURVE25519_KEYSIZE);
}
END_TEST

/* The ladder takes any point, so the base point too. */
static void compare_with_ladder(uint8_t number[CURVE25519_KEYSIZE])
{
    static const uint8_t base[CURVE25519_KEYSIZE] = {9};
    uint8_t point[CURVE25519_KEYSIZE];
    uint8_t by_ladder[CURVE25519_KEYSIZE];

    number[0] &= 0xf8;
    number[31] = (uint8_t)((number[31] & 0x7f) | 0x40);
    ck_assert_int_eq(
        wc_curve25519_make_pub(sizeof point, point, CURVE25519_KEYSIZE, number),
        0);
    ck_assert_int_eq(wc_curve25519_generic(sizeof by_ladder, by_ladder,
                                           CURVE25519_KEYSIZE, number,
                                           CURVE25519_KEYSIZE, base),
                     0);
    ck_assert_mem_eq(point, by_ladder, CURVE25519_KEYSIZE);
}

START_TEST(x25519_as_the_ladder)
{
    uint8_t number[CURVE25519_KEYSIZE];
    WC_RNG rng;

    memset(number, 0, sizeof number);
    compare_with_ladder(number);
    memset(number, 0xff, sizeof number);
    compare_with_ladder(number);
    ck_assert_int_eq(wc_InitRng(&rng), 0);
    for (int i = 0; i < 500; i++) {
        ck_assert_int_eq(wc_RNG_GenerateBlock(&rng, number, sizeof number), 0);
        compare_with_ladder(number);
    }
    wc_FreeRng(&rng);
}
END_TEST

/* --- random numbers ------------------------------------------------------- */

/* Each generator has a seed of its own, the first as those that are not
 * tested again. */
START_TEST(generators_differ)
{
    uint8_t blocks[8][DIGEST_LEN];

    for (size_t i = 0; i < 8; i++) {
        WC_RNG rng;
        ck_assert_int_eq(wc_InitRng(&rng), 0);
        ck_assert_int_eq(
            wc_RNG_GenerateBlock(&rng, blocks[i], sizeof blocks[i]), 0);
        wc_FreeRng(&rng);
        for (size_t j = 0; j < i; j++)
            ck_assert_mem_ne(blocks[i], blocks[j], DIGEST_LEN);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tls_library");
    TCase *tcase = tcase_create("library");

    tcase_add_checked_fixture(tcase, start, NULL);
    tcase_add_test(tcase, sha256_known_answers);
    tcase_add_test(tcase, sha256_in_pieces);
    tcase_add_test(tcase, x25519_known_answer);
    tcase_add_test(tcase, x25519_as_the_ladder);
    tcase_add_test(tcase, generators_differ);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
