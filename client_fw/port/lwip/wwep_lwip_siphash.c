/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wwep_lwip_siphash.h"

static uint64_t little(const uint8_t *at, size_t len)
{
    uint64_t word = 0;

    for (size_t i = 0; i < len; i++)
        word |= (uint64_t)at[i] << (8 * i);
    return word;
}

static uint64_t rotate(uint64_t word, unsigned bits)
{
    return word << bits | word >> (64 - bits);
}

static void rounds(uint64_t v[4], unsigned count)
{
    while (count-- > 0) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] = rotate(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[2] = rotate(v[2], 32);
    }
}

static void absorb(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    rounds(v, 2);
    v[0] ^= word;
}

uint64_t wwep_lwip_siphash(const uint8_t key[WWEP_LWIP_KEY_LEN],
                           const uint8_t *bytes, size_t len)
{
    const uint64_t k0 = little(key, 8);
    const uint64_t k1 = little(key + 8, 8);
    uint64_t v[4] = {
        k0 ^ UINT64_C(0x736F6D6570736575), k1 ^ UINT64_C(0x646F72616E646F6D),
        k0 ^ UINT64_C(0x6C7967656E657261), k1 ^ UINT64_C(0x7465646279746573)};
    const uint64_t len_byte = (uint64_t)len << 56;

    for (; len >= 8; bytes += 8, len -= 8)
        absorb(v, little(bytes, 8));
    absorb(v, little(bytes, len) | len_byte);
    v[2] ^= 0xFF;
    rounds(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}
