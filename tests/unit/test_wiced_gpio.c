/* Buttons, LEDs and the console's input, without a keyboard: as the keyboard's
 * thread would, the test presses and delivers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "board_gpio.h"
#include "board_uart.h"
#include "unit_wiced.h"

#include <fcntl.h>
#include <unistd.h>

#define SHORT_MS 40u

static int said; /* a pipe: what goes to standard output */

/* Standard output is Check's own otherwise. */
static void setup(void)
{
    int ends[2];

    unit_wiced_start();
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    ck_assert_int_ge(dup2(ends[1], STDOUT_FILENO), 0);
    close(ends[1]);
    said = ends[0];
}

static void expect_said(const char *want)
{
    char text[256];
    ssize_t n = read(said, text, sizeof text - 1);

    text[n > 0 ? n : 0] = '\0';
    ck_assert_str_eq(text, want);
}

/* --- LEDs ----------------------------------------------------------------- */

START_TEST(leds_show_changes)
{
    expect_said("");
    ck_assert_int_eq(wiced_gpio_output_low(WICED_LED1), WICED_SUCCESS);
    expect_said("");
    ck_assert_int_eq(wiced_gpio_output_high(WICED_LED1), WICED_SUCCESS);
    expect_said("[LED1 on]\n");
    ck_assert_int_eq(wiced_gpio_output_high(WICED_LED1), WICED_SUCCESS);
    expect_said("");
    ck_assert_int_eq(wiced_gpio_output_high(WICED_LED2), WICED_SUCCESS);
    expect_said("[LED2 on]\n");
    ck_assert_int_eq(wiced_gpio_output_low(WICED_LED1), WICED_SUCCESS);
    ck_assert_int_eq(wiced_gpio_output_low(WICED_LED2), WICED_SUCCESS);
    expect_said("[LED1 off]\n[LED2 off]\n");
}
END_TEST

START_TEST(pins)
{
    ck_assert_int_eq(wiced_gpio_input_get(WICED_LED1), WICED_FALSE);
    wiced_gpio_output_high(WICED_LED1);
    ck_assert_int_eq(wiced_gpio_input_get(WICED_LED1), WICED_TRUE);
    ck_assert_int_eq(wiced_gpio_output_high(WICED_GPIO_17), WICED_SUCCESS);
    ck_assert_int_eq(wiced_gpio_input_get(WICED_GPIO_17), WICED_TRUE);
    ck_assert_int_eq(wiced_gpio_init(WICED_GPIO_17, INPUT_PULL_DOWN), 0);
    ck_assert_int_eq(wiced_gpio_input_get(WICED_GPIO_17), WICED_FALSE);
    ck_assert_int_eq(wiced_gpio_init(WICED_GPIO_17, INPUT_PULL_UP), 0);
    ck_assert_int_eq(wiced_gpio_input_get(WICED_GPIO_17), WICED_TRUE);
    ck_assert_int_eq(wiced_gpio_init(WICED_LED2, OUTPUT_PUSH_PULL), 0);
    ck_assert_int_eq(wiced_gpio_output_high((wiced_gpio_t)0), WICED_BADARG);
    ck_assert_int_eq(wiced_gpio_output_low(WICED_GPIO_MAX), WICED_BADARG);
    ck_assert_int_eq(wiced_gpio_init(WICED_GPIO_MAX, INPUT_PULL_UP),
                     WICED_BADARG);
    ck_assert_int_eq(wiced_gpio_init(WICED_LED1, (wiced_gpio_config_t)17),
                     WICED_BADARG);
    ck_assert_int_eq(wiced_gpio_input_get(WICED_GPIO_MAX), WICED_FALSE);
    expect_said("[LED1 on]\n");
}
END_TEST

/* --- buttons -------------------------------------------------------------- */

static char calls[64]; /* a letter each */
static size_t calls_len;

/* Its argument, in upper case where the button is low. */
static void on_edge(void *arg)
{
    const char *letter = arg;
    wiced_gpio_t button = *letter == 'a' ? WICED_BUTTON1 : WICED_BUTTON2;

    calls[calls_len++] = wiced_gpio_input_get(button) == WICED_TRUE
                             ? *letter
                             : (char)(*letter - 'a' + 'A');
}

static void expect_calls(const char *want)
{
    calls[calls_len] = '\0';
    ck_assert_str_eq(calls, want);
    calls_len = 0;
}

static void enable(wiced_gpio_t button, wiced_gpio_irq_trigger_t trigger)
{
    static char names[] = "ab";

    ck_assert_int_eq(
        wiced_gpio_input_irq_enable(button, trigger, on_edge,
                                    &names[button == WICED_BUTTON1 ? 0 : 1]),
        WICED_SUCCESS);
}

START_TEST(edges)
{
    static const struct {
        wiced_gpio_irq_trigger_t trigger;
        const char *calls;
    } cases[] = {{IRQ_TRIGGER_FALLING_EDGE, "A"},
                 {IRQ_TRIGGER_RISING_EDGE, "a"},
                 {IRQ_TRIGGER_BOTH_EDGES, "Aa"}};

    for (size_t i = 0; i < 3; i++) {
        enable(WICED_BUTTON1, cases[i].trigger);
        ck_assert_int_eq(wiced_gpio_input_get(WICED_BUTTON1), WICED_TRUE);
        board_gpio_press(WICED_BUTTON1);
        board_gpio_deliver();
        expect_calls(cases[i].calls);
        ck_assert_int_eq(wiced_gpio_input_get(WICED_BUTTON1), WICED_TRUE);
        board_gpio_deliver();
        expect_calls("");
    }
}
END_TEST

START_TEST(each_button_is_its_own)
{
    enable(WICED_BUTTON1, IRQ_TRIGGER_FALLING_EDGE);
    board_gpio_press(WICED_BUTTON2);
    board_gpio_press(WICED_BUTTON1);
    board_gpio_deliver();
    expect_calls("A");
    enable(WICED_BUTTON2, IRQ_TRIGGER_FALLING_EDGE);
    board_gpio_deliver();
    expect_calls("B");
}
END_TEST

START_TEST(presses_before_irq_enable_are_kept)
{
    for (unsigned i = 0; i < 3; i++)
        board_gpio_press(WICED_BUTTON1);
    board_gpio_deliver();
    expect_calls("");
    enable(WICED_BUTTON1, IRQ_TRIGGER_FALLING_EDGE);
    expect_calls(""); /* on the interrupt's thread, and not here */
    board_gpio_deliver();
    expect_calls("AAA");
}
END_TEST

START_TEST(irq_disable)
{
    enable(WICED_BUTTON1, IRQ_TRIGGER_FALLING_EDGE);
    ck_assert_int_eq(wiced_gpio_input_irq_disable(WICED_BUTTON1), 0);
    board_gpio_press(WICED_BUTTON1);
    board_gpio_deliver();
    expect_calls("");
    enable(WICED_BUTTON1, IRQ_TRIGGER_FALLING_EDGE);
    board_gpio_deliver();
    expect_calls("A");
    ck_assert_int_eq(wiced_gpio_input_irq_disable(WICED_GPIO_MAX),
                     WICED_BADARG);
}
END_TEST

START_TEST(a_program_that_looks)
{
    ck_assert_int_eq(wiced_gpio_input_get(WICED_BUTTON1), WICED_TRUE);
    board_gpio_press(WICED_BUTTON1);
    board_gpio_press(WICED_BUTTON1);
    ck_assert_int_eq(wiced_gpio_input_get(WICED_BUTTON2), WICED_TRUE);
    ck_assert_int_eq(wiced_gpio_input_get(WICED_BUTTON1), WICED_FALSE);
    ck_assert_int_eq(wiced_gpio_input_get(WICED_BUTTON1), WICED_FALSE);
    ck_assert_int_eq(wiced_gpio_input_get(WICED_BUTTON1), WICED_TRUE);
}
END_TEST

START_TEST(output_against_a_button)
{
    ck_assert_int_eq(wiced_gpio_output_low(WICED_BUTTON1), WICED_SUCCESS);
    ck_assert_int_eq(wiced_gpio_input_get(WICED_BUTTON1), WICED_TRUE);
}
END_TEST

START_TEST(wrong_interrupts)
{
    char a = 'a';

    ck_assert_int_eq(wiced_gpio_input_irq_enable(
                         WICED_BUTTON1, IRQ_TRIGGER_LEVEL_LOW, on_edge, &a),
                     WICED_UNSUPPORTED);
    ck_assert_int_eq(wiced_gpio_input_irq_enable(
                         WICED_BUTTON1, IRQ_TRIGGER_LEVEL_HIGH, on_edge, &a),
                     WICED_UNSUPPORTED);
    ck_assert_int_eq(wiced_gpio_input_irq_enable(WICED_BUTTON1,
                                                 (wiced_gpio_irq_trigger_t)0,
                                                 on_edge, &a),
                     WICED_BADARG);
    ck_assert_int_eq(wiced_gpio_input_irq_enable(
                         WICED_BUTTON1, IRQ_TRIGGER_FALLING_EDGE, NULL, &a),
                     WICED_BADARG);
    ck_assert_int_eq(wiced_gpio_input_irq_enable(
                         WICED_GPIO_MAX, IRQ_TRIGGER_FALLING_EDGE, on_edge, &a),
                     WICED_BADARG);
}
END_TEST

static unsigned many;

static void on_many(void *arg)
{
    (void)arg;
    many++;
}

START_TEST(presses_have_a_limit)
{
    for (unsigned i = 0; i < BOARD_GPIO_PRESSES_MAX + 10; i++)
        board_gpio_press(WICED_BUTTON2);
    wiced_gpio_input_irq_enable(WICED_BUTTON2, IRQ_TRIGGER_FALLING_EDGE,
                                on_many, NULL);
    board_gpio_deliver();
    ck_assert_uint_eq(many, BOARD_GPIO_PRESSES_MAX);
}
END_TEST

/* --- the console's input -------------------------------------------------- */

static void put(const char *text)
{
    for (; *text != '\0'; text++)
        ck_assert(board_uart_put((uint8_t)*text));
}

START_TEST(receive_bytes)
{
    char data[4] = "###";
    uint32_t size = 1;

    put("abcd");
    ck_assert_int_eq(
        wiced_uart_receive_bytes(STDIO_UART, data, &size, WICED_NEVER_TIMEOUT),
        WICED_SUCCESS);
    ck_assert_uint_eq(size, 1); /* the course's programs never set it again */
    ck_assert_str_eq(data, "a##");
    size = 3;
    ck_assert_int_eq(wiced_uart_receive_bytes(STDIO_UART, data, &size, 0),
                     WICED_SUCCESS);
    ck_assert_uint_eq(size, 3);
    ck_assert_str_eq(data, "bcd");
}
END_TEST

START_TEST(receive_bytes_times_out)
{
    char data[8] = "";
    uint32_t size = 5;

    put("abc");
    ck_assert_int_eq(
        wiced_uart_receive_bytes(STDIO_UART, data, &size, SHORT_MS),
        WICED_TIMEOUT);
    ck_assert_uint_eq(size, 3);
    ck_assert_str_eq(data, "abc");
    ck_assert_int_eq(wiced_uart_receive_bytes(STDIO_UART, data, &size, 0),
                     WICED_TIMEOUT);
    ck_assert_uint_eq(size, 0);
}
END_TEST

static void on_put(wiced_thread_arg_t arg)
{
    (void)arg;
    for (const char *c = "late"; *c != '\0'; c++) {
        wiced_rtos_delay_milliseconds(2);
        (void)board_uart_put((uint8_t)*c);
    }
}

START_TEST(receive_bytes_waits)
{
    wiced_thread_t thread;
    char data[8] = "";
    uint32_t size = 4;

    wiced_rtos_create_thread(&thread, 5, "put", on_put, 1024, NULL);
    ck_assert_int_eq(
        wiced_uart_receive_bytes(STDIO_UART, data, &size, WICED_NEVER_TIMEOUT),
        WICED_SUCCESS);
    ck_assert_uint_eq(size, 4);
    ck_assert_str_eq(data, "late");
    wiced_rtos_thread_join(&thread);
}
END_TEST

START_TEST(receive_bytes_with_wrong_arguments)
{
    char data[2];
    uint32_t size = 0;

    ck_assert_int_eq(wiced_uart_receive_bytes(STDIO_UART, data, &size, 0),
                     WICED_BADARG);
    size = 1;
    ck_assert_int_eq(wiced_uart_receive_bytes(WICED_UART_MAX, data, &size, 0),
                     WICED_BADARG);
    ck_assert_int_eq(wiced_uart_receive_bytes(STDIO_UART, NULL, &size, 0),
                     WICED_BADARG);
    ck_assert_int_eq(wiced_uart_receive_bytes(STDIO_UART, data, NULL, 0),
                     WICED_BADARG);
}
END_TEST

START_TEST(the_console_fills)
{
    static uint8_t data[BOARD_UART_BYTES_MAX];
    uint32_t size = 1;

    for (unsigned i = 0; i < BOARD_UART_BYTES_MAX; i++)
        ck_assert(board_uart_put((uint8_t)i));
    ck_assert(!board_uart_put('x'));
    ck_assert_int_eq(wiced_uart_receive_bytes(STDIO_UART, data, &size, 0), 0);
    ck_assert_uint_eq(data[0], 0);
    ck_assert(board_uart_put('y'));
    ck_assert(!board_uart_put('x'));
    size = sizeof data;
    ck_assert_int_eq(wiced_uart_receive_bytes(STDIO_UART, data, &size, 0), 0);
    for (unsigned i = 0; i + 1 < BOARD_UART_BYTES_MAX; i++)
        ck_assert_uint_eq(data[i], (uint8_t)(i + 1));
    ck_assert_uint_eq(data[BOARD_UART_BYTES_MAX - 1], 'y');
}
END_TEST

START_TEST(transmit_bytes)
{
    ck_assert_int_eq(wiced_uart_transmit_bytes(STDIO_UART, "ab\n\0c", 5), 0);

    char text[16] = "";
    ck_assert_int_eq(read(said, text, sizeof text), 5);
    ck_assert_mem_eq(text, "ab\n\0c", 5);
    ck_assert_int_eq(wiced_uart_transmit_bytes(STDIO_UART, NULL, 0), 0);
    ck_assert_int_eq(wiced_uart_transmit_bytes(STDIO_UART, NULL, 1),
                     WICED_BADARG);
    ck_assert_int_eq(wiced_uart_transmit_bytes(WICED_UART_MAX, "a", 1),
                     WICED_BADARG);
    /* A line of ours behind one that has not ended. */
    wiced_gpio_output_high(WICED_LED1);
    expect_said("\n[LED1 on]\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wiced_gpio");
    TCase *gpio = tcase_create("gpio");
    TCase *uart = tcase_create("uart");

    tcase_add_checked_fixture(gpio, setup, NULL);
    tcase_add_test(gpio, leds_show_changes);
    tcase_add_test(gpio, pins);
    tcase_add_test(gpio, edges);
    tcase_add_test(gpio, each_button_is_its_own);
    tcase_add_test(gpio, presses_before_irq_enable_are_kept);
    tcase_add_test(gpio, irq_disable);
    tcase_add_test(gpio, a_program_that_looks);
    tcase_add_test(gpio, output_against_a_button);
    tcase_add_test(gpio, wrong_interrupts);
    tcase_add_test(gpio, presses_have_a_limit);
    suite_add_tcase(suite, gpio);
    tcase_add_checked_fixture(uart, setup, NULL);
    tcase_add_test(uart, receive_bytes);
    tcase_add_test(uart, receive_bytes_times_out);
    tcase_add_test(uart, receive_bytes_waits);
    tcase_add_test(uart, receive_bytes_with_wrong_arguments);
    tcase_add_test(uart, the_console_fills);
    tcase_add_test(uart, transmit_bytes);
    suite_add_tcase(suite, uart);
    return unit_run(suite);
}
