/* board_host.c - a machine with a terminal as a board: keys are buttons, what
 * is printed tells of the LEDs, and the words of the command line are those of
 * setup.h, and these:
 *
 *     roots=FILE certificate=FILE key=FILE dct=FILE mac=02:00:00:00:00:01
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "board.h"

#include "complain.h"
#include "file.h"
#include "setup.h"
#include "terminal.h"
#include "words.h"
#include "wwep_posix.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include <wwep/course.h>

#define CTRL_D 0x04

/* A program is one board. */
static struct {
    struct wwep_posix posix;
    struct file roots, certificate, key, dct;
} host;

/* --- start and end -------------------------------------------------------- */

static void on_log(void *ctx, enum wwep_log_level level, const char *text)
{
    (void)ctx;
    printf("%s%s\n", level == WWEP_LOG_WARNING ? "Warning: " : "", text);
}

/* False: the word is for somebody else. */
static bool take_file(const char *word, const char *key, struct file *file,
                      struct wwep_bytes *bytes, bool *good)
{
    const char *path = setup_value(word, key);

    if (path == NULL)
        return false;
    file_free(file);
    *good = file_read(file, path, key);
    *bytes = (struct wwep_bytes){file->bytes, file->len};
    return true;
}

/* What it did not understand, or could not read, has been complained of. */
static bool take_word(struct board_setup *s, const char *word)
{
    const char *mac = setup_value(word, "mac");
    bool good = true;

    if (mac != NULL)
        return words_mac(mac, s->mac);
    if (take_file(word, "roots", &host.roots, &s->roots, &good) ||
        take_file(word, "certificate", &host.certificate, &s->certificate,
                  &good) ||
        take_file(word, "key", &host.key, &s->key, &good) ||
        take_file(word, "dct", &host.dct, &s->dct, &good))
        return good;
    if (setup_take(s, word))
        return true;
    complain("%s: there is no such setting, or not with such a value", word);
    return false;
}

/* A MAC address of nobody's: locally administered. */
static bool make_mac(uint8_t mac[6])
{
    const struct wwep_port *port = &host.posix.port;

    if (port->entropy(port->ctx, mac, 6) != 0) {
        complain("%s", wwep_result_text(WWEP_E_ENTROPY));
        return false;
    }
    mac[0] = (uint8_t)((mac[0] & 0xFCu) | 0x02u);
    return true;
}

bool board_start(struct board_setup *setup, int argc, char **argv)
{
    wwep_posix_init(&host.posix, on_log, NULL);
    *setup = (struct board_setup){
        .port = &host.posix.port,
        .host = WWEP_COURSE_SERVER,
        .fallback = WWEP_COURSE_ADDRESS,
        .plain_port = WWEP_PLAIN_PORT,
        .tls_port = WWEP_TLS_PORT,
        .timeout_ms = 10000,
    };
    if (!make_mac(setup->mac))
        return false;
    for (int i = 1; i < argc; i++)
        if (!take_word(setup, argv[i]))
            return false;
    (void)terminal_raw(); /* without a terminal, keys come as they come */
    return true;
}

int board_end(int code)
{
    terminal_restore();
    wwep_posix_deinit(&host.posix);
    file_free(&host.roots);
    file_free(&host.certificate);
    file_free(&host.key);
    file_free(&host.dct);
    return code;
}

/* --- buttons, LEDs, console ----------------------------------------------- */

enum board_event board_wait(void)
{
    unsigned char key;

    for (;;) {
        ssize_t n = read(STDIN_FILENO, &key, 1);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0 || key == 'q' || key == CTRL_D)
            return BOARD_END;
        if (key == '0' || key == '1')
            return key == '0' ? BOARD_BUTTON_0 : BOARD_BUTTON_1;
    }
}

/* The report shows them. */
void board_led(unsigned number, bool on)
{
    (void)number;
    (void)on;
}

void board_print(const char *text)
{
    fputs(text, stdout);
    fflush(stdout);
}

uint32_t board_busy_us(void)
{
    struct timespec spent;

    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent) != 0)
        return 0;
    return (uint32_t)spent.tv_sec * 1000000u + (uint32_t)(spent.tv_nsec / 1000);
}

void board_print_figures(void)
{
}
