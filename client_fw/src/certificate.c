/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "certificate.h"

#include <string.h>

/* Object identifiers, as they stand in DER. */
static const uint8_t oid_rsa[] = {0x2A, 0x86, 0x48, 0x86, 0xF7,
                                  0x0D, 0x01, 0x01, 0x01};
static const uint8_t oid_ec[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01};
static const uint8_t oid_ed25519[] = {0x2B, 0x65, 0x70};
static const uint8_t oid_key_usage[] = {0x55, 0x1D, 0x0F};
static const uint8_t oid_san[] = {0x55, 0x1D, 0x11};
static const uint8_t oid_constraints[] = {0x55, 0x1D, 0x13};

#define KEY_CERT_SIGN 0x04u /* bit 5 of keyUsage, counted from the top */

/* --- time ----------------------------------------------------------------- */

/* Two digits, or -1. */
static int two_digits(const uint8_t *at)
{
    if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
        return -1;
    return (at[0] - '0') * 10 + (at[1] - '0');
}

/* Days from 1970-01-01, in the Gregorian calendar, for years from 0 on: the
 * year is taken to begin in March, so that the leap day is its last. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2 ? 1 : 0;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
           719468;
}

static int days_in_month(int year, int month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30,
                                   31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

bool wwep_x509_time(uint8_t tag, const struct wwep_der *value, int64_t *time)
{
    const uint8_t *at = value->at;
    int field[6]; /* year, month, day, hour, minute, second */

    if (tag == WWEP_DER_GENERALIZED_TIME && wwep_der_len(value) == 15) {
        int century = two_digits(at);
        field[0] = two_digits(at + 2);
        if (century < 0 || field[0] < 0)
            return false;
        field[0] += century * 100;
        at += 4;
    } else if (tag == WWEP_DER_UTC_TIME && wwep_der_len(value) == 13) {
        field[0] = two_digits(at);
        if (field[0] < 0)
            return false;
        field[0] += field[0] < 50 ? 2000 : 1900;
        at += 2;
    } else {
        return false;
    }
    for (int i = 1; i < 6; i++, at += 2) {
        field[i] = two_digits(at);
        if (field[i] < 0)
            return false;
    }
    if (*at != 'Z' || field[1] < 1 || field[1] > 12 || field[2] < 1 ||
        field[2] > days_in_month(field[0], field[1]) || field[3] > 23 ||
        field[4] > 59 || field[5] > 59)
        return false;
    *time = days_of(field[0], field[1], field[2]) * 86400 + field[3] * 3600 +
            field[4] * 60 + field[5];
    return true;
}

static bool read_time(struct wwep_der *in, int64_t *time)
{
    struct wwep_der value;
    uint8_t tag;

    return wwep_der_next(in, &tag, &value) && wwep_x509_time(tag, &value, time);
}

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

/* --- the whole ------------------------------------------------------------ */

/* BasicConstraints: [BOOLEAN] a CA, if so. */
static bool is_ca(struct wwep_der content)
{
    struct wwep_der constraints, ca;

    return wwep_der_take(&content, WWEP_DER_SEQUENCE, &constraints) &&
           wwep_der_take(&constraints, WWEP_DER_BOOLEAN, &ca) &&
           wwep_der_len(&ca) == 1 && *ca.at != 0;
}

static bool has_cert_sign(struct wwep_der content)
{
    struct wwep_der bits;

    return wwep_der_take(&content, WWEP_DER_BIT_STRING, &bits) &&
           wwep_der_len(&bits) >= 2 && (bits.at[1] & KEY_CERT_SIGN) != 0;
}

/* Extensions: each [OID] which, [BOOLEAN] critical, if so, [OCTET STRING]. */
static bool read_extensions(struct wwep_x509 *c, struct wwep_der list)
{
    struct wwep_der extension, oid, critical, content;
    bool ca = false;
    bool cert_sign = wwep_der_equal(&c->issuer, &c->subject);

    while (wwep_der_len(&list) > 0) {
        if (!wwep_der_take(&list, WWEP_DER_SEQUENCE, &extension) ||
            !wwep_der_take(&extension, WWEP_DER_OID, &oid))
            return false;
        (void)wwep_der_take(&extension, WWEP_DER_BOOLEAN, &critical);
        if (!wwep_der_take(&extension, WWEP_DER_OCTET_STRING, &content))
            return false;
        if (wwep_der_is(&oid, oid_constraints, sizeof oid_constraints))
            ca = is_ca(content);
        else if (wwep_der_is(&oid, oid_key_usage, sizeof oid_key_usage))
            cert_sign = has_cert_sign(content);
        else if (wwep_der_is(&oid, oid_san, sizeof oid_san) &&
                 !wwep_der_take(&content, WWEP_DER_SEQUENCE, &c->names))
            return false;
    }
    c->may_sign = ca && cert_sign;
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
    struct wwep_der whole, body, skipped, validity, info;

    memset(c, 0, sizeof *c);
    if (!wwep_der_take(&in, WWEP_DER_SEQUENCE, &whole) ||
        wwep_der_len(&in) != 0 ||
        !wwep_der_take(&whole, WWEP_DER_SEQUENCE, &body))
        return false;
    (void)wwep_der_take(&body, WWEP_DER_EXPLICIT(0), &skipped); /* version */
    return wwep_der_take(&body, WWEP_DER_INTEGER, &skipped) &&  /* serial */
           wwep_der_take(&body, WWEP_DER_SEQUENCE, &skipped) && /* algorithm */
           wwep_der_take(&body, WWEP_DER_SEQUENCE, &c->issuer) &&
           wwep_der_take(&body, WWEP_DER_SEQUENCE, &validity) &&
           read_time(&validity, &c->not_before) &&
           read_time(&validity, &c->not_after) &&
           wwep_der_take(&body, WWEP_DER_SEQUENCE, &c->subject) &&
           wwep_der_take(&body, WWEP_DER_SEQUENCE, &info) &&
           read_key(c, info) && read_rest(c, body) &&
           wwep_der_take(&whole, WWEP_DER_SEQUENCE, &skipped) &&
           wwep_der_take(&whole, WWEP_DER_BIT_STRING, &skipped);
}
