/* output.h - where lines go: standard output or error, or a file.
 *
 * One thread at a time. Lines go out whole: where a disk fills up in the
 * middle of one, what came of it is taken back, and it is counted as lost.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct output {
    int fd;
    bool own;      /* the file is ours to close */
    bool regular;  /* a file that can be cut back */
    int error;     /* errno of the last failure; 0: none so far */
    uint64_t lost; /* lines lost so far */
};

/* target: "stdout", "stderr", or a path, which is appended to and made with
 * mode 0640. Returns 0, or a negative errno; then there is nothing to close. */
int output_open(struct output *out, const char *target);
void output_close(struct output *out);

/* Writes len bytes, which are n whole lines. Returns whether all went out; if
 * not, out->error says why, and all n count as lost. */
bool output_write(struct output *out, const char *buf, size_t len, size_t n);

#endif
