/* report.h - what the log says of a client that did not get what it came for.
 *
 * Each line has the listener, the client's address and port, what happened
 * and what to do about it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORT_H
#define REPORT_H

#include "address.h"
#include "config.h"
#include "wwep_fault.h"
#include "wwep_reason.h"
#include "wwep_request.h"

/* TLS failed, before or after the handshake. note: what else there is to say
 * of this client, or NULL. */
void report_fault(const struct config_listener *listener,
                  const union address *peer, const struct wwep_fault *fault,
                  const char *note);

/* No request came. Told of TLS connections alone: there it is mostly a
 * client that does not do what its user thinks. */
void report_unused(const struct config_listener *listener,
                   const union address *peer);

/* A request was not well-formed. The message log has that; here it is told
 * only what kind of client that must be: a TLS client on a plain port. */
void report_malformed(const struct config_listener *listener,
                      const union address *peer, const struct wwep_reason *why);

/* A client asked for what it may not have; or had it, where authorize is warn.
 * identity: NULL for none; device: as access_check() takes it. */
void report_not_allowed(const struct config_listener *listener,
                        const union address *peer, const char *identity,
                        int32_t device, const struct wwep_request *request);

/* The socket failed: a reset, most often. Nobody's business but a debugger's.
 * error: a negative errno. */
void report_reset(const struct config_listener *listener,
                  const union address *peer, int error);

#endif
