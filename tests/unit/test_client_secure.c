/* The client over TLS, where TLS is a double: what the client makes of each
 * way in which a handshake, or a connection, may end. The functions of
 * tls_link.h are in here, so that the library's are not linked.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_link.h"

#include <wwep/client.h>

#include "unit.h"
#include "unit_client.h"
#include "unit_port.h"

#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define OPENS_MAX     4u
#define CLOSE_NOTIFY  "."

/* How one handshake goes: it sends a byte, and waits for as many. */
struct opening {
    enum wwep_result result;
    enum wwep_fault_kind fault;
    int port_error;
    bool offered;
    size_t wait_for;
};

struct wwep_tls_link {
    struct wwep_tls_setup setup;
    struct wwep_tls_carrier carrier;
};

/* Each test is a process of its own. */
static struct unit_client u;
static struct wwep_tls_config tls;
static struct wwep_session slot;
static struct wwep_tls_link the_link;
static struct opening openings[OPENS_MAX];
static size_t opened;
static unsigned closed;
static unsigned saved;
static unsigned cleared;
static bool verified;
static enum wwep_fault_kind recv_fault;

/* --- the double ----------------------------------------------------------- */

static enum wwep_result fail_opening(enum wwep_result result,
                                     struct wwep_fault *fault, int *port_error)
{
    const struct opening *o = &openings[opened - 1];

    if (result == WWEP_E_TLS)
        *fault = (struct wwep_fault){o->fault, -1, -1};
    if (result == WWEP_E_TIMEOUT || result == WWEP_E_LOST)
        *port_error = o->port_error;
    return result;
}

enum wwep_result wwep_tls_link_open(struct wwep_tls_link **link,
                                    const struct wwep_tls_setup *setup,
                                    struct wwep_security *security,
                                    struct wwep_fault *fault, int *port_error,
                                    bool *offered)
{
    ck_assert_uint_lt(opened, OPENS_MAX);
    const struct opening *o = &openings[opened++];

    *link = NULL;
    *offered = o->offered;
    the_link.setup = *setup;
    the_link.carrier = *setup->carrier;
    ck_assert_int_eq(
        the_link.carrier.send(the_link.carrier.ctx, (const uint8_t *)"h", 1),
        1);
    for (size_t i = 0; i < o->wait_for; i++) {
        uint8_t byte;
        int n = the_link.carrier.recv(the_link.carrier.ctx, &byte, 1);

        if (n == WWEP_PORT_TIMEOUT)
            return fail_opening(WWEP_E_TIMEOUT, fault, port_error);
        ck_assert_int_eq(n, 1);
    }
    if (o->result != WWEP_OK)
        return fail_opening(o->result, fault, port_error);
    *security = (struct wwep_security){.tls = true,
                                       .verified = verified,
                                       .version = "TLS 1.3",
                                       .cipher = "a cipher",
                                       .group = "a group"};
    *link = &the_link;
    return WWEP_OK;
}

int wwep_tls_link_send(struct wwep_tls_link *link, const uint8_t *buf,
                       size_t len, struct wwep_fault *fault)
{
    ck_assert_int_eq(fault->kind, WWEP_FAULT_NONE);
    return link->carrier.send(link->carrier.ctx, buf, len);
}

int wwep_tls_link_recv(struct wwep_tls_link *link, uint8_t *buf, size_t len,
                       struct wwep_fault *fault)
{
    if (recv_fault != WWEP_FAULT_NONE) {
        *fault = (struct wwep_fault){recv_fault, -313, 116};
        return WWEP_PORT_FAILED;
    }
    return link->carrier.recv(link->carrier.ctx, buf, len);
}

void wwep_tls_link_save(struct wwep_tls_link *link)
{
    ck_assert_ptr_nonnull(link);
    saved++;
}

void wwep_tls_link_close(struct wwep_tls_link *link)
{
    if (link == NULL)
        return;
    (void)link->carrier.send(link->carrier.ctx, (const uint8_t *)CLOSE_NOTIFY,
                             1);
    closed++;
}

void wwep_session_clear(struct wwep_session *s)
{
    ck_assert_ptr_eq(s, &slot);
    cleared++;
}

/* --- tests ---------------------------------------------------------------- */

static void setup(void)
{
    unit_client_init(&u);
    tls = (struct wwep_tls_config){.session = &slot};
    u.config.tls = &tls;
    u.config.tcp_port = 40508;
    u.p.dials_n = 2;
    for (size_t i = 0; i < 2; i++)
        unit_port_says(&u.p, i, "A0FAC050001");
    memset(openings, 0, sizeof openings);
    opened = 0;
    closed = 0;
    saved = 0;
    cleared = 0;
    verified = true;
    recv_fault = WWEP_FAULT_NONE;
}

static enum wwep_result write_led(void)
{
    unit_client_start(&u);
    enum wwep_result result = unit_client_write(&u, 0x0FAC, 5, 1);
    unit_client_stop(&u);
    return result;
}

START_TEST(an_exchange)
{
    ck_assert_int_eq(write_led(), WWEP_OK);
    unit_port_expect_sent(&u.p, 0, "hW0FAC050001" CLOSE_NOTIFY);
    ck_assert_int_eq(the_link.setup.role, WWEP_TLS_CLIENT);
    ck_assert_ptr_eq(the_link.setup.config, &tls);
    ck_assert_ptr_eq(the_link.setup.port, &u.p.port);
    ck_assert_ptr_eq(the_link.setup.observer, &u.observer);
    ck_assert_str_eq(the_link.setup.host, "server.test");
    ck_assert_uint_eq(the_link.setup.tcp_port, 40508);
    ck_assert_uint_eq(saved, 1);
    ck_assert_uint_eq(closed, 1);
    ck_assert(u.outcome.security.tls);
    ck_assert_str_eq(u.outcome.security.version, "TLS 1.3");
    ck_assert_str_eq(u.p.log, "");
}
END_TEST

START_TEST(the_man_in_the_middle)
{
    verified = false;
    ck_assert_int_eq(write_led(), WWEP_OK);
    ck_assert_msg(strncmp(u.p.log, "W unverified: ", 14) == 0, "%s", u.p.log);
    ck_assert_ptr_nonnull(strstr(u.p.log, "man in the middle"));
}
END_TEST

/* The name to check stays the name, whatever the address. */
START_TEST(the_fallback_has_the_name)
{
    u.config.fallback = "198.51.100.3";
    u.p.resolved = WWEP_PORT_NO_NAME;
    ck_assert_int_eq(write_led(), WWEP_OK);
    ck_assert_str_eq(the_link.setup.host, "server.test");
    ck_assert_mem_eq(u.p.dials[0].address.bytes, "\xC6\x33\x64\x03", 4);
}
END_TEST

START_TEST(keep_open)
{
    u.p.dials[0].steps[0].bytes = "A0FAC050001\nX not found\n";
    u.p.piece = 12;
    unit_client_start(&u);
    ck_assert_int_eq(unit_client_connect(&u), WWEP_OK);
    ck_assert(u.outcome.security.tls);
    ck_assert_int_eq(unit_client_write(&u, 0x0FAC, 5, 1), WWEP_OK);
    ck_assert(u.outcome.security.tls);
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 6), WWEP_E_REFUSED);
    ck_assert_uint_eq(opened, 1);
    ck_assert_uint_eq(closed, 0);
    unit_client_stop(&u);
    ck_assert_uint_eq(closed, 1);
    unit_port_expect_sent(&u.p, 0, "hW0FAC050001\nR0FAC06\n" CLOSE_NOTIFY);
}
END_TEST

/* --- stale sessions ------------------------------------------------------- */

START_TEST(a_stale_session)
{
    static const enum wwep_result results[] = {WWEP_E_TLS, WWEP_E_LOST};

    for (size_t i = 0; i < LENGTH(results); i++) {
        setup();
        u.p.addresses[1] = unit_port_ipv4(192, 0, 2, 2);
        u.p.resolved = 2;
        openings[0] = (struct opening){.result = results[i],
                                       .fault = WWEP_FAULT_PROTOCOL,
                                       .port_error = WWEP_PORT_RESET,
                                       .offered = true};
        ck_assert_int_eq(write_led(), WWEP_OK);
        ck_assert_uint_eq(cleared, 1);
        ck_assert_uint_eq(opened, 2);
        ck_assert(u.p.dials[0].closed);
        ck_assert_mem_eq(&u.p.dials[1].address, &u.p.dials[0].address,
                         sizeof u.p.dials[0].address);
        unit_port_expect_sent(&u.p, 0, "h");
        ck_assert_str_eq(
            u.story, "resolving:server.test resolved:192.0.2.1 "
                     "resolved:192.0.2.2 connecting:192.0.2.1:40508 connected "
                     "closed retry connecting:192.0.2.1:40508 connected "
                     "sent:11 received:11 closed");
    }
}
END_TEST

START_TEST(once_and_no_more)
{
    openings[0] = (struct opening){
        .result = WWEP_E_TLS, .fault = WWEP_FAULT_PROTOCOL, .offered = true};
    openings[1] = (struct opening){
        .result = WWEP_E_TLS, .fault = WWEP_FAULT_EXPIRED, .offered = true};
    ck_assert_int_eq(write_led(), WWEP_E_TLS);
    ck_assert_int_eq(u.outcome.fault.kind, WWEP_FAULT_EXPIRED);
    ck_assert_uint_eq(opened, 2);
    ck_assert_uint_eq(cleared, 1);
    ck_assert(!u.outcome.security.tls);
}
END_TEST

START_TEST(not_for_the_session)
{
    static const struct opening cases[] = {
        {.result = WWEP_E_TLS, .fault = WWEP_FAULT_EXPIRED},
        {.result = WWEP_E_LOST, .port_error = WWEP_PORT_RESET},
        {.result = WWEP_E_TIMEOUT, .offered = true},
        {.result = WWEP_E_ENTROPY, .offered = true},
        {.result = WWEP_E_MEMORY, .offered = true},
        {.result = WWEP_E_CREDENTIALS, .offered = true},
    };

    for (size_t i = 0; i < LENGTH(cases); i++) {
        setup();
        openings[0] = cases[i];
        ck_assert_int_eq(write_led(), cases[i].result);
        ck_assert_int_eq(u.outcome.fault.kind, cases[i].fault);
        ck_assert_int_eq(u.outcome.port_error, cases[i].port_error);
        ck_assert_uint_eq(opened, 1);
        ck_assert_uint_eq(cleared, 0);
        ck_assert_uint_eq(saved, 0);
        ck_assert_uint_eq(u.p.dialled, 1);
    }
}
END_TEST

START_TEST(nobody_is_there_any_more)
{
    openings[0] = (struct opening){
        .result = WWEP_E_LOST, .port_error = WWEP_PORT_RESET, .offered = true};
    u.p.dials[1].error = WWEP_PORT_REFUSED;
    ck_assert_int_eq(write_led(), WWEP_E_CONNECT);
    ck_assert_int_eq(u.outcome.port_error, WWEP_PORT_REFUSED);
}
END_TEST

/* What went wrong before the retry is no reason for what goes wrong later. */
START_TEST(lost_after_a_retry)
{
    openings[0] = (struct opening){
        .result = WWEP_E_TLS, .fault = WWEP_FAULT_PROTOCOL, .offered = true};
    u.p.dials[1].steps[0] = (struct unit_step){.kind = UNIT_STEP_RESET};
    ck_assert_int_eq(write_led(), WWEP_E_LOST);
    ck_assert_int_eq(u.outcome.port_error, WWEP_PORT_RESET);
}
END_TEST

/* A request that may have been heard is never said twice. */
START_TEST(never_after_the_request)
{
    openings[0].offered = true;
    recv_fault = WWEP_FAULT_ALERT_NO_CERTIFICATE;
    ck_assert_int_eq(write_led(), WWEP_E_TLS);
    ck_assert_int_eq(u.outcome.fault.kind, WWEP_FAULT_ALERT_NO_CERTIFICATE);
    ck_assert_int_eq(u.outcome.fault.alert, 116);
    ck_assert_uint_eq(opened, 1);
    ck_assert_uint_eq(saved, 0);
    ck_assert_uint_eq(closed, 1);
    ck_assert_uint_eq(u.p.dialled, 1);
}
END_TEST

/* --- time ----------------------------------------------------------------- */

START_TEST(both_attempts_in_one_time)
{
    openings[0] = (struct opening){.result = WWEP_E_TLS,
                                   .fault = WWEP_FAULT_PROTOCOL,
                                   .offered = true,
                                   .wait_for = 1};
    openings[1].wait_for = 12; /* one more than will come */
    u.p.dials[0].steps[0].delay_ms = 3000;
    u.p.dials[1].steps[1] = (struct unit_step){.kind = UNIT_STEP_SILENCE};
    ck_assert_int_eq(write_led(), WWEP_E_TIMEOUT);
    ck_assert_uint_eq(u.p.dials[1].timeout_ms, 2000);
    ck_assert_uint_eq(u.p.clock_ms, UNIT_CLIENT_TIMEOUT_MS);
}
END_TEST

START_TEST(no_time_for_another)
{
    openings[0] = (struct opening){.result = WWEP_E_TLS,
                                   .fault = WWEP_FAULT_PROTOCOL,
                                   .offered = true,
                                   .wait_for = 1};
    u.p.dials[0].steps[0].delay_ms = UNIT_CLIENT_TIMEOUT_MS;
    ck_assert_int_eq(write_led(), WWEP_E_CONNECT);
    ck_assert_int_eq(u.outcome.port_error, WWEP_PORT_TIMEOUT);
    ck_assert_uint_eq(u.p.dialled, 1);
}
END_TEST

/* A peer that always has one byte more must not keep us. */
START_TEST(a_handshake_without_end)
{
    static char endless[30000];

    memset(endless, 'h', sizeof endless - 1);
    u.p.step_ms = 1;
    unit_port_says(&u.p, 0, endless);
    openings[0].wait_for = SIZE_MAX;
    ck_assert_int_eq(write_led(), WWEP_E_TIMEOUT);
    ck_assert_uint_eq(u.p.clock_ms, UNIT_CLIENT_TIMEOUT_MS);
}
END_TEST

/* The good-bye is said, and not waited for. */
START_TEST(a_server_that_is_silent)
{
    memset(u.p.dials[0].steps, 0, sizeof u.p.dials[0].steps);
    ck_assert_int_eq(write_led(), WWEP_E_TIMEOUT);
    unit_port_expect_sent(&u.p, 0, "hW0FAC050001" CLOSE_NOTIFY);
    ck_assert_uint_eq(u.p.clock_ms, UNIT_CLIENT_TIMEOUT_MS);
    ck_assert_uint_eq(saved, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("client_secure");
    TCase *tc = tcase_create("client_secure");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, an_exchange);
    tcase_add_test(tc, the_man_in_the_middle);
    tcase_add_test(tc, the_fallback_has_the_name);
    tcase_add_test(tc, keep_open);
    tcase_add_test(tc, a_stale_session);
    tcase_add_test(tc, once_and_no_more);
    tcase_add_test(tc, not_for_the_session);
    tcase_add_test(tc, nobody_is_there_any_more);
    tcase_add_test(tc, lost_after_a_retry);
    tcase_add_test(tc, never_after_the_request);
    tcase_add_test(tc, both_attempts_in_one_time);
    tcase_add_test(tc, no_time_for_another);
    tcase_add_test(tc, a_handshake_without_end);
    tcase_add_test(tc, a_server_that_is_silent);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
