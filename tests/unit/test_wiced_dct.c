/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "unit_wiced.h"

#include <malloc.h>
#include <string.h>
#include <wwep/dct.h>

static const char key[] = "a key that nobody else has\r\n";
static const char certificate[] = "a certificate\r\n";

/* --- what is freed is looked at ------------------------------------------- */

static const uint8_t *watched;
static size_t watched_len;
static bool wiped;

void __real_free(void *block);
void __wrap_free(void *block);

/* The linker puts it in the place of free(). */
void __wrap_free(void *block)
{
    const uint8_t *begin = block;

    if (watched != NULL && begin != NULL && watched >= begin &&
        watched < begin + malloc_usable_size(block)) {
        wiped = true;
        for (size_t i = 0; i < watched_len; i++)
            if (watched[i] != 0)
                wiped = false;
        watched = NULL;
    }
    __real_free(block);
}

/* -------------------------------------------------------------------------- */

static void setup(void)
{
    struct board_options options;
    const struct wwep_dct dct = {
        .private_key = {(const uint8_t *)key, sizeof key - 1},
        .certificate = {(const uint8_t *)certificate, sizeof certificate - 1}};

    board_options_init(&options);
    options.has_dct = wwep_dct_write(options.dct, &dct);
    ck_assert(options.has_dct);
    board_start(&options);
}

START_TEST(read_lock_of_the_security_section)
{
    platform_dct_security_t *first = NULL;
    platform_dct_security_t *second = NULL;

    ck_assert_int_eq(wiced_dct_read_lock((void **)&first, WICED_FALSE,
                                         DCT_SECURITY_SECTION, 0,
                                         sizeof *first),
                     WICED_SUCCESS);
    ck_assert_str_eq(first->private_key, key);
    ck_assert_str_eq(first->certificate, certificate);
    ck_assert_uint_eq(first->cooee_key[15], 0);

    /* A copy each time, which is the program's to write to. */
    first->certificate[0] = 'A';
    ck_assert_int_eq(wiced_dct_read_lock((void **)&second, WICED_TRUE,
                                         DCT_SECURITY_SECTION, 0,
                                         sizeof *second),
                     WICED_SUCCESS);
    ck_assert_ptr_ne(first, second);
    ck_assert_str_eq(second->certificate, certificate);
    ck_assert_int_eq(wiced_dct_read_unlock(first, WICED_FALSE), 0);
    ck_assert_int_eq(wiced_dct_read_unlock(second, WICED_TRUE), 0);
}
END_TEST

START_TEST(read_lock_of_a_part)
{
    char *part = NULL;

    ck_assert_int_eq(
        wiced_dct_read_lock((void **)&part, WICED_FALSE, DCT_SECURITY_SECTION,
                            offsetof(platform_dct_security_t, certificate) + 2,
                            sizeof certificate - 2),
        WICED_SUCCESS);
    ck_assert_str_eq(part, certificate + 2);
    ck_assert_int_eq(wiced_dct_read_unlock(part, WICED_FALSE), 0);
    ck_assert_int_eq(wiced_dct_read_lock((void **)&part, WICED_FALSE,
                                         DCT_SECURITY_SECTION,
                                         sizeof(platform_dct_security_t), 0),
                     WICED_SUCCESS);
    ck_assert_ptr_nonnull(part);
    ck_assert_int_eq(wiced_dct_read_unlock(part, WICED_FALSE), 0);
}
END_TEST

START_TEST(read_lock_of_what_is_not_there)
{
    static const struct {
        dct_section_t section;
        uint32_t offset;
        uint32_t size;
    } cases[] = {
        {DCT_APP_SECTION, 0, 1},
        {DCT_WIFI_CONFIG_SECTION, 0, 1},
        {(dct_section_t)99, 0, 1},
        {DCT_SECURITY_SECTION, 0, sizeof(platform_dct_security_t) + 1},
        {DCT_SECURITY_SECTION, 1, sizeof(platform_dct_security_t)},
        {DCT_SECURITY_SECTION, sizeof(platform_dct_security_t) + 1, 0},
        {DCT_SECURITY_SECTION, 1, UINT32_MAX},
        {DCT_SECURITY_SECTION, UINT32_MAX, UINT32_MAX},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        void *info = &info;

        ck_assert_int_eq(wiced_dct_read_lock(&info, WICED_FALSE,
                                             cases[i].section, cases[i].offset,
                                             cases[i].size),
                         4);
        ck_assert_ptr_null(info);
    }
    ck_assert_int_eq(
        wiced_dct_read_lock(NULL, WICED_FALSE, DCT_SECURITY_SECTION, 0, 1), 4);
}
END_TEST

/* The texts are there, and of length 0: the course's clients go on with it. */
START_TEST(read_lock_without_an_image)
{
    static const platform_dct_security_t empty;
    platform_dct_security_t *security = NULL;

    unit_wiced_start();
    ck_assert_int_eq(wiced_dct_read_lock((void **)&security, WICED_FALSE,
                                         DCT_SECURITY_SECTION, 0,
                                         sizeof *security),
                     WICED_SUCCESS);
    ck_assert_mem_eq(security, &empty, sizeof empty);
    ck_assert_int_eq(wiced_dct_read_unlock(security, WICED_FALSE), 0);
}
END_TEST

START_TEST(read_unlock_wipes)
{
    platform_dct_security_t *security = NULL;

    ck_assert_int_eq(wiced_dct_read_lock((void **)&security, WICED_FALSE,
                                         DCT_SECURITY_SECTION, 0,
                                         sizeof *security),
                     WICED_SUCCESS);
    ck_assert_str_eq(security->private_key, key);
    watched = (const uint8_t *)security;
    watched_len = sizeof *security;
    ck_assert_int_eq(wiced_dct_read_unlock(security, WICED_FALSE), 0);
    ck_assert_ptr_null(watched);
    ck_assert(wiped);
}
END_TEST

START_TEST(read_unlock_of_nothing)
{
    ck_assert_int_eq(wiced_dct_read_unlock(NULL, WICED_FALSE), WICED_SUCCESS);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wiced_dct");
    TCase *tc = tcase_create("wiced_dct");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, read_lock_of_the_security_section);
    tcase_add_test(tc, read_lock_of_a_part);
    tcase_add_test(tc, read_lock_of_what_is_not_there);
    tcase_add_test(tc, read_lock_without_an_image);
    tcase_add_test(tc, read_unlock_wipes);
    tcase_add_test(tc, read_unlock_of_nothing);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
