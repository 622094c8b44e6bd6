/* wiced_constants.h - times, priorities and other numbers of the API.
 *
 * Source: WICED SDK 6.6.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_CONSTANTS_H
#define WICED_CONSTANTS_H

/* Times, in milliseconds. */
#define WICED_NEVER_TIMEOUT                      0xFFFFFFFFu
#define WICED_WAIT_FOREVER                       0xFFFFFFFFu
#define WICED_NO_WAIT                            0u

#define MILLISECONDS                             1u
#define SECONDS                                  1000u
#define MINUTES                                  (60u * SECONDS)
#define HOURS                                    (60u * MINUTES)
#define DAYS                                     (24u * HOURS)

#define WICED_TCP_BIND_TIMEOUT                   3000u
#define WICED_TCP_ACCEPT_TIMEOUT                 3000u
#define WICED_TCP_DISCONNECT_TIMEOUT             3000u
#define WICED_TCP_SEND_TIMEOUT                   3000u
#define WICED_ALLOCATE_PACKET_TIMEOUT            2000u
#define WICED_DHCP_IP_ADDRESS_RESOLUTION_TIMEOUT 15000u
#define WICED_TLS_HANDSHAKE_TIMEOUT_MS           20000u

/* Connections that wait to be accepted. */
#define WICED_DEFAULT_TCP_LISTEN_QUEUE_SIZE 5
/* Sockets of one wiced_tcp_server_t. */
#define WICED_MAXIMUM_NUMBER_OF_SERVER_SOCKETS 18

#define WICED_ANY_PORT                         0

/* Priorities of threads; 0 is the highest. */
#define WICED_HIGHEST_PRIORITY         0
#define WICED_NETWORK_WORKER_PRIORITY  3
#define WICED_DEFAULT_WORKER_PRIORITY  5
#define WICED_DEFAULT_LIBRARY_PRIORITY 5
#define WICED_APPLICATION_PRIORITY     7
#define RTOS_HIGHEST_PRIORITY          0
#define RTOS_DEFAULT_THREAD_PRIORITY   WICED_DEFAULT_LIBRARY_PRIORITY

#endif
