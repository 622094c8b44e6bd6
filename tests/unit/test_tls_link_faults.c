/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "unit.h"
#include "unit_pki.h"
#include "unit_tls_link.h"

#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const char commands[] = "ec client P-256; issue client ca '/CN=board' "
                               "'extendedKeyUsage=clientAuth'\n";

static struct unit_near near;
static struct unit_far far;
static struct wwep_session slot;

static void make_all(void)
{
    unit_heap_install();
    unit_pki_setup(commands);
}

static void begin(void)
{
    unit_near_init(&near);
    far = (struct unit_far){.certificate = "server.pem", .key = "server.key"};
}

static void end(void)
{
    wwep_session_clear(&slot);
    unit_far_free(&far);
}

static void use_version(int i)
{
    near.config.version = i % 2 == 0 ? WWEP_TLS_1_3 : WWEP_TLS_1_2;
}

/* --- the carrier ------------------------------------------------------------
 */

/* How many bytes come in a good exchange, to the reply's end. */
static size_t whole(void)
{
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_OK);
    return near.received;
}

START_TEST(peer_ends_anywhere)
{
    use_version(_i);
    size_t len = whole();

    for (size_t at = 0; at < len; at += at < 20 || at + 60 > len ? 1 : 13) {
        near.recv_limit = at;
        near.limit_error = at % 2 == 0 ? 0 : WWEP_PORT_RESET;
        enum wwep_result result = unit_tls_link_run(&near, &far);
        if (result == WWEP_OK && near.received <= at)
            break; /* signatures do not always have the same length */
        ck_assert_msg(result == WWEP_E_TLS || result == WWEP_E_LOST, "%zu: %d",
                      at, result);
        if (result == WWEP_E_TLS)
            ck_assert_msg(near.fault.kind == WWEP_FAULT_CLOSED, "%zu: %s", at,
                          wwep_fault_text(near.fault.kind));
        ck_assert_int_eq(near.port_error, WWEP_PORT_RESET);
    }
}
END_TEST

START_TEST(carrier_fails_anywhere)
{
    static const struct {
        int error;
        enum wwep_result result;
    } errors[] = {{WWEP_PORT_TIMEOUT, WWEP_E_TIMEOUT},
                  {WWEP_PORT_FAILED, WWEP_E_LOST},
                  {WWEP_PORT_UNREACHABLE, WWEP_E_LOST}};
    use_version(_i);
    size_t len = whole();

    for (size_t i = 0; i < LENGTH(errors); i++)
        for (size_t at = 0; at < len; at += 97) {
            near.recv_limit = at;
            near.limit_error = errors[i].error;
            unit_far_start(&far, &near);
            if (unit_near_open(&near) == WWEP_OK) {
                ck_assert(!unit_near_exchange(&near));
                wwep_tls_link_close(near.link);
            } else {
                ck_assert_int_eq(near.result, errors[i].result);
            }
            ck_assert_int_eq(near.port_error, errors[i].error);
            ck_assert_int_eq(near.fault.kind, WWEP_FAULT_NONE);
            unit_far_join(&far, &near);
        }
}
END_TEST

START_TEST(sending_fails)
{
    use_version(_i);
    near.send_limit = 0;
    near.limit_error = WWEP_PORT_TIMEOUT;
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_E_TIMEOUT);
    near.limit_error = WWEP_PORT_FAILED;
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_E_LOST);
}
END_TEST

/* The peer has gone, but has said why before: that is what we tell. */
START_TEST(last_words_are_heard)
{
    static const char alert[] = {0x15, 3, 3, 0, 2, 2, 48};

    use_version(_i);
    far.says = alert;
    far.says_len = sizeof alert;
    near.send_limit = 1; /* the first send goes through, and no other */
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_E_TLS);
    ck_assert_int_eq(near.fault.kind, WWEP_FAULT_ALERT_UNKNOWN_CA);
    ck_assert_int_eq(near.fault.alert, 48);
}
END_TEST

START_TEST(timeout_is_not_the_end)
{
    uint8_t buf[64];
    struct wwep_fault fault;

    use_version(_i);
    unit_far_start(&far, &near);
    ck_assert_int_eq(unit_near_open(&near), WWEP_OK);
    near.recv_limit = near.received;
    near.limit_error = WWEP_PORT_TIMEOUT;
    ck_assert_int_eq(wwep_tls_link_recv(near.link, buf, sizeof buf, &fault),
                     WWEP_PORT_TIMEOUT);
    near.recv_limit = UNIT_NO_LIMIT;
    ck_assert(unit_near_exchange(&near));
    wwep_tls_link_close(near.link);
    unit_far_join(&far, &near);
}
END_TEST

START_TEST(end_without_goodbye)
{
    use_version(_i);
    far.rude = true;
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_E_LOST);
    ck_assert_int_eq(near.port_error, WWEP_PORT_RESET);
}
END_TEST

/* --- what is no TLS ---------------------------------------------------------
 */

START_TEST(no_tls)
{
    static const struct {
        const char *says;
        size_t len;
        enum wwep_fault_kind kind;
    } cases[] = {
        {"X illegal command", 0, WWEP_FAULT_PLAIN_WWEP},
        {"A00010100FF", 0, WWEP_FAULT_PLAIN_WWEP},
        {"HTTP/1.1 400 Bad Request\r\n\r\n", 0, WWEP_FAULT_NOT_TLS},
        {"\0\0\0\0\0\0\0\0", 8, WWEP_FAULT_NOT_TLS},
        {"\x15\3\3\0\2\2\x46", 7, WWEP_FAULT_ALERT_VERSION},
        {"\x15\3\3\0\2\2\x28", 7, WWEP_FAULT_ALERT},
        {"\x16\3\1\xFF\xFF\2\0\0\1", 9, WWEP_FAULT_PROTOCOL},
        {"\x16\3\3\0\4\x0E\0\0\0", 9, WWEP_FAULT_PROTOCOL},
    };

    for (size_t i = 0; i < LENGTH(cases); i++) {
        far.says = cases[i].says;
        far.says_len = cases[i].len;
        ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_E_TLS);
        ck_assert_msg(near.fault.kind == cases[i].kind ||
                          (cases[i].kind == WWEP_FAULT_PROTOCOL &&
                           near.fault.kind == WWEP_FAULT_CLOSED),
                      "%zu: %s (%d)", i, wwep_fault_text(near.fault.kind),
                      near.fault.code);
    }
}
END_TEST

/* A ServerHello of TLS 1.1, and one of 1.2 with a suite of old. */
START_TEST(old_tls)
{
    static const struct {
        uint8_t minor;
        uint8_t suite;
    } cases[] = {{2, 0x2B}, {1, 0x2B}, {3, 0x0A}};

    for (size_t i = 0; i < LENGTH(cases); i++) {
        uint8_t hello[47] = {0x16, 3, cases[i].minor, 0, 42, 2, 0, 0,
                             38,   3, cases[i].minor};
        memset(hello + 11, 0x77, 32);
        hello[44] = cases[i].suite == 0x2B ? 0xC0 : 0;
        hello[45] = cases[i].suite;
        far.says = (const char *)hello;
        far.says_len = sizeof hello;
        ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_E_TLS);
        if (i < 2)
            unit_tls_link_expect(&near.fault, WWEP_FAULT_VERSION);
        else
            ck_assert_int_ne(near.fault.kind, WWEP_FAULT_NONE);
    }
}
END_TEST

START_TEST(noise)
{
    char bytes[600];

    srand(1);
    for (int i = 0; i < 200; i++) {
        for (size_t k = 0; k < sizeof bytes; k++)
            bytes[k] = (char)rand();
        bytes[0] = 0x16;
        bytes[1] = bytes[2] = 3;
        bytes[3] = (char)(i % 3);
        far.says = bytes;
        far.says_len = sizeof bytes;
        ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_E_TLS);
    }
}
END_TEST

START_TEST(versions_apart)
{
    far.method =
        _i == 0 ? wolfTLSv1_2_server_method : wolfTLSv1_3_server_method;
    near.config.version = _i == 0 ? WWEP_TLS_1_3 : WWEP_TLS_1_2;
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_E_TLS);
    ck_assert_msg(near.fault.kind == WWEP_FAULT_ALERT_VERSION ||
                      near.fault.kind == WWEP_FAULT_VERSION,
                  "%s (%d)", wwep_fault_text(near.fault.kind), near.fault.code);
}
END_TEST

/* --- entropy -----------------------------------------------------------------
 */

START_TEST(no_entropy)
{
    if (_i == 0)
        near.port.entropy = NULL;
    near.entropy = _i;
    far.says = "nobody asks";
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_E_ENTROPY);
    ck_assert_uint_eq(near.sent, 0);
    ck_assert_uint_eq(near.received, 0);
    ck_assert_int_eq(near.fault.kind, WWEP_FAULT_NONE);
}
END_TEST

/* --- memory ------------------------------------------------------------------
 */

/* Each allocation of a whole exchange fails once. */
START_TEST(no_memory)
{
    long n = 0;

    use_version(_i);
    near.config.session = &slot;
    near.config.certificate = unit_near_file("client.pem");
    near.config.key = unit_near_file("client.key");
    near.observer.secrets = true;
    far.client_ca = "ca.pem";
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_OK);
    if (_i < 2) /* each a full one */
        near.config.session = NULL;
    for (bool failed = true; failed; n++) {
        unit_heap_fail_at(n);
        enum wwep_result result = unit_tls_link_run(&near, &far);
        failed = unit_heap_has_failed();
        unit_heap_fail_at(-1);
        ck_assert_msg(result == WWEP_E_MEMORY || result == WWEP_E_TLS ||
                          result == WWEP_OK,
                      "allocation %ld: %s, %s (%d)", n,
                      wwep_result_text(result),
                      wwep_fault_text(near.fault.kind), near.fault.code);
        ck_assert_msg(failed || result == WWEP_OK, "%s, %s (%d)",
                      wwep_result_text(result),
                      wwep_fault_text(near.fault.kind), near.fault.code);
    }
    ck_assert_int_gt(n, 20);
}
END_TEST

START_TEST(no_memory_for_check)
{
    bool failed = true;

    near.config.certificate = unit_near_file("client.pem");
    near.config.key = unit_near_file("client.key");
    for (long n = 0; failed; n++) {
        unit_heap_fail_at(n);
        enum wwep_result result =
            wwep_tls_check(&near.config, &near.port, &near.fault);
        failed = unit_heap_has_failed();
        unit_heap_fail_at(-1);
        /* Some are not needed. */
        ck_assert_msg(result == WWEP_OK || (failed && result == WWEP_E_MEMORY),
                      "allocation %ld: %s (%d)", n,
                      wwep_fault_text(near.fault.kind), near.fault.code);
    }
}
END_TEST

static Suite *tls_link_faults_suite(void)
{
    Suite *suite = suite_create("tls_link_faults");
    TCase *tcase = tcase_create("faults");

    tcase_add_unchecked_fixture(tcase, make_all, unit_pki_teardown);
    tcase_add_checked_fixture(tcase, begin, end);
    tcase_set_timeout(tcase, 240);
    tcase_add_loop_test(tcase, peer_ends_anywhere, 0, 2);
    tcase_add_loop_test(tcase, carrier_fails_anywhere, 0, 2);
    tcase_add_loop_test(tcase, sending_fails, 0, 2);
    tcase_add_loop_test(tcase, last_words_are_heard, 0, 2);
    tcase_add_loop_test(tcase, timeout_is_not_the_end, 0, 2);
    tcase_add_loop_test(tcase, end_without_goodbye, 0, 2);
    tcase_add_test(tcase, no_tls);
    tcase_add_test(tcase, old_tls);
    tcase_add_test(tcase, noise);
    tcase_add_loop_test(tcase, versions_apart, 0, 2);
    tcase_add_loop_test(tcase, no_entropy, 0, 3);
    tcase_add_loop_test(tcase, no_memory, 0, 4);
    tcase_add_test(tcase, no_memory_for_check);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return unit_run(tls_link_faults_suite());
}
