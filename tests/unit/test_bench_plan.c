/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench_plan.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

static struct bench_plan plan;
static struct wwep_reply reply;
static const struct wwep_request to_read = {WWEP_READ, 0x1234, 0x05, 0};
static const struct wwep_request to_write = {WWEP_WRITE, 0x1234, 0x05, 0xBEEF};

static void begin(void)
{
    ck_assert(bench_plan_init(&plan, 0x1233, 2, 8, 50, 42));
}

static void end(void)
{
    bench_plan_free(&plan);
}

/* What the decoder makes of this. */
static const struct wwep_reply *reply_of(const char *text)
{
    struct wwep_reply_decoder decoder = {.len = 0};

    (void)wwep_reply_feed(&decoder, (const uint8_t *)text, strlen(text),
                          &reply);
    if (reply.kind == WWEP_REPLY_PENDING)
        wwep_reply_finish(&decoder, &reply);
    return &reply;
}

static void expect(const struct wwep_request *request, const char *text,
                   enum bench_verdict verdict)
{
    ck_assert_int_eq(bench_plan_judge(&plan, request, reply_of(text)), verdict);
}

/* --- requests --------------------------------------------------------------
 */

START_TEST(each_slot_has_its_own)
{
    static unsigned char owner[2][256];

    memset(owner, 0xFF, sizeof owner);
    for (int i = 0; i < 20000; i++) {
        struct wwep_request request;
        unsigned char slot = (unsigned char)(i % 8);

        bench_plan_next(&plan, slot, &request);
        ck_assert(request.device == 0x1233 || request.device == 0x1234);
        unsigned char *has = &owner[request.device - 0x1233][request.reg];
        ck_assert(*has == 0xFF || *has == slot);
        *has = slot;
    }
    /* 64 each: so none is left. */
    ck_assert_ptr_null(memchr(owner, 0xFF, sizeof owner));
}
END_TEST

START_TEST(share_of_writes)
{
    static const unsigned shares[] = {0, 1, 50, 99, 100};
    unsigned writes = 0;

    plan.writes = shares[_i];
    for (int i = 0; i < 100000; i++) {
        struct wwep_request request;

        bench_plan_next(&plan, 0, &request);
        writes += request.command == WWEP_WRITE;
        if (request.command == WWEP_READ)
            ck_assert_uint_eq(request.value, 0);
    }
    ck_assert_uint_ge(writes, shares[_i] * 1000 * 9 / 10);
    ck_assert_uint_le(writes, shares[_i] * 1000 * 11 / 10);
}
END_TEST

/* Behind the last device comes the first, as in the address space. */
START_TEST(around_the_end)
{
    bench_plan_free(&plan);
    ck_assert(bench_plan_init(&plan, 0xFFFF, 2, 2, 100, 1));
    for (int i = 0; i < 100; i++) {
        struct wwep_request request;

        bench_plan_next(&plan, (size_t)i % 2, &request);
        ck_assert_uint_eq(request.device, i % 2 == 0 ? 0xFFFF : 0x0000);
        char text[16];
        snprintf(text, sizeof text, "A%04X%02X%04X", (unsigned)request.device,
                 (unsigned)request.reg, (unsigned)request.value);
        expect(&request, text, BENCH_RIGHT);
    }
}
END_TEST

/* --- replies ---------------------------------------------------------------
 */

START_TEST(write_then_read)
{
    uint16_t value;

    ck_assert(!bench_plan_holds(&plan, &to_read, &value));
    expect(&to_write, "A123405BEEF", BENCH_RIGHT);
    ck_assert(bench_plan_holds(&plan, &to_read, &value));
    ck_assert_uint_eq(value, 0xBEEF);
    expect(&to_read, "A123405BEEF", BENCH_RIGHT);
    expect(&to_read, "A123405BEEE", BENCH_WRONG);
    expect(&to_read, "X", BENCH_REFUSED);
    expect(&to_read, "X not found", BENCH_REFUSED);
    expect(&to_read, "A123405BEEF", BENCH_RIGHT);
}
END_TEST

START_TEST(never_written)
{
    expect(&to_read, "X", BENCH_NOT_FOUND);
    expect(&to_read, "X not found", BENCH_NOT_FOUND);
    expect(&to_read, "A1234050000", BENCH_WRONG);
}
END_TEST

/* By an earlier run: whatever it is, it stays. */
START_TEST(written_before)
{
    expect(&to_read, "A1234050007", BENCH_RIGHT);
    expect(&to_read, "A1234050008", BENCH_WRONG);
    expect(&to_read, "X", BENCH_REFUSED);
    expect(&to_read, "A1234050007", BENCH_RIGHT);
}
END_TEST

START_TEST(no_reply_to_this)
{
    expect(&to_write, "A123405BEEE", BENCH_OTHER);
    expect(&to_write, "A123406BEEF", BENCH_OTHER);
    expect(&to_write, "A123305BEEF", BENCH_OTHER);
    expect(&to_read, "A1233050000", BENCH_OTHER);
    expect(&to_read, "A12340500", BENCH_OTHER);
    expect(&to_read, "HTTP/1.1 400", BENCH_OTHER);
    expect(&to_write, "X", BENCH_REFUSED);
    expect(&to_read, "X not allowed", BENCH_REFUSED);
}
END_TEST

/* After a write without a reply both values are right, until one is seen. */
START_TEST(lost_write)
{
    const struct wwep_request other = {WWEP_WRITE, 0x1234, 0x05, 0x0001};

    expect(&to_write, "A123405BEEF", BENCH_RIGHT);
    bench_plan_forget(&plan, &to_read); /* a lost read changes nothing */
    expect(&to_read, "A1234050001", BENCH_WRONG);
    bench_plan_forget(&plan, &other);
    expect(&to_read, "A1234050001", BENCH_RIGHT);
    expect(&to_read, "A123405BEEF", BENCH_WRONG);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bench_plan");
    TCase *tcase = tcase_create("bench_plan");

    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, each_slot_has_its_own);
    tcase_add_loop_test(tcase, share_of_writes, 0, 5);
    tcase_add_test(tcase, around_the_end);
    tcase_add_test(tcase, write_then_read);
    tcase_add_test(tcase, never_written);
    tcase_add_test(tcase, written_before);
    tcase_add_test(tcase, no_reply_to_this);
    tcase_add_test(tcase, lost_write);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
