/* Happy path: keys come -> each is a press, or a byte for the console -> the
 * handlers of presses are called.
 * The console is full: no more keys are read until the program has read some;
 * handlers of presses that came before are called all the same.
 * Standard input ends, or we are in the background: what wakes us is waited
 * for, and the terminal looked at from time to time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "console_keys.h"

#include "board.h"
#include "board_gpio.h"
#include "board_uart.h"
#include "board_wake.h"
#include "console_terminal.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#define CHUNK_MAX     256u
#define BACKGROUND_MS 300

struct keys {
    bool all_to_console;
    bool is_terminal;
    bool ended;
    bool quoted; /* a Ctrl-V came */
    bool told;   /* that the console is full */
    uint8_t chunk[CHUNK_MAX];
    size_t at; /* keys of the chunk that are done */
    size_t len;
};

/* False: not now, there is no room. */
static bool take_byte(struct keys *k, uint8_t key)
{
    if (board_uart_put(key)) {
        k->quoted = false;
        return true;
    }
    if (!k->told)
        board_say("the program has not read %u bytes of its console: keys "
                  "behind them wait",
                  BOARD_UART_BYTES_MAX);
    k->told = true;
    return false;
}

static bool take_key(struct keys *k, uint8_t key)
{
    if (k->all_to_console || k->quoted)
        return take_byte(k, key);
    switch (key) {
    case CONSOLE_KEYS_QUOTE:
        k->quoted = true;
        return true;
    case '1':
        board_gpio_press(WICED_BUTTON1);
        return true;
    case '2':
        board_gpio_press(WICED_BUTTON2);
        return true;
    default:
        return take_byte(k, key);
    }
}

/* Key by key, so that the buttons' handlers are called in the keys' order. */
static void take_chunk(struct keys *k)
{
    board_gpio_deliver();
    while (k->at < k->len && take_key(k, k->chunk[k->at])) {
        k->at++;
        board_gpio_deliver();
    }
}

static void read_chunk(struct keys *k)
{
    ssize_t n = read(STDIN_FILENO, k->chunk, sizeof k->chunk);

    k->at = 0;
    k->len = n > 0 ? (size_t)n : 0;
    /* EIO: we are in the background since a moment ago. */
    if (n == 0 ||
        (n < 0 && errno != EINTR && errno != EAGAIN &&
         !(errno == EIO && k->is_terminal && !console_terminal_raw())))
        k->ended = true;
}

static void wait_for_something(struct keys *k)
{
    bool reads = !k->ended && k->at == k->len;
    int timeout_ms = -1;

    if (reads && k->is_terminal && !console_terminal_raw()) {
        reads = false;
        timeout_ms = BACKGROUND_MS;
    }

    struct pollfd polled[] = {
        {.fd = board_wake_fd(), .events = POLLIN},
        {.fd = reads ? STDIN_FILENO : -1, .events = POLLIN},
    };
    if (poll(polled, 2, timeout_ms) <= 0)
        return;
    if (polled[0].revents != 0)
        board_wake_clear();
    if (polled[1].revents != 0)
        read_chunk(k);
}

void console_keys_run(bool all_to_console)
{
    struct keys k = {.all_to_console = all_to_console,
                     .is_terminal = console_terminal_is()};

    for (;;) {
        take_chunk(&k);
        wait_for_something(&k);
    }
}
