/* Happy path: options -> the board -> the program on its thread -> keys, for
 * ever.
 * Failures: all of them come before the program starts, and are said.
 *
 * The entry and the options last as long as the process, and are its only ones.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "main_run.h"

#include "board.h"
#include "board_wake.h"
#include "console.h"
#include "console_keys.h"
#include "console_terminal.h"
#include "main_options.h"
#include "wiced_rtos.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wwep/tls.h>

#define APPLICATION_STACK_BYTES 6144u

static struct main_options options;
static void (*entry)(void);

static void on_application(wiced_thread_arg_t arg)
{
    (void)arg;
    entry();
}

/* A descriptor that is closed would be the next socket's, and printf() would
 * write into it. */
static void fill_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            (void)!open("/dev/null", O_RDWR);
}

/* NULL: not known. */
static const char *find_program(char path[MAIN_OPTIONS_PATH_MAX])
{
    ssize_t len = readlink("/proc/self/exe", path, MAIN_OPTIONS_PATH_MAX - 1);

    if (len <= 0)
        return NULL;
    path[len] = '\0';
    return path;
}

static void say_keys(void)
{
    if (!console_terminal_is())
        return;
    if (options.console)
        board_say("keys: all go to the program's console; Ctrl-C powers off");
    else
        board_say("keys: 1 and 2 are the buttons; Ctrl-V before one sends it "
                  "to the console; Ctrl-C powers off");
}

int main_run(int argc, char **argv, void (*start)(void))
{
    char program[MAIN_OPTIONS_PATH_MAX];
    wiced_thread_t thread;

    fill_standard_descriptors();
    int status =
        main_options_parse(&options, argc, argv, find_program(program));
    if (status != MAIN_OPTIONS_GO_ON)
        return status;
    signal(SIGPIPE, SIG_IGN);
    board_start(&options.board);
    explicit_bzero(options.board.dct, sizeof options.board.dct);
    if (wwep_tls_start() != WWEP_OK || !console_start() ||
        !board_wake_start()) {
        board_say("this system has no memory or no files left");
        return EXIT_FAILURE;
    }
    console_terminal_start();
    (void)console_terminal_raw();
    main_options_warn(&options);
    say_keys();
    if (options.for_ms > 0)
        console_terminal_end_in(options.for_ms);
    entry = start;
    if (wiced_rtos_create_thread(
            &thread, WICED_APPLICATION_PRIORITY, "app thread", on_application,
            APPLICATION_STACK_BYTES, NULL) != WICED_SUCCESS) {
        board_say("this system has no memory for a thread");
        return EXIT_FAILURE;
    }
    console_keys_run(options.console);
}
