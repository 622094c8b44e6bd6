/* The access point of the class. Nothing of it is needed where the network is
 * the machine's own, but a board is given it here.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#define CLIENT_AP_SSID          "ww101-lab"
#define CLIENT_AP_BSS_TYPE      WICED_BSS_TYPE_INFRASTRUCTURE
#define CLIENT_AP_SECURITY      WICED_SECURITY_WPA2_MIXED_PSK
#define CLIENT_AP_CHANNEL       1
#define CLIENT_AP_BAND          WICED_802_11_BAND_2_4GHZ
#define CLIENT_AP_PASSPHRASE    "passphrase of the lab"

#define SOFT_AP_SSID            "ww101-board"
#define SOFT_AP_SECURITY        WICED_SECURITY_WPA2_AES_PSK
#define SOFT_AP_CHANNEL         1
#define SOFT_AP_PASSPHRASE      "passphrase of the board"

#define CONFIG_AP_SSID          "ww101-configuration"
#define CONFIG_AP_SECURITY      WICED_SECURITY_WPA2_AES_PSK
#define CONFIG_AP_CHANNEL       1
#define CONFIG_AP_PASSPHRASE    "passphrase of the board"

#define WICED_NETWORK_INTERFACE WICED_STA_INTERFACE
