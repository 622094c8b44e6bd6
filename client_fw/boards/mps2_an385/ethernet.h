/* ethernet.h - the Ethernet controller, as lwIP sees it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOARD_ETHERNET_H
#define BOARD_ETHERNET_H

#include <lwip/netif.h>
#include <stdbool.h>

/* As struct wwep_lwip_board's, which says what they do. */
err_t ethernet_init(struct netif *netif);
bool ethernet_poll(void *ctx, struct netif *netif);

#endif
