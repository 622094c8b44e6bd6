/* wwep_lwip.h - the port for boards with lwIP 2.1, without an operating system.
 *
 *     static struct wwep_lwip lwip;
 *
 *     if (wwep_lwip_start(&lwip, &board))
 *         config.port = &lwip.port;
 *     for (;;)
 *         wwep_lwip_poll(&lwip);      and, between the calls, the client's
 *
 * IPv4, an address by DHCP, names by DNS. All of it happens in calls of the
 * port and of wwep_lwip_poll(), never in an interrupt. What needs the network
 * while it is not there (yet) waits for it, as long as it may.
 *
 * lwIP keeps its state in variables of its own, so there is one of these in a
 * program.
 *
 * Source: lwIP 2.1, raw API; RFC 6528 for the initial sequence numbers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_LWIP_H
#define WWEP_LWIP_H

#include <lwip/ip_addr.h>
#include <lwip/netif.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wwep/port.h>

struct pbuf;
struct tcp_pcb;

/* What a board brings. It fills this once; it stays, unchanged. No function is
 * called from an interrupt. */
struct wwep_lwip_board {
    void *ctx; /* passed to each function, and to be found in netif->state */

    /* lwIP's own kind: sets linkoutput, hwaddr, mtu, flags (ETHARP and
     * BROADCAST); output is etharp_output. ERR_OK, or an error. */
    netif_init_fn netif_init;

    /* Gives frames that have come to netif->input, and tells lwIP of the link
     * by netif_set_link_up() and _down(). True: it had something to do. */
    bool (*poll)(void *ctx, struct netif *netif);

    /* Sleeps until the next interrupt, and at most for some milliseconds. */
    void (*idle)(void *ctx);

    /* As struct wwep_port has them; wall_clock and log may be NULL. */
    uint32_t (*now_ms)(void *ctx);
    int64_t (*wall_clock)(void *ctx);
    int (*entropy)(void *ctx, uint8_t *out, size_t len);
    void (*log)(void *ctx, enum wwep_log_level level, const char *text);
};

/* All fields are the port's own, but port. The caller owns it, and must not
 * move it: port.ctx and lwIP point to it. */
struct wwep_lwip {
    struct wwep_port port;
    const struct wwep_lwip_board *board;
    struct netif netif;

    /* The connection. */
    struct tcp_pcb *pcb; /* lwIP's; NULL: none, or it has failed */
    struct pbuf *in;     /* received, and not yet taken */
    size_t in_at;        /* how much of its first one has been taken */
    int error;           /* enum wwep_port_error, that it has failed by */
    bool connected;
    bool ended; /* the peer has ended its side */

    /* The name that is looked up. */
    const char *name; /* NULL: none */
    bool answered;
    bool found;
    ip_addr_t address;
};

/* Starts lwIP, and asks for an address. False: there is no entropy, or the
 * board's netif_init has failed; lwip is not to be used then. */
bool wwep_lwip_start(struct wwep_lwip *lwip,
                     const struct wwep_lwip_board *board);

/* Does what there is to do, and sleeps a moment if there is nothing. */
void wwep_lwip_poll(struct wwep_lwip *lwip);

/* Whether there is a network, and an address of ours in it. */
bool wwep_lwip_is_up(const struct wwep_lwip *lwip);

#endif
