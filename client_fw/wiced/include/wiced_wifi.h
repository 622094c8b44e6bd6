/* wiced_wifi.h - what programs name of the radio, of which there is none here.
 *
 * Source: WICED SDK 6.6; course, chapter 5 (wifi_config_dct.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_WIFI_H
#define WICED_WIFI_H

#include "wiced_result.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uint8_t octet[6]; /* [0] is the first on the wire */
} wiced_mac_t;

typedef enum {
    WICED_SECURITY_OPEN = 0,
    WICED_SECURITY_WPA2_AES_PSK = 0x00400004,
    WICED_SECURITY_WPA2_MIXED_PSK = 0x00400006
} wiced_security_t;

typedef enum {
    WICED_BSS_TYPE_INFRASTRUCTURE = 0,
    WICED_BSS_TYPE_ADHOC = 1,
    WICED_BSS_TYPE_ANY = 2
} wiced_bss_type_t;

typedef enum {
    WICED_802_11_BAND_5GHZ = 0,
    WICED_802_11_BAND_2_4GHZ = 1
} wiced_802_11_band_t;

/* The board's own; --mac of wwep-wiced(1) sets it. WICED_SUCCESS, or
 * WICED_BADARG for NULL. */
wiced_result_t wiced_wifi_get_mac_address(wiced_mac_t *mac);

#ifdef __cplusplus
}
#endif

#endif
