/* credentials.h - which of two certificates counts: that in the program, or
 * that in the board's configuration table (DCT), by which one program serves a
 * class.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DUAL_CLIENT_CREDENTIALS_H
#define DUAL_CLIENT_CREDENTIALS_H

#include "board.h"

/* Where the trust and the identity come from, for people; never NULL. */
struct credentials_origin {
    const char *roots;
    const char *identity;
};

/* Puts what a DCT image holds in the place of what the setup has: with a key in
 * it, its certificate is the board's own; without one, it is what the board
 * trusts. Half of an identity is none. False: the page has a DCT image that can
 * not be used; *dct_trouble says why, and the setup is as it was. */
bool credentials_choose(struct board_setup *setup,
                        struct credentials_origin *origin,
                        const char **dct_trouble);

#endif
