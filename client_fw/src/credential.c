/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "credential.h"

#include <string.h>

static const char begin_mark[] = "-----BEGIN ";
static const char end_mark[] = "-----END ";
static const char dashes[] = "-----";

/* memmem() is not in every C library. */
static const uint8_t *find(const uint8_t *at, const uint8_t *end,
                           const char *what)
{
    size_t len = strlen(what);

    for (; (size_t)(end - at) >= len; at++) {
        at = memchr(at, what[0], (size_t)(end - at) - len + 1);
        if (at == NULL)
            return NULL;
        if (memcmp(at, what, len) == 0)
            return at;
    }
    return NULL;
}

/* --- DER ------------------------------------------------------------------ */

/* What the first element of the outer SEQUENCE says:
 *
 *     SEQUENCE { SEQUENCE { [0] or INTEGER ...    a certificate
 *     SEQUENCE { SEQUENCE { OID ...               an encrypted key, RFC 5958
 *     SEQUENCE { INTEGER ...                      a key */
static enum wwep_credential_kind kind_of(struct wwep_der der)
{
    struct wwep_der whole, first;
    uint8_t tag;

    if (!wwep_der_take(&der, WWEP_DER_SEQUENCE, &whole) ||
        !wwep_der_next(&whole, &tag, &first))
        return WWEP_CREDENTIAL_DAMAGED;
    if (tag == WWEP_DER_INTEGER)
        return WWEP_CREDENTIAL_KEY;
    if (tag != WWEP_DER_SEQUENCE || wwep_der_len(&first) == 0)
        return WWEP_CREDENTIAL_DAMAGED;
    switch (*first.at) {
    case WWEP_DER_OID:
        return WWEP_CREDENTIAL_ENCRYPTED_KEY;
    case WWEP_DER_INTEGER:
    case WWEP_DER_EXPLICIT(0):
        return WWEP_CREDENTIAL_CERTIFICATE;
    default:
        return WWEP_CREDENTIAL_DAMAGED;
    }
}

static bool next_der(struct wwep_credentials *c, struct wwep_credential *object)
{
    struct wwep_der in = {c->at, c->end};
    struct wwep_der value;

    if (c->at == c->end)
        return false;
    *object = (struct wwep_credential){.kind = WWEP_CREDENTIAL_DAMAGED,
                                       .body = c->at};
    if (wwep_der_take(&in, WWEP_DER_SEQUENCE, &value)) {
        object->len = (size_t)(in.at - c->at);
        object->kind = kind_of(wwep_der_of(object->body, object->len));
    }
    c->at = object->kind == WWEP_CREDENTIAL_DAMAGED ? c->end : in.at;
    return true;
}

/* --- PEM ------------------------------------------------------------------ */

static bool label_is(const uint8_t *label, size_t len, const char *what)
{
    return len == strlen(what) && memcmp(label, what, len) == 0;
}

static bool label_ends_with(const uint8_t *label, size_t len, const char *what)
{
    size_t n = strlen(what);

    return len >= n && memcmp(label + len - n, what, n) == 0;
}

static enum wwep_credential_kind kind_of_block(const uint8_t *label, size_t len,
                                               const uint8_t *body,
                                               const uint8_t *end)
{
    if (label_is(label, len, "CERTIFICATE") ||
        label_is(label, len, "X509 CERTIFICATE"))
        return WWEP_CREDENTIAL_CERTIFICATE;
    if (label_is(label, len, "ENCRYPTED PRIVATE KEY"))
        return WWEP_CREDENTIAL_ENCRYPTED_KEY;
    if (!label_ends_with(label, len, "PRIVATE KEY"))
        return WWEP_CREDENTIAL_OTHER;
    /* "Proc-Type: 4,ENCRYPTED", of RFC 1421 */
    return find(body, end, ",ENCRYPTED") != NULL ? WWEP_CREDENTIAL_ENCRYPTED_KEY
                                                 : WWEP_CREDENTIAL_KEY;
}

static bool next_pem(struct wwep_credentials *c, struct wwep_credential *object)
{
    const uint8_t *begin = find(c->at, c->end, begin_mark);

    if (begin == NULL)
        return false;
    *object =
        (struct wwep_credential){.kind = WWEP_CREDENTIAL_DAMAGED, .pem = true};
    c->at = c->end;

    const uint8_t *label = begin + sizeof begin_mark - 1;
    const uint8_t *label_end = find(label, c->end, dashes);
    if (label_end == NULL)
        return true;
    object->body = label_end + sizeof dashes - 1;
    const uint8_t *body_end = find(object->body, c->end, end_mark);
    if (body_end == NULL || find(object->body, body_end, begin_mark) != NULL)
        return true;
    object->len = (size_t)(body_end - object->body);
    object->kind = kind_of_block(label, (size_t)(label_end - label),
                                 object->body, body_end);
    c->at = body_end + sizeof end_mark - 1;
    return true;
}

/* --- both ----------------------------------------------------------------- */

void wwep_credentials_start(struct wwep_credentials *c,
                            const struct wwep_bytes *bytes)
{
    const uint8_t *at = bytes->bytes;

    *c = (struct wwep_credentials){.at = at,
                                   .end = at != NULL ? at + bytes->len : NULL};
    if (at == NULL)
        return;
    /* A text that begins with "0" is not yet DER. */
    c->pem = kind_of(wwep_der_of(at, bytes->len)) == WWEP_CREDENTIAL_DAMAGED &&
             find(at, c->end, begin_mark) != NULL;
}

bool wwep_credentials_next(struct wwep_credentials *c,
                           struct wwep_credential *object)
{
    return c->pem ? next_pem(c, object) : next_der(c, object);
}

size_t wwep_credential_room(const struct wwep_credential *object)
{
    return object->pem ? object->len / 4 * 3 + 3 : 0;
}

/* The value of a character of Base64; -1: it is none; -2: white space. */
static int sextet_of(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+')
        return 62;
    if (c == '/')
        return 63;
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' ? -2 : -1;
}

/* RFC 4648, section 4, with white space anywhere. */
static size_t decode(const uint8_t *at, size_t len, uint8_t *out)
{
    uint32_t bits = 0;
    size_t sextets = 0;
    size_t padding = 0;
    size_t out_len = 0;

    for (const uint8_t *end = at + len; at < end; at++) {
        int sextet = *at == '=' ? 0 : sextet_of(*at);
        if (sextet == -2)
            continue;
        if (sextet == -1 || (padding > 0 && *at != '='))
            return 0;
        padding += *at == '=' ? 1 : 0;
        bits = bits << 6 | (uint32_t)sextet;
        if (++sextets % 4 != 0)
            continue;
        out[out_len++] = (uint8_t)(bits >> 16);
        out[out_len++] = (uint8_t)(bits >> 8);
        out[out_len++] = (uint8_t)bits;
    }
    return sextets % 4 == 0 && padding <= 2 && padding <= out_len
               ? out_len - padding
               : 0;
}

struct wwep_der wwep_credential_der(const struct wwep_credential *object,
                                    uint8_t *room)
{
    if (object->kind == WWEP_CREDENTIAL_DAMAGED) /* it may have no body */
        return (struct wwep_der){object->body, object->body};

    struct wwep_der der =
        object->pem ? wwep_der_of(room, decode(object->body, object->len, room))
                    : wwep_der_of(object->body, object->len);

    struct wwep_der in = der;
    struct wwep_der value;
    if (!wwep_der_take(&in, WWEP_DER_SEQUENCE, &value) || in.at != in.end)
        der.end = der.at;
    return der;
}

/* --- to PEM --------------------------------------------------------------- */

#define LINE_LEN 48u /* of DER, which makes 64 characters */

size_t wwep_credential_pem_room(size_t len)
{
    return (len + 2) / 3 * 4 + len / LINE_LEN + 1 +
           2 * (sizeof begin_mark + WWEP_PEM_LABEL_MAX + sizeof dashes + 1);
}

static char *put_text(char *at, const char *text)
{
    size_t len = strlen(text);

    memcpy(at, text, len);
    return at + len;
}

static char *put_mark(char *at, const char *mark, const char *label)
{
    at = put_text(at, mark);
    at = put_text(at, label);
    at = put_text(at, dashes);
    *at++ = '\n';
    return at;
}

/* Three bytes, or what is left of them, as four characters. */
static char *put_group(char *at, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqr"
                                 "stuvwxyz0123456789+/";
    uint32_t bits = (uint32_t)bytes[0] << 16 |
                    (len > 1 ? (uint32_t)bytes[1] << 8 : 0) |
                    (len > 2 ? bytes[2] : 0u);

    for (size_t i = 0; i < 4; i++, bits <<= 6)
        *at++ = i <= len ? digits[bits >> 18 & 0x3F] : '=';
    return at;
}

size_t wwep_credential_write_pem(const struct wwep_der *der, const char *label,
                                 char *out)
{
    size_t len = wwep_der_len(der);
    char *at = put_mark(out, begin_mark, label);

    for (size_t i = 0; i < len; i += 3) {
        at = put_group(at, der->at + i, len - i);
        if (i + 3 >= len || (i + 3) % LINE_LEN == 0)
            *at++ = '\n';
    }
    at = put_mark(at, end_mark, label);
    return (size_t)(at - out);
}

/* --- keys ----------------------------------------------------------------- */

static enum wwep_key_fit fit(const struct wwep_der *found,
                             const struct wwep_der *half)
{
    if (wwep_der_equal(found, half))
        return WWEP_KEY_FITS;
    /* A point has a short form and a long one. */
    return wwep_der_len(found) == wwep_der_len(half) ? WWEP_KEY_IS_OTHER
                                                     : WWEP_KEY_UNKNOWN;
}

/* RFC 5915: [OCTET STRING] key, [0] curve, [1] point; the latter are
 * optional. */
static enum wwep_key_fit ec_fits(struct wwep_der in,
                                 const struct wwep_der *half)
{
    struct wwep_der skipped, explicit_point, point;

    if (!wwep_der_take(&in, WWEP_DER_OCTET_STRING, &skipped))
        return WWEP_KEY_UNKNOWN;
    (void)wwep_der_take(&in, WWEP_DER_EXPLICIT(0), &skipped);
    if (!wwep_der_take(&in, WWEP_DER_EXPLICIT(1), &explicit_point) ||
        !wwep_der_take(&explicit_point, WWEP_DER_BIT_STRING, &point) ||
        wwep_der_len(&point) < 2)
        return WWEP_KEY_UNKNOWN;
    point.at++;
    return fit(&point, half);
}

/* All begin with [INTEGER] version; then
 *
 *     SEQUENCE algorithm, OCTET STRING       a key of any kind, RFC 5958
 *     INTEGER modulus ...                    RSA, RFC 8017 A.1.2
 *     OCTET STRING ...                       EC, RFC 5915 */
enum wwep_key_fit wwep_credential_key_fits(const struct wwep_der *key,
                                           const struct wwep_der *half)
{
    struct wwep_der in = *key;
    struct wwep_der whole, version, algorithm, inner, modulus;

    if (!wwep_der_take(&in, WWEP_DER_SEQUENCE, &whole) ||
        !wwep_der_take(&whole, WWEP_DER_INTEGER, &version))
        return WWEP_KEY_UNKNOWN;
    if (wwep_der_take(&whole, WWEP_DER_SEQUENCE, &algorithm)) {
        if (!wwep_der_take(&whole, WWEP_DER_OCTET_STRING, &inner) ||
            !wwep_der_take(&inner, WWEP_DER_SEQUENCE, &whole) ||
            !wwep_der_take(&whole, WWEP_DER_INTEGER, &version))
            return WWEP_KEY_UNKNOWN;
    }
    if (!wwep_der_take(&whole, WWEP_DER_INTEGER, &modulus))
        return ec_fits(whole, half);
    while (wwep_der_len(&modulus) > 0 && *modulus.at == 0)
        modulus.at++;
    return wwep_der_equal(&modulus, half) ? WWEP_KEY_FITS : WWEP_KEY_IS_OTHER;
}
