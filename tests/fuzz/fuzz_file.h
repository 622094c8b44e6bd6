/* fuzz_file.h - a file without a folder: its bytes are the fuzzer's.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FUZZ_FILE_H
#define FUZZ_FILE_H

#include <stddef.h>

struct fuzz_file {
    int fd;
    char path[32];
};

/* It lasts as long as the process; each open of its path begins at byte 0. */
void fuzz_file_init(struct fuzz_file *file);

/* It has these bytes from here on, and no others. */
void fuzz_file_set(struct fuzz_file *file, const void *bytes, size_t len);

/* The lowest descriptor that is free: one that is lost makes it another. */
int fuzz_file_lowest(void);

#endif
