/* image.h - the certificates that were built into the image, in DER: made by
 * scripts/build-firmware, from a folder of wwep-certs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOARD_IMAGE_H
#define BOARD_IMAGE_H

#include <wwep/tls.h>

/* bytes is NULL where there are none. */
extern const struct wwep_bytes image_roots;
extern const struct wwep_bytes image_certificate;
extern const struct wwep_bytes image_key;

#endif
