/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "certificate.h"

#include <string.h>

/* Object identifiers, as they stand in DER. */
static const uint8_t oid_rsa[] = {0x2A, 0x86, 0x48, 0x86, 0xF7,
                                  0x0D, 0x01, 0x01, 0x01};
static const uint8_t oid_ec[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01};
static const uint8_t oid_ed25519[] = {0x2B, 0x65, 0x70};
static const uint8_t oid_md5_rsa[] = {0x2A, 0x86, 0x48, 0x86, 0xF7,
                                      0x0D, 0x01, 0x01, 0x04};
static const uint8_t oid_sha1_rsa[] = {0x2A, 0x86, 0x48, 0x86, 0xF7,
                                       0x0D, 0x01, 0x01, 0x05};
static const uint8_t oid_rsa_pss[] = {0x2A, 0x86, 0x48, 0x86, 0xF7,
                                      0x0D, 0x01, 0x01, 0x0A};
static const uint8_t oid_sha1_ec[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x01};
static const uint8_t oid_sha1[] = {0x2B, 0x0E, 0x03, 0x02, 0x1A};
static const uint8_t oid_key_usage[] = {0x55, 0x1D, 0x0F};
static const uint8_t oid_san[] = {0x55, 0x1D, 0x11};
static const uint8_t oid_constraints[] = {0x55, 0x1D, 0x13};

/* Of keyUsage: bits 0 and 5, counted from the top. */
#define DIGITAL_SIGNATURE 0x80u
#define KEY_CERT_SIGN     0x04u

/* --- key ------------------------------------------------------------------ */

static unsigned bits_of(const struct wwep_der *number)
{
    unsigned bits = 8u * (unsigned)wwep_der_len(number);

    if (bits > 0)
        for (uint8_t top = *number->at; (top & 0x80) == 0 && bits > 0;
             top = (uint8_t)(top << 1))
            bits--;
    return bits;
}

static bool read_rsa(struct wwep_x509 *c, struct wwep_der key)
{
    struct wwep_der numbers;

    if (!wwep_der_take(&key, WWEP_DER_SEQUENCE, &numbers) ||
        !wwep_der_take(&numbers, WWEP_DER_INTEGER, &c->key))
        return false;
    while (wwep_der_len(&c->key) > 0 && *c->key.at == 0)
        c->key.at++;
    c->key_kind = WWEP_KEY_RSA;
    c->key_bits = bits_of(&c->key);
    return true;
}

/* A point is [1] form, then one coordinate or two: its length tells the size
 * of the field, which is enough for the curves that TLS 1.3 has. */
static void read_ec(struct wwep_x509 *c, const struct wwep_der *point)
{
    size_t len = wwep_der_len(point);

    c->key = *point;
    c->key_kind = WWEP_KEY_EC;
    if (len > 1) {
        size_t size = *point->at == 4 ? (len - 1) / 2 : len - 1;
        c->key_bits = size == 66 ? 521 : 8u * (unsigned)size;
    }
}

/* SubjectPublicKeyInfo: [SEQUENCE] algorithm, [BIT STRING] key. */
static bool read_key(struct wwep_x509 *c, struct wwep_der info)
{
    struct wwep_der algorithm, oid, bits;

    if (!wwep_der_take(&info, WWEP_DER_SEQUENCE, &algorithm) ||
        !wwep_der_take(&algorithm, WWEP_DER_OID, &oid) ||
        !wwep_der_take(&info, WWEP_DER_BIT_STRING, &bits) ||
        wwep_der_len(&bits) < 2)
        return false;
    bits.at++; /* how many bits of the last byte are not used: none */
    if (wwep_der_is(&oid, oid_rsa, sizeof oid_rsa))
        return read_rsa(c, bits);
    if (wwep_der_is(&oid, oid_ec, sizeof oid_ec)) {
        read_ec(c, &bits);
    } else if (wwep_der_is(&oid, oid_ed25519, sizeof oid_ed25519)) {
        c->key = bits;
        c->key_kind = WWEP_KEY_ED25519;
        c->key_bits = 255;
    }
    return true;
}

/* --- signature ------------------------------------------------------------ */

/* RSASSA-PSS names its hash in [0]; where it names none, it is SHA-1. */
static bool is_weak_pss(struct wwep_der parameters)
{
    struct wwep_der list, field, algorithm, oid;

    return !wwep_der_take(&parameters, WWEP_DER_SEQUENCE, &list) ||
           !wwep_der_take(&list, WWEP_DER_EXPLICIT(0), &field) ||
           !wwep_der_take(&field, WWEP_DER_SEQUENCE, &algorithm) ||
           !wwep_der_take(&algorithm, WWEP_DER_OID, &oid) ||
           wwep_der_is(&oid, oid_sha1, sizeof oid_sha1);
}

/* AlgorithmIdentifier: [OID] which, its parameters. */
static bool is_weak_signature(struct wwep_der algorithm)
{
    struct wwep_der oid;

    if (!wwep_der_take(&algorithm, WWEP_DER_OID, &oid))
        return false;
    return wwep_der_is(&oid, oid_sha1_rsa, sizeof oid_sha1_rsa) ||
           wwep_der_is(&oid, oid_sha1_ec, sizeof oid_sha1_ec) ||
           wwep_der_is(&oid, oid_md5_rsa, sizeof oid_md5_rsa) ||
           (wwep_der_is(&oid, oid_rsa_pss, sizeof oid_rsa_pss) &&
            is_weak_pss(algorithm));
}

/* --- the whole ------------------------------------------------------------ */

/* BasicConstraints: [BOOLEAN] a CA, if so. */
static bool is_ca(struct wwep_der content)
{
    struct wwep_der constraints, ca;

    return wwep_der_take(&content, WWEP_DER_SEQUENCE, &constraints) &&
           wwep_der_take(&constraints, WWEP_DER_BOOLEAN, &ca) &&
           wwep_der_len(&ca) == 1 && *ca.at != 0;
}

/* The first bits of a KeyUsage; none, if it is damaged. */
static unsigned usage_of(struct wwep_der content)
{
    struct wwep_der bits;

    return wwep_der_take(&content, WWEP_DER_BIT_STRING, &bits) &&
                   wwep_der_len(&bits) >= 2
               ? bits.at[1]
               : 0;
}

/* Extensions: each [OID] which, [BOOLEAN] critical, if so, [OCTET STRING]. */
static bool read_extensions(struct wwep_x509 *c, struct wwep_der list)
{
    struct wwep_der extension, oid, critical, content;
    bool ca = false;
    bool has_usage = false;
    unsigned usage = DIGITAL_SIGNATURE | KEY_CERT_SIGN;

    while (wwep_der_len(&list) > 0) {
        if (!wwep_der_take(&list, WWEP_DER_SEQUENCE, &extension) ||
            !wwep_der_take(&extension, WWEP_DER_OID, &oid))
            return false;
        (void)wwep_der_take(&extension, WWEP_DER_BOOLEAN, &critical);
        if (!wwep_der_take(&extension, WWEP_DER_OCTET_STRING, &content))
            return false;
        if (wwep_der_is(&oid, oid_constraints, sizeof oid_constraints))
            ca = is_ca(content);
        else if (wwep_der_is(&oid, oid_san, sizeof oid_san) &&
                 !wwep_der_take(&content, WWEP_DER_SEQUENCE, &c->names))
            return false;
        if (wwep_der_is(&oid, oid_key_usage, sizeof oid_key_usage)) {
            has_usage = true;
            usage = usage_of(content);
        }
    }
    c->is_ca = ca && (usage & KEY_CERT_SIGN) != 0;
    c->may_sign =
        c->is_ca && (has_usage || wwep_der_equal(&c->issuer, &c->subject));
    c->no_digital_signature = (usage & DIGITAL_SIGNATURE) == 0;
    return true;
}

/* What follows the key: two unique identifiers that nobody uses, extensions. */
static bool read_rest(struct wwep_x509 *c, struct wwep_der rest)
{
    struct wwep_der unused, explicit_list, list;

    (void)wwep_der_take(&rest, WWEP_DER_CONTEXT(1), &unused);
    (void)wwep_der_take(&rest, WWEP_DER_CONTEXT(2), &unused);
    if (!wwep_der_take(&rest, WWEP_DER_EXPLICIT(3), &explicit_list))
        return wwep_der_len(&rest) == 0;
    return wwep_der_take(&explicit_list, WWEP_DER_SEQUENCE, &list) &&
           read_extensions(c, list);
}

bool wwep_x509_read(struct wwep_x509 *c, const uint8_t *der, size_t len)
{
    struct wwep_der in = wwep_der_of(der, len);
    struct wwep_der whole, body, skipped, validity, info, algorithm;

    memset(c, 0, sizeof *c);
    if (!wwep_der_take(&in, WWEP_DER_SEQUENCE, &whole) ||
        wwep_der_len(&in) != 0 ||
        !wwep_der_take(&whole, WWEP_DER_SEQUENCE, &body))
        return false;
    bool v1 = !wwep_der_take(&body, WWEP_DER_EXPLICIT(0), &skipped);
    if (!wwep_der_take(&body, WWEP_DER_INTEGER, &skipped) ||  /* serial */
        !wwep_der_take(&body, WWEP_DER_SEQUENCE, &skipped) || /* algorithm */
        !wwep_der_take(&body, WWEP_DER_SEQUENCE, &c->issuer) ||
        !wwep_der_take(&body, WWEP_DER_SEQUENCE, &validity) ||
        !wwep_der_take_time(&validity, &c->not_before) ||
        !wwep_der_take_time(&validity, &c->not_after) ||
        !wwep_der_take(&body, WWEP_DER_SEQUENCE, &c->subject) ||
        !wwep_der_take(&body, WWEP_DER_SEQUENCE, &info) || !read_key(c, info))
        return false;
    /* The first version of X.509 has no way to say who is a CA: one that has
     * signed itself is, wherever it is trusted, by tradition. */
    c->is_ca = c->may_sign = v1 && wwep_der_equal(&c->issuer, &c->subject);
    if (!read_rest(c, body) ||
        !wwep_der_take(&whole, WWEP_DER_SEQUENCE, &algorithm) ||
        !wwep_der_take(&whole, WWEP_DER_BIT_STRING, &skipped))
        return false;
    c->weak_signature = is_weak_signature(algorithm);
    return true;
}
