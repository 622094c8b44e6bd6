/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_fault.h"

#include "tls_context.h"
#include "unit.h"

#include <wolfssl/options.h>

#include <limits.h>
#include <string.h>
#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* --- codes ---------------------------------------------------------------- */

static const struct {
    int code;
    enum wwep_fault_kind kind;
} rows[] = {
    {MEMORY_E, WWEP_FAULT_NO_MEMORY},
    {MEMORY_ERROR, WWEP_FAULT_NO_MEMORY},
    {SOCKET_PEER_CLOSED_E, WWEP_FAULT_CLOSED},
    {SOCKET_ERROR_E, WWEP_FAULT_CLOSED},
    {WOLFSSL_ERROR_ZERO_RETURN, WWEP_FAULT_CLOSED},
    {ZERO_RETURN, WWEP_FAULT_CLOSED},
    {UNKNOWN_RECORD_TYPE, WWEP_FAULT_NOT_TLS},
    {VERSION_ERROR, WWEP_FAULT_VERSION},
    {UNSUPPORTED_PROTO_VERSION, WWEP_FAULT_VERSION},
    {MATCH_SUITE_ERROR, WWEP_FAULT_NO_SHARED_CIPHER},
    {UNSUPPORTED_SUITE, WWEP_FAULT_NO_SHARED_CIPHER},
    {ECC_CURVE_ERROR, WWEP_FAULT_NO_SHARED_CIPHER},
    {NO_PEER_CERT, WWEP_FAULT_NO_CERTIFICATE},
    {ASN_NO_SIGNER_E, WWEP_FAULT_UNKNOWN_CA},
    {ASN_SELF_SIGNED_E, WWEP_FAULT_UNKNOWN_CA},
    {ASN_AFTER_DATE_E, WWEP_FAULT_EXPIRED},
    {ASN_BEFORE_DATE_E, WWEP_FAULT_NOT_YET_VALID},
    {CRL_CERT_REVOKED, WWEP_FAULT_REVOKED},
    {OCSP_CERT_REVOKED, WWEP_FAULT_REVOKED},
    {CRL_MISSING, WWEP_FAULT_CRL_MISSING},
    {CRL_CERT_DATE_ERR, WWEP_FAULT_CRL_ENDED},
    {ASN_CRL_NO_SIGNER_E, WWEP_FAULT_CRL_MISSING},
    {DOMAIN_NAME_MISMATCH, WWEP_FAULT_WRONG_NAME},
    {IPADDR_MISMATCH, WWEP_FAULT_WRONG_NAME},
    {ASN_SIG_CONFIRM_E, WWEP_FAULT_OTHER_CA},
    {ASN_SIG_OID_E, WWEP_FAULT_BAD_CERTIFICATE},
    {ASN_SIG_HASH_E, WWEP_FAULT_BAD_CERTIFICATE},
    {ASN_SIG_KEY_E, WWEP_FAULT_BAD_CERTIFICATE},
    {ASN_PARSE_E, WWEP_FAULT_BAD_CERTIFICATE},
    {ASN_NAME_INVALID_E, WWEP_FAULT_CONSTRAINED},
    {ASN_PATHLEN_INV_E, WWEP_FAULT_PATH_LENGTH},
    {ASN_PATHLEN_SIZE_E, WWEP_FAULT_BAD_CERTIFICATE},
    {ASN_UNKNOWN_OID_E, WWEP_FAULT_BAD_CERTIFICATE},
    {ASN_DH_KEY_E, WWEP_FAULT_BAD_CERTIFICATE},
    {ASN_CRIT_EXT_E, WWEP_FAULT_BAD_CERTIFICATE},
    {KEYUSE_SIGNATURE_E, WWEP_FAULT_WRONG_USAGE},
    {KEYUSE_ENCIPHER_E, WWEP_FAULT_WRONG_USAGE},
    {EXTKEYUSE_AUTH_E, WWEP_FAULT_WRONG_USAGE},
    {RSA_KEY_SIZE_E, WWEP_FAULT_WEAK_KEY},
    {ECC_KEY_SIZE_E, WWEP_FAULT_WEAK_KEY},
    {MAX_CHAIN_ERROR, WWEP_FAULT_LONG_CHAIN},
    {PEER_KEY_ERROR, WWEP_FAULT_BAD_CERTIFICATE},
    {VERIFY_CERT_ERROR, WWEP_FAULT_BAD_SIGNATURE},
    {VERIFY_SIGN_ERROR, WWEP_FAULT_BAD_SIGNATURE},
    {SIG_VERIFY_E, WWEP_FAULT_BAD_SIGNATURE},
    {VERIFY_FINISHED_ERROR, WWEP_FAULT_BAD_SIGNATURE},
    {VERIFY_MAC_ERROR, WWEP_FAULT_BAD_RECORD},
    {DECRYPT_ERROR, WWEP_FAULT_BAD_RECORD},
    {AES_GCM_AUTH_E, WWEP_FAULT_BAD_RECORD},
    {MAC_CMP_FAILED_E, WWEP_FAULT_BAD_RECORD},
    /* Not listed one by one, but of the certificate's decoder. */
    {ASN_VERSION_E, WWEP_FAULT_BAD_CERTIFICATE},
    {ASN_GETINT_E, WWEP_FAULT_BAD_CERTIFICATE},
    {ASN_RSA_KEY_E, WWEP_FAULT_BAD_CERTIFICATE},
    {ASN_OBJECT_ID_E, WWEP_FAULT_BAD_CERTIFICATE},
    {ASN_TAG_NULL_E, WWEP_FAULT_BAD_CERTIFICATE},
    {ASN_EXPECT_0_E, WWEP_FAULT_BAD_CERTIFICATE},
    {ASN_BITSTR_E, WWEP_FAULT_BAD_CERTIFICATE},
    {ASN_DATE_SZ_E, WWEP_FAULT_BAD_CERTIFICATE},
    {ASN_TIME_E, WWEP_FAULT_BAD_CERTIFICATE},
    {ASN_ALT_NAME_E, WWEP_FAULT_BAD_CERTIFICATE},
    /* The rest. */
    {OUT_OF_ORDER_E, WWEP_FAULT_PROTOCOL},
    {DUPLICATE_MSG_E, WWEP_FAULT_PROTOCOL},
    {BUFFER_ERROR, WWEP_FAULT_PROTOCOL},
    {SANITY_MSG_E, WWEP_FAULT_PROTOCOL},
    {BAD_FUNC_ARG, WWEP_FAULT_PROTOCOL},
    {ASN_PARSE_E + 1, WWEP_FAULT_PROTOCOL}, /* just beside the range */
    {0, WWEP_FAULT_PROTOCOL},
    {1, WWEP_FAULT_PROTOCOL},
    {INT_MIN, WWEP_FAULT_PROTOCOL},
    {INT_MAX, WWEP_FAULT_PROTOCOL},
};

START_TEST(a_code)
{
    ck_assert_msg(tls_fault_of_code(rows[_i].code) == rows[_i].kind,
                  "%d: %s, and not %s", rows[_i].code,
                  wwep_fault_text(tls_fault_of_code(rows[_i].code)),
                  wwep_fault_text(rows[_i].kind));
}
END_TEST

START_TEST(every_code_has_words)
{
    for (int code = -1200; code <= 20; code++) {
        enum wwep_fault_kind kind = tls_fault_of_code(code);
        ck_assert_int_ne(kind, WWEP_FAULT_NONE);
        ck_assert_int_lt(kind, WWEP_FAULT_KINDS);
        /* Only a peer's alert comes to these. */
        ck_assert_msg(kind < WWEP_FAULT_ALERT || kind >= WWEP_FAULT_WRONG_USAGE,
                      "%d", code);
    }
}
END_TEST

/* --- sessions ------------------------------------------------------------- */

static WOLFSSL_CTX *ctx;
static WOLFSSL *ssl;

static void setup(void)
{
    ck_assert_int_eq(tls_library_init(), 0);
    ctx = wolfSSL_CTX_new(wolfSSLv23_client_method());
    ck_assert_ptr_nonnull(ctx);
    ssl = wolfSSL_new(ctx);
    ck_assert_ptr_nonnull(ssl);
}

static void teardown(void)
{
    wolfSSL_free(ssl);
    wolfSSL_CTX_free(ctx);
    tls_library_deinit();
}

/* What the peer sends, once. */
struct script {
    const char *bytes;
    size_t len;
};

static int pull(WOLFSSL *session, char *buf, int len, void *arg)
{
    struct script *s = arg;
    size_t n = s->len < (size_t)len ? s->len : (size_t)len;

    (void)session;
    if (n == 0)
        return WOLFSSL_CBIO_ERR_WANT_READ;
    memcpy(buf, s->bytes, n);
    s->bytes += n;
    s->len -= n;
    return (int)n;
}

static int push(WOLFSSL *session, char *buf, int len, void *arg)
{
    (void)session;
    (void)buf;
    (void)arg;
    return len;
}

/* Lets the peer answer our ClientHello with these bytes; returns the code. */
static int answer_with(const char *bytes, size_t len)
{
    struct script script = {bytes, len};

    wolfSSL_SSLSetIORecv(ssl, pull);
    wolfSSL_SSLSetIOSend(ssl, push);
    wolfSSL_SetIOReadCtx(ssl, &script);
    int status = wolfSSL_connect(ssl);
    ck_assert_int_ne(status, WOLFSSL_SUCCESS);
    return wolfSSL_get_error(ssl, status);
}

static const struct {
    char alert;
    enum wwep_fault_kind kind;
} alerts[] = {
    {40, WWEP_FAULT_ALERT},         {42, WWEP_FAULT_ALERT_BAD_CERTIFICATE},
    {45, WWEP_FAULT_ALERT_EXPIRED}, {48, WWEP_FAULT_ALERT_UNKNOWN_CA},
    {70, WWEP_FAULT_ALERT_VERSION}, {116, WWEP_FAULT_ALERT_NO_CERTIFICATE},
};

START_TEST(the_peers_alert_says_more_than_the_code)
{
    char record[] = {0x15, 3, 3, 0, 2, 2, alerts[_i].alert};
    int code = answer_with(record, sizeof record);
    struct wwep_fault fault = tls_fault_of(ssl, code, false);

    ck_assert_int_eq(fault.alert, alerts[_i].alert);
    ck_assert_int_eq(fault.kind, alerts[_i].kind);
    ck_assert_int_eq(fault.code, code);
    /* It came, whatever the code looks like and however far we were. */
    fault = tls_fault_of(ssl, DUPLICATE_MSG_E, true);
    ck_assert_int_eq(fault.kind, alerts[_i].kind);
}
END_TEST

START_TEST(a_warning_is_no_alert)
{
    static const char record[] = {0x15, 3, 3, 0, 2, 1, 112};

    (void)answer_with(record, sizeof record);
    struct wwep_fault fault = tls_fault_of(ssl, VERSION_ERROR, false);
    ck_assert_int_eq(fault.alert, -1);
    ck_assert_int_eq(fault.kind, WWEP_FAULT_VERSION);
    ck_assert_int_eq(fault.code, VERSION_ERROR);
}
END_TEST

START_TEST(a_session_without_an_alert)
{
    struct wwep_fault fault = tls_fault_of(ssl, MATCH_SUITE_ERROR, false);

    ck_assert_int_eq(fault.alert, -1);
    ck_assert_int_eq(fault.code, MATCH_SUITE_ERROR);
    ck_assert_int_eq(fault.kind, WWEP_FAULT_NO_SHARED_CIPHER);
    fault = tls_fault_of(ssl, MATCH_SUITE_ERROR, true);
    ck_assert_int_eq(fault.kind, WWEP_FAULT_NO_SHARED_CIPHER);
}
END_TEST

START_TEST(no_renegotiation_before_the_end_of_the_handshake)
{
    static const int codes[] = {DUPLICATE_MSG_E, OUT_OF_ORDER_E};

    for (size_t i = 0; i < LENGTH(codes); i++) {
        struct wwep_fault fault = tls_fault_of(ssl, codes[i], false);
        ck_assert_int_eq(fault.kind, WWEP_FAULT_PROTOCOL);
        fault = tls_fault_of(ssl, codes[i], true);
        ck_assert_int_eq(fault.kind, WWEP_FAULT_RENEGOTIATION);
        ck_assert_int_eq(fault.code, codes[i]);
        ck_assert_int_eq(fault.alert, -1);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tls_fault");
    TCase *codes = tcase_create("codes");
    TCase *sessions = tcase_create("sessions");

    tcase_add_loop_test(codes, a_code, 0, (int)LENGTH(rows));
    tcase_add_test(codes, every_code_has_words);
    suite_add_tcase(suite, codes);
    tcase_add_checked_fixture(sessions, setup, teardown);
    tcase_add_loop_test(sessions, the_peers_alert_says_more_than_the_code, 0,
                        (int)LENGTH(alerts));
    tcase_add_test(sessions, a_warning_is_no_alert);
    tcase_add_test(sessions, a_session_without_an_alert);
    tcase_add_test(sessions, no_renegotiation_before_the_end_of_the_handshake);
    suite_add_tcase(suite, sessions);
    return unit_run(suite);
}
