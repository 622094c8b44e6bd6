/* tls_certificate.c - reads certificates by wolfCrypt's decoder.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_certificate.h"

#include "wwep_text.h"

#include <wolfssl/options.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/asn.h>
#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/error-crypt.h>
#include <wolfssl/wolfcrypt/rsa.h>
#include <wolfssl/wolfcrypt/sha256.h>

static const struct {
    word32 oid;
    const char *name;
    bool weak;
} signatures[] = {
    {CTC_MD5wRSA, "RSA-MD5", true},
    {CTC_SHAwRSA, "RSA-SHA1", true},
    {CTC_SHAwECDSA, "ECDSA-SHA1", true},
    {CTC_SHA224wRSA, "RSA-SHA224", false},
    {CTC_SHA224wECDSA, "ECDSA-SHA224", false},
    {CTC_SHA256wRSA, "RSA-SHA256", false},
    {CTC_SHA256wECDSA, "ECDSA-SHA256", false},
    {CTC_SHA384wRSA, "RSA-SHA384", false},
    {CTC_SHA384wECDSA, "ECDSA-SHA384", false},
    {CTC_SHA512wRSA, "RSA-SHA512", false},
    {CTC_SHA512wECDSA, "ECDSA-SHA512", false},
};

static void read_signature(struct tls_certificate *c, word32 oid)
{
    snprintf(c->signature, sizeof c->signature, "unknown");
    for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++) {
        if (signatures[i].oid != oid)
            continue;
        snprintf(c->signature, sizeof c->signature, "%s", signatures[i].name);
        c->sha1 = signatures[i].weak;
    }
}

static void read_point(struct tls_certificate *c, const DecodedCert *cert)
{
    ecc_key key;
    word32 at = 0;
    word32 len = sizeof c->point;

    if (wc_ecc_init(&key) != 0)
        return;
    if (wc_EccPublicKeyDecode(cert->publicKey, &at, &key, cert->pubKeySize) ==
            0 &&
        wc_ecc_export_x963(&key, c->point, &len) == 0)
        c->point_len = len;
    wc_ecc_free(&key);
}

static void read_key(struct tls_certificate *c, const DecodedCert *cert)
{
    static const char unknown[] = "unknown key";
    RsaKey rsa;
    word32 at = 0;

    snprintf(c->key, sizeof c->key, "%s", unknown);
    if (cert->keyOID == ECDSAk) {
        const char *curve = cert->pkCurveOID == ECC_SECP256R1_OID   ? "P-256"
                            : cert->pkCurveOID == ECC_SECP384R1_OID ? "P-384"
                            : cert->pkCurveOID == ECC_SECP521R1_OID ? "P-521"
                                                                    : "EC";
        snprintf(c->key, sizeof c->key, "%s", curve);
        read_point(c, cert);
    } else if (cert->keyOID == RSAk && wc_InitRsaKey(&rsa, NULL) == 0) {
        if (wc_RsaPublicKeyDecode(cert->publicKey, &at, &rsa,
                                  cert->pubKeySize) == 0) {
            c->rsa_bits = 8 * wc_RsaEncryptSize(&rsa);
            snprintf(c->key, sizeof c->key, "RSA-%d", c->rsa_bits);
        }
        wc_FreeRsaKey(&rsa);
    } else if (cert->keyOID == ED25519k) {
        snprintf(c->key, sizeof c->key, "Ed25519");
    }
    c->key_unknown = strcmp(c->key, unknown) == 0;
}

static time_t read_date(const byte *raw, int raw_len)
{
    const byte *date;
    byte format;
    int len;
    struct tm tm;

    memset(&tm, 0, sizeof tm);
    if (raw == NULL ||
        wc_GetDateInfo(raw, raw_len, &date, &format, &len) != 0 ||
        wc_GetDateAsCalendarTime(date, len, format, &tm) != 0)
        return 0;
    return timegm(&tm);
}

/* One SAN as text: DNS names and URIs as they are, addresses in numbers. */
static size_t name_text(const DNS_entry *entry, char *out, size_t cap)
{
    const uint8_t *bytes = (const uint8_t *)entry->name;
    size_t len = (size_t)entry->len;

    if (entry->type == ASN_IP_TYPE && (len == 4 || len == 16) &&
        inet_ntop(len == 4 ? AF_INET : AF_INET6, bytes, out, (socklen_t)cap) !=
            NULL)
        return strlen(out);
    return wwep_text_escape(bytes, len, out, cap);
}

static void read_names(struct tls_certificate *c, const DNS_entry *entry)
{
    size_t len = 0;

    for (; entry != NULL; entry = entry->next) {
        char name[TLS_NAME_MAX];
        size_t name_len = name_text(entry, name, sizeof name);
        if (len + name_len + 3 > sizeof c->names)
            break;
        len += (size_t)snprintf(c->names + len, sizeof c->names - len, "%s%s",
                                len > 0 ? ", " : "", name);
    }
}

static void escape_string(const char *text, char *out, size_t cap)
{
    wwep_text_escape((const uint8_t *)text, strlen(text), out, cap);
}

/* The decoder puts each name before the one in front of it, unless it was
 * built with the OpenSSL names. */
static void put_names_in_order(DecodedCert *cert)
{
#if !defined(OPENSSL_EXTRA) || defined(WOLFSSL_ALT_NAMES_NO_REV)
    DNS_entry *rest = cert->altNames;

    cert->altNames = NULL;
    while (rest != NULL) {
        DNS_entry *entry = rest;
        rest = entry->next;
        entry->next = cert->altNames;
        cert->altNames = entry;
    }
#else
    (void)cert;
#endif
}

/* DecodedCert is large (20 KiB and more): not one for a stack. */
static DecodedCert *decode(const uint8_t *der, size_t len, int *status)
{
    DecodedCert *cert = malloc(sizeof *cert);

    *status = MEMORY_E;
    if (cert == NULL)
        return NULL;
    wc_InitDecodedCert(cert, der, (word32)len, NULL);
    *status = wc_ParseCert(cert, CERT_TYPE, NO_VERIFY, NULL);
    if (*status != 0) {
        wc_FreeDecodedCert(cert);
        free(cert);
        return NULL;
    }
    put_names_in_order(cert);
    return cert;
}

void tls_name_id(struct tls_name_id *id, const struct wwep_der *name)
{
    /* It fails only where its arguments are wrong. */
    if (wc_Sha256Hash(name->at, (word32)wwep_der_len(name), id->bytes) != 0)
        memset(id, 0, sizeof *id);
}

bool tls_name_same(const struct tls_name_id *a, const struct tls_name_id *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

bool tls_key_same(const struct tls_key_id *a, const struct tls_key_id *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

bool tls_certificate_ids(const uint8_t *der, size_t len,
                         struct tls_name_id *issuer,
                         struct tls_name_id *subject)
{
    struct wwep_der in = wwep_der_of(der, len);
    struct wwep_der whole;
    struct wwep_der body;
    struct wwep_der skipped;
    struct wwep_der by;
    struct wwep_der of;

    if (!wwep_der_take(&in, WWEP_DER_SEQUENCE, &whole) ||
        !wwep_der_take(&whole, WWEP_DER_SEQUENCE, &body))
        return false;
    (void)wwep_der_take(&body, WWEP_DER_EXPLICIT(0), &skipped); /* version */
    if (!wwep_der_take(&body, WWEP_DER_INTEGER, &skipped) ||    /* serial */
        !wwep_der_take(&body, WWEP_DER_SEQUENCE, &skipped) ||   /* algorithm */
        !wwep_der_take_whole(&body, WWEP_DER_SEQUENCE, &by) ||
        !wwep_der_take(&body, WWEP_DER_SEQUENCE, &skipped) || /* validity */
        !wwep_der_take_whole(&body, WWEP_DER_SEQUENCE, &of))
        return false;
    tls_name_id(issuer, &by);
    tls_name_id(subject, &of);
    return true;
}

static void read_key_ids(struct tls_certificate *c, const DecodedCert *cert)
{
    memcpy(c->subject_key.bytes, cert->extSubjKeyId,
           sizeof c->subject_key.bytes);
    memcpy(c->issuer_key.bytes, cert->extAuthKeyId, sizeof c->issuer_key.bytes);
    c->names_key = cert->extAuthKeyIdSet;
}

static void read_usage(struct tls_certificate *c, const DecodedCert *cert)
{
    word16 usage = cert->extKeyUsageSet ? cert->extKeyUsage : UINT16_MAX;
    bool old_root = cert->version == WOLFSSL_X509_V1 && cert->selfSigned;

    c->is_ca = (cert->isCA || old_root) && (usage & KEYUSE_KEY_CERT_SIGN) != 0;
    c->may_sign_certificates = (cert->extKeyUsage & KEYUSE_KEY_CERT_SIGN) != 0;
    c->may_sign_crls = (usage & KEYUSE_CRL_SIGN) != 0;
    c->no_digital_signature = (usage & KEYUSE_DIGITAL_SIG) == 0;
}

int tls_certificate_read(struct tls_certificate *c, const uint8_t *der,
                         size_t len)
{
    int status;
    DecodedCert *cert = decode(der, len, &status);

    memset(c, 0, sizeof *c);
    if (cert == NULL)
        return status;
    escape_string(cert->subject, c->subject, sizeof c->subject);
    escape_string(cert->issuer, c->issuer, sizeof c->issuer);
    /* The decoder has taken it: no such one is known to be without. */
    (void)tls_certificate_ids(der, len, &c->issuer_id, &c->subject_id);
    read_names(c, cert->altNames);
    read_key(c, cert);
    read_signature(c, cert->signatureOID);
    c->self_signed = cert->selfSigned;
    read_usage(c, cert);
    read_key_ids(c, cert);
    c->not_before = read_date(cert->beforeDate, cert->beforeDateLen);
    c->not_after = read_date(cert->afterDate, cert->afterDateLen);
    wc_FreeDecodedCert(cert);
    free(cert);
    return 0;
}

const uint8_t *tls_certificate_find_block(const uint8_t *pem, size_t len,
                                          const char *label, size_t n,
                                          size_t *block_len)
{
    char begin[48];
    char end[48];
    const uint8_t *limit = pem + len;
    size_t begin_len =
        (size_t)snprintf(begin, sizeof begin, "-----BEGIN %s-----", label);
    size_t end_len =
        (size_t)snprintf(end, sizeof end, "-----END %s-----", label);

    for (;;) {
        const uint8_t *b = memmem(pem, (size_t)(limit - pem), begin, begin_len);
        if (b == NULL)
            return NULL;
        const uint8_t *e = memmem(b, (size_t)(limit - b), end, end_len);
        pem = e != NULL ? e + end_len : limit;
        if (n-- > 0)
            continue;
        *block_len = (size_t)(pem - b);
        return b;
    }
}

const uint8_t *tls_certificate_find_pem(const uint8_t *pem, size_t len,
                                        size_t n, size_t *block_len)
{
    return tls_certificate_find_block(pem, len, "CERTIFICATE", n, block_len);
}

long tls_certificate_decode_pem(const uint8_t *pem, size_t len, size_t n,
                                uint8_t **der)
{
    size_t block_len;
    const uint8_t *block = tls_certificate_find_pem(pem, len, n, &block_len);

    *der = NULL;
    if (block == NULL)
        return 0;
    *der = malloc(block_len);
    if (*der == NULL)
        return MEMORY_E;
    int status =
        wc_CertPemToDer(block, (int)block_len, *der, (int)block_len, CERT_TYPE);
    if (status > 0)
        return status;
    free(*der);
    *der = NULL;
    return status < 0 ? status : ASN_NO_PEM_HEADER;
}

int tls_certificate_read_pem(struct tls_certificate *c, const uint8_t *pem,
                             size_t len, size_t n)
{
    uint8_t *der;
    long status = tls_certificate_decode_pem(pem, len, n, &der);

    if (status <= 0)
        return status == 0 ? 1 : (int)status;
    status = tls_certificate_read(c, der, (size_t)status);
    free(der);
    return (int)status;
}

/* Whether the key's public half, made anew from the private one, is this. */
static bool makes_point(ecc_key *key, const struct tls_certificate *c)
{
    byte point[TLS_POINT_MAX];
    word32 len = sizeof point;

    return wc_ecc_make_pub(key, NULL) == 0 &&
           wc_ecc_export_x963(key, point, &len) == 0 && len == c->point_len &&
           memcmp(point, c->point, len) == 0;
}

bool tls_certificate_has_key(const struct tls_certificate *c,
                             const uint8_t *pem, size_t len)
{
    ecc_key key;
    word32 at = 0;

    if (c->point_len == 0)
        return true;
    uint8_t *der = malloc(len);
    if (der == NULL || wc_ecc_init(&key) != 0) {
        free(der);
        return false;
    }
    int der_len = wc_KeyPemToDer(pem, (int)len, der, (int)len, NULL);
    bool has = der_len > 0 &&
               wc_EccPrivateKeyDecode(der, &at, &key, (word32)der_len) == 0 &&
               makes_point(&key, c);
    wc_ecc_free(&key);
    explicit_bzero(der, len);
    free(der);
    return has;
}

/* No control byte, NUL among them. What is beyond ASCII is some language's
 * letters, and is escaped where it is shown. */
static bool is_plain_text(const char *name, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((uint8_t)name[i] < 0x20 || name[i] == 0x7f)
            return false;
    return true;
}

/* A URI with our prefix and anything but four hex digits behind it is for no
 * device that there is, so whoever has it is not trusted with another one. */
static int32_t device_of_uri(const char *uri, size_t len)
{
    static const char prefix[] = "urn:wwep:device:";
    const size_t prefix_len = sizeof prefix - 1;

    if (len < prefix_len || memcmp(uri, prefix, prefix_len) != 0)
        return DEVICE_NONE;
    if (len != prefix_len + 4)
        return DEVICE_UNCLEAR;
    const uint8_t *digits = (const uint8_t *)uri + prefix_len;
    for (size_t i = 0; i < 4; i++)
        if (wwep_text_hex(digits[i]) < 0 || digits[i] >= 'a') /* upper case */
            return DEVICE_UNCLEAR;
    return (int32_t)wwep_text_get_hex(digits, 4);
}

static int32_t device_of(const DecodedCert *cert)
{
    int32_t device = DEVICE_NONE;

    for (const DNS_entry *e = cert->altNames; e != NULL; e = e->next) {
        int32_t one = DEVICE_NONE;
        if (e->type == ASN_URI_TYPE)
            one = device_of_uri(e->name, (size_t)e->len);
        if (one == DEVICE_NONE || one == device)
            continue;
        device = device == DEVICE_NONE ? one : DEVICE_UNCLEAR;
    }
    return device;
}

int tls_certificate_identity(const uint8_t *der, size_t len, char *out,
                             size_t cap, int32_t *device)
{
    int status;
    DecodedCert *cert = decode(der, len, &status);
    const char *name = "";
    size_t name_len = 0;

    if (cert == NULL)
        return status;
    if (cert->subjectCN != NULL && cert->subjectCNLen > 0) {
        name = cert->subjectCN;
        name_len = (size_t)cert->subjectCNLen;
    } else {
        const DNS_entry *e = cert->altNames;
        while (e != NULL && e->type == ASN_IP_TYPE)
            e = e->next;
        if (e != NULL) {
            name = e->name;
            name_len = (size_t)e->len;
        }
    }
    bool fit = name_len < cap && is_plain_text(name, name_len);
    if (fit) {
        memcpy(out, name, name_len);
        out[name_len] = '\0';
    }
    *device = device_of(cert);
    wc_FreeDecodedCert(cert);
    free(cert);
    return fit ? 0 : 1;
}
