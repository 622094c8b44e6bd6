/* secure_session.h - what a context keeps on the heap: what was set for its
 * handshakes, and the connection while there is one.
 *
 * A context that has neither has no session: so one that is initialised again
 * and again, as a server does that waits, has nothing to be lost.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_SECURE_SESSION_H
#define WICED_SECURE_SESSION_H

#include "secure_carrier.h"
#include "secure_note.h"
#include "secure_roots.h"
#include "wiced_tls.h"

#include <stdbool.h>

struct secure_session {
    /* Set for each handshake; all are the session's own. */
    char *server_name;          /* NULL: none */
    char *protocols;            /* as "h2,http/1.1"; NULL: none */
    uint16_t max_fragment;      /* 0: none */
    struct secure_roots *roots; /* in place of the program's; NULL: none */

    /* The connection; link NULL: there is none. */
    struct wwep_tls_link *link;
    enum wwep_tls_role role; /* ours */
    struct secure_carrier carrier;
    struct secure_note note;
    struct wwep_observer observer;
    struct wwep_tls_config config;
    struct secure_roots *trusted; /* those of config */
    wiced_result_t recv_ended;    /* not WICED_SUCCESS: the same ever after */
    wiced_result_t send_ended;
};

/* Starts the TLS library, once for the process, before threads can be at it at
 * the same time. False: it can not be started. */
bool secure_start(void);

/* Makes the context one that is initialised, with nothing set. */
void secure_session_init(wiced_tls_context_t *context);

/* Whether the context was initialised. */
bool secure_session_is_context(const wiced_tls_context_t *context);

/* The context's session; NULL: it has none, or was never initialised. */
struct secure_session *secure_session_of(const wiced_tls_context_t *context);

/* The same, but makes one. NULL: no memory; the context is initialised. */
struct secure_session *secure_session_make(wiced_tls_context_t *context);

/* Ends the connection, if there is one; good_bye: with a close_notify, within
 * the carrier's time. Then frees the session, if nothing is set in it. */
void secure_session_hang_up(wiced_tls_context_t *context, bool good_bye);

/* Frees all of it, without a word to the peer. */
void secure_session_free(wiced_tls_context_t *context);

#endif
