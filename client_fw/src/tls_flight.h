/* tls_flight.h - names the messages of a handshake from its bytes, as far as
 * they are in the clear.
 *
 * One for each direction; fed with what goes over the wire, in pieces of any
 * size. Knows no TLS library, trusts nothing, and can not fail: bytes that are
 * no TLS are counted, and named no more.
 *
 * Source: RFC 8446, sections 4 and 5.1, appendix B; RFC 5246, sections 6.2.1
 * and 7.4.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_TLS_FLIGHT_H
#define WWEP_TLS_FLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WWEP_TLS_RECORD_HEADER_LEN 5u
#define WWEP_TLS_RANDOM_LEN        32u

struct wwep_tls_flight {
    /* The record: [1] type [2] version [2] length. */
    uint8_t header[WWEP_TLS_RECORD_HEADER_LEN];
    uint8_t header_len; /* of it, so far */
    uint16_t left;      /* of the record's content */
    /* The handshake message: [1] type [3] length, [2] version [32] random if
     * it is a hello; a message may begin in one record and end in another. */
    uint8_t message[4];
    uint8_t message_len; /* of these four, so far */
    uint32_t message_left;
    uint32_t message_at; /* of the message's body, how much has gone by */
    bool changed;        /* a ChangeCipherSpec went by: records are encrypted,
                            but for hellos after a HelloRetryRequest */
    bool opaque;         /* this record is */
    bool lost;           /* this is no TLS */

    /* What the caller reads, and may reset for the next flight: */
    size_t len; /* bytes, all in all */
#ifndef WWEP_NO_STORY
    char text[160];
    /* Of the first ClientHello that went by: */
    uint8_t random[WWEP_TLS_RANDOM_LEN];
#endif
    /* Of the Certificate that went by in the clear: whether it had any. */
    bool certificate;
    bool hello;   /* a ServerHello went by */
    bool request; /* a CertificateRequest went by in the clear */
    /* Bytes of encrypted records, all in all; never reset. */
    size_t encrypted;
};

/* Zero-filled is a good beginning. */
void wwep_tls_flight_feed(struct wwep_tls_flight *flight, const uint8_t *bytes,
                          size_t len);

/* For the next flight in the same direction. */
void wwep_tls_flight_next(struct wwep_tls_flight *flight);

#endif
