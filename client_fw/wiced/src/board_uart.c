/* The console's input is hardware: its state is the process's.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "board_uart.h"

#include "board_wake.h"
#include "console.h"
#include "rtos_wait.h"
#include "wiced_platform.h"

#include <pthread.h>
#include <stddef.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t arrived;
static uint8_t ring[BOARD_UART_BYTES_MAX];
static size_t first;
static size_t count;
static bool wanted; /* room, by the keyboard */

static void start(void)
{
    rtos_cond_init(&arrived);
}

bool board_uart_put(uint8_t byte)
{
    bool room;

    pthread_once(&once, start);
    pthread_mutex_lock(&lock);
    room = count < sizeof ring;
    if (room) {
        ring[(first + count++) % sizeof ring] = byte;
        pthread_cond_broadcast(&arrived);
    }
    wanted = !room;
    pthread_mutex_unlock(&lock);
    return room;
}

/* With the lock held. Returns how many there were. */
static uint32_t take(uint8_t *out, uint32_t len)
{
    uint32_t n = 0;

    while (n < len && count > 0) {
        out[n++] = ring[first];
        first = (first + 1) % sizeof ring;
        count--;
    }
    if (n > 0 && wanted) {
        wanted = false;
        board_wake();
    }
    return n;
}

wiced_result_t wiced_uart_receive_bytes(wiced_uart_t uart, void *data,
                                        uint32_t *size, uint32_t timeout)
{
    const struct rtos_deadline deadline = rtos_deadline_in(timeout);
    uint32_t got = 0;
    bool in_time = true;

    if (uart != STDIO_UART || data == NULL || size == NULL || *size == 0)
        return WICED_BADARG;
    pthread_once(&once, start);
    pthread_mutex_lock(&lock);
    for (;;) {
        got += take((uint8_t *)data + got, *size - got);
        if (got == *size || !in_time)
            break;
        in_time = rtos_wait(&arrived, &lock, &deadline);
    }
    pthread_mutex_unlock(&lock);
    if (got == *size)
        return WICED_SUCCESS;
    *size = got;
    return WICED_TIMEOUT;
}

wiced_result_t wiced_uart_transmit_bytes(wiced_uart_t uart, const void *data,
                                         uint32_t size)
{
    if (uart != STDIO_UART || (data == NULL && size > 0))
        return WICED_BADARG;
    console_put(data, size);
    return WICED_SUCCESS;
}
