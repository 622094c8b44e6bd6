/* wiced_dct.h - the board's configuration table, the first of the three ways to
 * store certificates: one certificate and one key, of a fixed size.
 *
 * The table is the image that wwep-dct(1) made, which the program reads at its
 * start (see wwep-wiced(1)).
 *
 * Source: WICED SDK 6.6; course, chapter 6B.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_DCT_H
#define WICED_DCT_H

#include "platform_dct.h"
#include "wiced_result.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    DCT_APP_SECTION,
    DCT_HK_INFO_SECTION,
    DCT_SECURITY_SECTION,
    DCT_MFG_INFO_SECTION,
    DCT_WIFI_CONFIG_SECTION,
    DCT_INTERNAL_SECTION,
    DCT_ETHERNET_CONFIG_SECTION,
    DCT_NETWORK_CONFIG_SECTION,
    DCT_BT_CONFIG_SECTION,
    DCT_P2P_CONFIG_SECTION,
    DCT_OTA2_CONFIG_SECTION,
    DCT_VERSION_SECTION,
    DCT_MISC_SECTION
} dct_section_t;

/* *info_ptr is a copy of `size` bytes from `offset` of the section, whatever
 * ptr_is_writable says, until unlock frees it. Nothing is locked. WICED_SUCCESS
 * or WICED_ERROR (4): a section that this board does not have (all but
 * SECURITY), a range beyond its end, no memory. Without an image the section
 * is there, and all zero: a certificate of length 0. */
wiced_result_t wiced_dct_read_lock(void **info_ptr,
                                   wiced_bool_t ptr_is_writable,
                                   dct_section_t section, uint32_t offset,
                                   uint32_t size);

/* Frees it, and wipes it before. Always WICED_SUCCESS; NULL is fine. */
wiced_result_t wiced_dct_read_unlock(void *info_ptr,
                                     wiced_bool_t ptr_is_writable);

#ifdef __cplusplus
}
#endif

#endif
