/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_crl.h"

#include "tls_der.h"
#include "wwep_text.h"

#include <wolfssl/options.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/asn_public.h>

/* --- names --- */

/* X.520's attributes, 2.5.4.n. */
static const char *attribute_name(const struct tls_der *oid)
{
    if (oid->len != 3 || oid->at[0] != 0x55 || oid->at[1] != 0x04)
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
static size_t part_text(struct tls_der part, char *out, size_t cap)
{
    struct tls_der_element pair;
    struct tls_der_element oid;
    struct tls_der_element text;
    size_t len = 0;

    while (tls_der_take(&part, &pair)) {
        if (!tls_der_take_tag(&pair.value, TLS_DER_OID, &oid) ||
            !tls_der_take(&pair.value, &text))
            break;
        int head =
            snprintf(out + len, cap - len, "/%s=", attribute_name(&oid.value));
        if (head < 0 || len + (size_t)head + 1 >= cap)
            break;
        len += (size_t)head;
        len += wwep_text_escape(text.value.at, text.value.len, out + len,
                                cap - len);
    }
    return len;
}

/* As "/C=GB/CN=some CA", the form that certificates are shown in. */
static void name_text(struct tls_der name, char *out, size_t cap)
{
    struct tls_der_element part;
    size_t len = 0;

    *out = '\0';
    while (tls_der_take(&name, &part) && len + 1 < cap)
        len += part_text(part.value, out + len, cap - len);
}

/* --- the list --- */

/* Whether all of Extensions is well-formed; sets partial. */
static bool read_extensions(struct tls_crl *crl, struct tls_der der)
{
    struct tls_der_element list;
    struct tls_der_element extension;
    struct tls_der_element e;

    if (!tls_der_take_tag(&der, TLS_DER_SEQUENCE, &list) || der.len > 0)
        return false;
    while (tls_der_take_tag(&list.value, TLS_DER_SEQUENCE, &extension)) {
        if (!tls_der_take_tag(&extension.value, TLS_DER_OID, &e))
            return false;
        if (tls_der_take_tag(&extension.value, TLS_DER_BOOLEAN, &e) &&
            (e.value.len != 1 || e.value.at[0] != 0))
            crl->partial = true;
        if (!tls_der_take_tag(&extension.value, TLS_DER_OCTETS, &e))
            return false;
    }
    return list.value.len == 0;
}

/* What comes behind the dates: the revoked certificates, and extensions. */
static bool read_rest(struct tls_crl *crl, struct tls_der der)
{
    struct tls_der_element e;

    (void)tls_der_take_tag(&der, TLS_DER_SEQUENCE, &e);
    if (tls_der_take_tag(&der, TLS_DER_CONTEXT_0, &e) &&
        !read_extensions(crl, e.value))
        return false;
    return der.len == 0;
}

/* TBSCertList ::= SEQUENCE { version?, signature, issuer, thisUpdate,
 * nextUpdate?, revokedCertificates?, [0] crlExtensions? } */
static bool read_list(struct tls_crl *crl, struct tls_der der)
{
    struct tls_der_element e;

    (void)tls_der_take_tag(&der, TLS_DER_INTEGER, &e);
    if (!tls_der_take_tag(&der, TLS_DER_SEQUENCE, &e) ||
        !tls_der_take_tag(&der, TLS_DER_SEQUENCE, &e))
        return false;
    name_text(e.value, crl->issuer, sizeof crl->issuer);
    tls_name_id(&crl->issuer_id, e.whole.at, e.whole.len);
    if (!tls_der_take(&der, &e) || !tls_der_time(&e, &crl->this_update))
        return false;
    if (tls_der_take_tag(&der, TLS_DER_UTC_TIME, &e) ||
        tls_der_take_tag(&der, TLS_DER_GENERALIZED_TIME, &e)) {
        if (!tls_der_time(&e, &crl->next_update))
            return false;
    }
    return read_rest(crl, der);
}

/* CertificateList ::= SEQUENCE { tbsCertList, signatureAlgorithm, signature }
 */
bool tls_crl_read(struct tls_crl *crl, const uint8_t *der, size_t len)
{
    struct tls_der all = {der, len};
    struct tls_der_element e;
    struct tls_der_element list;

    memset(crl, 0, sizeof *crl);
    if (!tls_der_take_tag(&all, TLS_DER_SEQUENCE, &e) || all.len > 0 ||
        !tls_der_take_tag(&e.value, TLS_DER_SEQUENCE, &list))
        return false;
    return read_list(crl, list.value);
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
