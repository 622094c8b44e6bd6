/* tcp_close.h - the end of a connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_TCP_CLOSE_H
#define WICED_TCP_CLOSE_H

#include "endpoint.h"

#include <stdbool.h>

/* Ends the connection of an endpoint that the caller has claimed: close_notify,
 * if good_bye and TLS is up; our end; what still comes is dropped until the
 * peer's end, for close_ms. With the lock held, which is free meanwhile.
 * WICED_TCPIP_SOCKET_CLOSED (7014): there was none. */
wiced_result_t tcp_close(struct endpoint *ep, bool good_bye);

#endif
