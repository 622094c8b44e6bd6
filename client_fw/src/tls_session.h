/* tls_session.h - sessions, between a link and the caller's slot.
 *
 * A resumed session does not look at the certificates again: it is worth what
 * the handshake was that it comes from. So it is only offered where that was
 * at least as good as a new one would be, and while all certificates of then
 * are still valid.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_TLS_SESSION_H
#define WWEP_TLS_SESSION_H

#include "tls_link_state.h"

/* Before the handshake: offers the slot's session, if it is for this link. */
void wwep_tls_session_offer(struct wwep_tls_link *link);

/* After the reply: keeps the newest session in the slot. */
void wwep_tls_session_save(struct wwep_tls_link *link);

#endif
