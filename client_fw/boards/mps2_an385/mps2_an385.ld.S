/* mps2_an385.ld.S - where things go, for the C preprocessor.
 *
 * FLASH_LEN, RAM_LEN and STACK_LEN are the profile's budget, in bytes: QEMU's
 * board has megabytes of both, and would not notice.
 *
 * The stack is at the very bottom of the RAM, and grows down: below it there is
 * nothing, so that an overflow faults, and overwrites no data.
 *
 * Source: Arm DAI 0385 (application note AN385): memory map.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */

MEMORY
{
    flash (rx) : ORIGIN = 0x00000000, LENGTH = FLASH_LEN
    ram (rw) : ORIGIN = 0x20000000, LENGTH = RAM_LEN
}

/* The last page of the 4 MiB that stand for flash: see <wwep/dct.h>. */
board_dct = 0x003FE000;

ENTRY(on_reset)

SECTIONS
{
    .text :
    {
        KEEP(*(.vectors))
        *(.text .text.*)
        *(.rodata .rodata.*)
        . = ALIGN(4);
    } >flash

    .ARM.exidx :
    {
        *(.ARM.exidx*)
    } >flash

    .stack (NOLOAD) :
    {
        board_stack_bottom = .;
        . = . + STACK_LEN;
        . = ALIGN(8);
        board_stack_top = .;
    } >ram

    .data :
    {
        board_data = .;
        *(.data .data.*)
        . = ALIGN(4);
        board_data_end = .;
    } >ram AT>flash
    board_data_load = LOADADDR(.data);

    .bss (NOLOAD) :
    {
        board_bss = .;
        *(.bss .bss.* COMMON)
        . = ALIGN(8);
        board_bss_end = .;
    } >ram

    /* All that is left is the TLS library's heap. */
    board_heap = board_bss_end;
    board_heap_end = ORIGIN(ram) + LENGTH(ram);
    board_flash_end = LOADADDR(.data) + SIZEOF(.data);

    /DISCARD/ :
    {
        *(.comment .ARM.attributes .note.*)
    }
}

ASSERT(board_heap_end >= board_heap + HEAP_LEN,
       "no room for the heap that the profile needs")
