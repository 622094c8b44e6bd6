/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ethernet.h"

#include "clock.h"
#include "lan9118.h"

#include <lwip/etharp.h>
#include <lwip/pbuf.h>

#define MTU          1500u
#define LINK_LOOK_MS 50u

static uint32_t looked_ms; /* when the link was looked at last */

/* Full, or no link: the frame is lost, and whoever sent it will notice. */
static err_t on_output(struct netif *netif, struct pbuf *frame)
{
    (void)netif;
    if (!lan9118_send_begin(frame->tot_len))
        return ERR_MEM;
    for (const struct pbuf *p = frame; p != NULL; p = p->next)
        lan9118_send(p->payload, p->len);
    lan9118_send_end();
    return ERR_OK;
}

static void look_at_link(struct netif *netif)
{
    bool link = lan9118_has_link();

    looked_ms = clock_ms();
    if (link && !netif_is_link_up(netif))
        netif_set_link_up(netif);
    else if (!link && netif_is_link_up(netif))
        netif_set_link_down(netif);
}

err_t ethernet_init(struct netif *netif)
{
    if (!lan9118_start())
        return ERR_IF;
    lan9118_mac(netif->hwaddr);
    netif->hwaddr_len = ETH_HWADDR_LEN;
    netif->mtu = MTU;
    netif->name[0] = 'e';
    netif->name[1] = 'n';
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP;
    netif->output = etharp_output;
    netif->linkoutput = on_output;
    look_at_link(netif);
    return ERR_OK;
}

/* Without memory it is dropped: TCP sends it again. */
static void take_frame(struct netif *netif, size_t len)
{
    struct pbuf *frame = pbuf_alloc(PBUF_RAW, (u16_t)len, PBUF_POOL);

    for (struct pbuf *p = frame; p != NULL; p = p->next)
        lan9118_take(p->payload, p->len);
    lan9118_take_end();
    if (frame != NULL && netif->input(frame, netif) != ERR_OK)
        (void)pbuf_free(frame);
}

bool ethernet_poll(void *ctx, struct netif *netif)
{
    bool busy = false;
    size_t len;

    (void)ctx;
    if (clock_ms() - looked_ms >= LINK_LOOK_MS)
        look_at_link(netif);
    while ((len = lan9118_take_begin()) > 0) {
        take_frame(netif, len);
        busy = true;
    }
    return busy;
}
