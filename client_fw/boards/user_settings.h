/* user_settings.h - how wolfSSL is built for boards.
 *
 * The profile is one of these, by -D:
 *
 *     WWEP_PROFILE_SMALL   TLS 1.3, P-256, one cipher suite, C alone
 *     WWEP_PROFILE_FAST    TLS 1.3, P-256 in assembler, two cipher suites
 *     WWEP_PROFILE_COMPAT  TLS 1.3 and 1.2, RSA and P-384 too
 *
 * Source: wolfSSL manual, chapter 2; wolfSSL 5.5.4.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_USER_SETTINGS_H
#define WWEP_USER_SETTINGS_H

#include <stdint.h>
#include <time.h>

#if defined(WWEP_PROFILE_SMALL) + defined(WWEP_PROFILE_FAST) + \
        defined(WWEP_PROFILE_COMPAT) !=                        \
    1
#error "one profile: WWEP_PROFILE_SMALL, _FAST or _COMPAT"
#endif

/* --- the platform --------------------------------------------------------- */

#define SINGLE_THREADED  /* no locks: there is one loop */
#define WOLFSSL_USER_IO  /* bytes go through our callbacks alone */
#define WOLFSSL_NO_SOCK  /* there are no sockets */
#define NO_WRITEV        /* nor gathered writes */
#define NO_FILESYSTEM    /* nor files */
#define NO_ERROR_STRINGS /* we have words of our own for its codes */
#ifndef WWEP_PROFILE_SMALL
#define WOLFSSL_SMALL_STACK /* big temporaries on the heap: less RAM */
#endif
#define WOLFSSL_GENERAL_ALIGNMENT 4 /* for loads of several words */
#define SIZEOF_LONG               4 /* so that it finds its 32-bit types */
#define SIZEOF_LONG_LONG          8 /* and the 64-bit ones */

/* Letters of host names: the C library's functions have a table. */
#define CTYPE_USER
#define XTOLOWER(c) ((c) >= 'A' && (c) <= 'Z' ? (c) - 'A' + 'a' : (c))
#define XTOUPPER(c) ((c) >= 'a' && (c) <= 'z' ? (c) - 'a' + 'A' : (c))

/* --- entropy and time ----------------------------------------------------- */

int wwep_board_seed(unsigned char *out, unsigned len);
int64_t wwep_board_time(void);
uint32_t wwep_board_ms(void);

#define NO_DEV_RANDOM             /* there is no /dev */
#define HAVE_HASHDRBG             /* NIST SP 800-90A, seeded for each object */
#define CUSTOM_RAND_GENERATE_SEED wwep_board_seed /* the board's */
#define WOLFSSL_USER_CURRTIME     /* there is no system that has the time */
#define USER_TICKS                /* nor the seconds of a ticket's age */
#define WOLFSSL_GMTIME            /* nor gmtime() */
#define WOLFSSL_32BIT_MILLI_TIME  /* milliseconds that wrap, as the board's */
#define XTIME(t)                  ((time_t)wwep_board_time())

/* --- what our client needs (client_fw/src) -------------------------------- */

#define WOLFSSL_ALWAYS_VERIFY_CB    /* it looks at good certificates, too, */
#define WOLFSSL_VERIFY_CB_ALL_CERTS /* and at each of the chain */
#define WOLFSSL_DER_LOAD            /* it gives roots in DER */
#define WOLFSSL_NO_PEM              /* it reads PEM itself */
#define NO_PKCS8                    /* and takes keys out of PKCS #8 */
#define NO_CHECK_PRIVATE_KEY        /* and compares key and certificate */
#define HAVE_SNI                    /* a server may have several names */
#define HAVE_MAX_FRAGMENT           /* short records: less heap */
#define HAVE_TLS_EXTENSIONS         /* needed by those two */

/* --- sessions ------------------------------------------------------------- */

#define HAVE_SESSION_TICKET  /* resuming costs a third of a handshake */
#define SMALL_SESSION_CACHE  /* there is no session API without a cache */
#define NO_SESSION_CACHE_REF /* our slot has the session, not the cache */
#define NO_CLIENT_CACHE      /* a client looks nothing up by address */

/* --- TLS ------------------------------------------------------------------ */

#define WOLFSSL_TLS13         /* the version of today */
#define HAVE_SUPPORTED_CURVES /* key shares and groups are TLS 1.3's */
#define HAVE_HKDF             /* its key schedule */
#define NO_OLD_TLS            /* nothing below 1.2 */
#define NO_WOLFSSL_SERVER     /* a board is a client */
#define NO_HANDSHAKE_DONE_CB  /* nobody wants to be told */
#define NO_PSK                /* no keys that were agreed beforehand */
#ifndef WWEP_PROFILE_COMPAT
#define WOLFSSL_NO_TLS12  /* nor 1.2, but for other people's servers */
#define WOLFSSL_AEAD_ONLY /* no suites with a MAC of their own */
#endif

/* --- hashes and ciphers --------------------------------------------------- */

#ifdef WWEP_PROFILE_SMALL
#define USE_SLOW_SHA256 /* rolled loops: 400 bytes less */
#endif
#define HAVE_AESGCM /* TLS_AES_128_GCM_SHA256, which all have */
#ifdef WWEP_PROFILE_SMALL
#define GCM_SMALL /* GHASH without a table */
#else
#define GCM_TABLE_4BIT /* a table of 512 bytes: ten times as fast */
#endif
#define WOLFSSL_AES_SMALL_TABLES /* 2.3 KiB less */
#define WOLFSSL_AES_NO_UNROLL    /* the same */
#define NO_AES_CBC               /* a mode of TLS 1.2 alone, and a bad one */
#define NO_AES_DECRYPT           /* GCM only ever encrypts blocks, */
#define HAVE_AESGCM_DECRYPT      /* also when it decrypts */
#define NO_AES_192               /* TLS has none */
#ifndef WWEP_PROFILE_SMALL
#define HAVE_CHACHA        /* faster than AES in software */
#define HAVE_POLY1305      /* its other half */
#define HAVE_ONE_TIME_AUTH /* which wolfSSL calls so */
#endif
#ifdef WWEP_PROFILE_COMPAT
#define WOLFSSL_SHA384 /* for P-384's signatures, and AES-256's suites */
#define WOLFSSL_SHA512 /* which it is a part of */
#else
#define NO_AES_256 /* a longer key buys nothing beside P-256 */
#endif
#define NO_MD4      /* what nobody should use any more */
#define NO_MD5      /* the same */
#define NO_RC4      /* the same */
#define NO_DES3     /* the same */
#define NO_DSA      /* the same */
#define NO_DH       /* curves are smaller */
#define NO_PWDBASED /* keys are not encrypted by passwords */
#define NO_PKCS12   /* nor kept in such files */
#define NO_SHA      /* no signature of today is made with SHA-1 */

/* --- curves and RSA ------------------------------------------------------- */

#define HAVE_ECC                /* key agreement and signatures */
#define ECC_USER_CURVES         /* P-256, and what is named here */
#define ECC_TIMING_RESISTANT    /* how long it takes says nothing of the key */
#define WOLFSSL_HAVE_SP_ECC     /* P-256 in code made for it */
#define WOLFSSL_SP_SMALL        /* in rolled loops: 15 KiB less */
#define SP_WORD_SIZE         32 /* as the processor's */
#ifndef WWEP_PROFILE_SMALL
#define WOLFSSL_SP_ASM              /* six times as fast */
#define WOLFSSL_SP_ARM_CORTEX_M_ASM /* for ARMv7-M */
#endif
#ifdef WWEP_PROFILE_COMPAT
#define HAVE_ECC384               /* intermediate CAs of the public web */
#define WOLFSSL_SP_MATH_ALL       /* RSA and P-384 in one general code */
#define SP_INT_BITS          4096 /* roots of the public web have such keys */
#define WC_RSA_BLINDING      /* how long it takes says nothing of the key */
#define WC_RSA_PSS           /* TLS 1.3 signs so with RSA */
#define TFM_TIMING_RESISTANT /* wanted beside blinding */
#else
#define NO_RSA          /* certificates are P-256 */
#define WOLFSSL_SP_MATH /* no other numbers than P-256's */
#endif

/* --- certificates --------------------------------------------------------- */

/* Our client judges dates, by the port's clock: wolfSSL has no say in it. */
#define XVALIDATE_DATE(date, format, kind) ((void)(date), 1)
#ifndef WWEP_PROFILE_COMPAT
#define IGNORE_NAME_CONSTRAINTS /* our own CA has none */
#endif
#ifdef WWEP_PROFILE_SMALL
#define NO_SKID /* a CA is found by its name alone: there is one of it */
#endif

#endif
