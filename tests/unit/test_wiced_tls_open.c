/* Handshakes: what makes them succeed, and in which way they fail.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "secure_session.h"
#include "unit.h"
#include "unit_pki.h"
#include "unit_tls_link.h"
#include "unit_wiced_tls.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct unit_two two;

static void make_all(void)
{
    unit_pki_setup(NULL);
}

static enum wwep_tls_version version_of(int i)
{
    return i % 2 == 0 ? WWEP_TLS_1_2 : WWEP_TLS_1_3;
}

static void begin_test(void)
{
    unit_two_board(WWEP_TLS_1_2, false);
    unit_two_init(&two);
}

static void end_test(void)
{
    unit_two_deinit(&two);
    (void)wiced_tls_deinit_root_ca_certificates();
}

/* --- success ----------------------------------------------------------------
 */

START_TEST(both_ends)
{
    unit_two_board(version_of(_i), false);
    unit_end_identity(&two.server, "server");
    ck_assert(unit_two_open(&two));
    ck_assert(unit_two_talk(&two));
}
END_TEST

/* The API's own limits. */
START_TEST(secure_open_itself)
{
    unit_end_identity(&two.server, "rsa");
    unit_end_start(&two.server);
    ck_assert_int_eq(secure_open(&two.client.context, WICED_TLS_AS_CLIENT,
                                 WICED_TLS_DEFAULT_VERIFICATION,
                                 &two.client.connection),
                     WICED_SUCCESS);
    unit_end_join(&two.server);
    ck_assert(unit_two_talk(&two));
}
END_TEST

/* The order of the course's clients: deinit, then delete's own good-bye and
 * deinit. The server's loop makes its context anew, without a deinit. */
START_TEST(once_more)
{
    unit_end_identity(&two.server, "server");
    for (int i = 0; i < 3; i++) {
        ck_assert(unit_two_open(&two));
        ck_assert(unit_two_talk(&two));
        ck_assert_int_eq(wiced_tls_deinit_context(&two.client.context), 0);
        secure_close(&two.client.context);
        ck_assert_int_eq(wiced_tls_deinit_context(&two.client.context), 0);
        secure_close(&two.server.context);
        ck_assert_ptr_null(two.server.context.session);
        ck_assert_int_eq(
            wiced_tls_init_context(&two.client.context, NULL, NULL), 0);
        ck_assert_int_eq(wiced_tls_init_context(&two.server.context,
                                                &two.server.identity, NULL),
                         0);
        unit_two_connect(&two);
    }
}
END_TEST

/* What was set is still set; and opening what is open frees it first. */
START_TEST(reset_and_open_again)
{
    unit_end_identity(&two.server, "server");
    unit_end_trust(&two.client, "ca.pem");
    for (int i = 0; i < 4; i++) {
        ck_assert(unit_two_open(&two));
        if (i < 2) {
            ck_assert_int_eq(wiced_tls_reset_context(&two.client.context), 0);
            ck_assert(!secure_is_open(&two.client.context));
        }
        ck_assert_ptr_nonnull(secure_session_of(&two.client.context)->roots);
        unit_two_connect(&two);
    }
    unit_end_trust(&two.client, "self.pem");
    ck_assert(!unit_two_open(&two));
}
END_TEST

/* Many at a time, while the roots are replaced: each keeps its own. */
static void *one_of_many(void *arg)
{
    struct unit_two *mine = calloc(1, sizeof *mine);
    bool *good = arg;

    unit_two_init(mine);
    unit_end_identity(&mine->server, "server");
    mine->server.verification = TLS_NO_VERIFICATION;
    for (int i = 0; i < 5; i++) {
        *good = unit_two_open(mine) && unit_two_talk(mine);
        if (!*good)
            break;
        unit_two_connect(mine);
    }
    unit_two_deinit(mine);
    free(mine);
    wwep_tls_thread_end();
    return NULL;
}

#define MANY 4

START_TEST(threads)
{
    pthread_t ids[MANY];
    bool good[MANY];

    (void)unit_near_file("server.pem"); /* its table is not for threads */
    (void)unit_near_file("server.key");
    unit_console_begin();
    ck_assert_int_eq(unit_trust("ca.pem"), 0);
    for (int i = 0; i < MANY; i++)
        ck_assert_int_eq(pthread_create(&ids[i], NULL, one_of_many, &good[i]),
                         0);
    for (int i = 0; i < 50; i++)
        ck_assert_int_eq(unit_trust("ca.pem"), 0);
    for (int i = 0; i < MANY; i++)
        ck_assert_int_eq(pthread_join(ids[i], NULL), 0);
    (void)unit_console_end();
    for (int i = 0; i < MANY; i++)
        ck_assert(good[i]);
}
END_TEST

/* --- failure ----------------------------------------------------------------
 */

START_TEST(never_initialised)
{
    wiced_tls_context_t context;

    for (int i = 0; i < 3; i++) {
        memset(&context, i == 0 ? 0 : 0xA5, sizeof context);
        unit_console_begin();
        wiced_result_t result =
            secure_open(i < 2 ? &context : NULL, WICED_TLS_AS_CLIENT,
                        WICED_TLS_DEFAULT_VERIFICATION, &two.client.connection);
        const char *said = unit_console_end();
        ck_assert_int_eq(result, WICED_TLS_ERROR);
        ck_assert_ptr_nonnull(strstr(said, "was not initialised"));
    }
}
END_TEST

START_TEST(server_without_identity)
{
    unit_console_begin();
    ck_assert(!unit_two_open(&two));
    const char *said = unit_console_end();
    ck_assert_int_eq(two.server.opened, WICED_TLS_ERROR);
    ck_assert_int_eq(two.client.opened, WICED_TLS_ERROR);
    ck_assert_ptr_nonnull(strstr(said, "a server of TLS needs an identity"));
    ck_assert_ptr_nonnull(strstr(said, "hung up during the TLS handshake"));
    ck_assert_ptr_null(two.server.context.session);
}
END_TEST

START_TEST(server_with_half_an_identity)
{
    struct wwep_bytes key = unit_near_file("server.key");

    ck_assert_int_eq(wiced_tls_init_identity(&two.server.identity,
                                             (const char *)key.bytes,
                                             (uint32_t)key.len, NULL, 0),
                     0);
    ck_assert(!unit_two_open(&two));
    ck_assert_int_eq(two.server.opened, WICED_TLS_ERROR);
}
END_TEST

/* A client without a whole one is one without. */
START_TEST(client_with_half_an_identity)
{
    struct wwep_bytes key = unit_near_file("self.key");

    unit_end_identity(&two.server, "server");
    ck_assert_int_eq(wiced_tls_init_identity(&two.client.identity,
                                             (const char *)key.bytes,
                                             (uint32_t)key.len, NULL, 0),
                     0);
    unit_console_begin();
    bool opened = unit_two_open(&two);
    const char *said = unit_console_end();
    ck_assert(opened);
    ck_assert_ptr_nonnull(strstr(said, "is left out"));
}
END_TEST

START_TEST(key_of_another)
{
    struct unit_end *end = _i == 0 ? &two.server : &two.client;
    struct wwep_bytes key = unit_near_file("self.key");
    struct wwep_bytes certificate = unit_near_file("server.pem");

    unit_end_identity(&two.server, "server");
    (void)wiced_tls_deinit_identity(&end->identity);
    unit_console_begin();
    ck_assert_int_eq(
        wiced_tls_init_identity(&end->identity, (const char *)key.bytes,
                                (uint32_t)key.len, certificate.bytes,
                                (uint32_t)certificate.len),
        0);
    ck_assert(!unit_two_open(&two));
    const char *said = unit_console_end();
    ck_assert_int_eq(end->opened, WICED_TLS_ERROR);
    ck_assert_uint_eq(unit_count(said, "does not belong to our certificate"),
                      2);
}
END_TEST

START_TEST(peer_is_silent)
{
    struct unit_end *end = _i == 0 ? &two.server : &two.client;

    unit_end_identity(&two.server, "server");
    end->limits = (struct secure_limits){60, 5000};
    unit_console_begin();
    unit_end_open(end);
    const char *said = unit_console_end();
    ck_assert_int_eq(end->opened, WICED_TLS_HANDSHAKE_TIMEOUT);
    ck_assert_ptr_nonnull(strstr(said, "took too long"));
    ck_assert_ptr_nonnull(strstr(said, _i == 0 ? "with the client 127.0.0.1:"
                                               : "with the server 127.0.0.1:"));
}
END_TEST

/* The start of a hello, a byte at a time: it is the whole that counts. */
START_TEST(peer_is_slow)
{
    const uint8_t record[] = {
        0x16, 3, _i == 0 ? 1 : 3, 1, 0, _i == 0 ? 1 : 2, 0, 0, 0xFC};
    struct unit_end *end = _i == 0 ? &two.server : &two.client;
    struct unit_end *other = _i == 0 ? &two.client : &two.server;

    unit_end_identity(&two.server, "server");
    end->limits = (struct secure_limits){1000, 100};
    unit_end_start(end);
    for (size_t i = 0; i < 50; i++) {
        uint8_t byte = i < sizeof record ? record[i] : 0;
        if (send(other->connection.fd, &byte, 1, MSG_NOSIGNAL) != 1)
            break;
        (void)poll(NULL, 0, 10);
    }
    unit_end_join(end);
    ck_assert_int_eq(end->opened, WICED_TLS_HANDSHAKE_TIMEOUT);
}
END_TEST

START_TEST(peer_is_plain)
{
    struct unit_end *end = _i == 0 ? &two.server : &two.client;
    struct unit_end *other = _i == 0 ? &two.client : &two.server;

    unit_end_identity(&two.server, "server");
    ck_assert_int_eq(send(other->connection.fd, "R0FAC05", 7, 0), 7);
    unit_console_begin();
    unit_end_open(end);
    const char *said = unit_console_end();
    ck_assert_int_eq(end->opened, WICED_TLS_ERROR);
    ck_assert_ptr_nonnull(strstr(said, "plain WWEP to the TLS port"));
    ck_assert_uint_eq(unit_count(said, "TLS with the "), 1);
}
END_TEST

/* The end of TCP, with what was there unread, or without. */
START_TEST(peer_is_gone)
{
    struct unit_end *end = _i % 2 == 0 ? &two.server : &two.client;
    struct unit_end *other = _i % 2 == 0 ? &two.client : &two.server;
    const struct linger at_once = {1, 0};

    unit_end_identity(&two.server, "server");
    if (_i >= 2)
        ck_assert_int_eq(setsockopt(other->connection.fd, SOL_SOCKET, SO_LINGER,
                                    &at_once, sizeof at_once),
                         0);
    close(other->connection.fd);
    other->connection.fd = -1;
    unit_end_open(end);
    ck_assert_int_eq(end->opened, WICED_TLS_ERROR);
}
END_TEST

/* --- verification that is asked for -----------------------------------------
 */

START_TEST(verification_none)
{
    unit_end_identity(&two.server, "server");
    unit_end_trust(&two.client, "self.pem");
    unit_end_trust(&two.server, "self.pem");
    two.client.verification = two.server.verification = TLS_NO_VERIFICATION;
    unit_console_begin();
    bool opened = unit_two_open(&two);
    const char *said = unit_console_end();
    ck_assert(opened);
    ck_assert_uint_eq(unit_count(said, "verification is switched off"), 2);
}
END_TEST

/* Both ends, with certificates that are not good, or none at all. */
START_TEST(verification_optional)
{
    unit_two_board(version_of(_i), false);
    unit_end_identity(&two.server, "server");
    if (_i < 2)
        unit_end_identity(&two.client, "leaf");
    unit_end_trust(&two.client, "self.pem");
    unit_end_trust(&two.server, "self.pem");
    two.client.verification = two.server.verification =
        TLS_VERIFICATION_OPTIONAL;
    unit_console_begin();
    bool opened = unit_two_open(&two);
    const char *said = unit_console_end();
    ck_assert_msg(opened, "%s", said);
    ck_assert_uint_eq(unit_count(said, "unknown CA"), _i < 2 ? 2 : 1);
    ck_assert(unit_two_talk(&two));
}
END_TEST

START_TEST(verification_optional_and_good)
{
    unit_two_board(version_of(_i), false);
    unit_end_identity(&two.server, "server");
    unit_end_identity(&two.client, "rsa");
    unit_end_trust(&two.client, "ca.pem");
    unit_end_trust(&two.server, "ca.pem");
    two.client.verification = two.server.verification =
        TLS_VERIFICATION_OPTIONAL;
    unit_console_begin();
    bool opened = unit_two_open(&two);
    const char *said = unit_console_end();
    ck_assert(opened);
    ck_assert_str_eq(said, "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wiced_tls_open");
    TCase *tc = tcase_create("open");

    tcase_add_unchecked_fixture(tc, make_all, unit_pki_teardown);
    tcase_add_checked_fixture(tc, begin_test, end_test);
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, both_ends, 0, 2);
    tcase_add_test(tc, secure_open_itself);
    tcase_add_test(tc, once_more);
    tcase_add_test(tc, reset_and_open_again);
    tcase_add_test(tc, threads);
    tcase_add_test(tc, never_initialised);
    tcase_add_test(tc, server_without_identity);
    tcase_add_test(tc, server_with_half_an_identity);
    tcase_add_test(tc, client_with_half_an_identity);
    tcase_add_loop_test(tc, key_of_another, 0, 2);
    tcase_add_loop_test(tc, peer_is_silent, 0, 2);
    tcase_add_loop_test(tc, peer_is_slow, 0, 2);
    tcase_add_loop_test(tc, peer_is_plain, 0, 2);
    tcase_add_loop_test(tc, peer_is_gone, 0, 4);
    tcase_add_test(tc, verification_none);
    tcase_add_loop_test(tc, verification_optional, 0, 4);
    tcase_add_loop_test(tc, verification_optional_and_good, 0, 2);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
