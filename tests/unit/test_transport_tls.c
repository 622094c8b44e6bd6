/* What the TLS transport does as long as there is no TLS session.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport.h"

#include "tls_context.h"
#include "unit.h"
#include "unit_io.h"
#include "unit_pki.h"
#include "unit_socket.h"
#include "unit_transport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct config_tls tls_config;
static struct config_listener listener_config;
static struct config config;

static char *path_of(const char *name)
{
    char path[4096];

    snprintf(path, sizeof path, "%s/%s", unit_pki_folder, name);
    return strdup(path);
}

static void make_certificates(void)
{
    unit_pki_setup(NULL);
    tls_config.certificate = path_of("server.pem");
    tls_config.private_key = path_of("server.key");
    listener_config.name = (char *)"secure";
    listener_config.tls = &tls_config;
}

static void remove_certificates(void)
{
    free(tls_config.certificate);
    free(tls_config.private_key);
    unit_pki_teardown();
}

static void start_tls(void)
{
    char error[TLS_ERROR_MAX];

    unit_log_open(unit_pki_folder, CONFIG_LOG_ERROR);
    struct tls_context *context =
        tls_context_new(&config, &listener_config, error);
    ck_assert_msg(context != NULL, "%s", error);
    unit_transport_start(context);
    tls_context_unref(context); /* the transport has its own reference */
}

static void stop_tls(void)
{
    unit_transport_stop();
    unit_log_close();
}

static const struct {
    const char *bytes;
    size_t len;
    enum wwep_fault_kind kind;
} first_bytes[] = {
    {"W0FAC0B1234", 11, WWEP_FAULT_PLAIN_WWEP},
    {"R0FAC0B", 7, WWEP_FAULT_PLAIN_WWEP},
    {"W", 1, WWEP_FAULT_PLAIN_WWEP},
    {"GET / HTTP/1.0\r\n\r\n", 18, WWEP_FAULT_NOT_TLS},
    {"w0fac0b1234", 11, WWEP_FAULT_NOT_TLS},
    {"\0", 1, WWEP_FAULT_NOT_TLS},
    {"\x15\x03\x03\0\x02\x02\x30", 7, WWEP_FAULT_NOT_TLS},
    {"\x17\x03\x03\0\x01x", 6, WWEP_FAULT_NOT_TLS},
    {"\x80\x2e\x01\0\x02", 5, WWEP_FAULT_NOT_TLS}, /* SSL 2 */
};

START_TEST(a_first_byte_that_is_no_tls)
{
    unit_send(rig.client, first_bytes[_i].bytes, first_bytes[_i].len);
    UNIT_TURN_UNTIL(rig.n_events > 0);
    ck_assert_str_eq(rig.events, "F");
    ck_assert_int_eq(rig.t->fault.kind, first_bytes[_i].kind);
    ck_assert_int_eq(rig.t->fault.code, 0);
    ck_assert_int_eq(rig.t->fault.alert, -1);
    ck_assert_int_lt(transport_send(rig.t, (const uint8_t *)"X", 1), 0);
    /* More of it changes nothing. */
    unit_send_text(rig.client, "W0FAC0B1234");
    for (int i = 0; i < 5; i++)
        unit_turn();
    ck_assert_str_eq(rig.events, "F");
    transport_finish(rig.t);
    unit_end(rig.client);
    UNIT_TURN_UNTIL(rig.freed);
    ck_assert_str_eq(rig.events, "FC");
    unit_client_gets(""); /* in no tongue the client knows */
}
END_TEST

START_TEST(an_end_before_the_first_byte)
{
    unit_end(rig.client);
    UNIT_TURN_UNTIL(rig.n_events > 0);
    ck_assert_str_eq(rig.events, "E");
    ck_assert_int_eq(rig.t->fault.kind, WWEP_FAULT_NONE);
}
END_TEST

START_TEST(a_reset_before_the_first_byte)
{
    unit_client_resets();
    UNIT_TURN_UNTIL(rig.n_events > 0);
    ck_assert_str_eq(rig.events, "F");
    ck_assert_int_eq(rig.t->fault.kind, WWEP_FAULT_NONE);
    ck_assert_int_eq(rig.t->error, UV_ECONNRESET);
}
END_TEST

START_TEST(an_end_during_the_handshake)
{
    unit_send(rig.client, "\x16\x03\x01\x01\x00\x01", 6);
    unit_end(rig.client);
    UNIT_TURN_UNTIL(rig.n_events > 0);
    ck_assert_str_eq(rig.events, "F");
    ck_assert_int_eq(rig.t->fault.kind, WWEP_FAULT_CLOSED);
}
END_TEST

START_TEST(rubbish_after_a_good_first_byte)
{
    static const char rubbish[] = "\x16\x03\x03\0\x04\xff\0\0\0";

    unit_send(rig.client, rubbish, sizeof rubbish - 1);
    UNIT_TURN_UNTIL(rig.n_events > 0);
    ck_assert_str_eq(rig.events, "F");
    ck_assert_int_ne(rig.t->fault.kind, WWEP_FAULT_NONE);
    ck_assert_int_ne(rig.t->fault.code, 0);
    /* An alert of ours tells the client, if it speaks TLS. */
    transport_finish(rig.t);
    unit_end(rig.client);
    UNIT_TURN_UNTIL(rig.freed);
    char buf[64];
    size_t len = unit_receive_end(rig.client, buf, sizeof buf);
    if (len > 0)
        ck_assert_int_eq(buf[0], 0x15);
}
END_TEST

START_TEST(a_silent_client_costs_no_session)
{
    for (int i = 0; i < 5; i++)
        unit_turn();
    ck_assert_str_eq(rig.events, "");
    ck_assert_int_lt(transport_send(rig.t, (const uint8_t *)"X", 1), 0);
    transport_say_goodbye(rig.t); /* to nobody */
    transport_finish(rig.t);
    unit_end(rig.client);
    UNIT_TURN_UNTIL(rig.freed);
    ck_assert_str_eq(rig.events, "C");
    unit_client_gets("");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("transport_tls");
    TCase *tc = tcase_create("transport_tls");

    tcase_add_unchecked_fixture(tc, make_certificates, remove_certificates);
    tcase_add_checked_fixture(tc, start_tls, stop_tls);
    tcase_add_loop_test(tc, a_first_byte_that_is_no_tls, 0,
                        (int)(sizeof first_bytes / sizeof first_bytes[0]));
    tcase_add_test(tc, an_end_before_the_first_byte);
    tcase_add_test(tc, a_reset_before_the_first_byte);
    tcase_add_test(tc, an_end_during_the_handshake);
    tcase_add_test(tc, rubbish_after_a_good_first_byte);
    tcase_add_test(tc, a_silent_client_costs_no_session);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
