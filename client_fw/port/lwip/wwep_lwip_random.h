/* wwep_lwip_random.h - numbers that nobody can guess, for lwIP: a keyed hash,
 * whose key comes from the board's entropy once, at start.
 *
 * Source: RFC 6528 (initial sequence numbers), RFC 6056 (ports), RFC 5452
 * (DNS); J.-P. Aumasson and D. J. Bernstein, "SipHash: a fast short-input PRF".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_LWIP_RANDOM_H
#define WWEP_LWIP_RANDOM_H

#include "wwep_lwip_siphash.h"

#include <stdint.h>

/* Before lwIP is started; the key is copied. */
void wwep_lwip_random_start(const uint8_t key[WWEP_LWIP_KEY_LEN]);

/* Another one with each call. */
uint32_t wwep_lwip_random(void);

#endif
