/* wwep_lwip_hooks.h - what lwIP asks of us while it works.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_LWIP_HOOKS_H
#define WWEP_LWIP_HOOKS_H

#include <lwip/ip_addr.h>
#include <stdint.h>

/* Where the numbering of a connection's bytes begins. lwIP's own beginning is
 * the same after each reset: who knows it can speak for the server without
 * having seen a packet. */
uint32_t wwep_lwip_isn(const ip_addr_t *local, uint16_t local_port,
                       const ip_addr_t *remote, uint16_t remote_port);

#define LWIP_HOOK_TCP_ISN wwep_lwip_isn

#endif
