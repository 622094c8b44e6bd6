/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_crl.h"

#include "wwep_der.h"
#include "wwep_text.h"

#include <wolfssl/options.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/asn_public.h>

/* --- names --- */

/* X.520's attributes, 2.5.4.n. */
static const char *attribute_name(const struct wwep_der *oid)
{
    if (wwep_der_len(oid) != 3 || oid->at[0] != 0x55 || oid->at[1] != 0x04)
        return "?";
    switch (oid->at[2]) {
    case 3:
        return "CN";
    case 6:
        return "C";
    case 7:
        return "L";
    case 8:
        return "ST";
    case 10:
        return "O";
    case 11:
        return "OU";
    default:
        return "?";
    }
}

/* One of a name's parts: SET { SEQUENCE { OID, text } ... } */
static size_t part_text(struct wwep_der part, char *out, size_t cap)
{
    struct wwep_der pair;
    struct wwep_der oid;
    struct wwep_der text;
    uint8_t tag;
    size_t len = 0;

    while (wwep_der_next(&part, &tag, &pair)) {
        if (!wwep_der_take(&pair, WWEP_DER_OID, &oid) ||
            !wwep_der_next(&pair, &tag, &text))
            break;
        int head = snprintf(out + len, cap - len, "/%s=", attribute_name(&oid));
        if (head < 0 || len + (size_t)head + 1 >= cap)
            break;
        len += (size_t)head;
        len += wwep_text_escape(text.at, wwep_der_len(&text), out + len,
                                cap - len);
    }
    return len;
}

/* As "/C=GB/CN=some CA", the form that certificates are shown in. */
static void name_text(struct wwep_der name, char *out, size_t cap)
{
    struct wwep_der part;
    uint8_t tag;
    size_t len = 0;

    *out = '\0';
    while (wwep_der_next(&name, &tag, &part) && len + 1 < cap)
        len += part_text(part, out + len, cap - len);
}

/* --- the list --- */

static bool take_time(struct wwep_der *in, time_t *time)
{
    int64_t seconds;

    if (!wwep_der_take_time(in, &seconds))
        return false;
    *time = (time_t)seconds;
    return true;
}

/* Whether all of Extensions is well-formed; sets partial. */
static bool read_extensions(struct tls_crl *crl, struct wwep_der in)
{
    struct wwep_der list;
    struct wwep_der extension;
    struct wwep_der oid;
    struct wwep_der critical;
    struct wwep_der content;

    if (!wwep_der_take(&in, WWEP_DER_SEQUENCE, &list) || wwep_der_len(&in) > 0)
        return false;
    while (wwep_der_take(&list, WWEP_DER_SEQUENCE, &extension)) {
        if (!wwep_der_take(&extension, WWEP_DER_OID, &oid))
            return false;
        if (wwep_der_take(&extension, WWEP_DER_BOOLEAN, &critical) &&
            (wwep_der_len(&critical) != 1 || *critical.at != 0))
            crl->partial = true;
        if (!wwep_der_take(&extension, WWEP_DER_OCTET_STRING, &content))
            return false;
    }
    return wwep_der_len(&list) == 0;
}

/* What comes behind the dates: the revoked certificates, and extensions. */
static bool read_rest(struct tls_crl *crl, struct wwep_der in)
{
    struct wwep_der revoked;
    struct wwep_der extensions;

    (void)wwep_der_take(&in, WWEP_DER_SEQUENCE, &revoked);
    if (wwep_der_take(&in, WWEP_DER_EXPLICIT(0), &extensions) &&
        !read_extensions(crl, extensions))
        return false;
    return wwep_der_len(&in) == 0;
}

/* TBSCertList ::= SEQUENCE { version?, signature, issuer, thisUpdate,
 * nextUpdate?, revokedCertificates?, [0] crlExtensions? } */
static bool read_list(struct tls_crl *crl, struct wwep_der in)
{
    struct wwep_der skipped;
    struct wwep_der issuer;
    struct wwep_der name;

    (void)wwep_der_take(&in, WWEP_DER_INTEGER, &skipped);
    if (!wwep_der_take(&in, WWEP_DER_SEQUENCE, &skipped) ||
        !wwep_der_take_whole(&in, WWEP_DER_SEQUENCE, &issuer))
        return false;
    tls_name_id(&crl->issuer_id, &issuer);
    if (wwep_der_take(&issuer, WWEP_DER_SEQUENCE, &name))
        name_text(name, crl->issuer, sizeof crl->issuer);
    if (!take_time(&in, &crl->this_update))
        return false;
    /* One that is none stays where it is, and read_rest() refuses it. */
    (void)take_time(&in, &crl->next_update);
    return read_rest(crl, in);
}

/* CertificateList ::= SEQUENCE { tbsCertList, signatureAlgorithm, signature }
 */
bool tls_crl_read(struct tls_crl *crl, const uint8_t *der, size_t len)
{
    struct wwep_der in = wwep_der_of(der, len);
    struct wwep_der whole;
    struct wwep_der list;

    memset(crl, 0, sizeof *crl);
    return wwep_der_take(&in, WWEP_DER_SEQUENCE, &whole) &&
           wwep_der_len(&in) == 0 &&
           wwep_der_take(&whole, WWEP_DER_SEQUENCE, &list) &&
           read_list(crl, list);
}

int tls_crl_decode_pem(const uint8_t *pem, size_t len, size_t n, uint8_t **der,
                       size_t *der_len)
{
    size_t block_len;
    const uint8_t *block =
        tls_certificate_find_block(pem, len, "X509 CRL", n, &block_len);
    DerBuffer *decoded = NULL;

    if (block == NULL)
        return 1;
    if (wc_PemToDer(block, (long)block_len, CRL_TYPE, &decoded, NULL, NULL,
                    NULL) != 0) {
        wc_FreeDer(&decoded);
        return -1;
    }
    *der_len = decoded->length;
    *der = malloc(*der_len > 0 ? *der_len : 1);
    if (*der != NULL)
        memcpy(*der, decoded->buffer, *der_len);
    wc_FreeDer(&decoded);
    return *der != NULL ? 0 : -1;
}

void tls_crl_when(time_t t, char out[TLS_WHEN_MAX])
{
    struct tm tm;

    gmtime_r(&t, &tm);
    strftime(out, TLS_WHEN_MAX, "%Y-%m-%d at %H:%M:%S UTC", &tm);
}
