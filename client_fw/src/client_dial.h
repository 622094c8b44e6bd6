/* client_dial.h - from the server's name to a TCP connection with it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_CLIENT_DIAL_H
#define WWEP_CLIENT_DIAL_H

#include <wwep/client.h>

/* As many addresses of a name are tried. */
#define WWEP_DIAL_ADDRESSES 4u

/* Finds the server's addresses, and connects to the first that answers. None
 * takes so long that nothing is left for the next. WWEP_OK, and then *server is
 * where we are connected to; WWEP_E_NAME or WWEP_E_CONNECT with
 * client->port_error. */
enum wwep_result wwep_dial(struct wwep_client *client,
                           struct wwep_address *server);

/* Connects to this address alone, in all the time that is left. */
enum wwep_result wwep_dial_again(struct wwep_client *client,
                                 const struct wwep_address *server);

#endif
