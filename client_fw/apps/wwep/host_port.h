/* host_port.h - "host", "host:port", "[::1]:port".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_HOST_PORT_H
#define WWEP_APP_HOST_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOST_PORT_MAX 256u /* a host of DNS and its NUL */

/* Fills host (without brackets) and port (0: none was given). Two colons and
 * no brackets are an IPv6 address without a port. False: problem says what is
 * wrong, and what to do. */
bool host_port_split(const char *text, char host[HOST_PORT_MAX], uint16_t *port,
                     char *problem, size_t problem_cap);

/* Whether the host is a name, and not an IPv4 or IPv6 address. */
bool host_port_is_name(const char *host);

/* 1 to 65535 in decimal; 0: it is none. */
uint16_t host_port_number(const char *text);

#endif
