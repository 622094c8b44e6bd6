/* board.h - what the dual client needs of a board: buttons, LEDs, a line to
 * print, a network, and what it was set up with.
 *
 * Each board has these functions once; they are not for interrupts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DUAL_CLIENT_BOARD_H
#define DUAL_CLIENT_BOARD_H

#include <stdbool.h>
#include <stdint.h>
#include <wwep/port.h>
#include <wwep/tls.h>

/* All that is pointed to stays as long as the program runs. */
struct board_setup {
    const struct wwep_port *port;
    uint8_t mac[6];
    const char *host;     /* of the server: a name, or a numeric address */
    const char *fallback; /* as struct wwep_client_config's, or NULL */
    const char *name;     /* that its certificate must have; NULL: the host */
    uint16_t plain_port;
    uint16_t tls_port;
    uint32_t timeout_ms; /* of an exchange */
    uint16_t max_fragment;
    /* What was compiled in, or read from files. */
    struct wwep_bytes roots;
    struct wwep_bytes certificate;
    struct wwep_bytes key;
    /* The page where a DCT image may be; it wins over these. */
    struct wwep_bytes dct;
};

enum board_event {
    BOARD_BUTTON_0,
    BOARD_BUTTON_1,
    BOARD_FIGURES, /* somebody wants to know how much memory is used */
    BOARD_END      /* there will be no more */
};

/* Fills the setup. argc, argv: main()'s, if it was given any. False: the board
 * can not start, and has said why. */
bool board_start(struct board_setup *setup, int argc, char **argv);

/* Waits for the next event. The network goes on meanwhile. */
enum board_event board_wait(void);

void board_led(unsigned number, bool on);

/* Text, with LF at the ends of lines. */
void board_print(const char *text);

/* Time for which the program was awake: since the start, in microseconds,
 * wraps at 2^32. 0, always: the board does not know. */
uint32_t board_busy_us(void);

/* Prints how much memory is used, if the board knows. */
void board_print_figures(void);

/* Ends what board_start() began; returns what main() returns. */
int board_end(int code);

#endif
