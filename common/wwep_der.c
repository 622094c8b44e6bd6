/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wwep_der.h"

#include <string.h>

#define LENGTH_BYTES_MAX 3u /* 16 MiB: no file that is read is as long */

struct wwep_der wwep_der_of(const uint8_t *bytes, size_t len)
{
    return (struct wwep_der){bytes, bytes != NULL ? bytes + len : NULL};
}

size_t wwep_der_len(const struct wwep_der *der)
{
    return (size_t)(der->end - der->at);
}

bool wwep_der_is(const struct wwep_der *der, const void *bytes, size_t len)
{
    return wwep_der_len(der) == len &&
           (len == 0 || memcmp(der->at, bytes, len) == 0);
}

bool wwep_der_equal(const struct wwep_der *a, const struct wwep_der *b)
{
    return wwep_der_is(a, b->at, wwep_der_len(b));
}

bool wwep_der_next(struct wwep_der *in, uint8_t *tag, struct wwep_der *value)
{
    const uint8_t *at = in->at;

    /* A tag of several bytes (0x1F) is in no certificate and no key. */
    if (wwep_der_len(in) < 2 || (at[0] & 0x1F) == 0x1F)
        return false;
    *tag = *at++;

    size_t len = *at++;
    if (len >= 0x80) {
        size_t n = len & 0x7F;
        if (n == 0 || n > LENGTH_BYTES_MAX || (size_t)(in->end - at) < n)
            return false;
        for (len = 0; n > 0; n--)
            len = len << 8 | *at++;
    }
    if ((size_t)(in->end - at) < len)
        return false;
    *value = (struct wwep_der){at, at + len};
    in->at = at + len;
    return true;
}

bool wwep_der_take(struct wwep_der *in, uint8_t tag, struct wwep_der *value)
{
    uint8_t found;

    if (in->at == in->end || *in->at != tag)
        return false;
    return wwep_der_next(in, &found, value);
}

bool wwep_der_take_whole(struct wwep_der *in, uint8_t tag,
                         struct wwep_der *whole)
{
    const uint8_t *begin = in->at;
    struct wwep_der value;

    if (!wwep_der_take(in, tag, &value))
        return false;
    *whole = (struct wwep_der){begin, in->at};
    return true;
}

/* --- time ----------------------------------------------------------------- */

/* Two digits, or -1. */
static int two_digits(const uint8_t *at)
{
    if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
        return -1;
    return (at[0] - '0') * 10 + (at[1] - '0');
}

/* Days from 1970-01-01, in the Gregorian calendar, for years from 0 to 9999:
 * the year is taken to begin in March, so that the leap day is its last. */
static int32_t days_of(int32_t year, int32_t month, int32_t day)
{
    year -= month <= 2 ? 1 : 0;
    int32_t era = (year >= 0 ? year : year - 399) / 400;
    int32_t of_era = year - era * 400;
    int32_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

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

static bool read_time(uint8_t tag, const struct wwep_der *value, int64_t *time)
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
    *time = (int64_t)days_of(field[0], field[1], field[2]) * 86400 +
            field[3] * 3600 + field[4] * 60 + field[5];
    return true;
}

bool wwep_der_take_time(struct wwep_der *in, int64_t *time)
{
    struct wwep_der rest = *in;
    struct wwep_der value;
    uint8_t tag;

    if (!wwep_der_next(&rest, &tag, &value) || !read_time(tag, &value, time))
        return false;
    *in = rest;
    return true;
}
