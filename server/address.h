/* address.h - a peer's address, kept small and shown plainly.
 *
 * Our sockets take IPv4 and IPv6 alike; an IPv4 peer is shown as IPv4.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

#define ADDRESS_IP_MAX   64u                   /* with a scope, and NUL */
#define ADDRESS_TEXT_MAX (ADDRESS_IP_MAX + 8u) /* [IP]:port */

/* Reads "*" (every address, IPv4 and IPv6), an IPv4 or an IPv6 address.
 * Returns 0 or a negative errno. */
int address_parse(union address *a, const char *text, uint16_t port);

socklen_t address_len(const union address *a);
uint16_t address_port(const union address *a);
void address_set_port(union address *a, uint16_t port);

/* The bytes of the address alone: 4 of an IPv4 one, also where an IPv6 socket
 * has it; 16 of another. */
const uint8_t *address_bytes(const union address *a, size_t *len);

/* Whether these are the same. */
bool address_same_ip(const union address *a, const union address *b);

/* "10.0.0.17", "2001:db8::1", "fe80::1%eth0"; "?" for what is no address. */
void address_ip(const union address *a, char out[ADDRESS_IP_MAX]);

/* "10.0.0.17:49152", "[2001:db8::1]:49152". */
void address_format(const union address *a, char out[ADDRESS_TEXT_MAX]);

#endif
