/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit_wiced_run.h"

#include "unit.h"

#include "main_run.h"
#include "wiced.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LONG_MS 40000 /* what has to come, comes sooner */
#define LOOK_MS 20

static long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- the process ---------------------------------------------------------- */

static _Noreturn void be_program(void (*program)(void),
                                 const char *const *words)
{
    char *argv[UNIT_WICED_RUN_WORDS + 2] = {strdup("program")};
    int argc = 1;

    /* Check has handlers of its own. */
    for (int number = 1; number < NSIG; number++)
        (void)signal(number, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (words != NULL && *words != NULL)
        argv[argc++] = strdup(*words++);
    _exit(main_run(argc, argv, program));
}

static void put_on(int from, int to)
{
    if (dup2(from, to) < 0)
        _exit(99);
}

void unit_wiced_run_start(struct unit_wiced_run *r, void (*program)(void),
                          const char *const *words)
{
    int keys[2];
    int out[2];
    int err[2];

    ck_assert_int_eq(pipe2(keys, O_CLOEXEC), 0);
    ck_assert_int_eq(pipe2(out, O_CLOEXEC), 0);
    ck_assert_int_eq(pipe2(err, O_CLOEXEC), 0);
    signal(SIGPIPE, SIG_IGN);
    r->pid = fork();
    ck_assert_int_ge(r->pid, 0);
    if (r->pid == 0) {
        put_on(keys[0], STDIN_FILENO);
        put_on(out[1], STDOUT_FILENO);
        put_on(err[1], STDERR_FILENO);
        close(keys[1]);
        close(out[0]);
        close(err[0]);
        be_program(program, words);
    }
    close(keys[0]);
    close(out[1]);
    close(err[1]);
    r->keys = keys[1];
    r->terminal = -1;
    r->out.fd = out[0];
    r->out.len = 0;
    r->err.fd = err[0];
    r->err.len = 0;
}

void unit_wiced_run_terminal(struct unit_wiced_run *r, void (*program)(void),
                             const char *const *words)
{
    int master;

    ck_assert_int_eq(openpty(&master, &r->terminal, NULL, NULL, NULL), 0);
    ck_assert_int_eq(tcgetattr(r->terminal, &r->before), 0);
    r->pid = fork();
    ck_assert_int_ge(r->pid, 0);
    if (r->pid == 0) {
        close(master);
        if (setsid() < 0 || ioctl(r->terminal, TIOCSCTTY, 0) != 0)
            _exit(98);
        for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
            put_on(r->terminal, fd);
        close(r->terminal);
        be_program(program, words);
    }
    r->keys = master;
    r->out.fd = master;
    r->out.len = 0;
    r->err.fd = -1;
    r->err.len = 0;
}

/* --- keyboard and screen -------------------------------------------------- */

/* Takes what has been written; false: no more comes. */
static bool take(struct unit_wiced_stream *s, int timeout_ms)
{
    struct pollfd one = {.fd = s->fd, .events = POLLIN};

    if (s->fd < 0)
        return false;
    if (poll(&one, 1, timeout_ms) <= 0)
        return true;

    ssize_t n = read(s->fd, s->text + s->len, sizeof s->text - 1 - s->len);
    if (n <= 0)
        return false;
    s->len += (size_t)n;
    ck_assert_uint_lt(s->len, sizeof s->text - 1);
    return true;
}

void unit_wiced_run_type(struct unit_wiced_run *r, const char *keys, size_t len)
{
    ck_assert_int_eq(write(r->keys, keys, len), (ssize_t)len);
}

void unit_wiced_run_no_more_keys(struct unit_wiced_run *r)
{
    close(r->keys);
    r->keys = -1;
}

void unit_wiced_run_see(struct unit_wiced_run *r,
                        struct unit_wiced_stream *stream, const char *text)
{
    long end_ms = now_ms() + LONG_MS;

    for (;;) {
        stream->text[stream->len] = '\0';
        if (strstr(stream->text, text) != NULL)
            return;
        if (now_ms() > end_ms || !take(stream, LOOK_MS))
            break;
    }
    kill(r->pid, SIGKILL);
    (void)take(&r->err, 0);
    r->err.text[r->err.len] = '\0';
    ck_abort_msg("no \"%s\" in \"%s\"; errors: \"%s\"", text, stream->text,
                 r->err.text);
}

bool unit_wiced_run_is_raw(const struct unit_wiced_run *r)
{
    struct termios now;

    ck_assert_int_eq(tcgetattr(r->terminal, &now), 0);
    return (now.c_lflag & (tcflag_t)ICANON) == 0;
}

int unit_wiced_run_end(struct unit_wiced_run *r, int signal_number)
{
    long end_ms = now_ms() + LONG_MS;
    int status = 0;
    pid_t ended;

    if (signal_number != 0)
        kill(r->pid, signal_number);
    while ((ended = waitpid(r->pid, &status, WNOHANG)) == 0) {
        (void)take(&r->out, LOOK_MS);
        (void)take(&r->err, 0);
        if (now_ms() > end_ms) {
            kill(r->pid, SIGKILL);
            ck_abort_msg("the program does not end");
        }
    }
    ck_assert_int_eq(ended, r->pid);
    /* A terminal that we hold open has no end. */
    while (r->terminal < 0 && take(&r->out, LOOK_MS))
        ;
    while (r->terminal < 0 && take(&r->err, LOOK_MS))
        ;
    if (r->terminal >= 0) {
        (void)take(&r->out, 0);
        ck_assert_int_eq(tcgetattr(r->keys, &r->after), 0);
        close(r->terminal);
    }
    r->out.text[r->out.len] = '\0';
    r->err.text[r->err.len] = '\0';
    if (r->keys >= 0)
        close(r->keys);
    if (r->terminal < 0) {
        close(r->out.fd);
        close(r->err.fd);
    }
    return status;
}

/* --- a program ------------------------------------------------------------ */

static void on_button(void *arg)
{
    printf("button %s\n", (const char *)arg);
}

void unit_wiced_run_enable_buttons(void)
{
    static char one[] = "1";
    static char two[] = "2";

    wiced_gpio_input_irq_enable(WICED_BUTTON1, IRQ_TRIGGER_FALLING_EDGE,
                                on_button, one);
    wiced_gpio_input_irq_enable(WICED_BUTTON2, IRQ_TRIGGER_FALLING_EDGE,
                                on_button, two);
}

static void read_console(void)
{
    uint32_t size = 1;
    uint8_t byte;

    for (;;) {
        if (wiced_uart_receive_bytes(STDIO_UART, &byte, &size,
                                     WICED_NEVER_TIMEOUT) == WICED_SUCCESS)
            printf("byte %02X\n", (unsigned)byte);
    }
}

void unit_wiced_run_keys(void)
{
    unit_wiced_run_enable_buttons();
    printf("ready\n");
    read_console();
}
