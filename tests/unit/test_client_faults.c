/* The client's time, and a port that fails.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include <wwep/client.h>

#include "unit.h"
#include "unit_client.h"
#include "unit_port.h"

#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Each test is a process of its own. */
static struct unit_client u;

static void setup(void)
{
    unit_client_init(&u);
}

/* --- time ----------------------------------------------------------------- */

/* The clock of a board wraps every 49 days. */
START_TEST(a_clock_that_wraps)
{
    static const uint32_t before[] = {0, 1, 50, 100, 101, 4999, 5000};

    for (size_t i = 0; i < LENGTH(before); i++) {
        unit_client_init(&u);
        u.p.clock_ms = UINT32_MAX - before[i];
        u.p.dials[0].delay_ms = 50;
        u.p.dials[0].steps[0] = (struct unit_step){
            .kind = UNIT_STEP_BYTES, .bytes = "A0FAC0B1234", .delay_ms = 50};
        u.p.dials_n = 2;
        unit_client_start(&u);
        ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_OK);
        ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_E_TIMEOUT);
        ck_assert_uint_eq(u.p.clock_ms - u.p.limit_from_ms,
                          UNIT_CLIENT_TIMEOUT_MS);
        unit_client_stop(&u);
    }
}
END_TEST

/* Whatever each operation takes: the call ends in its time, and is right. */
START_TEST(slow_operations)
{
    for (uint32_t step_ms = 1; step_ms < 6000; step_ms += 1 + step_ms / 7) {
        unit_client_init(&u);
        u.p.step_ms = step_ms;
        u.p.piece = 1;
        unit_port_says(&u.p, 0, "A0FAC0B1234");
        unit_client_start(&u);
        enum wwep_result result = unit_client_read(&u, 0x0FAC, 0x0B);
        /* resolve, connect, 7 sent and 11 received */
        if (step_ms * 20 <= UNIT_CLIENT_TIMEOUT_MS)
            ck_assert_int_eq(result, WWEP_OK);
        else
            ck_assert(result == WWEP_E_TIMEOUT || result == WWEP_E_CONNECT);
        unit_client_stop(&u);
    }
}
END_TEST

START_TEST(the_longest_time)
{
    u.config.timeout_ms = 600000;
    unit_client_start(&u);
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_E_TIMEOUT);
    ck_assert_uint_eq(u.p.clock_ms, 600000);
    unit_client_stop(&u);
}
END_TEST

/* --- faults --------------------------------------------------------------- */

static void two_addresses_piecemeal(void)
{
    unit_client_init(&u);
    u.p.addresses[1] = unit_port_ipv4(192, 0, 2, 2);
    u.p.resolved = 2;
    u.p.dials_n = 2;
    u.p.piece = 3;
    for (size_t i = 0; i < 2; i++)
        unit_port_says(&u.p, i, "A0FAC0B1234");
    unit_client_start(&u);
}

/* Each operation fails once, in each way. Only a connect may: there is another
 * address. */
START_TEST(every_operation_fails)
{
    int error = -1 - _i;
    unsigned fail_at = 1;

    for (;; fail_at++) {
        two_addresses_piecemeal();
        u.p.fail_at = fail_at;
        u.p.fail_with = error;
        enum wwep_result result = unit_client_write(&u, 0x0FAC, 0x0B, 0x1234);
        unit_client_stop(&u);
        if (!u.p.failed) {
            ck_assert_int_eq(result, WWEP_OK);
            break;
        }
        if (fail_at == 1)
            ck_assert_int_eq(result, WWEP_E_NAME);
        else if (fail_at == 2)
            ck_assert_int_eq(result, WWEP_OK);
        else if (error == WWEP_PORT_TIMEOUT)
            ck_assert_int_eq(result, WWEP_E_TIMEOUT);
        else
            ck_assert_int_eq(result, WWEP_E_LOST);
        if (result == WWEP_E_NAME || result == WWEP_E_LOST)
            ck_assert_int_eq(u.outcome.port_error, error);
    }
    ck_assert_uint_eq(fail_at, 2 + 4 + 4 + 1); /* of three bytes each */
}
END_TEST

START_TEST(every_operation_fails_on_an_open_connection)
{
    int error = -1 - _i;

    for (unsigned fail_at = 1;; fail_at++) {
        unit_client_init(&u);
        u.p.piece = 5;
        unit_port_says(&u.p, 0, "A0FAC0B1234\n");
        unit_client_start(&u);
        ck_assert_int_eq(unit_client_connect(&u), WWEP_OK);
        u.p.fail_at = u.p.operations + fail_at;
        u.p.fail_with = error;
        enum wwep_result result = unit_client_write(&u, 0x0FAC, 0x0B, 0x1234);
        ck_assert_int_eq(u.p.connected, result == WWEP_OK);
        if (u.p.failed)
            ck_assert_int_eq(result, error == WWEP_PORT_TIMEOUT ? WWEP_E_TIMEOUT
                                                                : WWEP_E_LOST);
        else
            ck_assert_int_eq(result, WWEP_OK);
        unit_client_stop(&u);
        if (!u.p.failed)
            return;
    }
}
END_TEST

/* A port that says it has done more than it was asked for, or nothing. */
static int send_too_much(void *ctx, const uint8_t *buf, size_t len,
                         uint32_t timeout_ms)
{
    (void)ctx;
    (void)buf;
    (void)timeout_ms;
    return (int)len + 1;
}

static int send_nothing(void *ctx, const uint8_t *buf, size_t len,
                        uint32_t timeout_ms)
{
    (void)ctx;
    (void)buf;
    (void)len;
    (void)timeout_ms;
    return 0;
}

static int receive_too_much(void *ctx, uint8_t *buf, size_t len,
                            uint32_t timeout_ms)
{
    (void)ctx;
    (void)timeout_ms;
    memset(buf, 'X', len);
    return (int)len + 1;
}

static int resolve_too_many(void *ctx, const char *host,
                            struct wwep_address *out, size_t cap,
                            uint32_t timeout_ms)
{
    (void)ctx;
    (void)host;
    (void)timeout_ms;
    memset(out, 0, cap * sizeof *out);
    return (int)cap + 1;
}

static int connect_oddly(void *ctx, const struct wwep_address *address,
                         uint16_t port, uint32_t timeout_ms)
{
    (void)ctx;
    (void)address;
    (void)port;
    (void)timeout_ms;
    return 1;
}

START_TEST(a_port_that_breaks_its_word)
{
    const struct wwep_port right = u.p.port;

    u.p.dials_n = 3;
    unit_client_start(&u);
    u.p.port.send = send_too_much;
    ck_assert_int_eq(unit_client_read(&u, 1, 2), WWEP_E_LOST);
    u.p.port.send = send_nothing;
    ck_assert_int_eq(unit_client_read(&u, 1, 2), WWEP_E_LOST);
    u.p.port = right;
    u.p.port.recv = receive_too_much;
    ck_assert_int_eq(unit_client_read(&u, 1, 2), WWEP_E_LOST);
    ck_assert_int_eq(u.outcome.port_error, WWEP_PORT_FAILED);
    u.p.port = right;
    u.p.port.resolve = resolve_too_many;
    ck_assert_int_eq(unit_client_read(&u, 1, 2), WWEP_E_NAME);
    u.p.port = right;
    u.p.port.connect = connect_oddly;
    ck_assert_int_eq(unit_client_read(&u, 1, 2), WWEP_E_CONNECT);
    ck_assert_int_eq(u.outcome.port_error, WWEP_PORT_FAILED);
    u.p.port = right;
    unit_client_stop(&u);
}
END_TEST

/* -------------------------------------------------------------------------- */

int main(void)
{
    Suite *suite = suite_create("client_faults");
    TCase *tc = tcase_create("client_faults");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, a_clock_that_wraps);
    tcase_add_test(tc, slow_operations);
    tcase_add_test(tc, the_longest_time);
    tcase_add_loop_test(tc, every_operation_fails, 0, 6);
    tcase_add_loop_test(tc, every_operation_fails_on_an_open_connection, 0, 6);
    tcase_add_test(tc, a_port_that_breaks_its_word);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
