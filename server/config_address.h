/* config_address.h - the address of a listener: "*", or a number.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONFIG_ADDRESS_H
#define CONFIG_ADDRESS_H

#include <stdbool.h>

/* "*", an IPv4 or IPv6 address; fe80::1%eth0 names the interface, too. */
bool config_address_valid(const char *text);

/* Whether one port cannot be opened on both: they are the same, however they
 * are written, or one takes in the other. Both are valid. */
bool config_address_overlap(const char *a, const char *b);

#endif
