/* check_exchange.h - one exchange with the server that is checked, and what was
 * seen of it.
 *
 * Happy path: connect, TLS if wanted, the segments with pauses between them,
 * the reply, the server's end. In each pause it listens: a server that answers
 * before the request is whole is what many cases look for.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_CHECK_EXCHANGE_H
#define WWEP_APP_CHECK_EXCHANGE_H

#include "check_script.h"
#include "line.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHECK_SEEN_MAX    64u
#define CHECK_PATIENCE_MS 2000u /* for a reply */
#define CHECK_USUAL_MS    500u  /* when the course's clients give up */
#define CHECK_GAP_MS      20u   /* between two segments */

/* Who is checked. Nobody changes it while exchanges run; several threads may
 * use it. */
struct check_target {
    struct line_address address;
    const char *host;
    const struct wwep_tls_config *tls;    /* NULL: in the clear */
    const struct wwep_observer *observer; /* may be NULL */
    uint32_t timeout_ms;                  /* to connect, and for a handshake */
    uint32_t end_ms; /* as long is waited for the end behind a reply */
};

enum check_end {
    CHECK_END_OPEN,    /* it is still open: we did not wait any longer */
    CHECK_END_CLOSED,  /* as it should: close_notify first where there is TLS */
    CHECK_END_RESET,   /* with a RST */
    CHECK_END_CUT,     /* TLS: a FIN without close_notify */
    CHECK_END_GARBLED, /* TLS: a record that does not decrypt, or the like */
    CHECK_END_NO_TLS,  /* the handshake failed: see fault */
    CHECK_END_NO_CONNECTION /* see port_error */
};

/* How the connection is treated, beside the request. */
enum {
    CHECK_ONE_SEGMENT = 1 << 0, /* all records in one TCP segment */
    CHECK_PIECES = 1 << 1,      /* all records cut in small TCP segments */
    CHECK_TO_THE_END = 1 << 2   /* waits for the end, however long */
};

struct check_seen {
    uint8_t bytes[CHECK_SEEN_MAX];
    size_t len; /* of bytes */
    size_t total;
    enum check_end end;
    bool early;       /* the reply or the end came before all was sent */
    size_t sent;      /* bytes of the request until then */
    uint32_t wait_ms; /* from our last byte to the reply's first, or the end */
    int port_error;
    struct wwep_fault fault;
    struct wwep_security security;
};

void check_exchange(const struct check_target *target,
                    const struct check_request *request, unsigned how,
                    struct check_seen *seen);

/* The two steps before that, for who wants to hold a connection: a check_end,
 * CHECK_END_OPEN where all went well. The line is to be closed in any case. */
enum check_end check_open(const struct check_target *target, struct line *l,
                          struct check_seen *seen);

/* 'A' or 'X', though it may have come in lower case; 0 for anything else. */
char check_seen_letter(const struct check_seen *seen);

/* What came, escaped, and how it ended, in words. Returns out. */
const char *check_seen_show(const struct check_seen *seen,
                            char out[CHECK_SHOWN_MAX]);

#endif
