/* curve25519_base.c - the public key of X25519 by the tables of Ed25519.
 *
 * The base point times a number, on the Edwards form of the same curve, takes
 * additions from a table where the ladder takes 255 steps. It is what newer
 * versions of the library do, and OpenSSL does. Constant in time, as the
 * ladder is.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

/* The arithmetic of it alone: no TLS with Ed25519 comes by this. */
#define HAVE_ED25519
#include "ge_operations.c"

int curve25519_base(byte *pub, const byte *priv);

/* priv: clamped. Returns 0. */
int curve25519_base(byte *pub, const byte *priv)
{
    ge_p3 point;
    ge sum;
    ge inverse;

    ge_scalarmult_base(&point, priv);
    /* From Edwards' y = Y/Z to Montgomery's u = (1 + y) / (1 - y). y is never
     * 1: that is the neutral point's, and no clamped number leads to it. */
    fe_add(sum, point.Z, point.Y);
    fe_sub(inverse, point.Z, point.Y);
    fe_invert(inverse, inverse);
    fe_mul(sum, sum, inverse);
    fe_tobytes(pub, sum);
    ForceZero(&point, sizeof point);
    ForceZero(sum, sizeof sum);
    ForceZero(inverse, sizeof inverse);
    return 0;
}
