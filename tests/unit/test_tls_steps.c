/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "unit.h"
#include "unit_pki.h"
#include "unit_tls_link.h"

static struct unit_near near;
static struct unit_far far;
static struct wwep_session slot;
static struct wwep_tls_link *model;
static struct wwep_tls_carrier whole; /* that waits */
static unsigned starved;
static bool hungry; /* the next one gets nothing */

static void make_all(void)
{
    unit_pki_setup("ec client P-256; issue client ca '/CN=board' "
                   "'extendedKeyUsage=clientAuth'\n");
}

/* Gives every other one nothing, in place of waiting. */
static int starving_recv(void *ctx, uint8_t *buf, size_t len)
{
    hungry = !hungry;
    if (hungry) {
        starved++;
        return WWEP_PORT_TIMEOUT;
    }
    return whole.recv(ctx, buf, len);
}

static void begin(void)
{
    unit_near_init(&near);
    whole = near.carrier;
    far = (struct unit_far){.certificate = "server.pem", .key = "server.key"};
    starved = 0;
}

static void end(void)
{
    wwep_tls_link_drop(model);
    model = NULL;
    wwep_session_clear(&slot);
    unit_far_free(&far);
}

static void use_version(int i)
{
    near.config.version = i % 2 == 0 ? WWEP_TLS_1_3 : WWEP_TLS_1_2;
}

/* One connection: the handshake in steps, the exchange, the end. */
static enum wwep_result run_steps(void)
{
    unit_far_start(&far, &near);
    near.carrier.recv = starving_recv;
    near.result =
        wwep_tls_link_begin(&near.link, &near.setup, model, &near.fault);
    ck_assert_int_eq(near.link != NULL, near.result == WWEP_OK);
    if (near.result == WWEP_OK) {
        ck_assert_uint_eq(near.sent, 0);
        do
            near.result = wwep_tls_link_step(near.link, &near.security,
                                             &near.fault, &near.port_error);
        while (near.result == WWEP_E_TIMEOUT);
    }
    near.carrier = whole;
    hungry = true;
    if (near.result == WWEP_OK) {
        /* The link has a copy of the carrier: its recv starves still. */
        uint8_t buf[64];
        int n;

        ck_assert_int_eq(wwep_tls_link_send(near.link,
                                            (const uint8_t *)"R000101", 7,
                                            &near.fault),
                         7);
        do
            n = wwep_tls_link_recv(near.link, buf, sizeof buf, &near.fault);
        while (n == WWEP_PORT_TIMEOUT);
        ck_assert_int_eq(n, 11);
        wwep_tls_link_save(near.link);
    }
    wwep_tls_link_drop(near.link);
    near.link = NULL;
    unit_far_join(&far, &near);
    return near.result;
}

static void make_model(void)
{
    ck_assert_int_eq(
        wwep_tls_link_begin(&model, &near.setup, NULL, &near.fault), WWEP_OK);
}

START_TEST(in_steps)
{
    use_version(_i);
    near.recv_piece = _i < 2 ? 0 : 1;
    ck_assert_int_eq(run_steps(), WWEP_OK);
    ck_assert_uint_gt(starved, 2);
    ck_assert(near.security.verified);
    ck_assert(near.security.dates_checked);
    ck_assert(!near.security.resumed);
}
END_TEST

/* What they share is no more than what they would have had alone. */
START_TEST(shared)
{
    use_version(_i);
    near.config.session = &slot;
    make_model();
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(run_steps(), WWEP_OK);
        ck_assert(near.security.verified);
        ck_assert_int_eq(near.security.resumed, i > 0);
    }
    near.config.session = NULL;
    ck_assert_int_eq(run_steps(), WWEP_OK);
    ck_assert(!near.security.resumed);
    ck_assert(near.security.verified);
}
END_TEST

START_TEST(shared_outlives_the_model)
{
    use_version(_i);
    make_model();
    unit_far_start(&far, &near);
    ck_assert_int_eq(
        wwep_tls_link_begin(&near.link, &near.setup, model, &near.fault),
        WWEP_OK);
    wwep_tls_link_drop(model);
    model = NULL;
    ck_assert_int_eq(wwep_tls_link_step(near.link, &near.security, &near.fault,
                                        &near.port_error),
                     WWEP_OK);
    ck_assert(unit_near_exchange(&near));
    wwep_tls_link_close(near.link);
    near.link = NULL;
    unit_far_join(&far, &near);
}
END_TEST

START_TEST(client_certificate)
{
    use_version(_i);
    near.config.certificate = unit_near_file("client.pem");
    near.config.key = unit_near_file("client.key");
    far.client_ca = "ca.pem";
    far.demands = true;
    make_model();
    ck_assert_int_eq(run_steps(), WWEP_OK);
    ck_assert(near.security.client_certificate);
}
END_TEST

/* Each link looks at the name itself. */
START_TEST(wrong_name)
{
    use_version(_i);
    make_model();
    near.config.name = "other.example";
    ck_assert_int_eq(run_steps(), WWEP_E_TLS);
    ck_assert_int_eq(near.fault.kind, WWEP_FAULT_WRONG_NAME);
    near.config.name = "wwep.example";
    unit_far_free(&far);
    ck_assert_int_eq(run_steps(), WWEP_OK);
}
END_TEST

START_TEST(peer_hangs_up)
{
    use_version(_i);
    near.recv_limit = 100;
    near.limit_error = 0;
    ck_assert_int_eq(run_steps(), WWEP_E_TLS);
    ck_assert_int_eq(near.fault.kind, WWEP_FAULT_CLOSED);
    ck_assert_int_eq(near.port_error, WWEP_PORT_RESET);
}
END_TEST

START_TEST(bad_roots)
{
    near.config.roots = (struct wwep_bytes){(const uint8_t *)"nothing", 7};
    ck_assert_int_eq(
        wwep_tls_link_begin(&model, &near.setup, NULL, &near.fault),
        WWEP_E_CREDENTIALS);
    ck_assert_ptr_null(model);
    ck_assert_int_eq(near.fault.kind, WWEP_FAULT_OUR_ROOT_BAD);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tls_steps");
    TCase *tcase = tcase_create("steps");

    tcase_add_unchecked_fixture(tcase, make_all, unit_pki_teardown);
    tcase_add_checked_fixture(tcase, begin, end);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, in_steps, 0, 4);
    tcase_add_loop_test(tcase, shared, 0, 2);
    tcase_add_loop_test(tcase, shared_outlives_the_model, 0, 2);
    tcase_add_loop_test(tcase, client_certificate, 0, 2);
    tcase_add_loop_test(tcase, wrong_name, 0, 2);
    tcase_add_loop_test(tcase, peer_hangs_up, 0, 2);
    tcase_add_test(tcase, bad_roots);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
