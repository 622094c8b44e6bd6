/* board.c - the mps2_an385 as an app sees it: see board.h of the app.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "board.h"

#include "clock.h"
#include "emulation.h"
#include "entropy.h"
#include "ethernet.h"
#include "image.h"
#include "lan9118.h"
#include "memory.h"
#include "panel.h"
#include "setup.h"
#include "uart.h"
#include "wwep_lwip.h"
#include "wwep_text.h"

#include <string.h>
#include <wwep/course.h>
#include <wwep/dct.h>

#define TIMEOUT_MS   10000u
#define MAX_FRAGMENT 1024u
#define WORDS_MAX    160u

/* Where the linker script has the page. */
extern const uint8_t board_dct[];

static struct wwep_lwip lwip;
static char words[WORDS_MAX];

/* --- what lwIP and wolfSSL want ------------------------------------------- */

static void idle(void *ctx)
{
    (void)ctx;
    clock_sleep();
}

static uint32_t now_ms(void *ctx)
{
    (void)ctx;
    return clock_ms();
}

/* The emulator is asked once; the board counts on from there. */
static int64_t wall_clock(void *ctx)
{
    static int64_t zero;

    (void)ctx;
    if (zero == 0)
        zero = emulation_time() - clock_ms() / 1000u;
    return zero + clock_ms() / 1000u;
}

static int entropy(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    return board_entropy(out, len) == 0 ? 0 : WWEP_PORT_FAILED;
}

static void log_line(void *ctx, enum wwep_log_level level, const char *text)
{
    (void)ctx;
    uart_print(level == WWEP_LOG_WARNING ? "Warning: " : "");
    uart_print(text);
    uart_print("\n");
}

static const struct wwep_lwip_board parts = {
    .netif_init = ethernet_init,
    .poll = ethernet_poll,
    .idle = idle,
    .now_ms = now_ms,
    .wall_clock = wall_clock,
    .entropy = entropy,
    .log = log_line,
};

int wwep_board_seed(unsigned char *out, unsigned len);
int64_t wwep_board_time(void);
uint32_t wwep_board_ms(void);

int wwep_board_seed(unsigned char *out, unsigned len)
{
    return board_entropy(out, len);
}

int64_t wwep_board_time(void)
{
    return wall_clock(NULL);
}

uint32_t wwep_board_ms(void)
{
    return clock_ms();
}

/* --- start and end -------------------------------------------------------- */

static void fill_setup(struct board_setup *setup)
{
    *setup = (struct board_setup){
        .port = &lwip.port,
        .host = WWEP_COURSE_SERVER,
        .fallback = WWEP_COURSE_ADDRESS,
        .plain_port = WWEP_PLAIN_PORT,
        .tls_port = WWEP_TLS_PORT,
        .timeout_ms = TIMEOUT_MS,
        .max_fragment = MAX_FRAGMENT,
        .roots = image_roots,
        .certificate = image_certificate,
        .key = image_key,
        .dct = {board_dct, WWEP_DCT_LEN},
    };
}

bool board_start(struct board_setup *setup, int argc, char **argv)
{
    const char *unknown = NULL;
    char *told;

    (void)argc;
    (void)argv;
    clock_start();
    uart_start();
    panel_led(0, false);
    fill_setup(setup);
    told = emulation_command_line(words, sizeof words);
    if (told != NULL)
        unknown = setup_read(setup, told);
    if (unknown != NULL) {
        board_print("This word of the setup is not understood: ");
        board_print(unknown);
        board_print("\n");
        return false;
    }
    if (!wwep_lwip_start(&lwip, &parts)) {
        board_print("No network: the board has no entropy, or its Ethernet "
                    "controller does not answer\n");
        return false;
    }
    lan9118_mac(setup->mac);
    return true;
}

/* What was sent last has a moment to go out. */
int board_end(int code)
{
    uint32_t started_ms = clock_ms();

    while (lwip.board != NULL && clock_ms() - started_ms < 100)
        wwep_lwip_poll(&lwip);
    emulation_exit(code);
}

/* --- buttons, LEDs, console ----------------------------------------------- */

/* The console's keys are for who has no board to press a button of. */
static int event_of_key(int key)
{
    switch (key) {
    case '0':
        return BOARD_BUTTON_0;
    case '1':
        return BOARD_BUTTON_1;
    case 'm':
        return BOARD_FIGURES;
    case 'q':
    case 0x04: /* Ctrl-D */
        return BOARD_END;
    default:
        return -1;
    }
}

enum board_event board_wait(void)
{
    for (;;) {
        int event = event_of_key(uart_take());

        if (event < 0)
            event = panel_pressed(clock_ms());
        if (event >= 0)
            return (enum board_event)event;
        wwep_lwip_poll(&lwip);
    }
}

void board_led(unsigned number, bool on)
{
    panel_led(number, on);
}

void board_print(const char *text)
{
    uart_print(text);
}

uint32_t board_busy_us(void)
{
    return clock_busy_us();
}

static void add(struct wwep_text *text, const char *what, size_t number)
{
    wwep_text_add(text, what);
    wwep_text_add_number(text, number);
}

void board_print_figures(void)
{
    struct memory_figures f;
    struct wwep_text text;
    char line[160];

    memory_measure(&f);
    wwep_text_start(&text, line, sizeof line);
    add(&text, "Memory: flash ", f.flash);
    add(&text, ", fixed ", f.fixed);
    add(&text, ", heap ", f.heap.used);
    add(&text, " peak ", f.heap.peak);
    add(&text, " extent ", f.heap.extent);
    add(&text, " of ", f.heap.len);
    add(&text, ", stack peak ", f.stack_peak);
    add(&text, " of ", f.stack_len);
    wwep_text_add(&text, "\n");
    board_print(line);
}
