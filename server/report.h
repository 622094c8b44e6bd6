/* report.h - what the log says of a client that did not get what it came for.
 *
 * Each line has the listener, the client's address and port, how far it got,
 * what happened, and what to do about it; for what comes again and again see
 * verdict.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORT_H
#define REPORT_H

#include "address.h"
#include "config.h"
#include "limiter.h"
#include "sharing.h"
#include "transport.h"
#include "verdict.h"
#include "wwep_fault.h"
#include "wwep_reason.h"
#include "wwep_request.h"

/* Of whom, and as far as it has got. */
struct report {
    struct verdicts *verdicts;
    const struct config_listener *listener;
    const union address *peer;
    const struct transport_info *info; /* NULL: not even accepted */
    uint64_t now_ms;
};

/* TLS failed, before or after the handshake. note: what else there is to say
 * of this client, or NULL. */
void report_fault(const struct report *r, const struct wwep_fault *fault,
                  const char *note);

/* No request came; of TLS: not a byte of a handshake, or none behind it. */
void report_unused(const struct report *r);

/* It went away in the middle of its request, and nobody is there for the X. */
void report_cut(const struct report *r, const struct wwep_decoder *request);

/* Its request got an X, other than by report_not_allowed(). asked: where the
 * request was well-formed. */
void report_refused(const struct report *r, const struct wwep_reason *why,
                    const struct wwep_decoder *request,
                    const struct wwep_request *asked);

/* A client asked for what it may not have; or had it, where authorize is warn.
 */
void report_not_allowed(const struct report *r,
                        const struct wwep_request *request);

/* It was turned away, as it has all it may have; most: of that. */
void report_over(const struct report *r, enum limiter_verdict limit,
                 unsigned most);

/* It has written to a device that another one has written to. */
void report_sharing(const struct report *r, uint16_t device,
                    const struct sharing_other *other);

/* The socket failed: a reset, most often, of who has got what he wanted.
 * Nobody's business but a debugger's. error: a negative errno. */
void report_reset(const struct report *r, int error);

#endif
