/* lwipopts.h - lwIP, as small as one client with one connection needs it.
 *
 * A board may set each of the sizes by -D, before this file does.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_LWIPOPTS_H
#define WWEP_LWIPOPTS_H

/* --- how it runs ---------------------------------------------------------- */

#define NO_SYS                    1 /* one loop, which polls */
#define SYS_LIGHTWEIGHT_PROT      0 /* no interrupt calls lwIP */
#define LWIP_SINGLE_NETIF         1 /* one network */
#define LWIP_NETCONN              0 /* the raw API alone */
#define LWIP_SOCKET               0
#define LWIP_STATS                0
#define LWIP_NETIF_TX_SINGLE_PBUF 0 /* the driver takes chains */
#define LWIP_HOOK_FILENAME        "wwep_lwip_hooks.h"
#define LWIP_TIMERS               1
#define LWIP_NETIF_HOSTNAME       0
#define MEM_ALIGNMENT             4

/* --- what it speaks ------------------------------------------------------- */

#define LWIP_IPV4     1
#define LWIP_IPV6     0
#define LWIP_ICMP     1 /* a board that does not answer to ping puzzles */
#define LWIP_RAW      0
#define LWIP_UDP      1 /* for DHCP and DNS */
#define LWIP_TCP      1
#define LWIP_DHCP     1
#define LWIP_DNS      1
#define IP_FORWARD    0
#define IP_REASSEMBLY 0 /* nobody sends us more than a packet */
#define IP_FRAG       0
#define LWIP_IGMP     0
#define LWIP_AUTOIP   0

/* --- memory --------------------------------------------------------------- */

/* For what is sent, and DHCP's own: from the heap, which TLS needs most of, but
 * not in the moment that something is sent. A board without malloc() sets this
 * to 0, and gives MEM_SIZE bytes (4096) for it. */
#ifndef MEM_LIBC_MALLOC
#define MEM_LIBC_MALLOC 1
#endif
/* For what is received: a frame of a whole segment fits into one. */
#ifndef PBUF_POOL_SIZE
#define PBUF_POOL_SIZE 6
#endif
#ifndef PBUF_POOL_BUFSIZE
#define PBUF_POOL_BUFSIZE 600
#endif
#define MEMP_NUM_PBUF           4
#define MEMP_NUM_UDP_PCB        3 /* DHCP, and two of DNS */
#define MEMP_NUM_TCP_PCB        4 /* one, and those that are still closing */
#define MEMP_NUM_TCP_PCB_LISTEN 1
#define MEMP_NUM_TCP_SEG        8
#define ARP_TABLE_SIZE          4
#define ARP_QUEUEING            0 /* the newest packet waits, not each */
#define DNS_TABLE_SIZE          2
#define DNS_MAX_NAME_LENGTH     128
#define DNS_MAX_SERVERS         2

/* --- TCP ------------------------------------------------------------------ */

#ifndef TCP_MSS
#define TCP_MSS 536 /* what every network carries (RFC 9293, 3.7.1) */
#endif
#ifndef TCP_WND
#define TCP_WND (4 * TCP_MSS)
#endif
#define TCP_SND_BUF                (2 * TCP_MSS)
#define TCP_SND_QUEUELEN           6
#define TCP_OVERSIZE               0 /* no room for more than is sent */
#define TCP_QUEUE_OOSEQ            0 /* what comes too early, comes again */
#define TCP_CALCULATE_EFF_SEND_MSS 0 /* TCP_MSS fits every network */
#define LWIP_TCP_KEEPALIVE         0
#define LWIP_TCP_TIMESTAMPS        0
#define TCP_MSL                    1000UL /* ms: little room to wait in */
#define LWIP_TCP_RTO_TIME          1000   /* ms, as RFC 6298 has it */

/* --- DHCP ----------------------------------------------------------------- */

#define DHCP_DOES_ARP_CHECK     0 /* a second is long at a button */
#define LWIP_DHCP_CHECK_LINK_UP 1

/* --- checks --------------------------------------------------------------- */

#define LWIP_NOASSERT         1
#define LWIP_CHECKSUM_ON_COPY 0

#endif
