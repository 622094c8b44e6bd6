/* tls_verify.h - looks at the peer's certificates.
 *
 * wolfSSL checks the chain: signatures, issuers, what a CA may do. We check
 * what must not depend on how the library was built, or on the clock of the
 * system below it: dates, by the port's clock, the name, the strength of keys.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_TLS_VERIFY_H
#define WWEP_TLS_VERIFY_H

#include "certificate.h"
#include "tls_link_state.h"

/* Has the library ask us about each certificate: link->ssl is made. The fault
 * of the first that is not good is link->fault; without link->verify it is told
 * to the observer, and that is all. */
void wwep_tls_verify_start(struct wwep_tls_link *link);

/* EXPIRED, NOT_YET_VALID or NONE. now in seconds since 1970; negative: not
 * known, and then it is the day of the build that a certificate must not have
 * ended before. */
enum wwep_fault_kind wwep_tls_verify_dates(const struct wwep_x509 *c,
                                           int64_t now);

#endif
