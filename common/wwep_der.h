/* wwep_der.h - reads DER, one element after another: what certificates,
 * revocation lists and keys are written in.
 *
 * Every length is checked against what there is, so the bytes may be anyone's.
 * Nothing is copied: what is found lies in the bytes that were given.
 *
 * Source: ITU-T X.690, chapters 8 and 10, of which tags of one byte and lengths
 * of up to three are enough here; RFC 5280, section 4.1.2.5, for the times.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_DER_H
#define WWEP_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Tags, with the bits for class and "constructed". */
#define WWEP_DER_BOOLEAN          0x01u
#define WWEP_DER_INTEGER          0x02u
#define WWEP_DER_BIT_STRING       0x03u
#define WWEP_DER_OCTET_STRING     0x04u
#define WWEP_DER_OID              0x06u
#define WWEP_DER_UTC_TIME         0x17u
#define WWEP_DER_GENERALIZED_TIME 0x18u
#define WWEP_DER_SEQUENCE         0x30u
#define WWEP_DER_SET              0x31u
#define WWEP_DER_CONTEXT(n)       (0x80u + (n)) /* [n] IMPLICIT, primitive */
#define WWEP_DER_EXPLICIT(n)      (0xA0u + (n)) /* [n], constructed */

/* Bytes of somebody else's. Reading moves `at`. */
struct wwep_der {
    const uint8_t *at;
    const uint8_t *end;
};

struct wwep_der wwep_der_of(const uint8_t *bytes, size_t len);
size_t wwep_der_len(const struct wwep_der *der);
bool wwep_der_equal(const struct wwep_der *a, const struct wwep_der *b);
bool wwep_der_is(const struct wwep_der *der, const void *bytes, size_t len);

/* The next element, of any tag. False: there is none, or it is damaged; `in`
 * has not moved. */
bool wwep_der_next(struct wwep_der *in, uint8_t *tag, struct wwep_der *value);

/* The next element if it has this tag; else false, and `in` has not moved. */
bool wwep_der_take(struct wwep_der *in, uint8_t tag, struct wwep_der *value);

/* The same, with the element's own tag and length. */
bool wwep_der_take_whole(struct wwep_der *in, uint8_t tag,
                         struct wwep_der *whole);

/* The next element if it is a UTCTime or a GeneralizedTime in the only form
 * that RFC 5280 allows (to the second, in UTC), in seconds since 1970; else
 * false, and `in` has not moved. */
bool wwep_der_take_time(struct wwep_der *in, int64_t *time);

#endif
