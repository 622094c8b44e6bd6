/* The client over the TLS library, with a server that is not a process: what
 * becomes of an exchange when any one operation fails, any one byte is lost or
 * changed, and time runs out anywhere.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit_tls_peer.h"

#include <wwep/client.h>

#include "unit.h"
#include "unit_client.h"
#include "unit_io.h"
#include "unit_pki.h"
#include "unit_tls_link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PEERS 2u

/* What stands between the server and the client. */
struct middle {
    struct unit_tls_peer *peer;
    size_t passed;
    size_t flip_at; /* this byte of the server's is changed; from 1 on */
    size_t cut_at;  /* after so many it ends */
};

/* Each test is a process of its own. */
static struct unit_client u;
static struct wwep_tls_config tls;
static struct wwep_session slot;
static struct unit_tls_peer peers[PEERS];
static WOLFSSL_CTX *ctx;
static uint8_t *root;
static size_t root_len;

static void setup(void)
{
    char path[4096];

    ctx = unit_tls_peer_ctx(unit_pki_folder, "server");
    snprintf(path, sizeof path, "%s/ca.pem", unit_pki_folder);
    root = (uint8_t *)unit_read(path, &root_len);
}

static void teardown(void)
{
    for (size_t i = 0; i < PEERS; i++)
        unit_tls_peer_deinit(&peers[i]);
    wwep_session_clear(&slot);
    wolfSSL_CTX_free(ctx);
    free(root);
}

/* Tests of both run twice. */
static const enum wwep_tls_version versions[] = {WWEP_TLS_1_3, WWEP_TLS_1_2};

/* A new client, and a server that will answer it. */
static void prepare(const char *reply)
{
    unit_client_init(&u);
    u.p.name = "wwep.example";
    u.p.wall_clock = (int64_t)time(NULL);
    u.p.dials_n = PEERS;
    for (size_t i = 0; i < PEERS; i++) {
        unit_tls_peer_deinit(&peers[i]);
        unit_tls_peer_init(&peers[i], ctx, &u.p.dials[i], reply);
    }
    tls = (struct wwep_tls_config){.roots = {root, root_len}};
    u.config.host = "wwep.example";
    u.config.tls = &tls;
    u.config.observer = NULL;
}

static enum wwep_result read_register(void)
{
    unit_client_start(&u);
    enum wwep_result result = unit_client_read(&u, 0x0FAC, 5);
    unit_client_stop(&u);
    if (result == WWEP_OK) { /* the only value that was ever said */
        ck_assert_uint_eq(u.outcome.value, 0x1234);
        ck_assert(u.outcome.security.verified);
    }
    return result;
}

/* A server that has memory, whatever the client has. */
static size_t rich_peer(void *peer, const uint8_t *in, size_t len, uint8_t *out,
                        size_t cap)
{
    unit_heap_pause(true);
    size_t n = unit_tls_peer_talk(peer, in, len, out, cap);
    unit_heap_pause(false);
    return n;
}

/* --- right ---------------------------------------------------------------- */

START_TEST(an_exchange)
{
    static const size_t pieces[] = {0, 1, 2, 5, 100};

    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        prepare("A0FAC051234");
        u.p.piece = pieces[i];
        ck_assert_int_eq(read_register(), WWEP_OK);
        ck_assert_str_eq(peers[0].request, "R0FAC05");
        ck_assert(u.outcome.security.tls);
        ck_assert(u.outcome.security.dates_checked);
        ck_assert_str_eq(u.outcome.security.version, "TLS 1.3");
        ck_assert_uint_eq(u.p.clock_ms, 0);
    }
}
END_TEST

START_TEST(replies)
{
    prepare("X not found");
    ck_assert_int_eq(read_register(), WWEP_E_REFUSED);
    ck_assert_str_eq(u.outcome.reason, "not found");
    prepare("");
    ck_assert_int_eq(read_register(), WWEP_E_LOST);
    ck_assert_int_eq(u.outcome.port_error, 0);
    prepare("A0FAC061234");
    ck_assert_int_eq(read_register(), WWEP_E_REPLY);
}
END_TEST

START_TEST(a_session_is_resumed)
{
    for (unsigned i = 0; i < 3; i++) {
        prepare("A0FAC051234");
        tls.session = &slot;
        tls.version = versions[_i];
        ck_assert_int_eq(read_register(), WWEP_OK);
        ck_assert_int_eq(peers[0].resumed, i > 0);
        ck_assert_int_eq(u.outcome.security.resumed, i > 0);
    }
}
END_TEST

/* The server has other keys for its tickets now, as after a start. */
START_TEST(a_stale_session)
{
    prepare("A0FAC051234");
    tls.session = &slot;
    tls.version = versions[_i];
    ck_assert_int_eq(read_register(), WWEP_OK);
    for (size_t i = 0; i < PEERS; i++)
        unit_tls_peer_deinit(&peers[i]);
    wolfSSL_CTX_free(ctx);
    ctx = unit_tls_peer_ctx(unit_pki_folder, "server");

    prepare("A0FAC051234");
    tls.session = &slot;
    tls.version = versions[_i];
    ck_assert_int_eq(read_register(), WWEP_OK);
    ck_assert(!u.outcome.security.resumed);
}
END_TEST

START_TEST(another_server)
{
    prepare("A0FAC051234");
    u.p.name = "other.test";
    u.config.host = "other.test";
    ck_assert_int_eq(read_register(), WWEP_E_TLS);
    ck_assert_int_eq(u.outcome.fault.kind, WWEP_FAULT_WRONG_NAME);
    ck_assert_str_eq(peers[0].request, "");
    ck_assert_uint_eq(u.p.dialled, 1);
}
END_TEST

/* --- faults --------------------------------------------------------------- */

/* What may come of a failure anywhere: it is told, unless another address made
 * it good (a connect), or it came after the reply. */
static void assert_failure(enum wwep_result result, unsigned at)
{
    if (result != WWEP_OK)
        return;
    ck_assert_msg(!u.p.failed || at == 2 || peers[0].said_all ||
                      peers[1].said_all,
                  "operation %u failed, and nobody minds", at);
}

START_TEST(every_operation_fails)
{
    static const size_t pieces[] = {0, 100};

    for (size_t i = 0; i < 2; i++) {
        for (unsigned fail_at = 1;; fail_at++) {
            prepare("A0FAC051234");
            u.p.addresses[1] = unit_port_ipv4(192, 0, 2, 2);
            u.p.resolved = 2;
            u.p.piece = pieces[i];
            u.p.fail_at = fail_at;
            u.p.fail_with = -1 - _i;
            enum wwep_result result = read_register();
            assert_failure(result, fail_at);
            if (!u.p.failed) {
                ck_assert_int_eq(result, WWEP_OK);
                ck_assert_uint_gt(fail_at, 6);
                break;
            }
        }
    }
}
END_TEST

static size_t talk_through(void *of, const uint8_t *in, size_t len,
                           uint8_t *out, size_t cap)
{
    struct middle *m = of;

    if (m->cut_at > 0 && m->passed >= m->cut_at)
        return UNIT_PEER_END;

    size_t n = unit_tls_peer_talk(m->peer, in, len, out, cap);
    if (n == UNIT_PEER_END)
        return n;
    if (m->cut_at > 0 && n > m->cut_at - m->passed)
        n = m->cut_at - m->passed;
    if (m->flip_at > m->passed && m->flip_at <= m->passed + n)
        out[m->flip_at - m->passed - 1] ^= (uint8_t)(1u << (m->flip_at % 8));
    m->passed += n;
    return n;
}

static enum wwep_result read_through(struct middle *m,
                                     enum wwep_tls_version version)
{
    prepare("A0FAC051234");
    tls.version = version;
    m->peer = &peers[0];
    u.p.dials[0].peer = talk_through;
    u.p.dials[0].peer_ctx = m;
    return read_register();
}

static size_t whole_len(enum wwep_tls_version version)
{
    struct middle m = {.passed = 0};

    ck_assert_int_eq(read_through(&m, version), WWEP_OK);
    return m.passed;
}

/* With RSA: its signatures are all of one length, so that a byte is the same
 * byte in every handshake. */
static void serve_by_rsa(void)
{
    wolfSSL_CTX_free(ctx);
    ctx = unit_tls_peer_ctx(unit_pki_folder, "even");
}

/* Each allocation of the client's, once it has shaken hands. */
START_TEST(no_memory_for_an_exchange)
{
    unsigned found = 0;
    bool failed = true;

    for (long n = 0; failed; n++) {
        prepare("A0FAC051234");
        tls.version = versions[_i];
        u.p.dials[0].peer = rich_peer;
        unit_heap_fail_at(n);
        enum wwep_result result = read_register();
        failed = unit_heap_has_failed();
        unit_heap_fail_at(-1);
        ck_assert(failed || result == WWEP_OK);
        if (!u.outcome.security.tls || result == WWEP_OK)
            continue; /* in the handshake, or it was not needed */
        ck_assert_msg(result == WWEP_E_MEMORY, "allocation %ld: %s, %s", n,
                      wwep_result_text(result),
                      wwep_fault_text(u.outcome.fault.kind));
        found++;
    }
    ck_assert_uint_gt(found, 0);
}
END_TEST

START_TEST(every_byte_is_the_last)
{
    serve_by_rsa();
    size_t whole = whole_len(versions[_i]);
    bool done = false;

    ck_assert_uint_gt(whole, 500);
    for (size_t at = 1; at <= whole; at++) {
        struct middle m = {.cut_at = at};
        enum wwep_result result = read_through(&m, versions[_i]);

        /* Once the reply is through, the rest is of no interest. */
        ck_assert(result == WWEP_OK || !done);
        ck_assert(result == WWEP_OK || result == WWEP_E_TLS ||
                  result == WWEP_E_LOST);
        done = result == WWEP_OK;
    }
    ck_assert(done);
}
END_TEST

START_TEST(every_byte_is_wrong)
{
    serve_by_rsa();
    size_t whole = whole_len(versions[_i]);
    size_t wrong = 0;

    for (size_t at = 1; at <= whole; at++) {
        struct middle m = {.flip_at = at};

        if (read_through(&m, versions[_i]) != WWEP_OK)
            wrong++;
    }
    /* All but what is of no interest: what comes behind the reply, and in a
     * record's header the version, which nobody looks at. */
    ck_assert_uint_gt(wrong, whole - 100);
}
END_TEST

/* --- time ----------------------------------------------------------------- */

START_TEST(slow_operations)
{
    bool done = false;

    for (uint32_t step_ms = 6000; step_ms > 0; step_ms -= 1 + step_ms / 7) {
        prepare("A0FAC051234");
        u.p.step_ms = step_ms;
        u.p.piece = 64;
        enum wwep_result result = read_register();
        if (result != WWEP_OK)
            ck_assert(result == WWEP_E_TIMEOUT || result == WWEP_E_CONNECT);
        ck_assert(result == WWEP_OK || !done);
        done = result == WWEP_OK;
    }
    ck_assert(done);
}
END_TEST

static size_t say_nothing(void *nothing, const uint8_t *in, size_t len,
                          uint8_t *out, size_t cap)
{
    (void)nothing;
    (void)in;
    (void)len;
    (void)out;
    (void)cap;
    return 0;
}

START_TEST(a_server_that_is_silent)
{
    prepare("A0FAC051234");
    u.p.dials[0].peer = say_nothing;
    ck_assert_int_eq(read_register(), WWEP_E_TIMEOUT);
    ck_assert_uint_eq(u.p.clock_ms, UNIT_CLIENT_TIMEOUT_MS);
}
END_TEST

START_TEST(a_server_that_speaks_no_tls)
{
    prepare("");
    u.p.dials[0].peer = NULL;
    unit_port_says(&u.p, 0, "X illegal command (\\x16)");
    ck_assert_int_eq(read_register(), WWEP_E_TLS);
}
END_TEST

/* -------------------------------------------------------------------------- */

static void make_certificates(void)
{
    unit_heap_install();
    unit_pki_setup("rsa even 2048; issue even ca '/CN=wwep.example' \\\n"
                   "    'subjectAltName=DNS:wwep.example'\n");
}

int main(void)
{
    Suite *suite = suite_create("client_tls");
    TCase *tc = tcase_create("client_tls");

    tcase_add_unchecked_fixture(tc, make_certificates, unit_pki_teardown);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, an_exchange);
    tcase_add_test(tc, replies);
    tcase_add_loop_test(tc, a_session_is_resumed, 0, 2);
    tcase_add_loop_test(tc, a_stale_session, 0, 2);
    tcase_add_test(tc, another_server);
    tcase_add_loop_test(tc, every_operation_fails, 0, 6);
    tcase_add_loop_test(tc, no_memory_for_an_exchange, 0, 2);
    tcase_add_loop_test(tc, every_byte_is_the_last, 0, 2);
    tcase_add_loop_test(tc, every_byte_is_wrong, 0, 2);
    tcase_add_test(tc, slow_operations);
    tcase_add_test(tc, a_server_that_is_silent);
    tcase_add_test(tc, a_server_that_speaks_no_tls);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
