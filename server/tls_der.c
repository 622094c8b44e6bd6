/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_der.h"

#include <string.h>

/* Reads the length behind the tag. Returns how many bytes it took, or 0. */
static size_t read_length(const uint8_t *bytes, size_t available, size_t *len)
{
    if (available == 0)
        return 0;
    if (bytes[0] < 0x80) {
        *len = bytes[0];
        return 1;
    }
    size_t n = bytes[0] & 0x7fu;
    if (n == 0 || n > 4 || n >= available)
        return 0;
    *len = 0;
    for (size_t i = 1; i <= n; i++)
        *len = *len << 8 | bytes[i];
    return 1 + n;
}

bool tls_der_take(struct tls_der *der, struct tls_der_element *e)
{
    size_t len = 0;

    if (der->len < 2 || (der->at[0] & 0x1f) == 0x1f)
        return false;
    size_t head = read_length(der->at + 1, der->len - 1, &len);
    if (head == 0 || len > der->len - 1 - head)
        return false;
    e->tag = der->at[0];
    e->value = (struct tls_der){der->at + 1 + head, len};
    e->whole = (struct tls_der){der->at, 1 + head + len};
    der->at += e->whole.len;
    der->len -= e->whole.len;
    return true;
}

bool tls_der_take_tag(struct tls_der *der, int tag, struct tls_der_element *e)
{
    return der->len > 0 && der->at[0] == tag && tls_der_take(der, e);
}

static bool all_digits(const uint8_t *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return true;
}

static int two_digits(const uint8_t *text)
{
    return 10 * (text[0] - '0') + (text[1] - '0');
}

bool tls_der_time(const struct tls_der_element *e, time_t *time)
{
    size_t year_len = e->tag == TLS_DER_GENERALIZED_TIME ? 4 : 2;
    const uint8_t *text = e->value.at;
    struct tm tm = {0};

    if ((e->tag != TLS_DER_UTC_TIME && e->tag != TLS_DER_GENERALIZED_TIME) ||
        e->value.len != year_len + 11 || text[year_len + 10] != 'Z' ||
        !all_digits(text, year_len + 10))
        return false;
    /* RFC 5280 section 4.1.2.5.1: two digits are of 1950 to 2049. */
    int year = two_digits(text);
    if (year_len == 4)
        year = 100 * year + two_digits(text + 2);
    else
        year += year >= 50 ? 1900 : 2000;
    text += year_len;
    tm.tm_year = year - 1900;
    tm.tm_mon = two_digits(text) - 1;
    tm.tm_mday = two_digits(text + 2);
    tm.tm_hour = two_digits(text + 4);
    tm.tm_min = two_digits(text + 6);
    tm.tm_sec = two_digits(text + 8);
    if (tm.tm_mon < 0 || tm.tm_mon > 11 || tm.tm_mday < 1 || tm.tm_mday > 31 ||
        tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 59)
        return false;
    *time = timegm(&tm);
    return true;
}

bool tls_der_names(const uint8_t *certificate, size_t len,
                   struct tls_der *issuer, struct tls_der *subject)
{
    struct tls_der der = {certificate, len};
    struct tls_der_element e;

    if (!tls_der_take_tag(&der, TLS_DER_SEQUENCE, &e))
        return false;
    der = e.value;
    if (!tls_der_take_tag(&der, TLS_DER_SEQUENCE, &e))
        return false;
    der = e.value;
    (void)tls_der_take_tag(&der, TLS_DER_CONTEXT_0, &e); /* version */
    if (!tls_der_take_tag(&der, TLS_DER_INTEGER, &e) ||  /* serial number */
        !tls_der_take_tag(&der, TLS_DER_SEQUENCE, &e) || /* signature */
        !tls_der_take_tag(&der, TLS_DER_SEQUENCE, &e))
        return false;
    *issuer = e.whole;
    if (!tls_der_take_tag(&der, TLS_DER_SEQUENCE, &e) || /* validity */
        !tls_der_take_tag(&der, TLS_DER_SEQUENCE, &e))
        return false;
    *subject = e.whole;
    return true;
}
