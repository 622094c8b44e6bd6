/* The program's life from its start to its end, and its terminal.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "unit_wiced.h"
#include "unit_wiced_run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct unit_wiced_run run;

static void type(const char *keys)
{
    unit_wiced_run_type(&run, keys, strlen(keys));
}

static void see(const char *text)
{
    unit_wiced_run_see(&run, &run.out, text);
}

/* Ends it, and expects all of its standard output. */
static void expect_out(const char *want)
{
    int status = unit_wiced_run_end(&run, SIGTERM);

    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    ck_assert_str_eq(run.out.text, want);
}

/* --- the end -------------------------------------------------------------- */

static void on_nothing(void)
{
    printf("nothing\n");
}

static void on_exit_3(void)
{
    printf("no line end");
    exit(3);
}

START_TEST(the_program_may_return)
{
    static const char *const words[] = {"--for", "0.2", NULL};

    unit_wiced_run_start(&run, on_nothing, words);
    ck_assert_int_eq(unit_wiced_run_end(&run, 0), 0);
    ck_assert_str_eq(run.out.text, "nothing\n");
}
END_TEST

/* The interrupt's thread does not come back, and the power goes off. */
static void on_stuck(void *arg)
{
    static wiced_semaphore_t never;

    (void)arg;
    printf("stuck\n");
    wiced_rtos_init_semaphore(&never);
    wiced_rtos_get_semaphore(&never, WICED_WAIT_FOREVER);
}

static void start_stuck(void)
{
    wiced_gpio_input_irq_enable(WICED_BUTTON1, IRQ_TRIGGER_FALLING_EDGE,
                                on_stuck, NULL);
}

START_TEST(power_off_at_any_time)
{
    static const char *const words[] = {"--for", "0.5", NULL};

    unit_wiced_run_start(&run, start_stuck, words);
    type("1");
    ck_assert_int_eq(unit_wiced_run_end(&run, 0), 0);
    unit_wiced_run_start(&run, start_stuck, NULL);
    type("1");
    see("stuck\n");
    int status = unit_wiced_run_end(&run, SIGINT);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
}
END_TEST

START_TEST(the_program_may_exit)
{
    unit_wiced_run_start(&run, on_exit_3, NULL);
    int status = unit_wiced_run_end(&run, 0);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 3);
    ck_assert_str_eq(run.out.text, "no line end");
}
END_TEST

START_TEST(wrong_options_start_nothing)
{
    static const char *const words[] = {"--port", "x", NULL};

    unit_wiced_run_start(&run, on_nothing, words);
    int status = unit_wiced_run_end(&run, 0);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 2);
    ck_assert_str_eq(run.out.text, "");
    ck_assert_ptr_nonnull(strstr(run.err.text, "wwep-wiced: --port: "));
}
END_TEST

static void on_warned(void)
{
    printf("ready\n");
}

START_TEST(warnings_come_first)
{
    static const char *const words[] = {"--listen", "0.0.0.0",
                                        "--sdk-certificates", NULL};

    unit_wiced_run_start(&run, on_warned, words);
    see("ready\n");
    (void)unit_wiced_run_end(&run, SIGTERM);
    ck_assert_ptr_nonnull(strstr(run.err.text, "warning: --listen 0.0.0.0"));
    ck_assert_ptr_nonnull(strstr(run.err.text, "warning: --sdk-certificates"));
}
END_TEST

static void on_pipe(void)
{
    int ends[2];

    if (pipe(ends) == 0) {
        close(ends[0]);
        printf("write: %d\n", (int)write(ends[1], "x", 1));
    }
}

START_TEST(a_broken_pipe_kills_nobody)
{
    unit_wiced_run_start(&run, on_pipe, NULL);
    see("write: -1\n");
    expect_out("write: -1\n");
}
END_TEST

/* --- a terminal ----------------------------------------------------------- */

static void wait_until_raw(void)
{
    for (unsigned i = 0; i < 20000 && !unit_wiced_run_is_raw(&run); i++)
        wiced_rtos_delay_milliseconds(1);
    ck_assert(unit_wiced_run_is_raw(&run));
}

START_TEST(keys_at_a_terminal)
{
    unit_wiced_run_terminal(&run, unit_wiced_run_keys, NULL);
    see("wwep-wiced: keys: 1 and 2 are the buttons; Ctrl-V before one sends "
        "it to the console; Ctrl-C powers off\r\n");
    see("ready\r\n");
    ck_assert(unit_wiced_run_is_raw(&run));
    type("1");
    see("button 1\r\n");
    type("\x16");
    type("2");
    see("byte 32\r\n");
    kill(run.pid, SIGKILL);
    (void)unit_wiced_run_end(&run, 0);
    /* Nothing is echoed. */
    ck_assert_ptr_null(strstr(run.out.text, "^V"));
    ck_assert_ptr_nonnull(strstr(run.out.text, "ready\r\nbutton 1\r\nbyte"));
}
END_TEST

START_TEST(all_keys_of_a_terminal)
{
    static const char *const words[] = {"--console", NULL};

    unit_wiced_run_terminal(&run, unit_wiced_run_keys, words);
    see("keys: all go to the program's console; Ctrl-C powers off\r\n");
    see("ready\r\n");
    type("1\x16");
    see("byte 31\r\nbyte 16\r\n");
    (void)unit_wiced_run_end(&run, SIGTERM);
}
END_TEST

static void on_prompt(void)
{
    printf("> ");
    board_say("a line \x1B[1m of \xC2\x9B ours: \xC3\xA4");
    printf("text\n");
}

/* Both go to one terminal: a line end comes first. */
START_TEST(lines_of_ours_on_the_same_terminal)
{
    unit_wiced_run_terminal(&run, on_prompt, NULL);
    see("> \r\nwwep-wiced: a line ");
    see("\r\ntext\r\n");
    (void)unit_wiced_run_end(&run, SIGTERM);
}
END_TEST

static void expect_same_settings(void)
{
    ck_assert_uint_eq(run.after.c_lflag, run.before.c_lflag);
    ck_assert_uint_eq(run.after.c_iflag, run.before.c_iflag);
    ck_assert_uint_eq(run.after.c_oflag, run.before.c_oflag);
    ck_assert_mem_eq(run.after.c_cc, run.before.c_cc, sizeof run.after.c_cc);
}

static void expect_end(int signal_number, int want_signal)
{
    int status = unit_wiced_run_end(&run, signal_number);

    ck_assert_int_eq(WIFSIGNALED(status) ? WTERMSIG(status) : 0, want_signal);
    expect_same_settings();
}

START_TEST(a_signal_leaves_the_terminal_as_it_was)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        unit_wiced_run_terminal(&run, unit_wiced_run_keys, NULL);
        see("ready\r\n");
        wait_until_raw();
        expect_end(signals[i], signals[i]);
    }
}
END_TEST

START_TEST(ctrl_c_powers_off)
{
    unit_wiced_run_terminal(&run, unit_wiced_run_keys, NULL);
    see("ready\r\n");
    wait_until_raw();
    type("\x03");
    expect_end(0, SIGINT);
}
END_TEST

static void on_exit_late(void)
{
    wiced_rtos_delay_milliseconds(20);
    exit(0);
}

START_TEST(the_end_leaves_the_terminal_as_it_was)
{
    static const char *const words[] = {"--for", "0.1", NULL};

    unit_wiced_run_terminal(&run, unit_wiced_run_keys, words);
    expect_end(0, 0);
    unit_wiced_run_terminal(&run, on_exit_late, NULL);
    expect_end(0, 0);
}
END_TEST

static void on_abort(void)
{
    wiced_rtos_delay_milliseconds(20);
    abort();
}

START_TEST(a_crash_leaves_the_terminal_as_it_was)
{
    unit_wiced_run_terminal(&run, on_abort, NULL);
    (void)unit_wiced_run_end(&run, 0);
    expect_same_settings();
}
END_TEST

/* A sanitizer takes these signals, and says all by itself. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CRASHES_ARE_OURS
#endif

#ifdef CRASHES_ARE_OURS
/* In the compiler's eyes it may end. */
static volatile unsigned depth;

static unsigned fill_stack(volatile char *above)
{
    volatile char block[4096];

    block[0] = above != NULL ? above[0] : 1;
    if (++depth == 0)
        return 0;
    return fill_stack(block) + (unsigned)block[0];
}

static void on_full_stack(void)
{
    wiced_rtos_delay_milliseconds(20);
    printf("%u\n", fill_stack(NULL));
}

START_TEST(a_full_stack_leaves_the_terminal_as_it_was)
{
    unit_wiced_run_terminal(&run, on_full_stack, NULL);
    (void)unit_wiced_run_end(&run, 0);
    expect_same_settings();
}
END_TEST

static void on_crash(void)
{
    raise(SIGSEGV);
}

START_TEST(a_crash_is_said)
{
    unit_wiced_run_terminal(&run, on_crash, NULL);
    see("wwep-wiced: the program crashed: SIGSEGV");
    (void)unit_wiced_run_end(&run, 0);
}
END_TEST
#endif

/* SIGSTOP can not be caught: what a shell puts back then is undone. */
START_TEST(stopped_and_continued)
{
    unit_wiced_run_terminal(&run, unit_wiced_run_keys, NULL);
    see("ready\r\n");
    for (unsigned i = 0; i < 2; i++) {
        int status;

        wait_until_raw();
        kill(run.pid, SIGSTOP);
        ck_assert_int_eq(waitpid(run.pid, &status, WUNTRACED), run.pid);
        ck_assert(WIFSTOPPED(status));
        ck_assert_int_eq(tcsetattr(run.terminal, TCSANOW, &run.before), 0);
        kill(run.pid, SIGCONT);
        wait_until_raw();
    }
    type("2");
    see("button 2\r\n");
    expect_end(SIGTERM, SIGTERM);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wiced_run");
    TCase *end = tcase_create("end");
    TCase *terminal = tcase_create("terminal");

    tcase_add_test(end, the_program_may_return);
    tcase_add_test(end, power_off_at_any_time);
    tcase_add_test(end, the_program_may_exit);
    tcase_add_test(end, wrong_options_start_nothing);
    tcase_add_test(end, warnings_come_first);
    tcase_add_test(end, a_broken_pipe_kills_nobody);
    suite_add_tcase(suite, end);
    tcase_add_test(terminal, keys_at_a_terminal);
    tcase_add_test(terminal, all_keys_of_a_terminal);
    tcase_add_test(terminal, lines_of_ours_on_the_same_terminal);
    tcase_add_test(terminal, a_signal_leaves_the_terminal_as_it_was);
    tcase_add_test(terminal, ctrl_c_powers_off);
    tcase_add_test(terminal, the_end_leaves_the_terminal_as_it_was);
    tcase_add_test(terminal, a_crash_leaves_the_terminal_as_it_was);
#ifdef CRASHES_ARE_OURS
    tcase_add_test(terminal, a_full_stack_leaves_the_terminal_as_it_was);
    tcase_add_test(terminal, a_crash_is_said);
#endif
    tcase_add_test(terminal, stopped_and_continued);
    suite_add_tcase(suite, terminal);
    return unit_run(suite);
}
