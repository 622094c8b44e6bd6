/* bench_tally.h - what came of a load: counts, times, and the first thing that
 * went wrong.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_BENCH_TALLY_H
#define WWEP_APP_BENCH_TALLY_H

#include "bench_histogram.h"
#include "witness.h"
#include "wwep_request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wwep/client.h>

/* X(NAME, key): what can go wrong, and how programs read it. */
#define BENCH_ERROR_MAP(X)                                    \
    X(CONNECT, "connect") /* no connection */                 \
    X(TLS, "tls")                                             \
    X(LOST, "lost") /* cut, or ended, before the reply */     \
    X(TIMEOUT, "timeout")                                     \
    X(REFUSED, "refused") /* an X that is not right */        \
    X(WRONG, "wrong")     /* not what the register holds */   \
    X(REPLY, "reply")     /* no reply to the request */       \
    X(IDLE, "idle")       /* an idle connection was closed */ \
    X(OTHER, "other")     /* this side: no memory, no descriptors */

#define BENCH_ERROR_ENUM(name, key) BENCH_ERROR_##name,
enum bench_error { BENCH_ERROR_MAP(BENCH_ERROR_ENUM) BENCH_ERRORS };
#undef BENCH_ERROR_ENUM

/* The first error, with what is needed to put it in words. */
struct bench_failure {
    enum bench_error error;
    struct wwep_outcome outcome;
    int system; /* errno, where the system has refused us something; or 0 */
    struct wwep_request request;
    bool requested; /* the request was sent */
    bool secured;   /* the handshake was done */
    bool answered;  /* the reply had come, and the end had not */
    bool holds;     /* WRONG: the register should have held ... */
    uint16_t held;  /* ... this */
    struct witness_bytes received;
};

/* Zero-filled is empty. */
struct bench_tally {
    uint64_t exchanges; /* with a right reply */
    uint64_t writes;    /* of them */
    uint64_t not_found; /* of them: a right X */
    uint64_t late;      /* started behind their time */
    uint64_t full;      /* handshakes */
    uint64_t resumed;
    uint64_t errors[BENCH_ERRORS];
    struct bench_failure first; /* if there are errors */
    struct bench_histogram exchange;
    struct bench_histogram connect;
    struct bench_histogram handshake;
    struct wwep_security security; /* of the last handshake */
};

/* "connect"; see BENCH_ERROR_MAP. */
const char *bench_tally_error_key(enum bench_error error);

/* All errors. */
uint64_t bench_tally_errors(const struct bench_tally *tally);

/* Counts the error, and keeps the failure if it is the first. */
void bench_tally_fail(struct bench_tally *tally,
                      const struct bench_failure *failure);

#endif
