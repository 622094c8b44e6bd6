/* The numbers of a board's connections, by the reference's own vectors.
 *
 * Source: the appendix of "SipHash: a fast short-input PRF", and the reference
 * implementation's vectors.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "wwep_lwip_siphash.h"

static uint64_t hash_of(size_t len)
{
    uint8_t key[WWEP_LWIP_KEY_LEN];
    uint8_t bytes[64];

    for (unsigned i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)i;
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    return wwep_lwip_siphash(key, bytes, len);
}

START_TEST(the_reference_s_vectors)
{
    ck_assert_uint_eq(hash_of(0), UINT64_C(0x726FDB47DD0E0E31));
    ck_assert_uint_eq(hash_of(1), UINT64_C(0x74F839C593DC67FD));
    ck_assert_uint_eq(hash_of(7), UINT64_C(0xAB0200F58B01D137));
    ck_assert_uint_eq(hash_of(8), UINT64_C(0x93F5F5799A932462));
    ck_assert_uint_eq(hash_of(15), UINT64_C(0xA129CA6149BE45E5));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lwip_siphash");
    TCase *tc = tcase_create("lwip_siphash");

    tcase_add_test(tc, the_reference_s_vectors);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
