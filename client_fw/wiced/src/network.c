/* The network is this machine's. Of what the program asks for, only the gateway
 * is kept, for as long as the process lasts, as wiced_ping() is told nothing
 * but addresses.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "network.h"

#include "board.h"
#include "wiced_management.h"
#include "wwep_posix_resolve.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <wwep/course.h>

#define ADDRESSES_MAX 16u /* of one name, to find one of IPv4 among them */

static _Atomic uint32_t gateway; /* 0: none */

/* --- addresses ------------------------------------------------------------ */

static uint32_t number_at(const uint8_t bytes[4])
{
    return MAKE_IPV4_ADDRESS(bytes[0], bytes[1], bytes[2], bytes[3]);
}

static void take_address(wiced_ip_address_t *out,
                         const struct wwep_address *address)
{
    if (address->len == 4) {
        SET_IPV4_ADDRESS(*out, number_at(address->bytes));
        return;
    }
    out->version = WICED_IPV6;
    for (unsigned i = 0; i < 4; i++)
        out->ip.v6[i] = number_at(address->bytes + 4 * (size_t)i);
}

/* IPv4 where there is any. Returns 0, or an error of the port's. */
static int resolve(const char *host, struct wwep_address *out,
                   uint32_t timeout_ms)
{
    struct wwep_address found[ADDRESSES_MAX];
    int n = wwep_posix_resolve(NULL, host, found, ADDRESSES_MAX, timeout_ms);

    if (n <= 0)
        return n < 0 ? n : WWEP_PORT_NO_NAME;
    *out = found[0];
    for (int i = 0; i < n; i++) {
        if (found[i].len == 4) {
            *out = found[i];
            break;
        }
    }
    return 0;
}

/* --- the course's server -------------------------------------------------- */

static bool is_course_name(const char *host)
{
    static const char name[] = WWEP_COURSE_SERVER;
    size_t len = sizeof name - 1;

    return strncasecmp(host, name, len) == 0 &&
           (host[len] == '\0' || strcmp(host + len, ".") == 0);
}

bool network_course_server(struct wwep_address *out, uint32_t timeout_ms)
{
    const char *server = board_options()->server;
    int error = resolve(server, out, timeout_ms);

    if (error != 0)
        board_say("the course's server should be at %s: %s; see --server",
                  server, wwep_port_error_text(error));
    return error == 0;
}

bool network_is_course_server(uint32_t v4)
{
    struct in_addr course;

    return inet_pton(AF_INET, WWEP_COURSE_ADDRESS, &course) == 1 &&
           ntohl(course.s_addr) == v4;
}

bool network_is_gateway(uint32_t v4)
{
    return v4 != 0 && atomic_load(&gateway) == v4;
}

wiced_result_t wiced_hostname_lookup(const char *hostname,
                                     wiced_ip_address_t *address,
                                     uint32_t timeout_ms,
                                     wiced_interface_t interface)
{
    struct wwep_address found;
    struct in_addr quad;

    if (hostname == NULL || address == NULL)
        return WICED_BADARG;
    if (!board_is_up(interface))
        return WICED_NOTUP;
    if (inet_pton(AF_INET, hostname, &quad) == 1) {
        SET_IPV4_ADDRESS(*address, ntohl(quad.s_addr));
        return WICED_SUCCESS;
    }
    if (is_course_name(hostname)) {
        if (!network_course_server(&found, timeout_ms))
            return WICED_ERROR;
    } else if (resolve(hostname, &found, timeout_ms) != 0) {
        return WICED_ERROR;
    }
    take_address(address, &found);
    return WICED_SUCCESS;
}

/* --- up and down ---------------------------------------------------------- */

/* The first of an interface that is up, and leads somewhere else; without one
 * the loopback's. */
static struct in_addr own_address(void)
{
    struct in_addr found = {htonl(INADDR_LOOPBACK)};
    struct ifaddrs *list;

    if (getifaddrs(&list) != 0)
        return found;
    for (const struct ifaddrs *i = list; i != NULL; i = i->ifa_next) {
        struct sockaddr_in v4;

        if (i->ifa_addr == NULL || i->ifa_addr->sa_family != AF_INET ||
            (i->ifa_flags & IFF_LOOPBACK) != 0 || (i->ifa_flags & IFF_UP) == 0)
            continue;
        memcpy(&v4, i->ifa_addr, sizeof v4);
        found = v4.sin_addr;
        break;
    }
    freeifaddrs(list);
    return found;
}

static void tell(wiced_network_config_t config, const wiced_ip_setting_t *asked)
{
    const struct in_addr own = own_address();
    char text[INET_ADDRSTRLEN] = "";

    (void)inet_ntop(AF_INET, &own, text, sizeof text);
    printf("IPv4 network ready IP: %s\n", text);
    if (config == WICED_USE_STATIC_IP ||
        config == WICED_USE_INTERNAL_DHCP_SERVER) {
        const struct in_addr wanted = {
            htonl(GET_IPV4_ADDRESS(asked->ip_address))};

        (void)inet_ntop(AF_INET, &wanted, text, sizeof text);
        board_say("the network is this machine's: for %s, servers listen on %s",
                  text, board_options()->listen);
    }
}

static bool is_interface(wiced_interface_t interface)
{
    return interface == WICED_STA_INTERFACE ||
           interface == WICED_AP_INTERFACE ||
           interface == WICED_ETHERNET_INTERFACE;
}

wiced_result_t wiced_network_up(wiced_interface_t interface,
                                wiced_network_config_t config,
                                const wiced_ip_setting_t *ip_settings)
{
    bool is_static = config == WICED_USE_STATIC_IP ||
                     config == WICED_USE_INTERNAL_DHCP_SERVER;

    if (interface == WICED_P2P_INTERFACE)
        return WICED_UNSUPPORTED;
    if (!is_interface(interface) || config < WICED_USE_EXTERNAL_DHCP_SERVER ||
        config > WICED_USE_EXTERNAL_DHCP_SERVER_RESTORE)
        return WICED_BADARG;
    if (board_is_up(interface))
        return WICED_SUCCESS;
    if (is_static && ip_settings == NULL)
        return WICED_BADARG;
    if (is_static)
        atomic_store(&gateway, GET_IPV4_ADDRESS(ip_settings->gateway));
    tell(config, ip_settings);
    board_set_up(interface, true);
    return WICED_SUCCESS;
}

wiced_result_t wiced_network_down(wiced_interface_t interface)
{
    if (interface == WICED_P2P_INTERFACE)
        return WICED_UNSUPPORTED;
    if (!is_interface(interface))
        return WICED_BADARG;
    board_set_up(interface, false);
    return WICED_SUCCESS;
}

wiced_bool_t wiced_network_is_up(wiced_interface_t interface)
{
    return board_is_up(interface) ? WICED_TRUE : WICED_FALSE;
}
