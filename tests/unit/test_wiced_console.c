/* Keys from a pipe, and what is printed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "board_gpio.h"
#include "board_uart.h"
#include "unit_wiced.h"
#include "unit_wiced_run.h"

#include <fcntl.h>
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

/* --- keys from a pipe ----------------------------------------------------- */

START_TEST(keys_press_buttons_or_go_to_the_console)
{
    unit_wiced_run_start(&run, unit_wiced_run_keys, NULL);
    see("ready\n");
    type("1");
    see("button 1\n");
    type("2");
    see("button 2\n");
    type("b");
    see("byte 62\n");
    type("11");
    see("button 1\nbutton 1\n");
    expect_out("ready\nbutton 1\nbutton 2\nbyte 62\nbutton 1\nbutton 1\n");
    ck_assert_str_eq(run.err.text, "");
}
END_TEST

START_TEST(ctrl_v_sends_a_key_to_the_console)
{
    unit_wiced_run_start(&run, unit_wiced_run_keys, NULL);
    see("ready\n");
    type("\x16");
    type("1");
    see("byte 31\n");
    type("\x16\x16");
    see("byte 16\n");
    type("\x16"
         "b");
    see("byte 62\n");
    type("2");
    see("button 2\n");
    expect_out("ready\nbyte 31\nbyte 16\nbyte 62\nbutton 2\n");
}
END_TEST

START_TEST(all_keys_to_the_console)
{
    static const char *const words[] = {"--console", NULL};

    unit_wiced_run_start(&run, unit_wiced_run_keys, words);
    see("ready\n");
    type("12\x16");
    see("byte 16\n");
    expect_out("ready\nbyte 31\nbyte 32\nbyte 16\n");
}
END_TEST

START_TEST(the_end_of_keys_is_not_the_end)
{
    unit_wiced_run_start(&run, unit_wiced_run_keys, NULL);
    type("1x");
    unit_wiced_run_no_more_keys(&run);
    see("byte 78\n");
    see("button 1\n");
    ck_assert_int_eq(waitpid(run.pid, NULL, WNOHANG), 0);
    (void)unit_wiced_run_end(&run, SIGTERM);
    ck_assert_uint_eq(run.out.len, strlen("ready\nbutton 1\nbyte 78\n"));
}
END_TEST

/* The application returns; its thread waits until keys have come. */
static void on_late(wiced_thread_arg_t arg)
{
    (void)arg;
    wiced_rtos_delay_milliseconds(50);
    unit_wiced_run_enable_buttons();
}

static void start_late(void)
{
    static wiced_thread_t thread;

    wiced_rtos_create_thread(&thread, 5, "late", on_late, 1024, NULL);
}

START_TEST(early_presses_are_delivered_later)
{
    unit_wiced_run_start(&run, start_late, NULL);
    type("1211");
    see("button 1\nbutton 1\nbutton 1\n");
    see("button 2\n");
    (void)unit_wiced_run_end(&run, SIGTERM);
    ck_assert_uint_eq(run.out.len, 4 * strlen("button 1\n"));
}
END_TEST

/* More than the console's room is there before the program reads any of it, and
 * before it takes presses: none is lost, and those before the bytes need not
 * wait. */
static void on_slow_reader(wiced_thread_arg_t arg)
{
    uint32_t size = 1;
    uint8_t byte;

    (void)arg;
    wiced_rtos_delay_milliseconds(50);
    unit_wiced_run_enable_buttons();
    wiced_rtos_delay_milliseconds(50);
    for (unsigned i = 0; i < 3 * BOARD_UART_BYTES_MAX; i++)
        wiced_uart_receive_bytes(STDIO_UART, &byte, &size, WICED_NEVER_TIMEOUT);
    printf("last byte %c\n", byte);
}

static void start_slow_reader(void)
{
    static wiced_thread_t thread;

    wiced_rtos_create_thread(&thread, 5, "slow", on_slow_reader, 1024, NULL);
}

START_TEST(a_full_console_loses_no_key)
{
    static char many[3 * BOARD_UART_BYTES_MAX];

    memset(many, 'x', sizeof many);
    many[sizeof many - 1] = 'z';
    unit_wiced_run_start(&run, start_slow_reader, NULL);
    type("1");
    unit_wiced_run_type(&run, many, sizeof many);
    type("2");
    see("button 1\n");
    see("last byte z\n");
    see("button 2\n");
    (void)unit_wiced_run_end(&run, SIGTERM);
    ck_assert_ptr_nonnull(
        strstr(run.err.text, "has not read 4096 bytes of its console"));
}
END_TEST

static void start_reader(void)
{
    uint32_t size = 1;
    uint8_t byte;

    while (wiced_uart_receive_bytes(STDIO_UART, &byte, &size,
                                    WICED_NEVER_TIMEOUT) == WICED_SUCCESS)
        printf("byte %02X\n", (unsigned)byte);
}

START_TEST(too_many_presses_are_said)
{
    static char many[BOARD_GPIO_PRESSES_MAX + 5];

    memset(many, '2', sizeof many);
    unit_wiced_run_start(&run, start_reader, NULL);
    unit_wiced_run_type(&run, many, sizeof many);
    type("e");
    see("byte 65\n");
    (void)unit_wiced_run_end(&run, SIGTERM);
    ck_assert_str_eq(run.err.text, "wwep-wiced: button 2: 1024 presses wait "
                                   "for the program; more are lost\n");
}
END_TEST

/* --- what is printed ------------------------------------------------------ */

static void on_torn(void)
{
    printf("Sending ");
    printf("1 ... ");
    wiced_gpio_output_high(WICED_LED1);
    printf("done\n");
    wiced_gpio_output_low(WICED_LED1);
    printf("a progress\r");
    wiced_gpio_output_high(WICED_LED2);
    printf("crlf\r\n");
    wiced_gpio_output_low(WICED_LED2);
    printf("lfcr\n\r");
    wiced_gpio_output_high(WICED_LED2);
    printf("end\n");
}

START_TEST(lines_of_leds_stand_alone)
{
    unit_wiced_run_start(&run, on_torn, NULL);
    see("end\n");
    expect_out("Sending 1 ... \n[LED1 on]\ndone\n[LED1 off]\n"
               "a progress\r\n[LED2 on]\ncrlf\r\n[LED2 off]\n"
               "lfcr\n\r[LED2 on]\nend\n");
}
END_TEST

static void on_prompt(void)
{
    printf("> ");
    board_say("a line \x1B[1m of \xC2\x9B ours: \xC3\xA4");
    printf("text\n");
}

/* Standard error is elsewhere, so the prompt is whole. */
START_TEST(lines_of_ours_on_another_file)
{
    unit_wiced_run_start(&run, on_prompt, NULL);
    see("> text\n");
    expect_out("> text\n");
    ck_assert_str_eq(run.err.text, "wwep-wiced: a line \\x1B[1m of \\xC2\\x9B "
                                   "ours: \xC3\xA4\n");
}
END_TEST

#define LINES 300u

static void on_lines(wiced_thread_arg_t arg)
{
    for (unsigned i = 0; i < LINES; i++) {
        if (arg == 0)
            puts("a line of puts");
        else if (arg == 1)
            printf("a %s of %s, %d\n", "line", "printf", 17);
        else
            (void)((i % 2 == 0 ? wiced_gpio_output_high
                               : wiced_gpio_output_low)(WICED_LED1));
    }
}

static void start_lines(void)
{
    static wiced_thread_t threads[3];

    for (unsigned i = 0; i < 3; i++)
        wiced_rtos_create_thread(&threads[i], 5, "lines", on_lines, 1024,
                                 (void *)(uintptr_t)i);
    for (unsigned i = 0; i < 3; i++)
        wiced_rtos_thread_join(&threads[i]);
    printf("end\n");
}

/* Three threads at a time: each call is one piece. */
START_TEST(no_call_is_torn)
{
    static const char *const whole[] = {"a line of puts",
                                        "a line of printf, 17", "[LED1 on]",
                                        "[LED1 off]", "end"};
    unsigned n = 0;

    unit_wiced_run_start(&run, start_lines, NULL);
    see("end\n");
    (void)unit_wiced_run_end(&run, SIGTERM);
    for (char *line = strtok(run.out.text, "\n"); line != NULL;
         line = strtok(NULL, "\n")) {
        bool known = false;

        for (size_t i = 0; i < 5; i++)
            known = known || strcmp(line, whole[i]) == 0;
        ck_assert_msg(known, "torn: %s", line);
        n++;
    }
    ck_assert_uint_eq(n, 3 * LINES + 1);
}
END_TEST

static void on_much(void)
{
    static char text[32768];

    memset(text, 'm', sizeof text - 1);
    printf("%s\n", text);
    wiced_uart_transmit_bytes(STDIO_UART, "sent\n", 5);
}

START_TEST(much_at_once)
{
    unit_wiced_run_start(&run, on_much, NULL);
    see("sent\n");
    (void)unit_wiced_run_end(&run, SIGTERM);
    ck_assert_uint_eq(run.out.len, 32768 + 5);
}
END_TEST

/* Nobody reads it, there is no room, it was never open: the program goes on. */
static void on_nobody_listens(void)
{
    for (unsigned i = 0; i < 100; i++) {
        printf("line %u\n", i);
        wiced_gpio_output_high(WICED_LED1);
        wiced_gpio_output_low(WICED_LED1);
    }
    fprintf(stderr, "errors: %d\n", ferror(stdout));
}

static void on_full(void)
{
    int fd = open("/dev/full", O_WRONLY);

    dup2(fd, STDOUT_FILENO);
    on_nobody_listens();
}

static void on_closed(void)
{
    close(STDOUT_FILENO);
    on_nobody_listens();
}

START_TEST(nobody_listens)
{
    static void (*const programs[])(void) = {on_nobody_listens, on_full,
                                             on_closed};

    for (unsigned i = 0; i < 3; i++) {
        unit_wiced_run_start(&run, programs[i], NULL);
        if (i == 0) {
            close(run.out.fd);
            run.out.fd = open("/dev/null", O_RDONLY);
        }
        unit_wiced_run_see(&run, &run.err, "errors: 0\n");
        int status = unit_wiced_run_end(&run, SIGTERM);
        ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wiced_console");
    TCase *keys = tcase_create("keys");
    TCase *output = tcase_create("output");

    tcase_add_test(keys, keys_press_buttons_or_go_to_the_console);
    tcase_add_test(keys, ctrl_v_sends_a_key_to_the_console);
    tcase_add_test(keys, all_keys_to_the_console);
    tcase_add_test(keys, the_end_of_keys_is_not_the_end);
    tcase_add_test(keys, early_presses_are_delivered_later);
    tcase_add_test(keys, a_full_console_loses_no_key);
    tcase_add_test(keys, too_many_presses_are_said);
    suite_add_tcase(suite, keys);
    tcase_add_test(output, lines_of_leds_stand_alone);
    tcase_add_test(output, lines_of_ours_on_another_file);
    tcase_add_test(output, no_call_is_torn);
    tcase_add_test(output, much_at_once);
    tcase_add_test(output, nobody_listens);
    suite_add_tcase(suite, output);
    return unit_run(suite);
}
