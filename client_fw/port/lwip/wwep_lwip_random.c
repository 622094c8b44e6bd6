/* lwIP asks without a context: the key is this file's.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "wwep_lwip_random.h"

#include "wwep_lwip_hooks.h"
#include "wwep_lwip_siphash.h"

#include <lwip/sys.h>
#include <string.h>

static uint8_t secret[WWEP_LWIP_KEY_LEN];
static uint32_t drawn; /* how many numbers, so far */

void wwep_lwip_random_start(const uint8_t key[WWEP_LWIP_KEY_LEN])
{
    memcpy(secret, key, sizeof secret);
}

/* Of another length than what an initial sequence number is made of: so the
 * one says nothing of the other. */
uint32_t wwep_lwip_random(void)
{
    uint8_t count[sizeof drawn];

    drawn++;
    memcpy(count, &drawn, sizeof count);
    return (uint32_t)wwep_lwip_siphash(secret, count, sizeof count);
}

/* RFC 6528, section 3: a clock of 4 microseconds, and what only we know of
 * these two ends. */
uint32_t wwep_lwip_isn(const ip_addr_t *local, uint16_t local_port,
                       const ip_addr_t *remote, uint16_t remote_port)
{
    const uint32_t ends[] = {ip4_addr_get_u32(ip_2_ip4(local)),
                             ip4_addr_get_u32(ip_2_ip4(remote)),
                             (uint32_t)local_port << 16 | remote_port};
    uint8_t bytes[sizeof ends];

    memcpy(bytes, ends, sizeof bytes);
    return sys_now() * 250u +
           (uint32_t)wwep_lwip_siphash(secret, bytes, sizeof bytes);
}
