/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_cpu.h"

#include "tls_wolfssl.h"

#if defined(WOLFSSL_AESNI) || defined(USE_INTEL_SPEEDUP)

#include <stdint.h>
#include <wolfssl/wolfcrypt/aes.h>
#include <wolfssl/wolfcrypt/chacha.h>
#include <wolfssl/wolfcrypt/curve25519.h>
#include <wolfssl/wolfcrypt/hash.h>
#include <wolfssl/wolfcrypt/poly1305.h>

#define KEY_LEN   32u
#define BLOCK_LEN 64u

static const uint8_t zeros[BLOCK_LEN];

static bool use_hashes(void)
{
    uint8_t digest[BLOCK_LEN];
    bool done = wc_Sha256Hash(zeros, sizeof zeros, digest) == 0;

#ifdef WOLFSSL_SHA384
    done = done && wc_Sha384Hash(zeros, sizeof zeros, digest) == 0;
#endif
    return done;
}

static bool use_aes(void)
{
    bool done = true;

#ifdef HAVE_AESGCM
    Aes aes;

    done = wc_AesInit(&aes, NULL, INVALID_DEVID) == 0 &&
           wc_AesGcmSetKey(&aes, zeros, AES_128_KEY_SIZE) == 0;
    wc_AesFree(&aes);
#endif
    return done;
}

static bool use_chacha(void)
{
    bool done = true;

#if defined(HAVE_CHACHA) && defined(HAVE_POLY1305)
    ChaCha chacha;
    Poly1305 poly;
    uint8_t out[BLOCK_LEN];

    done = wc_Chacha_SetKey(&chacha, zeros, KEY_LEN) == 0 &&
           wc_Chacha_SetIV(&chacha, zeros, 0) == 0 &&
           wc_Chacha_Process(&chacha, out, zeros, sizeof out) == 0 &&
           wc_Poly1305SetKey(&poly, zeros, KEY_LEN) == 0;
#endif
    return done;
}

static bool use_x25519(void)
{
    bool done = true;

#ifdef HAVE_CURVE25519
    uint8_t number[CURVE25519_KEYSIZE] = {[CURVE25519_KEYSIZE - 1] = 0x40};
    uint8_t point[CURVE25519_KEYSIZE];

    done =
        wc_curve25519_make_pub(sizeof point, point, sizeof number, number) == 0;
#endif
    return done;
}

bool tls_cpu_probe(void)
{
    return use_hashes() && use_aes() && use_chacha() && use_x25519();
}

#else

bool tls_cpu_probe(void)
{
    return true;
}

#endif
