/* board.h - the board that the program runs on: what stands for its hardware
 * and its network here.
 *
 * The API of the SDK knows no object for it, so it is one for the process: what
 * lasts in this layer lasts in board.c, or is made by it. It is filled once,
 * before any thread of the program runs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_BOARD_H
#define WICED_BOARD_H

#include "wiced_management.h"
#include "wiced_wifi.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <wwep/dct.h>
#include <wwep/tls.h>

/* A port of the course, and where it really is; 0: anywhere, for a server. */
struct board_port {
    uint16_t course;
    uint16_t here;
};

#define BOARD_PORTS_MAX 8u

/* The texts are the caller's, and stay. */
struct board_options {
    const char *server; /* where the course's server is: a name or an address */
    const char *listen; /* the address that servers listen on */
    struct board_port ports[BOARD_PORTS_MAX];
    unsigned port_count;
    wiced_mac_t mac;
    bool sdk_certificates; /* no dates, SHA-1: as lenient as the SDK is */
    enum wwep_tls_version tls_version;
    uint8_t dct[WWEP_DCT_LEN]; /* the image */
    bool has_dct;
};

/* The course's server is this machine, servers are for this machine alone, the
 * MAC address is this machine's, TLS is 1.2, as the SDK's. */
void board_options_init(struct board_options *options);

/* Copies the options. Once, before the program starts; a test may do it once
 * more, when no thread of it is left. */
void board_start(const struct board_options *options);
const struct board_options *board_options(void);

/* Where a port of the course really is: itself, or as --port says. */
uint16_t board_port(uint16_t port);

/* Interfaces that are up. */
void board_set_up(wiced_interface_t interface, bool up);
bool board_is_up(wiced_interface_t interface);

/* A line of our own, on standard error, with our name before it, and on a line
 * of its own whatever the program has on the console at the moment. */
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
void board_say(const char *format, ...);

#endif
