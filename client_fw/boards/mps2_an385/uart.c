/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "uart.h"

#include "clock.h"

#include <stdint.h>

#define BASE          0x40004000u
#define DATA          (*(volatile uint32_t *)(BASE + 0x00u))
#define STATE         (*(volatile uint32_t *)(BASE + 0x04u))
#define CTRL          (*(volatile uint32_t *)(BASE + 0x08u))
#define BAUDDIV       (*(volatile uint32_t *)(BASE + 0x10u))

#define STATE_TX_FULL 0x1u
#define STATE_RX_FULL 0x2u
#define CTRL_TX       0x1u
#define CTRL_RX       0x2u

#define BAUD          115200u

void uart_start(void)
{
    BAUDDIV = CLOCK_HZ / BAUD;
    CTRL = CTRL_TX | CTRL_RX;
}

static void put(char c)
{
    while ((STATE & STATE_TX_FULL) != 0)
        continue;
    DATA = (uint8_t)c;
}

void uart_print(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\n')
            put('\r');
        put(*text);
    }
}

int uart_take(void)
{
    return (STATE & STATE_RX_FULL) != 0 ? (int)(DATA & 0xFFu) : -1;
}
