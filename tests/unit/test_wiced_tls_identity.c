/* Our own certificates and the program's roots, as wiced_tls.h has them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "secure_identity.h"
#include "secure_session.h"
#include "unit.h"
#include "unit_pki.h"
#include "unit_tls_link.h"
#include "unit_wiced_tls.h"

#include <stdlib.h>
#include <string.h>

#define PARSE_ERROR 1

static const char commands[] =
    "cat server.pem sub.pem ca.pem >chain.pem\n"
    "cat server.pem server.key >both.pem\n"
    "openssl x509 -in ca.pem -outform DER -out ca.der\n"
    "openssl x509 -in server.pem -outform DER -out server.der\n"
    "openssl pkey -in server.key -outform DER -out server.kder\n"
    "openssl ec -in server.key -out server.sec1\n"
    "openssl rsa -in rsa.key -traditional -out rsa.pkcs1\n"
    "openssl pkey -in server.key -aes128 -passout pass:x -out server.enc\n"
    "cat ca.pem self.pem >two.pem\n"
    "sed 's/$/\\r/' ca.pem >crlf.pem\n"
    "sed 's/$/\\r/' server.pem >server-crlf.pem\n"
    "sed 's/$/\\r/' server.key >server-crlf.key\n"
    "head -n 5 ca.pem >cut.pem; { cat ca.pem; head -n 5 self.pem; } "
    ">halfcut.pem\n"
    "echo nothing >nothing.pem\n"
    "touch index.txt\n"
    "ec oldroot P-256\n"
    "openssl req -new -key oldroot.key -subj /CN=oldroot -out oldroot.csr\n"
    "openssl ca -selfsign -batch -notext -in oldroot.csr -keyfile oldroot.key "
    "-startdate 20170101000000Z -enddate 20180717000000Z -out oldroot.pem\n";

static wiced_tls_context_t context;
static wiced_tls_identity_t identity;

static void make_all(void)
{
    unit_pki_setup(commands);
}

static void begin_test(void)
{
    unit_two_board(WWEP_TLS_1_2, false);
}

static void end_test(void)
{
    (void)wiced_tls_deinit_context(&context);
    (void)wiced_tls_deinit_identity(&identity);
    (void)wiced_tls_deinit_root_ca_certificates();
}

/* --- identities -------------------------------------------------------------
 */

static wiced_result_t init_identity(const char *key, const char *certificate)
{
    const struct wwep_bytes none = {NULL, 0};
    struct wwep_bytes k = key != NULL ? unit_near_file(key) : none;
    struct wwep_bytes c =
        certificate != NULL ? unit_near_file(certificate) : none;

    (void)wiced_tls_deinit_identity(&identity);
    return wiced_tls_init_identity(&identity, (const char *)k.bytes,
                                   (uint32_t)k.len, c.bytes, (uint32_t)c.len);
}

START_TEST(init_identity_good)
{
    static const struct {
        const char *key;
        const char *certificate;
        enum wwep_key_kind kind;
    } cases[] = {
        {"server.key", "server.pem", WWEP_KEY_EC},
        {"server.sec1", "server.der", WWEP_KEY_EC},
        {"server.kder", "server.der", WWEP_KEY_EC},
        {"server-crlf.key", "server-crlf.pem", WWEP_KEY_EC},
        {"both.pem", "both.pem", WWEP_KEY_EC},
        {"server.key", "chain.pem", WWEP_KEY_EC},
        {"rsa.key", "rsa.pem", WWEP_KEY_RSA},
        {"rsa.pkcs1", "rsa.pem", WWEP_KEY_RSA},
    };

    unit_console_begin();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_int_eq(init_identity(cases[i].key, cases[i].certificate), 0);
        const struct secure_pair *pair = secure_identity_next(&identity, NULL);
        ck_assert_ptr_nonnull(pair);
        ck_assert_int_eq(pair->kind, cases[i].kind);
        ck_assert_ptr_null(secure_identity_next(&identity, pair));
        ck_assert(!secure_identity_is_partial(&identity));
    }
    ck_assert_str_eq(unit_console_end(), "");
}
END_TEST

START_TEST(init_identity_in_parts)
{
    ck_assert_int_eq(init_identity(NULL, NULL), 0);
    ck_assert_ptr_null(secure_identity_next(&identity, NULL));
    ck_assert(!secure_identity_is_partial(&identity));
    ck_assert_int_eq(init_identity("server.key", NULL), 0);
    ck_assert_ptr_null(secure_identity_next(&identity, NULL));
    ck_assert(secure_identity_is_partial(&identity));
    ck_assert_int_eq(init_identity(NULL, "server.pem"), 0);
    ck_assert(secure_identity_is_partial(&identity));
    /* The SDK's way to leave one out: a length of 0. */
    ck_assert_int_eq(wiced_tls_deinit_identity(&identity), 0);
    ck_assert_int_eq(
        wiced_tls_init_identity(&identity, "x", 0, (const uint8_t *)"x", 0), 0);
}
END_TEST

START_TEST(init_identity_bad)
{
    static const struct {
        const char *key;
        const char *certificate;
        const char *words;
    } cases[] = {
        {"nothing.pem", "server.pem", "private key can not be used"},
        {"server.pem", "server.pem", "private key can not be used"},
        {"server.enc", "server.pem", "private key is encrypted"},
        {"server.key", "cut.pem", "certificate can not be used"},
        {"server.key", "nothing.pem", "certificate can not be used"},
        {"server.key", "server.key", "where our certificate belongs"},
        {"server.enc", NULL, "private key is encrypted"},
        {NULL, "cut.pem", "certificate can not be used"},
    };

    ck_assert_int_eq(
        wiced_tls_init_identity(NULL, "a", 1, (const uint8_t *)"a", 1),
        WICED_ERROR);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unit_console_begin();
        wiced_result_t result =
            init_identity(cases[i].key, cases[i].certificate);
        const char *said = unit_console_end();
        ck_assert_int_eq(result, PARSE_ERROR);
        ck_assert_msg(strstr(said, cases[i].words) != NULL, "%s", said);
        ck_assert_uint_eq(unit_count(said, "\n"), 1);
        ck_assert_ptr_null(secure_identity_next(&identity, NULL));
    }
}
END_TEST

/* That is the handshake's to find out; but it is said. */
START_TEST(init_identity_of_two)
{
    unit_console_begin();
    ck_assert_int_eq(init_identity("self.key", "server.pem"), 0);
    const char *said = unit_console_end();
    ck_assert_ptr_nonnull(strstr(said, "does not belong to our certificate"));
    ck_assert_uint_eq(unit_count(said, "\n"), 1);
    ck_assert_ptr_nonnull(secure_identity_next(&identity, NULL));
}
END_TEST

/* Lengths that count a NUL, or the rest of an array of them. */
START_TEST(lengths_with_nul)
{
    static const char *names[] = {"server.pem", "server.der"};
    struct wwep_bytes key = unit_near_file("server.key");
    uint8_t array[4096];

    for (int i = 0; i < 2; i++) {
        struct wwep_bytes c = unit_near_file(names[i]);
        memset(array, 0, sizeof array);
        memcpy(array, c.bytes, c.len);
        ck_assert_int_eq(wiced_tls_init_identity(
                             &identity, (const char *)key.bytes,
                             (uint32_t)key.len, array, (uint32_t)c.len + 1),
                         0);
        ck_assert_int_eq(wiced_tls_deinit_identity(&identity), 0);
        ck_assert_int_eq(
            wiced_tls_init_identity(&identity, (const char *)key.bytes,
                                    (uint32_t)key.len, array, sizeof array),
            0);
        ck_assert_int_eq(wiced_tls_deinit_identity(&identity), 0);
    }
}
END_TEST

START_TEST(deinit_identity)
{
    ck_assert_int_eq(wiced_tls_deinit_identity(NULL), WICED_ERROR);
    memset(&identity, 0xA5, sizeof identity);
    ck_assert_int_eq(wiced_tls_deinit_identity(&identity), 0);
    ck_assert_int_eq(init_identity("server.key", "server.pem"), 0);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(wiced_tls_deinit_identity(&identity), 0);
        ck_assert_ptr_null(secure_identity_next(&identity, NULL));
    }
}
END_TEST

static wiced_result_t add_identity(wiced_tls_credentials_info_t *info,
                                   const char *key, const char *certificate)
{
    struct wwep_bytes k = unit_near_file(key);
    struct wwep_bytes c = unit_near_file(certificate);

    return wiced_tls_add_identity(&identity, info, (const char *)k.bytes,
                                  (uint32_t)k.len, c.bytes, (uint32_t)c.len);
}

START_TEST(add_and_remove_identity)
{
    wiced_tls_credentials_info_t rsa, self, other;

    memset(&rsa, 0xA5, sizeof rsa);
    memset(&identity, 0, sizeof identity);
    ck_assert_int_eq(add_identity(&rsa, "rsa.key", "rsa.pem"), WICED_ERROR);
    ck_assert_int_eq(wiced_tls_remove_identity(&identity, &rsa),
                     WICED_NOT_FOUND);
    ck_assert_int_eq(init_identity("server.key", "server.pem"), 0);
    ck_assert_int_eq(wiced_tls_add_identity(&identity, NULL, "a", 1, NULL, 0),
                     WICED_ERROR);
    ck_assert_int_eq(wiced_tls_add_identity(NULL, &rsa, "a", 1, NULL, 0),
                     WICED_ERROR);
    ck_assert_int_eq(add_identity(&rsa, "nothing.pem", "rsa.pem"), PARSE_ERROR);
    ck_assert_int_eq(add_identity(&rsa, "rsa.key", "rsa.pem"), 0);
    ck_assert_int_eq(add_identity(&self, "self.key", "self.pem"), 0);
    ck_assert_int_eq(add_identity(&rsa, "rsa.key", "rsa.pem"), WICED_ERROR);
    ck_assert_uint_eq(identity.credentials.count, 3);

    const struct secure_pair *pair = secure_identity_next(&identity, NULL);
    ck_assert_int_eq(pair->kind, WWEP_KEY_EC);
    pair = secure_identity_next(&identity, pair);
    ck_assert_int_eq(pair->kind, WWEP_KEY_RSA);

    memset(&other, 0, sizeof other);
    ck_assert_int_eq(wiced_tls_remove_identity(&identity, &other),
                     WICED_NOT_FOUND);
    ck_assert_int_eq(wiced_tls_remove_identity(NULL, &rsa), WICED_ERROR);
    ck_assert_int_eq(wiced_tls_remove_identity(&identity, NULL), WICED_ERROR);
    ck_assert_int_eq(wiced_tls_remove_identity(&identity, &rsa), 0);
    ck_assert_int_eq(wiced_tls_remove_identity(&identity, &rsa),
                     WICED_NOT_FOUND);
    ck_assert_uint_eq(identity.credentials.count, 2);
    ck_assert_int_eq(wiced_tls_deinit_identity(&identity), 0);
    ck_assert_ptr_null(self.pair); /* deinit let go of it */
}
END_TEST

/* --- roots ------------------------------------------------------------------
 */

static size_t roots_len(void)
{
    struct secure_roots *roots = secure_roots_of_program();
    size_t len = secure_roots_bytes(roots).len;

    secure_roots_drop(roots);
    return len;
}

START_TEST(init_root_ca)
{
    ck_assert_uint_eq(roots_len(), 0);
    ck_assert_int_eq(unit_trust("ca.pem"), 0);
    size_t one = roots_len();
    ck_assert_uint_eq(one, unit_near_file("ca.der").len);
    ck_assert_int_eq(unit_trust("two.pem"), 0);
    ck_assert_uint_gt(roots_len(), one);
    ck_assert_int_eq(unit_trust("crlf.pem"), 0);
    ck_assert_uint_eq(roots_len(), one);
    ck_assert_int_eq(unit_trust("ca.der"), 0);
    ck_assert_uint_eq(roots_len(), one);
    /* Nothing changes. */
    ck_assert_int_eq(wiced_tls_init_root_ca_certificates(NULL, 5), 0);
    ck_assert_int_eq(wiced_tls_init_root_ca_certificates("x", 0), 0);
    ck_assert_uint_eq(roots_len(), one);
    ck_assert_int_eq(wiced_tls_deinit_root_ca_certificates(), 0);
    ck_assert_uint_eq(roots_len(), 0);
    ck_assert_int_eq(wiced_tls_deinit_root_ca_certificates(), 0);
}
END_TEST

START_TEST(init_root_ca_bad)
{
    static const char *names[] = {"cut.pem", "nothing.pem", "server.key",
                                  "halfcut.pem"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        ck_assert_int_eq(unit_trust("ca.pem"), 0);
        unit_console_begin();
        ck_assert_int_eq(unit_trust(names[i]), WICED_ERROR);
        const char *said = unit_console_end();
        ck_assert_uint_eq(roots_len(), 0); /* the old ones are gone */
        ck_assert_ptr_nonnull(strstr(said, "a root certificate of ours"));
        ck_assert_uint_eq(unit_count(said, "\n"), 1);
    }
}
END_TEST

/* It can be read; that it can not be used, is the handshake's. */
START_TEST(init_root_ca_expired)
{
    unit_console_begin();
    ck_assert_int_eq(unit_trust("oldroot.pem"), 0);
    const char *said = unit_console_end();
    ck_assert_uint_gt(roots_len(), 0);
    ck_assert_msg(strstr(said, "(CN=oldroot): a root certificate of ours has "
                               "expired: ") != NULL,
                  "%s", said);
    ck_assert_uint_eq(unit_count(said, "\n"), 1);

    unit_two_board(WWEP_TLS_1_2, true);
    unit_console_begin();
    ck_assert_int_eq(unit_trust("oldroot.pem"), 0);
    ck_assert_str_eq(unit_console_end(), "");
}
END_TEST

START_TEST(set_context_root_ca)
{
    struct wwep_bytes ca = unit_near_file("ca.pem");
    const char *pem = (const char *)ca.bytes;

    ck_assert_int_eq(wiced_tls_set_context_root_ca_certificates(NULL, pem, 1),
                     WICED_ERROR);
    memset(&context, 0xA5, sizeof context);
    ck_assert_int_eq(
        wiced_tls_set_context_root_ca_certificates(&context, pem, 1),
        WICED_ERROR);
    ck_assert_int_eq(wiced_tls_init_context(&context, NULL, NULL), 0);
    ck_assert_int_eq(
        wiced_tls_set_context_root_ca_certificates(&context, NULL, 1), 0);
    ck_assert_int_eq(
        wiced_tls_set_context_root_ca_certificates(&context, pem, 0), 0);
    ck_assert_ptr_null(context.session);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(wiced_tls_set_context_root_ca_certificates(
                             &context, pem, (uint32_t)ca.len),
                         0);
        ck_assert_ptr_nonnull(secure_session_of(&context)->roots);
    }
    ck_assert_int_eq(
        wiced_tls_set_context_root_ca_certificates(&context, pem, 40),
        WICED_ERROR);
    ck_assert_ptr_null(secure_session_of(&context)->roots);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wiced_tls_identity");
    TCase *tc = tcase_create("identity");

    tcase_add_unchecked_fixture(tc, make_all, unit_pki_teardown);
    tcase_add_checked_fixture(tc, begin_test, end_test);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, init_identity_good);
    tcase_add_test(tc, init_identity_in_parts);
    tcase_add_test(tc, init_identity_bad);
    tcase_add_test(tc, init_identity_of_two);
    tcase_add_test(tc, lengths_with_nul);
    tcase_add_test(tc, deinit_identity);
    tcase_add_test(tc, add_and_remove_identity);
    tcase_add_test(tc, init_root_ca);
    tcase_add_test(tc, init_root_ca_bad);
    tcase_add_test(tc, init_root_ca_expired);
    tcase_add_test(tc, set_context_root_ca);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
