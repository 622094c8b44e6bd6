/* tls_cause.h - why the TLS library refuses a client's certificate, where its
 * last word says less than it has said before, or than the chain does.
 *
 * It looks at what was sent from the far end on, and ends with "no signer" for
 * all that hangs on a certificate which it has refused, or which may not sign.
 * Nothing is judged here: what is refused, is refused already. As it may be
 * that nobody has signed what was sent, no name in it is told: one client could
 * fill the log with different ones.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TLS_CAUSE_H
#define TLS_CAUSE_H

#include "tls_path.h"
#include "wwep_der.h"
#include "wwep_fault.h"

#include <stddef.h>

struct tls_cause {
    enum wwep_fault_kind kind; /* WWEP_FAULT_NONE: nothing was refused */
    int code;                  /* the library's */
    const char *note;          /* a literal; NULL: nothing more to say */
};

/* The library refuses the certificate at depth, of n that were sent, the
 * client's own first: kept, if it is the first one. code: its own, not one of
 * OpenSSL's. */
void tls_cause_keep(struct tls_cause *cause, const struct tls_path_trust *trust,
                    const struct wwep_der *sent, size_t n, size_t depth,
                    int code);

/* What there is to know of a client's own certificate, or of its message with
 * them all, of which the library says that. NULL: nothing. */
const char *tls_cause_note(int code);

#endif
