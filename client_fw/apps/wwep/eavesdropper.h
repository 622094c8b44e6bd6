/* eavesdropper.h - the end of the story: what somebody on the way has seen.
 *
 * Source: RFC 8446 appendix E, RFC 5246, RFC 6066 section 3 (the server's name
 * is in the clear).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_EAVESDROPPER_H
#define WWEP_APP_EAVESDROPPER_H

#include "options.h"
#include "witness.h"

/* Tells it on standard error, of the last call. Nothing where there was no
 * connection. */
void eavesdropper_tell(const struct wwep_options *options,
                       const struct witness *w,
                       const struct wwep_security *security);

#endif
