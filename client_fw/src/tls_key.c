/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_key.h"

#include "credential.h"
#include "tls_wipe.h"
#include "tls_wolfssl.h"

#include <string.h>
#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

#define POINT_MAX 133u /* P-521's */

/* --- into the context -------------------------------------------------------
 */

#if defined(HAVE_PKCS8) && !defined(WOLFSSL_NO_PEM)

/* wolfSSL 5.5 writes through NULL if it has no memory for a key in DER, and
 * knows PKCS #8; with PEM it takes another way. */
int wwep_tls_key_use(struct WOLFSSL_CTX *ctx, const struct wwep_der *key)
{
    size_t room = wwep_credential_pem_room(wwep_der_len(key));
    char *pem = XMALLOC(room, NULL, DYNAMIC_TYPE_TMP_BUFFER);

    if (pem == NULL)
        return MEMORY_E;
    size_t len = wwep_credential_write_pem(key, "PRIVATE KEY", pem);
    int code = wolfSSL_CTX_use_PrivateKey_buffer(
        ctx, (const unsigned char *)pem, (long)len, WOLFSSL_FILETYPE_PEM);
    wwep_tls_wipe(pem, room);
    XFREE(pem, NULL, DYNAMIC_TYPE_TMP_BUFFER);
    return code;
}

#else

/* The key that PKCS #8 wraps (RFC 5958), or the key itself. */
static struct wwep_der unwrap(const struct wwep_der *key)
{
    struct wwep_der in = *key;
    struct wwep_der whole, skipped, inner;

    if (wwep_der_take(&in, WWEP_DER_SEQUENCE, &whole) &&
        wwep_der_take(&whole, WWEP_DER_INTEGER, &skipped) &&
        wwep_der_take(&whole, WWEP_DER_SEQUENCE, &skipped) &&
        wwep_der_take(&whole, WWEP_DER_OCTET_STRING, &inner))
        return inner;
    return *key;
}

int wwep_tls_key_use(struct WOLFSSL_CTX *ctx, const struct wwep_der *key)
{
    struct wwep_der inner = unwrap(key);

    return wolfSSL_CTX_use_PrivateKey_buffer(
        ctx, inner.at, (long)wwep_der_len(&inner), WOLFSSL_FILETYPE_ASN1);
}

#endif

/* --- whether it fits ---------------------------------------------------------
 */

#if defined(HAVE_ECC) && !defined(NO_CHECK_PRIVATE_KEY)

/* Whether the point is this: of a short form (its first byte is 2 or 3), only
 * one coordinate is there to be compared. */
static bool is_point(const uint8_t *made, size_t made_len,
                     const struct wwep_der *half)
{
    size_t len = wwep_der_len(half);

    if (len == made_len)
        return memcmp(made, half->at, len) == 0;
    return len == (made_len + 1) / 2 &&
           memcmp(made + 1, half->at + 1, len - 1) == 0;
}

static int makes_point(ecc_key *key, const struct wwep_der *half)
{
    uint8_t point[POINT_MAX];
    word32 len = sizeof point;
    int code = wc_ecc_make_pub(key, NULL);

    if (code == 0)
        code = wc_ecc_export_x963(key, point, &len);
    if (code != 0)
        return code;
    return is_point(point, len, half) ? WOLFSSL_SUCCESS : PUBLIC_KEY_E;
}

static int check_ec(const struct wwep_der *der, const struct wwep_der *half)
{
    word32 at = 0;
    word32 len = (word32)wwep_der_len(der);
    ecc_key *key = XMALLOC(sizeof *key, NULL, DYNAMIC_TYPE_ECC);

    if (key == NULL)
        return MEMORY_E;
    int code = wc_ecc_init(key);
    if (code == 0) {
        code = wc_EccPrivateKeyDecode(der->at, &at, key, len);
        if (code == 0)
            code = makes_point(key, half);
        wc_ecc_free(key);
    }
    XFREE(key, NULL, DYNAMIC_TYPE_ECC);
    return code;
}

#endif

int wwep_tls_key_fits(struct WOLFSSL_CTX *ctx, const struct wwep_der *key,
                      const struct wwep_x509 *own, bool thorough)
{
    enum wwep_key_fit fit = WWEP_KEY_UNKNOWN;

    if (own->key_kind == WWEP_KEY_RSA || own->key_kind == WWEP_KEY_EC)
        fit = wwep_credential_key_fits(key, &own->key);
    if (fit == WWEP_KEY_IS_OTHER)
        return PUBLIC_KEY_E;
#if defined(HAVE_ECC) && !defined(NO_CHECK_PRIVATE_KEY)
    if (own->key_kind == WWEP_KEY_EC)
        return fit == WWEP_KEY_FITS && !thorough ? WOLFSSL_SUCCESS
                                                 : check_ec(key, &own->key);
#endif
    if (fit == WWEP_KEY_FITS && !thorough)
        return WOLFSSL_SUCCESS;
#ifndef NO_CHECK_PRIVATE_KEY
    return wolfSSL_CTX_check_private_key(ctx) == WOLFSSL_SUCCESS
               ? WOLFSSL_SUCCESS
               : PUBLIC_KEY_E;
#else
    (void)ctx;
    return fit == WWEP_KEY_IS_OTHER ? PUBLIC_KEY_E : WOLFSSL_SUCCESS;
#endif
}

int wwep_tls_key_check_root(struct WOLFSSL_CTX *ctx,
                            const struct wwep_der *root)
{
#ifndef NO_CHECK_PRIVATE_KEY
    int code = wolfSSL_CertManagerVerifyBuffer(
        wolfSSL_CTX_GetCertManager(ctx), root->at, (long)wwep_der_len(root),
        WOLFSSL_FILETYPE_ASN1);

    return code == ASN_AFTER_DATE_E || code == ASN_BEFORE_DATE_E
               ? WOLFSSL_SUCCESS
               : code;
#else
    (void)ctx;
    (void)root;
    return WOLFSSL_SUCCESS;
#endif
}
