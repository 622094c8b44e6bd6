/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "unit.h"
#include "unit_pki.h"
#include "unit_tls_link.h"

#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define DAY           (24 * 60 * 60)

static const char commands[] =
    "ec other P-256; issue other other '/CN=other root' "
    "'basicConstraints=critical,CA:TRUE'\n"
    "ec client P-256; issue client ca '/CN=board' "
    "'extendedKeyUsage=clientAuth'\n"
    "cat ca.pem other.pem >both.pem\n";

static struct unit_near near;
static struct unit_far far;
static struct wwep_session slot;

static void make_all(void)
{
    unit_pki_setup(commands);
}

static void begin(void)
{
    unit_near_init(&near);
    near.config.session = &slot;
    far = (struct unit_far){.certificate = "server.pem", .key = "server.key"};
}

static void end(void)
{
    wwep_session_clear(&slot);
    unit_far_free(&far);
}

/* Two versions, by the test's number. */
static void use_version(int i)
{
    near.config.version = i % 2 == 0 ? WWEP_TLS_1_3 : WWEP_TLS_1_2;
}

static void make_session(void)
{
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_OK);
    ck_assert_ptr_nonnull(slot.session);
    ck_assert_ptr_nonnull(strstr(near.story, "session\n"));
    ck_assert(!near.security.resumed);
}

static void expect_resumed(bool resumed)
{
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_OK);
    ck_assert_int_eq(near.offered, resumed);
    ck_assert_int_eq(near.security.resumed, resumed);
}

START_TEST(resumes_again_and_again)
{
    use_version(_i);
    make_session();
    for (int i = 0; i < 3; i++) {
        expect_resumed(true);
        ck_assert(near.security.verified);
        ck_assert(near.security.dates_checked);
        ck_assert_ptr_null(strstr(near.story, "certificate"));
    }
    ck_assert(slot.verified);
    ck_assert(slot.dates_checked);
}
END_TEST

START_TEST(server_that_forgets)
{
    use_version(_i);
    far.forgets = true;
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_OK);
    unit_far_free(&far);
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_OK);
    ck_assert(!near.security.resumed);
    ck_assert(near.security.verified);
}
END_TEST

/* A server that was started anew does not know its tickets any more. In TLS 1.2
 * wolfSSL 5.5 then fails: the caller is told that a session was offered. */
START_TEST(stale)
{
    use_version(_i);
    make_session();
    unit_far_free(&far);
    enum wwep_result result = unit_tls_link_run(&near, &far);
    ck_assert(near.offered);
    if (result != WWEP_OK) {
        ck_assert_int_eq(result, WWEP_E_TLS);
        ck_assert_int_eq(_i, 1);
        wwep_session_clear(&slot);
        ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_OK);
    }
    ck_assert(!near.security.resumed);
}
END_TEST

/* What makes a session another's. */
static void change(int which)
{
    switch (which) {
    case 0:
        near.setup.host = "192.0.2.2";
        break;
    case 1:
        near.setup.tcp_port = 40509;
        break;
    case 2:
        near.config.name = "a.wwep.example";
        break;
    case 3:
        near.config.roots = unit_near_file("both.pem");
        break;
    case 4:
        near.config.unverified = true;
        break;
    case 5:
        near.config.certificate = unit_near_file("client.pem");
        near.config.key = unit_near_file("client.key");
        break;
    case 6:
        near.config.max_fragment = 1024;
        break;
    default:
        near.config.version = WWEP_TLS_ANY;
        break;
    }
}

START_TEST(bound)
{
    use_version(_i);
    make_session();
    change(_i / 2);
    expect_resumed(false);
}
END_TEST

START_TEST(unverified_is_never_verified)
{
    use_version(_i);
    near.config.roots = (struct wwep_bytes){NULL, 0};
    make_session();
    ck_assert(!slot.verified);
    expect_resumed(true);
    ck_assert(!near.security.verified);
    near.config.roots = unit_near_file("ca.pem");
    expect_resumed(false);
    ck_assert(near.security.verified);
    /* Even if the slot says that it was made for this: */
    wwep_session_clear(&slot);
    near.config.unverified = true;
    make_session();
    struct wwep_session forged = slot;
    near.config.unverified = false;
    memset(&slot, 0, sizeof slot);
    make_session();
    forged.made_for = slot.made_for;
    wwep_session_clear(&slot);
    slot = forged;
    expect_resumed(false);
}
END_TEST

START_TEST(not_beyond_the_certificate)
{
    use_version(_i);
    make_session();
    ck_assert_int_gt(slot.not_after, near.clock);
    near.clock = slot.not_after + 1;
    ck_assert_int_ne(unit_tls_link_run(&near, &far), WWEP_OK);
    ck_assert(!near.offered);
    near.clock -= 2;
    expect_resumed(true);
}
END_TEST

/* A board that has learned the time looks at the dates once. */
START_TEST(time_is_learned)
{
    int64_t now = near.clock;

    use_version(_i);
    near.clock = -1;
    make_session();
    ck_assert(!slot.dates_checked);
    expect_resumed(true);
    ck_assert(near.security.verified);
    ck_assert(!near.security.dates_checked);
    near.clock = now;
    expect_resumed(false);
    ck_assert(near.security.dates_checked);
    expect_resumed(true);
    near.clock = -1; /* forgotten again: the session still stands for it */
    expect_resumed(true);
    ck_assert(near.security.dates_checked);
}
END_TEST

START_TEST(no_slot)
{
    use_version(_i);
    near.config.session = NULL;
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_OK);
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_OK);
    ck_assert(!near.offered);
    ck_assert(!near.security.resumed);
}
END_TEST

/* A link that failed, or said nothing, leaves the slot as it was. */
START_TEST(failure_saves_nothing)
{
    use_version(_i);
    near.config.name = "other.example";
    ck_assert_int_eq(unit_tls_link_run(&near, &far), WWEP_E_TLS);
    ck_assert_ptr_null(slot.session);
    wwep_session_clear(&slot);
    wwep_session_clear(&slot);
}
END_TEST

START_TEST(with_a_client_certificate)
{
    use_version(_i);
    near.config.certificate = unit_near_file("client.pem");
    near.config.key = unit_near_file("client.key");
    far.client_ca = "ca.pem";
    make_session();
    ck_assert(near.security.client_certificate);
    expect_resumed(true);
    ck_assert(!near.security.client_certificate);
}
END_TEST

static Suite *tls_session_suite(void)
{
    Suite *suite = suite_create("tls_session");
    TCase *tcase = tcase_create("sessions");

    tcase_add_unchecked_fixture(tcase, make_all, unit_pki_teardown);
    tcase_add_checked_fixture(tcase, begin, end);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, resumes_again_and_again, 0, 2);
    tcase_add_loop_test(tcase, server_that_forgets, 0, 2);
    tcase_add_loop_test(tcase, stale, 0, 2);
    tcase_add_loop_test(tcase, bound, 0, 16);
    tcase_add_loop_test(tcase, unverified_is_never_verified, 0, 2);
    tcase_add_loop_test(tcase, not_beyond_the_certificate, 0, 2);
    tcase_add_loop_test(tcase, time_is_learned, 0, 2);
    tcase_add_loop_test(tcase, no_slot, 0, 2);
    tcase_add_loop_test(tcase, failure_saves_nothing, 0, 2);
    tcase_add_loop_test(tcase, with_a_client_certificate, 0, 2);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return unit_run(tls_session_suite());
}
