/* loop_memory.h - what libuv does where there is no memory.
 *
 * libuv has a table of files for each loop, which grows with the highest one;
 * where there is no memory for that, or no file for its first pipe, it ends the
 * process by abort(), without a word. So the pipe is made first, the end is
 * said, and a loop of clients has its table from the start.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LOOP_MEMORY_H
#define LOOP_MEMORY_H

#include <uv.h>

/* Before all else of libuv: from now on the process ends with a line in the
 * log, and with EXIT_FAILURE, where it would have been aborted.
 * Returns 0 or a negative errno. */
int loop_memory_init(void);

/* Makes the loop's table large enough for so many files; beyond a bound of
 * ours it grows when it must. handle: is the loop's, until it has run, and on
 * failure too. Returns 0 or a negative errno. */
int loop_memory_reserve(uv_loop_t *loop, uv_poll_t *handle, unsigned files);

#endif
