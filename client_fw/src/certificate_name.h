/* certificate_name.h - whether a certificate is for the host that was meant.
 *
 * Source: RFC 9525, section 6: names are those of the subjectAltName; the
 * subject's own CN is looked at only where somebody asks for it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_CERTIFICATE_NAME_H
#define WWEP_CERTIFICATE_NAME_H

#include "certificate.h"

#include <wwep/port.h>

/* NONE: it is. WRONG_NAME: it is for others. NO_NAME: it lists no host and no
 * address at all. The host is a name, with or without a dot at its end, or a
 * numeric address, with or without a scope. */
enum wwep_fault_kind wwep_x509_check_host(const struct wwep_x509 *c,
                                          const char *host);

/* Whether the subject's CN, of which it has just one, is this text, byte for
 * byte. */
bool wwep_x509_has_cn(const struct wwep_x509 *c, const char *text);

/* Reads a numeric address, as "192.0.2.1" or "2001:db8::1%eth0"; the scope is
 * left out. False: it is none. */
bool wwep_address_read(struct wwep_address *address, const char *text);

#endif
