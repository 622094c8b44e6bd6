/* tcp_tls.h - TLS of a socket's connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_TCP_TLS_H
#define WICED_TCP_TLS_H

#include "endpoint.h"

/* Shakes hands, if the socket has a context, as a user of the connection, and
 * hands the connection to the networking worker. The results are
 * secure_open()'s. */
wiced_result_t tcp_tls_open(struct endpoint *ep, wiced_tls_endpoint_type_t type,
                            wiced_tls_certificate_verification_t verification);

#endif
