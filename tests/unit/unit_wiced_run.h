/* unit_wiced_run.h - a program of the course as a process of its own, with a
 * keyboard and a screen that the test has.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UNIT_WICED_RUN_H
#define UNIT_WICED_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <termios.h>

#define UNIT_WICED_RUN_WORDS 12u
#define UNIT_WICED_RUN_TEXT  65536u

/* What the process has written so far, and that no more comes. */
struct unit_wiced_stream {
    int fd;
    size_t len;
    char text[UNIT_WICED_RUN_TEXT];
};

struct unit_wiced_run {
    pid_t pid;
    int keys;
    struct unit_wiced_stream out;
    struct unit_wiced_stream err; /* a terminal has but one */

    int terminal;          /* the slave's side; -1: it is pipes */
    struct termios before; /* its settings before the program ran */
    struct termios after;  /* and at its end */
};

/* Starts main_run() with these words (NULL after the last one) on pipes, or on
 * a terminal that the process controls. Each run ends by unit_wiced_run_end().
 * The program is its application_start(). */
void unit_wiced_run_start(struct unit_wiced_run *r, void (*program)(void),
                          const char *const *words);
void unit_wiced_run_terminal(struct unit_wiced_run *r, void (*program)(void),
                             const char *const *words);

/* Types len bytes; a test that waits too long for it fails. */
void unit_wiced_run_type(struct unit_wiced_run *r, const char *keys,
                         size_t len);

/* No more keys, of a pipe. */
void unit_wiced_run_no_more_keys(struct unit_wiced_run *r);

/* Waits until the text is there, as a part; else the test fails. */
void unit_wiced_run_see(struct unit_wiced_run *r,
                        struct unit_wiced_stream *stream, const char *text);

bool unit_wiced_run_is_raw(const struct unit_wiced_run *r);

/* Sends the signal (0: none), waits for the end, and returns waitpid()'s
 * status. All that was written is in out and err then. */
int unit_wiced_run_end(struct unit_wiced_run *r, int signal_number);

/* A program that says "ready", and then each button ("button 1") and each byte
 * of its console ("byte 62"); and its part that takes the buttons. */
void unit_wiced_run_keys(void);
void unit_wiced_run_enable_buttons(void);

#endif
