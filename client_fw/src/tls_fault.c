/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_fault.h"

#include "tls_wolfssl.h"

#include <stddef.h>
#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

/* Small, for boards: the codes are from -1 to -2000, or so. */
static const struct {
    int16_t code;
    uint8_t kind; /* enum wwep_fault_kind */
} faults[] = {
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
};

enum wwep_fault_kind tls_fault_of_code(int code)
{
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        if (faults[i].code == code)
            return (enum wwep_fault_kind)faults[i].kind;
    /* The rest of the codes that reading a certificate gives. */
    if (code <= ASN_PARSE_E && code >= ASN_ALT_NAME_E)
        return WWEP_FAULT_BAD_CERTIFICATE;
    return WWEP_FAULT_PROTOCOL;
}

/* The fatal alert that the peer sent, or -1. */
static int alert_of(WOLFSSL *ssl)
{
    WOLFSSL_ALERT_HISTORY history;

    if (wolfSSL_get_alert_history(ssl, &history) != WOLFSSL_SUCCESS ||
        history.last_rx.level != alert_fatal)
        return -1;
    return history.last_rx.code;
}

struct wwep_fault tls_fault_of(WOLFSSL *ssl, int code, bool established)
{
    struct wwep_fault fault = {.code = code, .alert = alert_of(ssl)};

    if (fault.alert >= 0)
        fault.kind = wwep_fault_of_alert(fault.alert);
    /* After the handshake of TLS 1.2 a ClientHello is one too many. */
    else if (established && (code == DUPLICATE_MSG_E || code == OUT_OF_ORDER_E))
        fault.kind = WWEP_FAULT_RENEGOTIATION;
    else
        fault.kind = tls_fault_of_code(code);
    return fault;
}

/* In the packaged build it comes as one of OpenSSL's, which has a name for
 * some, and leaves the others as they are. */
int tls_fault_code(const WOLFSSL_X509_STORE_CTX *store)
{
#ifdef OPENSSL_COMPATIBLE_DEFAULTS
    switch (store->error) {
    case X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD:
        return ASN_BEFORE_DATE_E;
    case X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD:
        return ASN_AFTER_DATE_E;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        return ASN_NO_SIGNER_E;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return ASN_SELF_SIGNED_E;
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
        return ASN_PATHLEN_INV_E;
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        return ASN_SIG_CONFIRM_E;
    default:
        break;
    }
#endif
    return store->error;
}
