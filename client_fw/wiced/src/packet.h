/* packet.h - the pool of packets: a fixed number, each as large as a record of
 * TLS. A packet is free, or somebody's.
 *
 * They are used in turn, so that a pointer to one that was sent or deleted is
 * for long nobody else's: to delete it again is an error, and no harm.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_PACKET_H
#define WICED_PACKET_H

#include "wiced_tcpip.h"

#include <stdint.h>

#define PACKET_MAX  16384u /* bytes, and one more behind them */
#define PACKET_POOL 128u

/* A free one, empty, for the caller, who ends it by wiced_packet_delete().
 * NULL: none has become free in time. */
wiced_packet_t *packet_get(uint32_t timeout_ms);

/* Room for PACKET_MAX bytes. */
uint8_t *packet_room(wiced_packet_t *packet);

/* How many of them there are; a NUL is put behind them. */
void packet_set_len(wiced_packet_t *packet, uint16_t len);

/* WICED_SUCCESS; WICED_BADARG: NULL; WICED_TCPIP_INVALID_PACKET: it is none, is
 * free, or has no bytes. */
wiced_result_t packet_bytes(const wiced_packet_t *packet, const uint8_t **bytes,
                            uint16_t *len);

#endif
