/* wwep_posix_resolve.h - names to addresses, within a time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_POSIX_RESOLVE_H
#define WWEP_POSIX_RESOLVE_H

#include <wwep/port.h>

/* As struct wwep_port's; needs no context, and any threads may call it. */
int wwep_posix_resolve(void *ctx, const char *host, struct wwep_address *out,
                       size_t cap, uint32_t timeout_ms);

#endif
