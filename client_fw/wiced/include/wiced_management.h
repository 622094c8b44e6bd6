/* wiced_management.h - how a program starts, and gets onto its network.
 *
 * Source: WICED SDK 6.6 on NetX Duo.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_MANAGEMENT_H
#define WICED_MANAGEMENT_H

#include "wiced_result.h"
#include "wiced_tcpip.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    WICED_USE_EXTERNAL_DHCP_SERVER = 0,
    WICED_USE_STATIC_IP = 1,
    WICED_USE_INTERNAL_DHCP_SERVER = 2,
    WICED_USE_EXTERNAL_DHCP_SERVER_RESTORE = 3
} wiced_network_config_t;

/* The program's own. It may return: its threads go on. */
void application_start(void);

/* Says on the console what runs here. Comes before all else. */
wiced_result_t wiced_init(void);
wiced_result_t wiced_deinit(void);

/* The network is this machine's, so it is up at once; each interface for
 * itself. WICED_SUCCESS, also when it was up; WICED_BADARG (5) for a static
 * address without settings; WICED_UNSUPPORTED (7) for WICED_P2P_INTERFACE. The
 * settings are only told, and not used: the address is this machine's. */
wiced_result_t wiced_network_up(wiced_interface_t interface,
                                wiced_network_config_t config,
                                const wiced_ip_setting_t *ip_settings);
wiced_result_t wiced_network_down(wiced_interface_t interface);
wiced_bool_t wiced_network_is_up(wiced_interface_t interface);

#ifdef __cplusplus
}
#endif

#endif
