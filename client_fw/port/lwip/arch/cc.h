/* cc.h - what lwIP asks of a compiler and a board: nothing but random numbers,
 * of which it has only bad ones itself.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_LWIP_ARCH_CC_H
#define WWEP_LWIP_ARCH_CC_H

#include <stdint.h>

uint32_t wwep_lwip_random(void);
_Noreturn void wwep_lwip_broken(void);

/* For ports and transaction IDs, which must not be guessed. */
#define LWIP_RAND() wwep_lwip_random()

/* lwIP has its own for the few that it wants; the C library's has a table. */
#define LWIP_NO_CTYPE_H 1

/* No printing: that alone would be some kilobytes. */
#define LWIP_PLATFORM_DIAG(x)
#define LWIP_PLATFORM_ASSERT(x) wwep_lwip_broken()

#endif
