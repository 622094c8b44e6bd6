/* main_options.h - the command line of a program of the course, which
 * `wwep-wiced run` passes through.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_MAIN_OPTIONS_H
#define WICED_MAIN_OPTIONS_H

#include "board.h"

#include <stdbool.h>
#include <stdint.h>

#define MAIN_OPTIONS_HOST_MAX 256u
#define MAIN_OPTIONS_PATH_MAX 4096u

/* board's texts may point into it, and argv, and the environment: it stays
 * where it is. */
struct main_options {
    struct board_options board;
    bool console;    /* no key is a button's */
    uint32_t for_ms; /* 0: for ever */

    char host[MAIN_OPTIONS_HOST_MAX];
    char dct[MAIN_OPTIONS_PATH_MAX]; /* the image that was read, if one was */
    bool dct_readable;               /* by others, and it has a key */
};

#define MAIN_OPTIONS_GO_ON (-1)

/* program: the program's file, with its folder, beside which its image may be;
 * NULL: not known. Returns MAIN_OPTIONS_GO_ON, or the exit code: all has been
 * said then, also help and version. */
int main_options_parse(struct main_options *o, int argc, char **argv,
                       const char *program);

/* Says what is wanted that is not safe. */
void main_options_warn(const struct main_options *o);

#endif
