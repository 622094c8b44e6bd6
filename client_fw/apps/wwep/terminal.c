/* What a signal finds is file-wide: a handler gets no context.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "terminal.h"

#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

static struct termios cooked; /* as it was */
static struct termios raw;
static volatile sig_atomic_t is_raw;

static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

static void on_end(int number)
{
    terminal_restore();
    /* SA_RESETHAND has put the default back: to end as by any signal. */
    raise(number);
}

static void catch_stop(void);

static void on_stop(int number)
{
    if (is_raw)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &cooked);
    raise(number); /* SA_RESETHAND, as above */
}

/* Back again; in the background the terminal is not ours to change. */
static void on_continue(int number)
{
    (void)number;
    if (is_raw && tcgetpgrp(STDIN_FILENO) == getpgrp())
        tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
    catch_stop();
}

static void catch_signal(int number, void (*handler)(int), unsigned flags)
{
    struct sigaction action = {.sa_flags = (int)flags};
    struct sigaction before;

    sigemptyset(&action.sa_mask);
    action.sa_handler = handler;
    /* What nohup or a script has set to be ignored stays so. */
    if (sigaction(number, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(number, &action, NULL);
}

static void catch_stop(void)
{
    catch_signal(SIGTSTP, on_stop, (unsigned)SA_RESETHAND | SA_RESTART);
}

bool terminal_raw(void)
{
    if (is_raw)
        return true;
    if (tcgetattr(STDIN_FILENO, &cooked) != 0)
        return false;
    raw = cooked;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO); /* ISIG stays: Ctrl-C ends */
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++)
        catch_signal(ending[i], on_end, (unsigned)SA_RESETHAND);
    catch_stop();
    catch_signal(SIGCONT, on_continue, SA_RESTART);
    is_raw = 1;
    if (tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) != 0) {
        is_raw = 0;
        return false;
    }
    atexit(terminal_restore);
    return true;
}

void terminal_restore(void)
{
    if (!is_raw)
        return;
    is_raw = 0;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &cooked);
}
