/* Happy path: a key is a press, which waits -> the program enables the button's
 * interrupt -> the main thread takes the press, and calls the handler for its
 * falling edge, and then for its rising one.
 * A program that has no handler, and looks at the button again and again, takes
 * a press by finding the button low once.
 *
 * Pins are hardware: their state is the process's.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "board_gpio.h"

#include "board.h"
#include "board_wake.h"
#include "console.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct pin {
    bool high;
    unsigned presses; /* not taken yet */
    bool told;        /* that some were dropped */
    unsigned trigger; /* edges, IRQ_TRIGGER_...; 0: no interrupt */
    wiced_gpio_irq_handler_t handler;
    void *arg;
};

static const wiced_gpio_t buttons[] = {WICED_BUTTON1, WICED_BUTTON2};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* Buttons are pulled up. */
static struct pin pins[WICED_GPIO_MAX] = {
    [WICED_BUTTON1] = {.high = true}, [WICED_BUTTON2] = {.high = true}};

static bool is_pin(wiced_gpio_t gpio)
{
    return gpio >= WICED_GPIO_1 && gpio < WICED_GPIO_MAX;
}

static bool is_button(wiced_gpio_t gpio)
{
    return gpio == WICED_BUTTON1 || gpio == WICED_BUTTON2;
}

/* --- outputs -------------------------------------------------------------- */

/* With the lock held, so that the lines come in the order of the changes. */
static void show(wiced_gpio_t gpio, bool high)
{
    if (gpio == WICED_LED1)
        console_show(high ? "[LED1 on]" : "[LED1 off]");
    else if (gpio == WICED_LED2)
        console_show(high ? "[LED2 on]" : "[LED2 off]");
}

/* What is put out against a button has no effect: the finger is stronger. */
static wiced_result_t output(wiced_gpio_t gpio, bool high)
{
    if (!is_pin(gpio))
        return WICED_BADARG;
    pthread_mutex_lock(&lock);
    if (!is_button(gpio) && pins[gpio].high != high) {
        pins[gpio].high = high;
        show(gpio, high);
    }
    pthread_mutex_unlock(&lock);
    return WICED_SUCCESS;
}

wiced_result_t wiced_gpio_output_high(wiced_gpio_t gpio)
{
    return output(gpio, true);
}

wiced_result_t wiced_gpio_output_low(wiced_gpio_t gpio)
{
    return output(gpio, false);
}

/* --- inputs --------------------------------------------------------------- */

wiced_result_t wiced_gpio_init(wiced_gpio_t gpio,
                               wiced_gpio_config_t configuration)
{
    if (!is_pin(gpio) || configuration < INPUT_PULL_UP ||
        configuration > OUTPUT_OPEN_DRAIN_PULL_UP)
        return WICED_BADARG;
    /* A pin that leads nowhere is as it is pulled. */
    if (configuration == INPUT_PULL_UP)
        return output(gpio, true);
    if (configuration == INPUT_PULL_DOWN)
        return output(gpio, false);
    return WICED_SUCCESS;
}

wiced_bool_t wiced_gpio_input_get(wiced_gpio_t gpio)
{
    bool high;

    if (!is_pin(gpio))
        return WICED_FALSE;
    pthread_mutex_lock(&lock);
    struct pin *pin = &pins[gpio];
    high = pin->high;
    if (pin->trigger == 0 && pin->presses > 0) {
        pin->presses--;
        high = false;
    }
    pthread_mutex_unlock(&lock);
    return high ? WICED_TRUE : WICED_FALSE;
}

/* --- interrupts ----------------------------------------------------------- */

wiced_result_t wiced_gpio_input_irq_enable(wiced_gpio_t gpio,
                                           wiced_gpio_irq_trigger_t trigger,
                                           wiced_gpio_irq_handler_t handler,
                                           void *arg)
{
    if (trigger == IRQ_TRIGGER_LEVEL_HIGH || trigger == IRQ_TRIGGER_LEVEL_LOW)
        return WICED_UNSUPPORTED;
    if (!is_pin(gpio) || handler == NULL || trigger < IRQ_TRIGGER_RISING_EDGE ||
        trigger > IRQ_TRIGGER_BOTH_EDGES)
        return WICED_BADARG;
    pthread_mutex_lock(&lock);
    pins[gpio].trigger = trigger;
    pins[gpio].handler = handler;
    pins[gpio].arg = arg;
    pthread_mutex_unlock(&lock);
    board_wake();
    return WICED_SUCCESS;
}

wiced_result_t wiced_gpio_input_irq_disable(wiced_gpio_t gpio)
{
    if (!is_pin(gpio))
        return WICED_BADARG;
    pthread_mutex_lock(&lock);
    pins[gpio].trigger = 0;
    pthread_mutex_unlock(&lock);
    return WICED_SUCCESS;
}

void board_gpio_press(wiced_gpio_t button)
{
    bool tell = false;

    pthread_mutex_lock(&lock);
    struct pin *pin = &pins[button];
    if (pin->presses < BOARD_GPIO_PRESSES_MAX) {
        pin->presses++;
        pin->told = false;
    } else if (!pin->told) {
        pin->told = true;
        tell = true;
    }
    pthread_mutex_unlock(&lock);
    if (tell)
        board_say("button %d: %u presses wait for the program; more are lost",
                  button == WICED_BUTTON1 ? 1 : 2, BOARD_GPIO_PRESSES_MAX);
}

/* The handler may do all that a thread may, so no lock is held. */
static void make_edge(wiced_gpio_t button, bool rising)
{
    unsigned edge = rising ? IRQ_TRIGGER_RISING_EDGE : IRQ_TRIGGER_FALLING_EDGE;
    wiced_gpio_irq_handler_t handler = NULL;
    void *arg;

    pthread_mutex_lock(&lock);
    struct pin *pin = &pins[button];
    pin->high = rising;
    if ((pin->trigger & edge) != 0)
        handler = pin->handler;
    arg = pin->arg;
    pthread_mutex_unlock(&lock);
    if (handler != NULL)
        handler(arg);
}

static bool take_press(wiced_gpio_t button)
{
    bool taken;

    pthread_mutex_lock(&lock);
    taken = pins[button].trigger != 0 && pins[button].presses > 0;
    if (taken)
        pins[button].presses--;
    pthread_mutex_unlock(&lock);
    return taken;
}

void board_gpio_deliver(void)
{
    for (size_t i = 0; i < sizeof buttons / sizeof buttons[0]; i++) {
        while (take_press(buttons[i])) {
            make_edge(buttons[i], false);
            make_edge(buttons[i], true);
        }
    }
}
