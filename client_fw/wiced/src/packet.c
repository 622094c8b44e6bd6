/* The pool is the process's, as the SDK's; of its 2 MiB, only what was once
 * used takes memory.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "packet.h"

#include "board.h"
#include "deadline.h"
#include "tcp_io.h"

#include <pthread.h>
#include <stdbool.h>
#include <sys/queue.h>

struct wiced_packet_struct {
    STAILQ_ENTRY(wiced_packet_struct) next_free;
    bool used;
    uint16_t len;
    uint8_t bytes[PACKET_MAX + 1];
};

static struct {
    pthread_once_t once;
    pthread_mutex_t lock; /* of the list, and of each one's `used` */
    pthread_cond_t freed;
    STAILQ_HEAD(, wiced_packet_struct) list;
    bool told; /* that there are no more */
} unused = {.once = PTHREAD_ONCE_INIT, .lock = PTHREAD_MUTEX_INITIALIZER};
static wiced_packet_t pool[PACKET_POOL];

static void init_pool(void)
{
    pthread_condattr_t monotonic;

    STAILQ_INIT(&unused.list);
    for (unsigned i = 0; i < PACKET_POOL; i++)
        STAILQ_INSERT_TAIL(&unused.list, &pool[i], next_free);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&unused.freed, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

/* Whether a program's pointer is to one of ours at all. */
static bool is_packet(const wiced_packet_t *packet)
{
    uintptr_t from = (uintptr_t)pool;
    uintptr_t at = (uintptr_t)packet;

    return at >= from && at < from + sizeof pool &&
           (at - from) % sizeof pool[0] == 0;
}

static wiced_result_t check(const wiced_packet_t *packet)
{
    if (packet == NULL)
        return WICED_BADARG;
    if (!is_packet(packet))
        return WICED_TCPIP_INVALID_PACKET;
    pthread_mutex_lock(&unused.lock);
    bool used = packet->used;
    pthread_mutex_unlock(&unused.lock);
    return used ? WICED_SUCCESS : WICED_TCPIP_INVALID_PACKET;
}

/* --- for our own ---------------------------------------------------------- */

/* With the lock held. */
static wiced_packet_t *wait_for_one(uint32_t timeout_ms)
{
    const struct deadline deadline = deadline_in(timeout_ms);
    const struct timespec at = deadline_timespec(&deadline);
    int error = 0;

    if (STAILQ_EMPTY(&unused.list) && !unused.told) {
        unused.told = true;
        board_say("all %u packets are in use: the program does not delete what "
                  "it receives",
                  PACKET_POOL);
    }
    while (STAILQ_EMPTY(&unused.list) && error == 0)
        error = pthread_cond_timedwait(&unused.freed, &unused.lock, &at);
    return STAILQ_FIRST(&unused.list);
}

wiced_packet_t *packet_get(uint32_t timeout_ms)
{
    pthread_once(&unused.once, init_pool);
    pthread_mutex_lock(&unused.lock);
    wiced_packet_t *packet = wait_for_one(timeout_ms);
    if (packet != NULL) {
        STAILQ_REMOVE_HEAD(&unused.list, next_free);
        packet->used = true;
        packet_set_len(packet, 0);
    }
    pthread_mutex_unlock(&unused.lock);
    return packet;
}

uint8_t *packet_room(wiced_packet_t *packet)
{
    return packet->bytes;
}

void packet_set_len(wiced_packet_t *packet, uint16_t len)
{
    packet->len = len;
    packet->bytes[len] = '\0';
}

wiced_result_t packet_bytes(const wiced_packet_t *packet, const uint8_t **bytes,
                            uint16_t *len)
{
    wiced_result_t result = check(packet);

    if (result != WICED_SUCCESS)
        return result;
    *bytes = packet->bytes;
    *len = packet->len;
    return *len > 0 ? WICED_SUCCESS : WICED_TCPIP_INVALID_PACKET;
}

/* --- for programs --------------------------------------------------------- */

wiced_result_t wiced_packet_create_tcp(wiced_tcp_socket_t *socket,
                                       uint16_t content_length,
                                       wiced_packet_t **packet, uint8_t **data,
                                       uint16_t *available_space)
{
    uint16_t space;

    (void)content_length;
    if (packet == NULL || data == NULL || available_space == NULL)
        return WICED_BADARG;
    *packet = NULL;
    *data = NULL;
    *available_space = 0;
    if (socket == NULL)
        return WICED_BADARG;
    space = tcp_space(socket);
    if (space == 0)
        return WICED_TCPIP_INVALID_SOCKET;
    *packet = packet_get(WICED_ALLOCATE_PACKET_TIMEOUT);
    if (*packet == NULL)
        return WICED_TIMEOUT;
    *data = packet_room(*packet);
    *available_space = space;
    return WICED_SUCCESS;
}

wiced_result_t wiced_packet_set_data_end(wiced_packet_t *packet,
                                         uint8_t *data_end)
{
    wiced_result_t result = check(packet);

    if (result != WICED_SUCCESS)
        return result;

    uintptr_t from = (uintptr_t)packet->bytes;
    uintptr_t end = (uintptr_t)data_end;
    if (end < from || end - from > PACKET_MAX)
        return WICED_BADARG;
    packet->len = (uint16_t)(end - from);
    return WICED_SUCCESS;
}

wiced_result_t wiced_packet_get_data(wiced_packet_t *packet, uint16_t offset,
                                     uint8_t **data,
                                     uint16_t *fragment_available_data_length,
                                     uint16_t *total_available_data_length)
{
    wiced_result_t result = check(packet);

    if (data == NULL || fragment_available_data_length == NULL ||
        total_available_data_length == NULL)
        return WICED_BADARG;
    *data = NULL;
    *fragment_available_data_length = 0;
    *total_available_data_length = 0;
    if (result != WICED_SUCCESS || packet->len == 0)
        return result;
    if (offset >= packet->len)
        return WICED_ERROR;
    *data = packet->bytes + offset;
    *fragment_available_data_length = (uint16_t)(packet->len - offset);
    *total_available_data_length = *fragment_available_data_length;
    return WICED_SUCCESS;
}

wiced_result_t wiced_packet_delete(wiced_packet_t *packet)
{
    if (packet == NULL)
        return WICED_BADARG;
    if (!is_packet(packet))
        return WICED_TCPIP_INVALID_PACKET;
    pthread_mutex_lock(&unused.lock);
    bool used = packet->used;
    if (used) {
        packet->used = false;
        STAILQ_INSERT_TAIL(&unused.list, packet, next_free);
        pthread_cond_signal(&unused.freed);
    }
    pthread_mutex_unlock(&unused.lock);
    return used ? WICED_SUCCESS : WICED_ERROR;
}
