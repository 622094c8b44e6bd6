/* The client's calls and one exchange, in the clear.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include <wwep/client.h>

#include "unit.h"
#include "unit_client.h"
#include "unit_port.h"

#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define DIALLED                                 \
    "resolving:server.test resolved:192.0.2.1 " \
    "connecting:192.0.2.1:27708 connected "

/* Each test is a process of its own. */
static struct unit_client u;

static void setup(void)
{
    unit_client_init(&u);
}

/* --- the configuration ---------------------------------------------------- */

static void assert_refused(const struct wwep_client_config *config)
{
    struct wwep_client client;

    memset(&client, '?', sizeof client);
    ck_assert_int_eq(wwep_client_init(&client, config), WWEP_E_ARGUMENT);
    /* There is nothing to deinit, but it does no harm. */
    wwep_client_deinit(&client);
}

START_TEST(wrong_arguments)
{
    ck_assert_int_eq(wwep_client_init(NULL, &u.config), WWEP_E_ARGUMENT);
    assert_refused(NULL);
#define REFUSED(field, wrong)                        \
    do {                                             \
        struct wwep_client_config config = u.config; \
        config.field = wrong;                        \
        assert_refused(&config);                     \
    } while (0)
    REFUSED(port, NULL);
    REFUSED(host, NULL);
    REFUSED(host, "");
    REFUSED(fallback, "");
    REFUSED(tcp_port, 0);
    REFUSED(timeout_ms, 0);
    REFUSED(timeout_ms, 600001);
#undef REFUSED
    u.observer.event = NULL;
    assert_refused(&u.config);
}
END_TEST

START_TEST(a_port_with_holes)
{
#define WITHOUT(function)                  \
    do {                                   \
        struct wwep_port whole = u.p.port; \
        u.p.port.function = NULL;          \
        assert_refused(&u.config);         \
        u.p.port = whole;                  \
    } while (0)
    WITHOUT(resolve);
    WITHOUT(connect);
    WITHOUT(send);
    WITHOUT(recv);
    WITHOUT(close);
    WITHOUT(now_ms);
    WITHOUT(entropy);
#undef WITHOUT
    /* These two a board may not have. */
    u.p.port.wall_clock = NULL;
    u.p.port.log = NULL;
    unit_client_start(&u);
    u.config.fallback = "192.0.2.1";
    u.p.resolved = WWEP_PORT_NO_NAME;
    unit_port_says(&u.p, 0, "A0FAC050001");
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 5), WWEP_OK);
    unit_client_stop(&u);
}
END_TEST

START_TEST(wrong_tls)
{
    static const uint8_t pem[] = "PEM";
    const struct wwep_bytes some = {pem, 3};
    const struct wwep_bytes empty = {pem, 0};
    const struct wwep_bytes nothing = {NULL, 3};
    const struct {
        struct wwep_tls_config tls;
        enum wwep_result want;
    } cases[] = {
        {{.roots = {NULL, 0}}, WWEP_OK},
        {{.roots = some, .name = "x", .max_fragment = 4096}, WWEP_OK},
        {{.certificate = some, .key = some, .version = WWEP_TLS_1_3}, WWEP_OK},
        {{.roots = empty}, WWEP_E_ARGUMENT},
        {{.roots = nothing}, WWEP_E_ARGUMENT},
        {{.certificate = some}, WWEP_E_ARGUMENT},
        {{.key = some}, WWEP_E_ARGUMENT},
        {{.certificate = some, .key = empty}, WWEP_E_ARGUMENT},
        {{.name = ""}, WWEP_E_ARGUMENT},
        {{.version = (enum wwep_tls_version)3}, WWEP_E_ARGUMENT},
        {{.max_fragment = 1}, WWEP_E_ARGUMENT},
        {{.max_fragment = 8192}, WWEP_E_ARGUMENT},
    };

    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct wwep_client client;

        u.config.tls = &cases[i].tls;
        ck_assert_int_eq(wwep_client_init(&client, &u.config), cases[i].want);
    }
}
END_TEST

START_TEST(out_of_order)
{
    memset(&u.client, 0, sizeof u.client);
    wwep_client_deinit(&u.client);
    wwep_client_close(&u.client);
    ck_assert_int_eq(unit_client_read(&u, 1, 2), WWEP_E_STATE);
    ck_assert_int_eq(unit_client_write(&u, 1, 2, 3), WWEP_E_STATE);
    ck_assert_int_eq(unit_client_connect(&u), WWEP_E_STATE);

    unit_client_start(&u);
    wwep_client_close(&u.client);
    unit_client_stop(&u);
    unit_client_stop(&u);
    ck_assert_int_eq(unit_client_read(&u, 1, 2), WWEP_E_STATE);
    ck_assert_uint_eq(u.p.operations, 0);
}
END_TEST

/* --- one exchange --------------------------------------------------------- */

START_TEST(write_a_register)
{
    unit_port_says(&u.p, 0, "A0FAC0B1234");
    unit_client_start(&u);
    ck_assert_int_eq(unit_client_write(&u, 0x0FAC, 0x0B, 0x1234), WWEP_OK);
    ck_assert(!u.outcome.security.tls);
    ck_assert_str_eq(u.outcome.security.version, "");
    unit_port_expect_sent(&u.p, 0, "W0FAC0B1234");
    ck_assert_uint_eq(u.p.dials[0].port, 27708);
    ck_assert_str_eq(u.story, DIALLED "sent:11 received:11 closed");
    ck_assert_str_eq(u.p.log, "");
    unit_client_stop(&u);
}
END_TEST

START_TEST(read_a_register)
{
    u.config.observer = NULL;
    unit_port_says(&u.p, 0, "A0FAC0BABCD");
    unit_client_start(&u);
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_OK);
    ck_assert_uint_eq(u.outcome.value, 0xABCD);
    unit_port_expect_sent(&u.p, 0, "R0FAC0B");
    ck_assert_str_eq(u.story, "");
    unit_client_stop(&u);
}
END_TEST

/* To a read of register 0B of 0FAC; an LF behind it makes no difference. */
static const struct {
    const char *bytes;
    enum wwep_result result;
    const char *reason;
} replies[] = {
    {"A0FAC0B1234", WWEP_OK, ""},
    {"A0FAC0B1234\n", WWEP_OK, ""},
    {"A0FAC0B1234\r\n", WWEP_OK, ""},
    {"\r\nA0FAC0B1234", WWEP_OK, ""},
    {"A0FAC0B1234, and more", WWEP_OK, ""},
    {"X", WWEP_E_REFUSED, ""},
    {"X\n", WWEP_E_REFUSED, ""},
    {"X not found", WWEP_E_REFUSED, "not found"},
    {"X not found\r\n", WWEP_E_REFUSED, "not found"},
    {"X illegal character (\\x0A)", WWEP_E_REFUSED,
     "illegal character (\\x0A)"},
    {"", WWEP_E_LOST, ""},
    {"\n", WWEP_E_LOST, ""},
    {"A0FAC0B123", WWEP_E_REPLY, ""},
    {"A", WWEP_E_REPLY, ""},
    {"A0FAC0C1234", WWEP_E_REPLY, ""},
    {"A0FAD0B1234", WWEP_E_REPLY, ""},
    {"A0fac0B1234", WWEP_E_REPLY, ""},
    {"a0FAC0B1234", WWEP_E_REPLY, ""},
    {"XX", WWEP_E_REPLY, ""},
    {"X not\tfound", WWEP_E_REPLY, ""},
    {"X-Powered-By: nothing", WWEP_E_REPLY, ""},
    {"R0FAC0B", WWEP_E_REPLY, ""},
    {"HTTP/1.1 400 Bad Request\r\n\r\n", WWEP_E_REPLY, ""},
    {"\x15\x03\x03", WWEP_E_REPLY, ""},
};

START_TEST(every_reply)
{
    const char *bytes = replies[_i].bytes;

    for (size_t piece = 0; piece <= strlen(bytes); piece++) {
        unit_client_init(&u);
        u.p.piece = piece;
        unit_port_says(&u.p, 0, bytes);
        unit_client_start(&u);
        ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B),
                         replies[_i].result);
        ck_assert_str_eq(u.outcome.reason, replies[_i].reason);
        ck_assert_int_eq(u.outcome.port_error, 0);
        unit_port_expect_sent(&u.p, 0, "R0FAC0B");
        ck_assert(u.p.dials[0].closed);
        unit_client_stop(&u);
    }
}
END_TEST

START_TEST(a_write_that_was_not_done_so)
{
    unit_port_says(&u.p, 0, "A0FAC0B1235");
    unit_client_start(&u);
    ck_assert_int_eq(unit_client_write(&u, 0x0FAC, 0x0B, 0x1234), WWEP_E_REPLY);
    unit_client_stop(&u);
}
END_TEST

START_TEST(every_value)
{
    static const uint16_t values[] = {0, 1, 0x00FF, 0x7FFF, 0xFFFF};

    for (size_t i = 0; i < LENGTH(values); i++) {
        struct wwep_request request = {WWEP_WRITE, values[i],
                                       (uint8_t)values[i], values[i]};
        uint8_t bytes[WWEP_REPLY_MAX] = {0};

        unit_client_init(&u);
        wwep_reply_accept(&request, request.value, bytes);
        unit_port_says(&u.p, 0, (const char *)bytes);
        unit_client_start(&u);
        ck_assert_int_eq(
            unit_client_write(&u, request.device, request.reg, request.value),
            WWEP_OK);
        bytes[0] = 'W';
        unit_port_expect_sent(&u.p, 0, (const char *)bytes);
        unit_client_stop(&u);
    }
}
END_TEST

/* An 'A' is whole at its last digit: a server that stays makes nobody wait. */
START_TEST(an_accept_waits_for_no_close)
{
    u.p.dials[0].steps[0] = (struct unit_step){
        .kind = UNIT_STEP_BYTES, .bytes = "A0FAC0B1234", .delay_ms = 30};
    unit_client_start(&u);
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_OK);
    ck_assert_uint_eq(u.p.clock_ms, 30);
    unit_client_stop(&u);
}
END_TEST

START_TEST(a_refusal_ends_with_the_connection)
{
    u.p.dials[0].steps[0] =
        (struct unit_step){.kind = UNIT_STEP_BYTES, .bytes = "X not "};
    u.p.dials[0].steps[1] = (struct unit_step){
        .kind = UNIT_STEP_BYTES, .bytes = "found", .delay_ms = 100};
    u.p.dials[0].steps[2] =
        (struct unit_step){.kind = UNIT_STEP_END, .delay_ms = 100};
    unit_client_start(&u);
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_E_REFUSED);
    ck_assert_str_eq(u.outcome.reason, "not found");
    ck_assert_uint_eq(u.p.clock_ms, 200);
    unit_client_stop(&u);
}
END_TEST

/* The refusal has been heard, whatever comes of the connection. */
START_TEST(a_refusal_whose_end_does_not_come)
{
    static const enum unit_step_kind ends[] = {UNIT_STEP_SILENCE,
                                               UNIT_STEP_RESET};

    for (size_t i = 0; i < LENGTH(ends); i++) {
        unit_client_init(&u);
        u.p.dials[0].steps[0] =
            (struct unit_step){.kind = UNIT_STEP_BYTES, .bytes = "X not f"};
        u.p.dials[0].steps[1] = (struct unit_step){.kind = ends[i]};
        unit_client_start(&u);
        ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_E_REFUSED);
        ck_assert_str_eq(u.outcome.reason, "not f");
        unit_client_stop(&u);
    }
}
END_TEST

START_TEST(a_reason_without_end)
{
    static char endless[60000];

    memset(endless, 'r', sizeof endless - 1);
    memcpy(endless, "X ", 2);
    u.config.observer = NULL;
    u.p.step_ms = 1;
    u.p.piece = 2;
    unit_port_says(&u.p, 0, endless);
    unit_client_start(&u);
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_E_REFUSED);
    ck_assert_uint_eq(strlen(u.outcome.reason), WWEP_REASON_MAX - 1);
    ck_assert_uint_eq(u.p.clock_ms, UNIT_CLIENT_TIMEOUT_MS);
    unit_client_stop(&u);
}
END_TEST

/* Line ends are dropped in front of a reply: but not for ever. */
START_TEST(line_ends_without_end)
{
    static char endless[60000];

    memset(endless, '\n', sizeof endless - 1);
    u.config.observer = NULL;
    u.p.step_ms = 1;
    u.p.piece = 2;
    unit_port_says(&u.p, 0, endless);
    unit_client_start(&u);
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_E_TIMEOUT);
    ck_assert_uint_eq(u.p.clock_ms, UNIT_CLIENT_TIMEOUT_MS);
    unit_client_stop(&u);
}
END_TEST

START_TEST(a_server_that_resets)
{
    u.p.dials[0].steps[0] = (struct unit_step){.kind = UNIT_STEP_RESET};
    unit_client_start(&u);
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_E_LOST);
    ck_assert_int_eq(u.outcome.port_error, WWEP_PORT_RESET);
    ck_assert_str_eq(u.story, DIALLED "sent:7 closed");
    unit_client_stop(&u);
}
END_TEST

START_TEST(a_server_that_is_silent)
{
    unit_client_start(&u);
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_E_TIMEOUT);
    ck_assert_uint_eq(u.p.clock_ms, UNIT_CLIENT_TIMEOUT_MS);
    ck_assert_str_eq(u.story, DIALLED "sent:7 closed");
    unit_client_stop(&u);
}
END_TEST

START_TEST(half_a_reply)
{
    u.p.dials[0].steps[0] =
        (struct unit_step){.kind = UNIT_STEP_BYTES, .bytes = "A0FAC0B123"};
    unit_client_start(&u);
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_E_TIMEOUT);
    unit_client_stop(&u);
}
END_TEST

/* The reply must not be counted from one call to the next. */
START_TEST(each_call_begins_anew)
{
    u.p.dials_n = 3;
    unit_port_says(&u.p, 0, "A0FAC");
    unit_port_says(&u.p, 1, "0B1234");
    unit_port_says(&u.p, 2, "A0FAC0B1234");
    unit_client_start(&u);
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_E_REPLY);
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_E_REPLY);
    ck_assert_int_eq(unit_client_read(&u, 0x0FAC, 0x0B), WWEP_OK);
    unit_client_stop(&u);
}
END_TEST

/* -------------------------------------------------------------------------- */

int main(void)
{
    Suite *suite = suite_create("client");
    TCase *tc = tcase_create("client");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, wrong_arguments);
    tcase_add_test(tc, a_port_with_holes);
    tcase_add_test(tc, wrong_tls);
    tcase_add_test(tc, out_of_order);
    tcase_add_test(tc, write_a_register);
    tcase_add_test(tc, read_a_register);
    tcase_add_loop_test(tc, every_reply, 0, (int)LENGTH(replies));
    tcase_add_test(tc, a_write_that_was_not_done_so);
    tcase_add_test(tc, every_value);
    tcase_add_test(tc, an_accept_waits_for_no_close);
    tcase_add_test(tc, a_refusal_ends_with_the_connection);
    tcase_add_test(tc, a_refusal_whose_end_does_not_come);
    tcase_add_test(tc, a_reason_without_end);
    tcase_add_test(tc, line_ends_without_end);
    tcase_add_test(tc, a_server_that_resets);
    tcase_add_test(tc, a_server_that_is_silent);
    tcase_add_test(tc, half_a_reply);
    tcase_add_test(tc, each_call_begins_anew);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
