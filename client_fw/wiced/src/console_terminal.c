/* What a signal finds is file-wide: a handler gets no context. Handlers and
 * console_terminal_raw() run on the main thread, console_terminal_restore() on
 * any, as exit() may be called by any.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "console_terminal.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <termios.h>
#include <unistd.h>

static struct termios cooked; /* as it was */
static struct termios raw;
static bool saved;         /* both are filled */
static atomic_bool is_raw; /* as far as we know */
static atomic_bool ended;

static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* --- the terminal's settings ---------------------------------------------- */

/* In the background they are somebody else's, and setting them would stop us.
 */
static bool is_foreground(void)
{
    pid_t group = tcgetpgrp(STDIN_FILENO);

    return group == getpgrp() || (group < 0 && errno == ENOTTY);
}

/* At once, and not when the output has been written: that may be never, as
 * after a Ctrl-S. */
static void cook(void)
{
    if (atomic_exchange(&is_raw, false) && is_foreground())
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &cooked);
}

bool console_terminal_is(void)
{
    return isatty(STDIN_FILENO) == 1;
}

/* Once: after a stop, what a shell has put back may not be what was there. */
static bool save(void)
{
    if (saved)
        return true;
    if (tcgetattr(STDIN_FILENO, &cooked) != 0)
        return false;
    raw = cooked;
    /* ISIG stays: Ctrl-C ends. Without IEXTEN Ctrl-V is a key as any. */
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    saved = true;
    return true;
}

bool console_terminal_raw(void)
{
    if (atomic_load(&ended) || !is_foreground())
        return false;
    if (atomic_load(&is_raw))
        return true;
    if (!save() || tcsetattr(STDIN_FILENO, TCSANOW, &raw) != 0)
        return false;
    atomic_store(&is_raw, true);
    if (atomic_load(&ended)) /* exit() meanwhile, on another thread */
        cook();
    return true;
}

void console_terminal_restore(void)
{
    atomic_store(&ended, true);
    cook();
}

/* --- signals -------------------------------------------------------------- */

static void on_end(int number)
{
    console_terminal_restore();
    /* SA_RESETHAND has put the default back: to end as by any signal. */
    raise(number);
}

static const char *name_of_crash(int number)
{
    switch (number) {
    case SIGSEGV:
        return "SIGSEGV (an address that is not the program's, or no stack "
               "left)";
    case SIGBUS:
        return "SIGBUS (an address that is not the program's)";
    case SIGFPE:
        return "SIGFPE (a division by zero)";
    case SIGILL:
        return "SIGILL (no instruction)";
    default:
        return "SIGABRT (it gave up by itself)";
    }
}

/* Nothing but what a signal's handler may call. */
static void say(const char *text)
{
    ssize_t n = write(STDERR_FILENO, text, strlen(text));

    (void)n; /* nobody is left to be told */
}

static void on_crash(int number)
{
    console_terminal_restore();
    say("\nwwep-wiced: the program crashed: ");
    say(name_of_crash(number));
    say("\n");
    raise(number); /* SA_RESETHAND, as above */
}

static void on_alarm(int number)
{
    (void)number;
    console_terminal_restore();
    _exit(EXIT_SUCCESS);
}

static void on_stop(int number)
{
    int before = errno;

    cook();
    raise(number); /* SA_RESETHAND, as above */
    errno = before;
}

static void catch_signal(int number, void (*handler)(int), unsigned flags)
{
    struct sigaction action = {.sa_flags = (int)flags};
    struct sigaction before;

    sigemptyset(&action.sa_mask);
    action.sa_handler = handler;
    /* What nohup or a script has set to be ignored stays so, and what a
     * sanitizer has taken is its own. */
    if (sigaction(number, NULL, &before) == 0 &&
        (before.sa_handler == SIG_DFL || before.sa_handler == handler))
        sigaction(number, &action, NULL);
}

/* The main thread's wait for keys ends by it, and makes the terminal raw. */
static void on_continue(int number)
{
    (void)number;
    atomic_store(&is_raw, false);
    catch_signal(SIGTSTP, on_stop, (unsigned)SA_RESETHAND);
}

void console_terminal_signals(sigset_t *out)
{
    sigemptyset(out);
    for (size_t i = 0; i < LENGTH(ending); i++)
        sigaddset(out, ending[i]);
    sigaddset(out, SIGALRM);
    sigaddset(out, SIGTSTP);
    sigaddset(out, SIGCONT);
}

void console_terminal_start(void)
{
    sigset_t ours;

    for (size_t i = 0; i < LENGTH(ending); i++)
        catch_signal(ending[i], on_end, (unsigned)SA_RESETHAND);
    for (size_t i = 0; i < LENGTH(crashes); i++)
        catch_signal(crashes[i], on_crash,
                     (unsigned)SA_RESETHAND | (unsigned)SA_ONSTACK);
    catch_signal(SIGTSTP, on_stop, (unsigned)SA_RESETHAND);
    catch_signal(SIGCONT, on_continue, SA_RESTART);
    /* A read in the background fails, and does not stop the program. */
    signal(SIGTTIN, SIG_IGN);
    (void)atexit(console_terminal_restore);
    console_terminal_signals(&ours);
    (void)pthread_sigmask(SIG_UNBLOCK, &ours, NULL);
}

void console_terminal_end_in(uint32_t ms)
{
    const struct itimerval in = {
        .it_value = {.tv_sec = (time_t)(ms / 1000),
                     .tv_usec = (suseconds_t)(ms % 1000) * 1000}};

    signal(SIGALRM, on_alarm); /* even if somebody ignored it */
    (void)setitimer(ITIMER_REAL, &in, NULL);
}
