/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wiced_management.h"

#include "board.h"
#include "wiced_wifi.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>

static const wiced_interface_t interfaces[] = {
    WICED_STA_INTERFACE, WICED_AP_INTERFACE, WICED_ETHERNET_INTERFACE};

/* Whether the program has begun: of the process, as the program is. */
static atomic_bool initialised;

wiced_result_t wiced_init(void)
{
    const uint8_t *octet = board_options()->mac.octet;

    if (atomic_exchange(&initialised, true))
        return WICED_SUCCESS;
    printf("\nStarting wwep-wiced %s, on this machine\n"
           "MAC address: %02X:%02X:%02X:%02X:%02X:%02X\n",
           PACKAGE_VERSION, octet[0], octet[1], octet[2], octet[3], octet[4],
           octet[5]);
    return WICED_SUCCESS;
}

wiced_result_t wiced_deinit(void)
{
    for (size_t i = 0; i < sizeof interfaces / sizeof interfaces[0]; i++)
        board_set_up(interfaces[i], false);
    atomic_store(&initialised, false);
    return WICED_SUCCESS;
}

wiced_result_t wiced_wifi_get_mac_address(wiced_mac_t *mac)
{
    if (mac == NULL)
        return WICED_BADARG;
    *mac = board_options()->mac;
    return WICED_SUCCESS;
}
