/* Happy path: resolve waits for an address of ours, and asks for the name ->
 * connect makes a pcb, and waits for on_connected() -> send gives lwIP as much
 * as it takes; on_received() keeps what comes until recv takes it, and opens
 * the window only then -> close lets go of the pcb, which lwIP closes in its
 * own time.
 * Failures: on_error() says that lwIP has freed the pcb, and what waits finds
 * out by lwip->error; what waits too long gives up by itself.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "wwep_lwip.h"

#include "wwep_lwip_random.h"

#include <lwip/dhcp.h>
#include <lwip/dns.h>
#include <lwip/init.h>
#include <lwip/pbuf.h>
#include <lwip/sys.h>
#include <lwip/tcp.h>
#include <lwip/timeouts.h>
#include <netif/ethernet.h>
#include <string.h>

/* lwIP asks for the time without saying for whom. */
static const struct wwep_lwip_board *the_board;

u32_t sys_now(void)
{
    return the_board->now_ms(the_board->ctx);
}

/* Reached by a mistake in lwIP or in here: there is nothing to go on with. */
_Noreturn void wwep_lwip_broken(void)
{
    for (;;)
        the_board->idle(the_board->ctx);
}

/* --- time ----------------------------------------------------------------- */

struct deadline {
    uint32_t started_ms;
    uint32_t wait_ms;
};

static struct deadline deadline_in(uint32_t wait_ms)
{
    return (struct deadline){sys_now(), wait_ms};
}

static bool is_over(const struct deadline *d)
{
    return sys_now() - d->started_ms >= d->wait_ms;
}

/* Without a sleep; true: there was something to do. */
static bool work(struct wwep_lwip *lwip)
{
    bool busy = lwip->board->poll(lwip->board->ctx, &lwip->netif);

    sys_check_timeouts();
    return busy;
}

void wwep_lwip_poll(struct wwep_lwip *lwip)
{
    if (!work(lwip))
        lwip->board->idle(lwip->board->ctx);
}

bool wwep_lwip_is_up(const struct wwep_lwip *lwip)
{
    return netif_is_link_up(&lwip->netif) &&
           dhcp_supplied_address(&lwip->netif);
}

/* --- names ---------------------------------------------------------------- */

/* May come long after nobody waits for it any more. */
static void on_name(const char *name, const ip_addr_t *address, void *ctx)
{
    struct wwep_lwip *lwip = ctx;

    if (lwip->name == NULL || strlen(lwip->name) != strlen(name) ||
        memcmp(lwip->name, name, strlen(name)) != 0)
        return;
    lwip->answered = true;
    lwip->found = address != NULL;
    if (lwip->found)
        lwip->address = *address;
}

static int ask_name(struct wwep_lwip *lwip, const char *host,
                    const struct deadline *d)
{
    lwip->name = host;
    lwip->answered = false;
    lwip->found = false;
    switch (dns_gethostbyname(host, &lwip->address, on_name, lwip)) {
    case ERR_OK:
        lwip->answered = lwip->found = true;
        break;
    case ERR_INPROGRESS:
        while (!lwip->answered && !is_over(d))
            wwep_lwip_poll(lwip);
        break;
    case ERR_ARG: /* it is too long, or empty */
        lwip->answered = true;
        break;
    default:
        return WWEP_PORT_FAILED;
    }
    lwip->name = NULL;
    if (!lwip->answered)
        return WWEP_PORT_TIMEOUT;
    return lwip->found ? 1 : WWEP_PORT_NO_NAME;
}

static int on_resolve(void *ctx, const char *host, struct wwep_address *out,
                      size_t cap, uint32_t timeout_ms)
{
    struct wwep_lwip *lwip = ctx;
    const struct deadline d = deadline_in(timeout_ms);

    (void)cap; /* one is all that lwIP gives */
    if (ipaddr_aton(host, &lwip->address) == 0) {
        while (!wwep_lwip_is_up(lwip)) {
            if (is_over(&d))
                return WWEP_PORT_UNREACHABLE;
            wwep_lwip_poll(lwip);
        }
        int n = ask_name(lwip, host, &d);
        if (n < 0)
            return n;
    }
    *out = (struct wwep_address){.len = 4};
    memcpy(out->bytes, &ip_2_ip4(&lwip->address)->addr, 4);
    return 1;
}

/* --- the connection ------------------------------------------------------- */

static int error_of(const struct wwep_lwip *lwip, err_t err)
{
    switch (err) {
    case ERR_RST:
        return lwip->connected ? WWEP_PORT_RESET : WWEP_PORT_REFUSED;
    case ERR_ABRT: /* it has sent the same too often, and heard nothing */
    case ERR_TIMEOUT:
        return WWEP_PORT_TIMEOUT;
    case ERR_CLSD:
    case ERR_CONN:
        return WWEP_PORT_RESET;
    case ERR_RTE:
        return WWEP_PORT_UNREACHABLE;
    default:
        return WWEP_PORT_FAILED;
    }
}

/* lwIP has freed the pcb. */
static void on_error(void *ctx, err_t err)
{
    struct wwep_lwip *lwip = ctx;

    lwip->pcb = NULL;
    lwip->error = error_of(lwip, err);
}

static err_t on_connected(void *ctx, struct tcp_pcb *pcb, err_t err)
{
    struct wwep_lwip *lwip = ctx;

    (void)pcb;
    lwip->connected = err == ERR_OK;
    return ERR_OK;
}

/* in == NULL: the peer has ended its side. */
static err_t on_received(void *ctx, struct tcp_pcb *pcb, struct pbuf *in,
                         err_t err)
{
    struct wwep_lwip *lwip = ctx;

    (void)pcb;
    (void)err;
    if (in == NULL)
        lwip->ended = true;
    else if (lwip->in == NULL)
        lwip->in = in;
    else
        pbuf_cat(lwip->in, in);
    return ERR_OK;
}

static void drop_input(struct wwep_lwip *lwip)
{
    if (lwip->in == NULL)
        return;
    /* lwIP takes an unread byte for an error, and would send a reset. */
    if (lwip->pcb != NULL)
        tcp_recved(lwip->pcb, (u16_t)(lwip->in->tot_len - lwip->in_at));
    pbuf_free(lwip->in);
    lwip->in = NULL;
    lwip->in_at = 0;
}

/* The pcb is lwIP's own again. */
static void let_go(struct wwep_lwip *lwip)
{
    struct tcp_pcb *pcb = lwip->pcb;

    drop_input(lwip);
    lwip->pcb = NULL;
    if (pcb == NULL)
        return;
    tcp_arg(pcb, NULL);
    tcp_err(pcb, NULL);
    tcp_recv(pcb, NULL);
    if (!lwip->connected || tcp_close(pcb) != ERR_OK)
        tcp_abort(pcb);
}

static int open_pcb(struct wwep_lwip *lwip, const struct wwep_address *address,
                    uint16_t port)
{
    ip_addr_t to;

    memcpy(&ip_2_ip4(&to)->addr, address->bytes, 4);
    lwip->in = NULL;
    lwip->in_at = 0;
    lwip->error = 0;
    lwip->connected = lwip->ended = false;
    lwip->pcb = tcp_new();
    if (lwip->pcb == NULL)
        return WWEP_PORT_FAILED;
    tcp_arg(lwip->pcb, lwip);
    tcp_err(lwip->pcb, on_error);
    tcp_recv(lwip->pcb, on_received);
    tcp_nagle_disable(lwip->pcb);
    err_t err = tcp_connect(lwip->pcb, &to, port, on_connected);
    return err == ERR_OK ? 0 : error_of(lwip, err);
}

static int on_connect(void *ctx, const struct wwep_address *address,
                      uint16_t port, uint32_t timeout_ms)
{
    struct wwep_lwip *lwip = ctx;
    const struct deadline d = deadline_in(timeout_ms);

    if (address->len != 4)
        return WWEP_PORT_UNREACHABLE;
    while (!wwep_lwip_is_up(lwip)) {
        if (is_over(&d))
            return WWEP_PORT_UNREACHABLE;
        wwep_lwip_poll(lwip);
    }
    int error = open_pcb(lwip, address, port);
    while (error == 0 && !lwip->connected) {
        wwep_lwip_poll(lwip);
        if (lwip->error != 0)
            error = lwip->error;
        else if (!lwip->connected && is_over(&d))
            error = WWEP_PORT_TIMEOUT;
    }
    if (error != 0)
        let_go(lwip);
    return error;
}

/* As much as there is room for; 0: there is none. */
static int send_some(struct wwep_lwip *lwip, const uint8_t *buf, size_t len)
{
    size_t room = tcp_sndbuf(lwip->pcb);
    u16_t n = (u16_t)(len < room ? len : room);

    if (n == 0)
        return 0;
    err_t err = tcp_write(lwip->pcb, buf, n, TCP_WRITE_FLAG_COPY);
    if (err == ERR_MEM) /* it has room, but not for so much at a time */
        return 0;
    if (err == ERR_OK)
        err = tcp_output(lwip->pcb);
    return err == ERR_OK || err == ERR_MEM ? n : error_of(lwip, err);
}

static int on_send(void *ctx, const uint8_t *buf, size_t len,
                   uint32_t timeout_ms)
{
    struct wwep_lwip *lwip = ctx;
    const struct deadline d = deadline_in(timeout_ms);

    for (;;) {
        if (lwip->pcb == NULL)
            return lwip->error;
        int n = send_some(lwip, buf, len);
        if (n != 0)
            return n;
        if (is_over(&d))
            return WWEP_PORT_TIMEOUT;
        wwep_lwip_poll(lwip);
    }
}

static int take(struct wwep_lwip *lwip, uint8_t *buf, size_t len)
{
    struct pbuf *in = lwip->in;
    u16_t n = pbuf_copy_partial(in, buf, (u16_t)(len < 0xFFFF ? len : 0xFFFF),
                                (u16_t)lwip->in_at);

    lwip->in_at += n;
    while (lwip->in != NULL && lwip->in_at >= lwip->in->len) {
        in = lwip->in;
        lwip->in_at -= in->len;
        lwip->in = in->next;
        if (lwip->in != NULL)
            pbuf_ref(lwip->in);
        pbuf_free(in);
    }
    if (lwip->pcb != NULL)
        tcp_recved(lwip->pcb, n);
    return n;
}

/* What has come before an end, of whatever kind, is still taken. */
static int on_recv(void *ctx, uint8_t *buf, size_t len, uint32_t timeout_ms)
{
    struct wwep_lwip *lwip = ctx;
    const struct deadline d = deadline_in(timeout_ms);

    for (;;) {
        if (lwip->in != NULL)
            return take(lwip, buf, len);
        if (lwip->ended)
            return 0;
        if (lwip->pcb == NULL)
            return lwip->error;
        if (is_over(&d))
            return WWEP_PORT_TIMEOUT;
        wwep_lwip_poll(lwip);
    }
}

static void on_close(void *ctx)
{
    struct wwep_lwip *lwip = ctx;

    let_go(lwip);
    (void)work(lwip);
}

/* --- the rest ------------------------------------------------------------- */

static uint32_t on_now_ms(void *ctx)
{
    struct wwep_lwip *lwip = ctx;

    return lwip->board->now_ms(lwip->board->ctx);
}

static int64_t on_wall_clock(void *ctx)
{
    struct wwep_lwip *lwip = ctx;

    return lwip->board->wall_clock(lwip->board->ctx);
}

static int on_entropy(void *ctx, uint8_t *out, size_t len)
{
    struct wwep_lwip *lwip = ctx;

    return lwip->board->entropy(lwip->board->ctx, out, len);
}

static void on_log(void *ctx, enum wwep_log_level level, const char *text)
{
    struct wwep_lwip *lwip = ctx;

    lwip->board->log(lwip->board->ctx, level, text);
}

static void fill_port(struct wwep_lwip *lwip)
{
    lwip->port = (struct wwep_port){
        .ctx = lwip,
        .resolve = on_resolve,
        .connect = on_connect,
        .send = on_send,
        .recv = on_recv,
        .close = on_close,
        .now_ms = on_now_ms,
        .wall_clock = lwip->board->wall_clock != NULL ? on_wall_clock : NULL,
        .entropy = on_entropy,
        .log = lwip->board->log != NULL ? on_log : NULL,
    };
}

bool wwep_lwip_start(struct wwep_lwip *lwip,
                     const struct wwep_lwip_board *board)
{
    uint8_t key[WWEP_LWIP_KEY_LEN];

    memset(lwip, 0, sizeof *lwip);
    lwip->board = board;
    the_board = board;
    if (board->entropy(board->ctx, key, sizeof key) != 0)
        return false;
    wwep_lwip_random_start(key); /* lwip_init() draws a first port */
    lwip_init();
    if (netif_add(&lwip->netif, IP4_ADDR_ANY4, IP4_ADDR_ANY4, IP4_ADDR_ANY4,
                  board->ctx, board->netif_init, ethernet_input) == NULL)
        return false;
    netif_set_default(&lwip->netif);
    netif_set_up(&lwip->netif);
    if (dhcp_start(&lwip->netif) != ERR_OK)
        return false;
    fill_port(lwip);
    return true;
}
