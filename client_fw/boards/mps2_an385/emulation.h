/* emulation.h - what only an emulator or a debugger gives: semihosting. A real
 * board has other files in its place; see PORTING.md.
 *
 * Semihosting lets the program read and write the host's files: never run one
 * so that you do not trust.
 *
 * Source: Arm 100863, "Semihosting for AArch32 and AArch64".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOARD_EMULATION_H
#define BOARD_EMULATION_H

#include <stddef.h>
#include <stdint.h>

/* Ends the program; the code is QEMU's exit code. */
_Noreturn void emulation_exit(int code);

/* The words behind the program's name that QEMU was given, in `out`. NULL:
 * there are none, or too many. */
char *emulation_command_line(char *out, size_t cap);

/* Seconds since 1970-01-01 UTC, of the host. */
int64_t emulation_time(void);

#endif
