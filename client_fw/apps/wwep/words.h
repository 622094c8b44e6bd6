/* words.h - devices, registers, values and MAC addresses as people type them.
 *
 * Each function takes a word of the command line, and returns false after it
 * has complained of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_WORDS_H
#define WWEP_APP_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#define WORDS_MAC_MAX 18u /* "02:00:00:00:00:01" and its NUL */

/* 0FAC, 0x0fac, or a MAC address, "mac:" before it or not: a board's device is
 * the sum of its octets. */
bool words_device(const char *word, uint16_t *device);

/* 05, 0x05 */
bool words_register(const char *word, uint8_t *reg);

/* 0001, 0x0001 */
bool words_value(const char *word, uint16_t *value);

/* 02:00:00:00:00:01, with - between the octets, or without anything */
bool words_mac(const char *word, uint8_t mac[6]);

void words_mac_text(const uint8_t mac[6], char out[WORDS_MAC_MAX]);

#endif
