/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "der.h"

#include <string.h>

#define LENGTH_BYTES_MAX 3u /* 16 MiB: more than any certificate */

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
