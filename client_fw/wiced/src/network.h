/* network.h - where the course's server and the program's gateway really are.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_NETWORK_H
#define WICED_NETWORK_H

#include <stdbool.h>
#include <stdint.h>
#include <wwep/port.h>

/* Where the course's server is: --server, looked up, IPv4 first. False: it can
 * not be, and the console says so. */
bool network_course_server(struct wwep_address *out, uint32_t timeout_ms);

/* Whether this is the course's server's address, 198.51.100.3. */
bool network_is_course_server(uint32_t v4);

/* Whether this is the gateway of a static address that the program has asked
 * for, which is nowhere but on the course's own network. */
bool network_is_gateway(uint32_t v4);

#endif
