/* validity.h - when certificates and revocation lists end, and what the log
 * says of it.
 *
 * A server runs for months, and what it was started with ends one day. So they
 * are looked at once a day: what ends within VALIDITY_SOON_DAYS is warned of,
 * what has ended is an error.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VALIDITY_H
#define VALIDITY_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define VALIDITY_SOON_DAYS 14
#define VALIDITY_NAME_MAX  256u
#define VALIDITY_LINE_MAX  1024u

enum validity_kind {
    VALIDITY_CERTIFICATE, /* the server's, and those above it */
    VALIDITY_CLIENT_CA,
    VALIDITY_CRL
};

/* One thing that ends. */
struct validity {
    enum validity_kind kind;
    char name[VALIDITY_NAME_MAX]; /* subject, or the list's issuer; shown */
    time_t ends; /* its last second (RFC 5280 4.1.2.5, 5.1.2.5) */
};

enum validity_state { VALIDITY_FINE, VALIDITY_SOON, VALIDITY_ENDED };

enum validity_state validity_state(const struct validity *v, time_t now);

/* The key of a listener that it was read by, as "tls.crl". */
const char *validity_key(const struct validity *v);

/* Writes the line for it, which begins with `where`, the key's path. For
 * VALIDITY_FINE that is "". */
void validity_format(const struct validity *v, const char *where, time_t now,
                     char out[VALIDITY_LINE_MAX]);

/* Whether the two are one thing, read for two listeners. */
bool validity_same(const struct validity *a, const struct validity *b);

/* Whether a look is due, when the last one was at `last`. The clock may have
 * been set back since: then nobody knows, and it is. */
bool validity_is_due(time_t last, time_t now);

#endif
