/* msglog.h - the message log: a line for every exchange.
 *
 * Each worker has a ring of its own that only it fills, and a thread empties
 * them, puts what came in the order of time, numbers and writes it. So an
 * exchange takes no lock for its line and waits for no terminal. A full ring
 * drops the line, and the log says how many.
 *
 * The formats are described in wwepd(8).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MSGLOG_H
#define MSGLOG_H

#include "address.h"
#include "config.h"
#include "output.h"
#include "wwep_reply.h"
#include "wwep_request.h"
#include "wwep_text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define MSGLOG_LISTENER_MAX 33u  /* a listener's name and its NUL */
#define MSGLOG_IDENTITY_MAX 129u /* a client's name and its NUL */

/* One exchange. Strings behind pointers are constants of the TLS library. */
struct msglog_entry {
    struct timespec time; /* of the reply, UTC */
    uint64_t conn;        /* number of the connection since the start */
    uint64_t us;          /* from the request's first byte to the reply */
    union address peer;
    const char *tls;    /* "TLS 1.3"; NULL: plain */
    const char *cipher; /* NULL: plain */
    bool resumed;
    char listener[MSGLOG_LISTENER_MAX];
    char identity[MSGLOG_IDENTITY_MAX]; /* "": none; bytes as they came */
    struct wwep_decoder request;        /* bytes as they came */
    uint8_t reply[WWEP_ACCEPT_LEN];     /* 'A' and the rest, or 'X' */
    uint8_t reply_len;
    struct wwep_reason reason; /* of an 'X' */
};

/* The running numbers of the course's display. */
struct msglog_count {
    uint64_t plain;
    uint64_t secure;
    uint64_t lost; /* lines: their ring was full, or the target failed */
};

#define MSGLOG_LINE_MAX 2048u

/* Each writes one line and its LF, and returns its length. The table's lines
 * have a NUL behind. */
size_t msglog_format_header(char out[MSGLOG_LINE_MAX]);
size_t msglog_format_table(const struct msglog_entry *e,
                           const struct msglog_count *count,
                           char out[MSGLOG_LINE_MAX]);
size_t msglog_format_json(const struct msglog_entry *e,
                          char out[MSGLOG_LINE_MAX]);

#define MSGLOG_REQUEST_MAX       (WWEP_SEEN_MAX * WWEP_ESCAPED_MAX + 32u)
#define MSGLOG_IDENTITY_TEXT_MAX (MSGLOG_IDENTITY_MAX * WWEP_ESCAPED_MAX)

/* The request as it came, escaped, but for the line end of a well-formed one;
 * what the decoder did not keep is counted. */
void msglog_request_text(const struct msglog_entry *e,
                         char out[MSGLOG_REQUEST_MAX]);
/* Escaped; "": none. */
void msglog_identity_text(const struct msglog_entry *e,
                          char out[MSGLOG_IDENTITY_TEXT_MAX]);
void msglog_reply_text(const struct msglog_entry *e,
                       char out[WWEP_ACCEPT_LEN + 1]);

struct msglog;

/* Opens the target and starts the thread. NULL and *error a negative errno if
 * that fails. n_rings: one for each worker. */
struct msglog *msglog_start(enum config_messages_format format,
                            const char *target, size_t n_rings, int *error);

/* Writes what is left, ends the thread, tells the exchanges that were logged.
 * False: the target is stuck, and nobody knows; the thread is left behind. */
bool msglog_stop(struct msglog *m, struct msglog_count *count);

/* Any thread: the lines from here on go to another target, which has been
 * opened and is taken; a table begins with its header. Not with a log that is
 * stuck, or has the format none. */
void msglog_switch(struct msglog *m, struct output target);

/* Any thread: how many lines have been lost so far. */
uint64_t msglog_lost(struct msglog *m);

/* A place for the next entry of this ring, zero-filled, or NULL: the ring is
 * full, and the loss counted. Only from the ring's worker; followed by
 * msglog_commit(). */
struct msglog_entry *msglog_next(struct msglog *m, size_t ring);
void msglog_commit(struct msglog *m, size_t ring);

#endif
