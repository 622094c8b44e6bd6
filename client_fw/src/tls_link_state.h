/* tls_link_state.h - what a link consists of: for the files tls_*.c alone.
 *
 * A link has a WOLFSSL_CTX of its own. It costs a board little, as it has one
 * link at a time, and nothing that was learned in one connection (a chain's
 * intermediate certificates, ticket keys) can be of use to another. Those that
 * wwep_tls_link_begin() makes alike share one, as they trust alike.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_TLS_LINK_STATE_H
#define WWEP_TLS_LINK_STATE_H

#include "tls_flight.h"
#include "tls_link.h"

#define WWEP_TLS_ALERT_LEN 7u /* an alert's record, in the clear */

/* Seconds since 1970; the build's own day, from SOURCE_DATE_EPOCH, if it says
 * so. It can not be __DATE__: the same source must make the same library. A
 * board without a clock takes it for "now": what had ended then, has. */
#ifndef WWEP_BUILD_TIME
#define WWEP_BUILD_TIME INT64_C(1795392000) /* 2026-11-23 */
#endif

struct WOLFSSL;
struct WOLFSSL_CTX;

struct wwep_tls_link {
    struct wwep_tls_setup setup; /* setup.carrier is &carrier */
    struct wwep_tls_carrier carrier;
    struct WOLFSSL_CTX *ctx;
    struct WOLFSSL *ssl;

    /* Trust. */
    int64_t now;       /* when it was opened, since 1970; negative: not known */
    bool verify;       /* the peer's chain must lead to one of our roots */
    bool leaf_seen;    /* the peer's own certificate was looked at */
    bool no_ca_seen;   /* one of the others can not have signed anything */
    int64_t not_after; /* the first end among the chain's, or INT64_MAX */
    struct wwep_fault fault; /* what we have found ourselves; it comes first */
    size_t own_len;          /* of our own certificate in DER; 0: none */

    /* The session that was offered, and what it was worth. */
    uint64_t made_for;
    bool offered;
    bool offer_dates_checked;
    int64_t offer_not_after;

    /* The carrier. */
    int port_error; /* the first that was met; 0: none */
    bool cut;       /* nothing more can be sent, but perhaps received */
    bool ended;     /* nothing more will come */
    bool established;
    bool broken; /* TLS has failed since: its session may be half a one */
    uint8_t tail[WWEP_TLS_ALERT_LEN]; /* the last bytes that came */
    size_t tail_len;

    /* The story. */
    struct wwep_tls_flight out;
    struct wwep_tls_flight in;
    bool outgoing; /* which of them the flight under way is */
};

#endif
