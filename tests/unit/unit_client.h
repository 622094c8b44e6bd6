/* unit_client.h - a client on a unit_port, and the story that it tells.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UNIT_CLIENT_H
#define UNIT_CLIENT_H

#include "unit_port.h"

#include <wwep/client.h>

#define UNIT_CLIENT_TIMEOUT_MS 5000u

struct unit_client {
    struct unit_port p;
    struct wwep_observer observer;
    struct wwep_client_config config;
    struct wwep_client client;
    struct wwep_outcome outcome;
    /* Each event in a few letters, with blanks between them:
     *
     *     resolving:server.test resolved:192.0.2.1 connecting:192.0.2.1:27708
     *     no-connect:-4 connected sent:11 received:11 closed */
    char story[8192];
};

/* In the clear, to server.test:27708, where unit_port_init()'s connection is.
 * All may be changed before unit_client_start(). */
void unit_client_init(struct unit_client *u);

/* The port's clock may be set before it. */
void unit_client_start(struct unit_client *u);

/* Calls of the client, each within its time; they return the result, after
 * they have checked what holds for every outcome. */
enum wwep_result unit_client_write(struct unit_client *u, uint16_t device,
                                   uint8_t reg, uint16_t value);
enum wwep_result unit_client_read(struct unit_client *u, uint16_t device,
                                  uint8_t reg);
enum wwep_result unit_client_connect(struct unit_client *u);

/* Ends the client, and fails if a connection is left open. */
void unit_client_stop(struct unit_client *u);

#endif
