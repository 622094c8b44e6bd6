/* The state of the process; see board.h. What is written after the start is
 * atomic, as any thread of the program may ask.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "board.h"

#include "console.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define INTERFACES 4
#define SAY_MAX    1024u

static struct board_options board;
static atomic_bool up[INTERFACES];

/* The first interface that has one; else one that says it is local (the bit of
 * value 2 in the first octet). */
static wiced_mac_t own_mac(void)
{
    wiced_mac_t mac = {{0x02, 0xA0, 0x50, 0x00, 0x00, 0x01}};
    struct ifaddrs *list;

    if (getifaddrs(&list) != 0)
        return mac;
    for (const struct ifaddrs *i = list; i != NULL; i = i->ifa_next) {
        struct sockaddr_ll link;

        if (i->ifa_addr == NULL || i->ifa_addr->sa_family != AF_PACKET ||
            (i->ifa_flags & IFF_LOOPBACK) != 0)
            continue;
        memcpy(&link, i->ifa_addr, sizeof link);
        if (link.sll_halen != sizeof mac.octet)
            continue;
        memcpy(mac.octet, link.sll_addr, sizeof mac.octet);
        break;
    }
    freeifaddrs(list);
    return mac;
}

void board_options_init(struct board_options *options)
{
    *options = (struct board_options){
        .server = "127.0.0.1",
        .listen = "127.0.0.1",
        .mac = own_mac(),
        .tls_version = WWEP_TLS_1_2,
    };
}

void board_start(const struct board_options *options)
{
    board = *options;
    for (int i = 0; i < INTERFACES; i++)
        atomic_store(&up[i], false);
}

const struct board_options *board_options(void)
{
    return &board;
}

uint16_t board_port(uint16_t port)
{
    for (unsigned i = 0; i < board.port_count; i++)
        if (board.ports[i].course == port)
            return board.ports[i].here;
    return port;
}

void board_set_up(wiced_interface_t interface, bool is_up)
{
    if ((int)interface >= 0 && (int)interface < INTERFACES)
        atomic_store(&up[interface], is_up);
}

bool board_is_up(wiced_interface_t interface)
{
    return (int)interface >= 0 && (int)interface < INTERFACES &&
           atomic_load(&up[interface]);
}

void board_say(const char *format, ...)
{
    char line[SAY_MAX];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    console_say(line);
}
