/* tls_seed.h - makes the WOLFSSL object of a link, whose random numbers come
 * from the port.
 *
 * wolfSSL seeds a generator of its own (Hash_DRBG of NIST SP 800-90A) for each
 * object, when it makes it. Where the library has WOLF_CRYPTO_CB, we answer
 * its request for the seed, and so the port's entropy is all there is. Where
 * it has not, it seeds itself from what it knows (on a board: the function
 * that its configuration names), and the port's entropy is mixed in; unless
 * that is the same source, and WWEP_SEED_IS_THE_PORTS says so: then the port is
 * only asked whether it has any.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_TLS_SEED_H
#define WWEP_TLS_SEED_H

#include "tls_link_state.h"

/* Takes our place in wolfSSL's table, and is done by wwep_tls_seed_new() too,
 * where it has not been: for programs with threads, which do it before there
 * are several, as the table has no lock. False: there is no place left. */
bool wwep_tls_seed_start(void);

/* Makes link->ssl from link->ctx. WWEP_OK, or WWEP_E_ENTROPY or _MEMORY. */
enum wwep_result wwep_tls_seed_new(struct wwep_tls_link *link);

#endif
