/* dct_pair.h - what an image's certificates and key say of each other.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_TOOLS_DCT_PAIR_H
#define WWEP_TOOLS_DCT_PAIR_H

#include "credential.h"

#include <wwep/dct.h>

/* Whether the key belongs to the first certificate. WWEP_KEY_UNKNOWN also where
 * one of them is not there, or can not be read. */
enum wwep_key_fit dct_pair_fit(const struct wwep_dct *dct);

/* Prints both, in words; never the key itself. */
void dct_pair_print(const struct wwep_dct *dct);

#endif
