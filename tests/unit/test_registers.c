/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "registers.h"

#include "unit.h"

#include <pthread.h>
#include <stdatomic.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const uint16_t devices[] = {0,      1,      0x00ff, 0x0100, 0x0fac,
                                   0x7fff, 0x8000, 0xff00, 0xfffe, 0xffff};
static const uint8_t regs[] = {0, 1, 5, 0x7f, 0x80, 0xfe, 0xff};

static struct registers *r;

static void setup(void)
{
    r = registers_new();
    ck_assert_ptr_nonnull(r);
}

static void teardown(void)
{
    registers_free(r);
}

static void assert_unwritten(uint16_t device, uint8_t reg)
{
    uint16_t value = 0xbeef;

    ck_assert(!registers_get(r, device, reg, &value));
    ck_assert_uint_eq(value, 0xbeef);
}

static void assert_holds(uint16_t device, uint8_t reg, uint16_t expected)
{
    uint16_t value = (uint16_t)~expected;

    ck_assert(registers_get(r, device, reg, &value));
    ck_assert_uint_eq(value, expected);
}

START_TEST(all_unwritten_at_first)
{
    for (unsigned device = 0; device <= 0xffff; device += 0x101)
        for (unsigned reg = 0; reg <= 0xff; reg++)
            assert_unwritten((uint16_t)device, (uint8_t)reg);
    for (size_t i = 0; i < LENGTH(devices); i++)
        for (size_t k = 0; k < LENGTH(regs); k++)
            assert_unwritten(devices[i], regs[k]);
}
END_TEST

START_TEST(each_is_its_own)
{
    uint16_t value = 0;

    for (size_t i = 0; i < LENGTH(devices); i++)
        for (size_t k = 0; k < LENGTH(regs); k++)
            registers_set(r, devices[i], regs[k], value++);
    value = 0;
    for (size_t i = 0; i < LENGTH(devices); i++)
        for (size_t k = 0; k < LENGTH(regs); k++)
            assert_holds(devices[i], regs[k], value++);
    assert_unwritten(0x0fac, 6);
    assert_unwritten(0x0fab, 5);
    assert_unwritten(0x0fad, 5);
}
END_TEST

START_TEST(every_value)
{
    for (unsigned value = 0; value <= 0xffff; value++) {
        registers_set(r, 0x0fac, 5, (uint16_t)value);
        assert_holds(0x0fac, 5, (uint16_t)value);
    }
}
END_TEST

START_TEST(zero_counts_as_written)
{
    registers_set(r, 0xffff, 0xff, 0);
    assert_holds(0xffff, 0xff, 0);
}
END_TEST

START_TEST(two_tables_share_nothing)
{
    struct registers *other = registers_new();

    ck_assert_ptr_nonnull(other);
    registers_set(other, 1, 1, 1);
    assert_unwritten(1, 1);
    registers_free(other);
}
END_TEST

START_TEST(freeing_nothing)
{
    registers_free(NULL);
}
END_TEST

/* --- threads -------------------------------------------------------------- */

#define ROUNDS 20000u

static atomic_uint published; /* what has been set has at least this value */

static void *write_upwards(void *arg)
{
    (void)arg;
    for (unsigned value = 1; value <= ROUNDS; value++) {
        registers_set(r, 7, 7, (uint16_t)value);
        atomic_store(&published, value);
    }
    return NULL;
}

START_TEST(a_get_sees_the_set_before_it)
{
    pthread_t writer;
    unsigned last = 0;

    ck_assert_int_eq(pthread_create(&writer, NULL, write_upwards, NULL), 0);
    while (last < ROUNDS) {
        uint16_t value = 0;
        unsigned at_least = atomic_load(&published);
        bool written = registers_get(r, 7, 7, &value);
        ck_assert(written || at_least == 0);
        ck_assert_uint_ge(value, at_least);
        ck_assert_uint_ge(value, last);
        last = value;
    }
    ck_assert_int_eq(pthread_join(writer, NULL), 0);
}
END_TEST

START_TEST(what_is_erased_is_unwritten)
{
    registers_set(r, 0x0fac, 5, 1);
    registers_set(r, 0x0fac, 6, 2);
    registers_erase(r, 0x0fac, 5);
    registers_erase(r, 0, 0); /* which nobody has written */
    assert_unwritten(0x0fac, 5);
    assert_unwritten(0, 0);
    assert_holds(0x0fac, 6, 2);
}
END_TEST

START_TEST(one_becomes_as_another)
{
    struct registers *from = registers_new();

    ck_assert_ptr_nonnull(from);
    for (size_t i = 0; i < LENGTH(devices); i++) {
        registers_set(i % 2 == 0 ? r : from, devices[i], 5, (uint16_t)i);
        registers_set(r, devices[i], 6, 1);
        registers_set(from, devices[i], 6, 2);
    }
    registers_assign(r, from);
    for (size_t i = 0; i < LENGTH(devices); i++) {
        if (i % 2 == 0)
            assert_unwritten(devices[i], 5);
        else
            assert_holds(devices[i], 5, (uint16_t)i);
        assert_holds(devices[i], 6, 2);
    }
    registers_free(from);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("registers");
    TCase *tc = tcase_create("registers");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, all_unwritten_at_first);
    tcase_add_test(tc, each_is_its_own);
    tcase_add_test(tc, every_value);
    tcase_add_test(tc, zero_counts_as_written);
    tcase_add_test(tc, two_tables_share_nothing);
    tcase_add_test(tc, freeing_nothing);
    tcase_add_test(tc, what_is_erased_is_unwritten);
    tcase_add_test(tc, one_becomes_as_another);
    tcase_add_test(tc, a_get_sees_the_set_before_it);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
