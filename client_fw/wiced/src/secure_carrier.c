/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secure_carrier.h"

#include "wiced_constants.h"

static uint32_t elapsed_ms(const struct secure_carrier *carrier)
{
    const struct wwep_port *port = &carrier->connection->port;

    return port->now_ms(port->ctx) - carrier->began_ms;
}

void secure_carrier_begin(struct secure_carrier *carrier, uint32_t wait_ms,
                          uint32_t overall_ms)
{
    carrier->began_ms = 0;
    carrier->began_ms = elapsed_ms(carrier);
    carrier->wait_ms = wait_ms;
    carrier->overall_ms = overall_ms;
}

uint32_t secure_carrier_left_ms(const struct secure_carrier *carrier)
{
    if (carrier->overall_ms == WICED_NEVER_TIMEOUT)
        return carrier->wait_ms;

    uint32_t gone_ms = elapsed_ms(carrier);
    uint32_t left_ms =
        gone_ms < carrier->overall_ms ? carrier->overall_ms - gone_ms : 0;
    return left_ms < carrier->wait_ms ? left_ms : carrier->wait_ms;
}

/* A peer that sends its bytes one by one gets no more time by it. */
static bool is_late(const struct secure_carrier *carrier)
{
    return carrier->overall_ms != WICED_NEVER_TIMEOUT &&
           elapsed_ms(carrier) >= carrier->overall_ms;
}

static int on_send(void *ctx, const uint8_t *buf, size_t len)
{
    struct secure_carrier *carrier = ctx;
    const struct wwep_port *port = &carrier->connection->port;

    if (is_late(carrier))
        return WWEP_PORT_TIMEOUT;
    int n = port->send(port->ctx, buf, len, secure_carrier_left_ms(carrier));
    if (n == WWEP_PORT_RESET)
        carrier->cut = true;
    return n;
}

static int on_recv(void *ctx, uint8_t *buf, size_t len)
{
    struct secure_carrier *carrier = ctx;
    const struct wwep_port *port = &carrier->connection->port;
    int n;

    do {
        if (is_late(carrier))
            return WWEP_PORT_TIMEOUT;
        n = port->recv(port->ctx, buf, len, secure_carrier_left_ms(carrier));
    } while (n == WWEP_PORT_TIMEOUT && carrier->wait_ms == WICED_NEVER_TIMEOUT);
    return n;
}

static uint32_t on_elapsed(void *ctx)
{
    return elapsed_ms(ctx);
}

struct wwep_tls_carrier secure_carrier_of(struct secure_carrier *carrier)
{
    return (struct wwep_tls_carrier){carrier, on_send, on_recv, on_elapsed};
}
