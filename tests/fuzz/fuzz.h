/* fuzz.h - what the fuzzers share: their entry point and their check.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The fuzzing engine's name for it, and fuzz_main.c's. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Longer inputs are cut at their first places only: what a cut does at a place
 * further behind it does here, too. */
#define FUZZ_CUTS_MAX 96u

#define FUZZ_CHECK(condition)                                                \
    do {                                                                     \
        if (!(condition)) {                                                  \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, \
                    #condition);                                             \
            abort();                                                         \
        }                                                                    \
    } while (0)

/* FNV-1a: what happened, in one number, to compare one way with another. */
#define FUZZ_DIGEST_INIT 0xCBF29CE484222325u

static inline uint64_t fuzz_digest(uint64_t digest, uint64_t number)
{
    for (int i = 0; i < 64; i += 8)
        digest = (digest ^ (number >> i & 0xFF)) * 0x100000001B3u;
    return digest;
}

#endif
