/* client_wire.h - the connection of a client, in the clear or over TLS: what is
 * above it does not know which.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_CLIENT_WIRE_H
#define WWEP_CLIENT_WIRE_H

#include <wwep/client.h>

/* Connects, and shakes hands where TLS is wanted, within the time of the call.
 * WWEP_OK: client->connected, and client->security is filled. Else nothing is
 * open, and client->port_error and client->fault say why. */
enum wwep_result wwep_wire_open(struct wwep_client *client);

/* Sends all of it. WWEP_OK, _TIMEOUT, _LOST (client->port_error), _TLS
 * (client->fault) or _MEMORY. */
enum wwep_result wwep_wire_send(struct wwep_client *client, const uint8_t *buf,
                                size_t len);

/* Receives up to len bytes; *got is 0 when the peer has ended its side. Errors
 * are those of wwep_wire_send(). */
enum wwep_result wwep_wire_recv(struct wwep_client *client, uint8_t *buf,
                                size_t len, size_t *got);

/* After the reply: keeps the session, if there is one to keep. */
void wwep_wire_save(struct wwep_client *client);

/* Closes what is open; nothing, if nothing is. */
void wwep_wire_close(struct wwep_client *client);

#endif
