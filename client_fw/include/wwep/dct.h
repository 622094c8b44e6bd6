/* dct.h - a board's configuration table: the certificate and the key that the
 * board has, in an image of a fixed size beside its program, so that one
 * program serves a whole class.
 *
 * The image is made by wwep-dct(1), and lies in a page of its own: a file at a
 * desk, the last page of flash on a board.
 *
 *     at     bytes
 *        0       8  "WWEPDCT" and a NUL
 *        8       4  the version of this layout, 1
 *       12       4  CRC-32 (IEEE 802.3) of all that follows
 *       16    2048  the private key, in PEM, and a NUL
 *     2064    4096  the certificate, in PEM, and a NUL
 *     6160      16  zero
 *     6176    2016  0xFF, as flash that was erased
 *
 * Numbers are little-endian. From byte 16 to 6176 the image is the security
 * section of the course's SDK, in which each line ends by CR LF.
 *
 * Source: course, chapter 6B; WICED SDK 6.6, platform_dct_security_t.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_DCT_H
#define WWEP_DCT_H

#include "tls.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WWEP_DCT_LEN             8192u
#define WWEP_DCT_SECURITY_AT     16u
#define WWEP_DCT_PRIVATE_KEY_LEN 2048u /* with the NUL */
#define WWEP_DCT_CERTIFICATE_LEN 4096u
#define WWEP_DCT_COOEE_KEY_LEN   16u
#define WWEP_DCT_SECURITY_LEN                              \
    (WWEP_DCT_PRIVATE_KEY_LEN + WWEP_DCT_CERTIFICATE_LEN + \
     WWEP_DCT_COOEE_KEY_LEN)

/* What an image holds: the texts, without their NUL, in the image that was
 * read. bytes is NULL where there is none. */
struct wwep_dct {
    struct wwep_bytes private_key;
    struct wwep_bytes certificate; /* with a key, the board's own and what comes
                                      with it; without one, what it trusts */
};

enum wwep_dct_result {
    WWEP_DCT_OK,
    WWEP_DCT_NONE,   /* another thing: a page that was never written, a file of
                        another kind */
    WWEP_DCT_NEWER,  /* of a layout that this program does not know */
    WWEP_DCT_DAMAGED /* its checksum is wrong, or a text has no end */
};

/* Never NULL. */
const char *wwep_dct_result_text(enum wwep_dct_result result);

/* Reads an image. *out points into it, and is only filled by WWEP_DCT_OK. */
enum wwep_dct_result wwep_dct_read(struct wwep_dct *out, const uint8_t *image,
                                   size_t len);

/* Makes an image of texts, which may be NULL, as they are. False: one is too
 * long, or has a NUL in it; nothing is written then. */
bool wwep_dct_write(uint8_t image[WWEP_DCT_LEN], const struct wwep_dct *dct);

#ifdef __cplusplus
}
#endif

#endif
