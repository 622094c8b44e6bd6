/* start.c - from reset to main(), and what becomes of a fault.
 *
 * Source: Arm DDI 0403E (ARMv7-M), B1.5: exceptions and the vector table.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "clock.h"
#include "emulation.h"
#include "lan9118.h"
#include "memory.h"
#include "uart.h"

#include <stdint.h>
#include <string.h>

int main(int argc, char **argv);

/* The linker script's. */
extern uint8_t board_stack_top[];
extern uint8_t board_data[], board_data_end[], board_data_load[];
extern uint8_t board_bss[], board_bss_end[];

_Noreturn void on_reset(void);

#define FAULT_EXIT_CODE 70 /* EX_SOFTWARE of sysexits.h */

_Noreturn static void on_fault(void)
{
    uart_print("\nFault: the program is at an end. A stack that is too small, "
               "or a pointer that leads nowhere.\n");
    emulation_exit(FAULT_EXIT_CODE);
}

/* No interrupt that nobody expects is enabled. */
static void on_other(void)
{
    on_fault();
}

/* Above data and below all else, it must touch the stack as little as it
 * can. */
_Noreturn void on_reset(void)
{
    memory_paint_stack();
    memcpy(board_data, board_data_load, (size_t)(board_data_end - board_data));
    memset(board_bss, 0, (size_t)(board_bss_end - board_bss));
    (void)main(0, NULL);
    emulation_exit(0);
}

#define ETHERNET_IRQ 13u
#define IRQS         32u

typedef void handler_fn(void);

/* Initial stack pointer, 15 exceptions of the core, the board's interrupts. */
struct vectors {
    void *stack;
    handler_fn *core[15];
    handler_fn *irq[IRQS];
};

__attribute__((used, section(".vectors"))) const struct vectors vectors = {
    .stack = board_stack_top,
    .core =
        {
            [0] = on_reset, /* 1 in the manual, and so on */
            [1] = on_other, /* NMI */
            [2] = on_fault, /* hard fault: those below it are not enabled */
            [3] = on_fault,
            [4] = on_fault,
            [5] = on_fault,
            [10] = on_other, /* SVCall */
            [13] = on_other, /* PendSV */
            [14] = clock_on_tick,
        },
    .irq = {[ETHERNET_IRQ] = lan9118_on_interrupt},
};
