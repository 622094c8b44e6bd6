/* wiced_platform.h - the course's board, with its shield: two LEDs, two
 * buttons and the console.
 *
 * A button is a key of the terminal: 1 and 2. An LED is a line of text that
 * says when it changes. Each key is one falling and one rising edge.
 *
 * Source: course, chapter 2 and its board files; WICED SDK 6.6.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_PLATFORM_H
#define WICED_PLATFORM_H

#include "wiced_result.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    WICED_GPIO_1 = 1,
    WICED_GPIO_2,
    WICED_GPIO_3,
    WICED_GPIO_4,
    WICED_GPIO_5,
    WICED_GPIO_6,
    WICED_GPIO_7,
    WICED_GPIO_8,
    WICED_GPIO_9,
    WICED_GPIO_10,
    WICED_GPIO_11,
    WICED_GPIO_12,
    WICED_GPIO_13,
    WICED_GPIO_14,
    WICED_GPIO_15,
    WICED_GPIO_16,
    WICED_GPIO_17,
    WICED_GPIO_MAX /* how many, and one */
} wiced_gpio_t;

/* The WW101_2 board. LEDs are on when high; buttons are pulled up, and low
 * while they are pressed. */
#define WICED_LED1    (WICED_GPIO_12)
#define WICED_LED2    (WICED_GPIO_6)
#define WICED_BUTTON1 (WICED_GPIO_10)
#define WICED_BUTTON2 (WICED_GPIO_8)

typedef enum {
    INPUT_PULL_UP,
    INPUT_PULL_DOWN,
    INPUT_HIGH_IMPEDANCE,
    OUTPUT_PUSH_PULL,
    OUTPUT_OPEN_DRAIN_NO_PULL,
    OUTPUT_OPEN_DRAIN_PULL_UP
} wiced_gpio_config_t;

typedef enum {
    IRQ_TRIGGER_RISING_EDGE = 1,
    IRQ_TRIGGER_FALLING_EDGE = 2,
    IRQ_TRIGGER_BOTH_EDGES = 3,
    IRQ_TRIGGER_LEVEL_HIGH = 4,
    IRQ_TRIGGER_LEVEL_LOW = 8
} wiced_gpio_irq_trigger_t;

typedef void (*wiced_gpio_irq_handler_t)(void *arg);

typedef enum { WICED_UART_1, WICED_UART_MAX } wiced_uart_t;
#define STDIO_UART (WICED_UART_1)

/* The board's own start-up has done this for LEDs and buttons. */
wiced_result_t wiced_gpio_init(wiced_gpio_t gpio,
                               wiced_gpio_config_t configuration);
wiced_result_t wiced_gpio_output_high(wiced_gpio_t gpio);
wiced_result_t wiced_gpio_output_low(wiced_gpio_t gpio);
/* WICED_TRUE: high. A button is high while nobody presses it. */
wiced_bool_t wiced_gpio_input_get(wiced_gpio_t gpio);

/* The handler is called once an edge, on a thread of its own that stands for
 * the interrupt: one at a time, and not to wait in. Presses that came before
 * are kept, and make their calls now, so that no key of a script is lost.
 * Triggers by level: WICED_UNSUPPORTED. */
wiced_result_t wiced_gpio_input_irq_enable(wiced_gpio_t gpio,
                                           wiced_gpio_irq_trigger_t trigger,
                                           wiced_gpio_irq_handler_t handler,
                                           void *arg);
wiced_result_t wiced_gpio_input_irq_disable(wiced_gpio_t gpio);

/* Waits for *size bytes (> 0) of the console; *size is then how many there are.
 * timeout in milliseconds: WICED_TIMEOUT with fewer. A console whose input has
 * ended has no more bytes, and no end of waiting. */
wiced_result_t wiced_uart_receive_bytes(wiced_uart_t uart, void *data,
                                        uint32_t *size, uint32_t timeout);
wiced_result_t wiced_uart_transmit_bytes(wiced_uart_t uart, const void *data,
                                         uint32_t size);

#ifdef __cplusplus
}
#endif

#endif
