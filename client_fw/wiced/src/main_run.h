/* main_run.h - the board's life: from power-on until the process ends.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_MAIN_RUN_H
#define WICED_MAIN_RUN_H

/* Calls start on a thread of its own, and reads keys on this one, which must
 * be the process's first. Returns an exit code when the command line asks for
 * no run, or there can be none; else not at all: a signal, --for, or the
 * program's own exit() end it. */
int main_run(int argc, char **argv, void (*start)(void));

#endif
