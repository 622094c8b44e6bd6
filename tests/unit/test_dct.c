/* A board's configuration table, byte for byte as <wwep/dct.h> has it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <string.h>
#include <wwep/dct.h>

static uint8_t image[WWEP_DCT_LEN + 1];
static struct wwep_dct dct;

static struct wwep_bytes text(const char *s)
{
    return (struct wwep_bytes){(const uint8_t *)s, strlen(s)};
}

static void make(const char *key, const char *certificate)
{
    struct wwep_dct in = {{NULL, 0}, {NULL, 0}};

    if (key != NULL)
        in.private_key = text(key);
    if (certificate != NULL)
        in.certificate = text(certificate);
    ck_assert(wwep_dct_write(image, &in));
}

START_TEST(what_was_written_is_read)
{
    make("key\r\n", "certificate\r\n");
    ck_assert_int_eq(wwep_dct_read(&dct, image, WWEP_DCT_LEN), WWEP_DCT_OK);
    ck_assert_uint_eq(dct.private_key.len, 5);
    ck_assert_mem_eq(dct.private_key.bytes, "key\r\n", 6);
    ck_assert_uint_eq(dct.certificate.len, 13);
    ck_assert_mem_eq(dct.certificate.bytes, "certificate\r\n", 14);
}
END_TEST

START_TEST(an_image_may_be_empty)
{
    make(NULL, NULL);
    ck_assert_int_eq(wwep_dct_read(&dct, image, WWEP_DCT_LEN), WWEP_DCT_OK);
    ck_assert_ptr_null(dct.private_key.bytes);
    ck_assert_ptr_null(dct.certificate.bytes);
}
END_TEST

/* The checksum is what Python's zlib.crc32() makes of these bytes. */
START_TEST(the_layout_is_the_header_s)
{
    make("k", "c");
    ck_assert_mem_eq(image, "WWEPDCT\0\1\0\0\0", 12);
    ck_assert_mem_eq(image + 12, "\xA2\xFB\x56\xF3", 4);
    ck_assert_mem_eq(image + 16, "k", 2);
    ck_assert_mem_eq(image + 2064, "c", 2);
    ck_assert_uint_eq(image[6175], 0);
    ck_assert_uint_eq(image[6176], 0xFF);
    ck_assert_uint_eq(image[8191], 0xFF);
}
END_TEST

START_TEST(each_changed_bit_is_seen)
{
    make("key", "certificate");
    for (size_t at = 0; at < WWEP_DCT_LEN; at++) {
        image[at] ^= (uint8_t)(1u << (at % 8));
        ck_assert_int_ne(wwep_dct_read(&dct, image, WWEP_DCT_LEN), WWEP_DCT_OK);
        image[at] ^= (uint8_t)(1u << (at % 8));
    }
    ck_assert_int_eq(wwep_dct_read(&dct, image, WWEP_DCT_LEN), WWEP_DCT_OK);
}
END_TEST

START_TEST(each_other_length_is_refused)
{
    make("key", "certificate");
    for (size_t len = 0; len < WWEP_DCT_LEN; len++)
        ck_assert_int_eq(wwep_dct_read(&dct, image, len), WWEP_DCT_NONE);
    ck_assert_int_eq(wwep_dct_read(&dct, image, WWEP_DCT_LEN + 1),
                     WWEP_DCT_DAMAGED);
}
END_TEST

START_TEST(a_page_that_was_erased_is_none)
{
    memset(image, 0xFF, sizeof image);
    ck_assert_int_eq(wwep_dct_read(&dct, image, WWEP_DCT_LEN), WWEP_DCT_NONE);
}
END_TEST

START_TEST(a_newer_layout_is_said)
{
    make("key", "certificate");
    image[8] = 2;
    ck_assert_int_eq(wwep_dct_read(&dct, image, WWEP_DCT_LEN), WWEP_DCT_NEWER);
}
END_TEST

START_TEST(a_text_as_long_as_its_room)
{
    static char longest[WWEP_DCT_CERTIFICATE_LEN + 1];

    memset(longest, 'x', WWEP_DCT_CERTIFICATE_LEN - 1);
    make(NULL, longest);
    ck_assert_int_eq(wwep_dct_read(&dct, image, WWEP_DCT_LEN), WWEP_DCT_OK);
    ck_assert_uint_eq(dct.certificate.len, WWEP_DCT_CERTIFICATE_LEN - 1);

    longest[WWEP_DCT_CERTIFICATE_LEN - 1] = 'x';
    struct wwep_dct in = {{NULL, 0}, text(longest)};
    ck_assert(!wwep_dct_write(image, &in));
    in = (struct wwep_dct){text(longest), {NULL, 0}};
    in.private_key.len = WWEP_DCT_PRIVATE_KEY_LEN;
    ck_assert(!wwep_dct_write(image, &in));
    in.private_key.len--;
    ck_assert(wwep_dct_write(image, &in));
}
END_TEST

START_TEST(a_text_with_a_nul_is_refused)
{
    struct wwep_dct in = {{(const uint8_t *)"a\0b", 3}, {NULL, 0}};

    ck_assert(!wwep_dct_write(image, &in));
}
END_TEST

START_TEST(each_result_has_its_words)
{
    for (int i = WWEP_DCT_OK; i <= WWEP_DCT_DAMAGED; i++)
        ck_assert_ptr_nonnull(
            strstr(wwep_dct_result_text((enum wwep_dct_result)i), "DCT image"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dct");
    TCase *tc = tcase_create("dct");

    tcase_add_test(tc, what_was_written_is_read);
    tcase_add_test(tc, an_image_may_be_empty);
    tcase_add_test(tc, the_layout_is_the_header_s);
    tcase_add_test(tc, each_changed_bit_is_seen);
    tcase_add_test(tc, each_other_length_is_refused);
    tcase_add_test(tc, a_page_that_was_erased_is_none);
    tcase_add_test(tc, a_newer_layout_is_said);
    tcase_add_test(tc, a_text_as_long_as_its_room);
    tcase_add_test(tc, a_text_with_a_nul_is_refused);
    tcase_add_test(tc, each_result_has_its_words);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
