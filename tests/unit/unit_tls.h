/* unit_tls.h - TLS clients without sockets.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UNIT_TLS_H
#define UNIT_TLS_H

#include <wolfssl/options.h>

#include <stdbool.h>
#include <wolfssl/ssl.h>

/* Whether a client of this method, which trusts everybody, comes through the
 * handshake with the server's session. Frees the session. */
bool unit_tls_greets(WOLFSSL *server, WOLFSSL_METHOD *method);

#endif
