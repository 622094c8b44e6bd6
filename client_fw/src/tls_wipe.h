/* tls_wipe.h - forgets secrets.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_TLS_WIPE_H
#define WWEP_TLS_WIPE_H

#include <stddef.h>
#include <stdint.h>

/* Zeros that no compiler leaves out, though nobody reads them. NULL is fine. */
static inline void wwep_tls_wipe(void *bytes, size_t len)
{
    volatile uint8_t *at = bytes;

    for (size_t i = 0; at != NULL && i < len; i++)
        at[i] = 0;
}

#endif
