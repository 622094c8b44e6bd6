/* wwep_lwip_siphash.h - SipHash-2-4, a keyed hash for short inputs.
 *
 * Source: J.-P. Aumasson and D. J. Bernstein, "SipHash: a fast short-input
 * PRF".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_LWIP_SIPHASH_H
#define WWEP_LWIP_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

#define WWEP_LWIP_KEY_LEN 16u

/* Without the key nobody can tell the result from a random number. */
uint64_t wwep_lwip_siphash(const uint8_t key[WWEP_LWIP_KEY_LEN],
                           const uint8_t *bytes, size_t len);

#endif
