/* hash.h - numbers spread over a table.
 *
 * Source: the finalizer of splitmix64 (Steele, Lea and Flood, 2014).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HASH_H
#define HASH_H

#include <stdint.h>

/* Each bit of x changes half of those that come out; no two x give the same. It
 * keeps no secret: where others choose x, add a seed. */
static inline uint64_t hash_mix(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

#endif
