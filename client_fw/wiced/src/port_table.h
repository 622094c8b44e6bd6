/* port_table.h - the ports that this program listens on. All sockets that
 * listen on one share its queue of connections, as NetX has it.
 *
 * All calls with endpoint_lock() held, but for port_table_here().
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_PORT_TABLE_H
#define WICED_PORT_TABLE_H

#include "endpoint.h"

#include <netinet/in.h>
#include <stdint.h>
#include <sys/queue.h>

struct tcp_port {
    LIST_ENTRY(tcp_port) link;
    uint16_t number; /* as the program has it */
    uint16_t here;   /* as it really is */
    int fd;          /* does not block */
    unsigned sockets;
};

/* For one more socket, until port_table_let_go(). The first one opens it, where
 * the board says, and the console tells where that is, or why it can not be.
 * WICED_SUCCESS; WICED_TCPIP_PORT_UNAVAILABLE (7011): it is another's, or not
 * for us; WICED_ERROR (4); WICED_OUT_OF_HEAP_SPACE. */
wiced_result_t port_table_open(uint16_t number, struct tcp_port **out);

/* The last one closes it. */
void port_table_let_go(struct tcp_port *port);

struct tcp_port *port_table_find(uint16_t number);

/* The next connection in the queue, as an fd that does not block, and who it
 * is; a negative errno. */
int port_table_accept(const struct tcp_port *port, struct endpoint_peer *peer);

/* Where a port really is; 0: nobody listens there. */
uint16_t port_table_here(uint16_t number);

/* A system's address as programs see it; IPv4 within IPv6 is IPv4. */
struct endpoint_peer port_table_peer(const struct sockaddr_storage *from);

#endif
