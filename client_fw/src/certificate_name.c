/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "certificate_name.h"

#include "wwep_text.h"

#include <string.h>

#define TAG_DNS WWEP_DER_CONTEXT(2)
#define TAG_IP  WWEP_DER_CONTEXT(7)

/* --- numeric addresses ---------------------------------------------------- */

/* Four numbers to 255 with dots between them. Returns what follows, or NULL. */
static const char *read_ipv4(uint8_t out[4], const char *at)
{
    for (int i = 0; i < 4; i++) {
        unsigned value = 0;
        if (i > 0 && *at++ != '.')
            return NULL;
        const char *begin = at;
        while (*at >= '0' && *at <= '9' && at - begin < 3)
            value = value * 10 + (unsigned)(*at++ - '0');
        /* "01" is eight in some programs, and one in others. */
        if (at == begin || value > 255 || (at - begin > 1 && *begin == '0'))
            return NULL;
        out[i] = (uint8_t)value;
    }
    return at;
}

/* One to four hex digits. Returns what follows, or NULL. */
static const char *read_group(uint8_t out[2], const char *at)
{
    unsigned value = 0;
    const char *begin = at;

    while (at - begin < 4 && wwep_text_hex((uint8_t)*at) >= 0)
        value = value << 4 | (unsigned)wwep_text_hex((uint8_t)*at++);
    if (at == begin)
        return NULL;
    out[0] = (uint8_t)(value >> 8);
    out[1] = (uint8_t)value;
    return at;
}

/* RFC 4291, section 2.2. Returns what follows, or NULL. */
static const char *read_ipv6(uint8_t out[16], const char *at)
{
    size_t len = 0;
    size_t gap = 16; /* where "::" stands; 16: nowhere */
    const char *next;

    if (at[0] == ':') {
        if (at[1] != ':')
            return NULL;
        at += 2;
        gap = 0;
    }
    while (len < 16 && *at != '\0' && *at != '%') {
        if (len <= 12 && (next = read_ipv4(out + len, at)) != NULL &&
            (*next == '\0' || *next == '%')) {
            len += 4;
            at = next;
            break;
        }
        next = read_group(out + len, at);
        if (next == NULL)
            return NULL;
        len += 2;
        at = next;
        if (*at != ':')
            break;
        at++;
        if (*at == ':' && gap == 16) {
            gap = len;
            at++;
        } else if (wwep_text_hex((uint8_t)*at) < 0) {
            return NULL;
        }
    }
    if (gap == 16)
        return len == 16 ? at : NULL;
    if (len > 14)
        return NULL;
    memmove(out + 16 - (len - gap), out + gap, len - gap);
    memset(out + gap, 0, 16 - len);
    return at;
}

bool wwep_address_read(struct wwep_address *address, const char *text)
{
    const char *end;

    memset(address, 0, sizeof *address);
    end = read_ipv4(address->bytes, text);
    if (end != NULL && *end == '\0') {
        address->len = 4;
        return true;
    }
    end = read_ipv6(address->bytes, text);
    if (end != NULL && (*end == '\0' || (end[0] == '%' && end[1] != '\0'))) {
        address->len = 16;
        return true;
    }
    address->len = 0;
    return false;
}

/* --- the subject ---------------------------------------------------------- */

bool wwep_x509_has_cn(const struct wwep_x509 *c, const char *text)
{
    static const uint8_t oid_cn[] = {0x55, 0x04, 0x03};
    struct wwep_der rest = c->subject;
    struct wwep_der set, pair, oid, value;
    unsigned count = 0;
    bool same = false;
    uint8_t tag;

    while (wwep_der_take(&rest, WWEP_DER_SET, &set))
        while (wwep_der_take(&set, WWEP_DER_SEQUENCE, &pair)) {
            if (!wwep_der_take(&pair, WWEP_DER_OID, &oid) ||
                !wwep_der_is(&oid, oid_cn, sizeof oid_cn) ||
                !wwep_der_next(&pair, &tag, &value))
                continue;
            count++;
            same = wwep_der_is(&value, text, strlen(text));
        }
    return count == 1 && same;
}

/* --- names ---------------------------------------------------------------- */

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

static bool same_text(const uint8_t *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (lower(a[i]) != lower((uint8_t)b[i]))
            return false;
    return true;
}

/* "*.b.c" is for any "a.b.c": one label, the whole of it, and at least two
 * behind it. */
static bool fits(const struct wwep_der *pattern, const char *host, size_t len)
{
    const uint8_t *at = pattern->at;
    size_t pattern_len = wwep_der_len(pattern);

    if (pattern_len > 2 && at[0] == '*' && at[1] == '.') {
        const char *dot = memchr(host, '.', len);
        if (dot == NULL || dot == host ||
            memchr(at + 2, '.', pattern_len - 2) == NULL)
            return false;
        at++;
        pattern_len--;
        len -= (size_t)(dot - host);
        host = dot;
    }
    return pattern_len > 0 && pattern_len == len && same_text(at, host, len);
}

enum wwep_fault_kind wwep_x509_check_host(const struct wwep_x509 *c,
                                          const char *host)
{
    struct wwep_der rest = c->names;
    struct wwep_der value;
    struct wwep_address address;
    size_t len = strlen(host);
    bool numeric = wwep_address_read(&address, host);
    bool any = false;
    uint8_t tag;

    if (len > 1 && host[len - 1] == '.')
        len--;
    while (wwep_der_next(&rest, &tag, &value)) {
        any = any || tag == TAG_DNS || tag == TAG_IP;
        if (numeric ? tag == TAG_IP &&
                          wwep_der_is(&value, address.bytes, address.len)
                    : tag == TAG_DNS && fits(&value, host, len))
            return WWEP_FAULT_NONE;
    }
    return any ? WWEP_FAULT_WRONG_NAME : WWEP_FAULT_NO_NAME;
}
