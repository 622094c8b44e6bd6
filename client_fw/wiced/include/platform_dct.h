/* platform_dct.h - what the board's configuration table holds of TLS.
 *
 * Both texts are PEM with CR LF at the end of each line, and end by a NUL.
 *
 * Source: WICED SDK 6.6; course, chapter 6B.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PLATFORM_DCT_H
#define PLATFORM_DCT_H

#include <stdint.h>

#ifndef PRIVATE_KEY_SIZE
#define PRIVATE_KEY_SIZE 2048
#endif
#ifndef CERTIFICATE_SIZE
#define CERTIFICATE_SIZE 4096
#endif
#define COOEE_KEY_SIZE 16

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    char private_key[PRIVATE_KEY_SIZE];
    char certificate[CERTIFICATE_SIZE];
    uint8_t cooee_key[COOEE_KEY_SIZE];
} platform_dct_security_t;

#ifdef __cplusplus
}
#endif

#endif
