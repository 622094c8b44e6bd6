/* no_credentials.c - an image without certificates: it trusts whoever answers,
 * and says so, unless it finds some in its DCT.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "image.h"

#include <stddef.h>

const struct wwep_bytes image_roots = {NULL, 0};
const struct wwep_bytes image_certificate = {NULL, 0};
const struct wwep_bytes image_key = {NULL, 0};
