/* When the library's table, which other threads read, is written.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "tls_cpu.h"
#include "unit.h"
#include "unit_pki.h"
#include "unit_tls_link.h"

#ifdef WOLF_CRYPTO_CB

#include <wolfssl/wolfcrypt/cryptocb.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

#define DEVICE 0x57574550 /* the client's */

static struct unit_near near;
static struct unit_far far;
static unsigned written;

/* The linker has the client call the first of them. */
int __wrap_wc_CryptoCb_RegisterDevice(int device, CryptoDevCallbackFunc answer,
                                      void *ctx);
int __real_wc_CryptoCb_RegisterDevice(int device, CryptoDevCallbackFunc answer,
                                      void *ctx);

int __wrap_wc_CryptoCb_RegisterDevice(int device, CryptoDevCallbackFunc answer,
                                      void *ctx)
{
    written++;
    return __real_wc_CryptoCb_RegisterDevice(device, answer, ctx);
}

static int refuse(int device, wc_CryptoInfo *info, void *ctx)
{
    (void)device;
    (void)info;
    (void)ctx;
    return CRYPTOCB_UNAVAILABLE;
}

static void make_all(void)
{
    unit_pki_setup(NULL);
}

static void begin(void)
{
    unit_near_init(&near);
    far = (struct unit_far){.certificate = "server.pem", .key = "server.key"};
    written = 0;
}

static void end(void)
{
    unit_far_free(&far);
}

START_TEST(once_by_the_start)
{
    ck_assert_int_eq(wwep_tls_start(), WWEP_OK);
    ck_assert_uint_eq(written, 1);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_OK);
    near.entropy = 1;
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_E_ENTROPY);
    ck_assert_uint_eq(written, 1);
    wwep_tls_stop();
}
END_TEST

START_TEST(once_by_the_first_connection)
{
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_OK);
        ck_assert_uint_eq(written, 1);
    }
}
END_TEST

START_TEST(no_entropy_in_the_first_connection)
{
    near.entropy = 1;
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_E_ENTROPY);
    ck_assert_uint_eq(near.sent, 0);
}
END_TEST

/* Somebody has taken our place: it is taken back. */
START_TEST(again_where_it_was_lost)
{
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_OK);
    ck_assert_int_eq(__real_wc_CryptoCb_RegisterDevice(DEVICE, refuse, NULL),
                     0);
    near.entropy = 1;
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_E_ENTROPY);
    ck_assert_uint_eq(written, 2);
}
END_TEST

/* Nobody else's seed will do. */
START_TEST(no_place)
{
    for (int device = 1; device <= 8; device++)
        ck_assert_int_eq(
            __real_wc_CryptoCb_RegisterDevice(device, refuse, NULL), 0);
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_E_MEMORY);
    ck_assert_uint_eq(near.sent, 0);
    ck_assert_int_eq(wwep_tls_start(), WWEP_E_MEMORY);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_unchecked_fixture(tcase, make_all, unit_pki_teardown);
    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, once_by_the_start);
    tcase_add_test(tcase, once_by_the_first_connection);
    tcase_add_test(tcase, no_entropy_in_the_first_connection);
    tcase_add_test(tcase, again_where_it_was_lost);
    tcase_add_test(tcase, no_place);
}

#else

static void add_tests(TCase *tcase)
{
    (void)tcase; /* this library does not ask us for seeds */
}

#endif

/* That it is needed shows in one of some thousand starts alone. */
START_TEST(the_processor_is_looked_at)
{
    ck_assert_int_eq(wolfSSL_Init(), WOLFSSL_SUCCESS);
    for (int i = 0; i < 2; i++)
        ck_assert(tls_cpu_probe());
    ck_assert_int_eq(wolfSSL_Cleanup(), WOLFSSL_SUCCESS);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tls_seed");
    TCase *tcase = tcase_create("seed");
    TCase *cpu = tcase_create("cpu");

    add_tests(tcase);
    tcase_add_test(cpu, the_processor_is_looked_at);
    suite_add_tcase(suite, tcase);
    suite_add_tcase(suite, cpu);
    return unit_run(suite);
}
