/* unit_io.h - files, pipes and the log in unit tests. Whatever waits does so
 * until it has happened, and fails the test after UNIT_DEADLINE_MS.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UNIT_IO_H
#define UNIT_IO_H

#include "config.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UNIT_DEADLINE_MS 20000u

uint64_t unit_now_ms(void); /* monotonic */

/* The file's bytes and a NUL behind them; len may be NULL. The caller owns
 * them. */
char *unit_read(const char *path, size_t *len);

/* How many LFs a text has. */
size_t unit_count_lines(const char *text);

/* Waits until a file has this many lines; returns it as unit_read() does. */
char *unit_wait_lines(const char *path, size_t n);

/* A named pipe that takes UNIT_PIPE_BYTES and no more until somebody reads.
 * Returns its end for reading; the caller owns both that and *path. */
#define UNIT_PIPE_BYTES 4096u
int unit_fifo(const char *folder, const char *name, char **path);

/* Waits until that pipe is full: who writes to it is stuck from now on. What
 * fills it has to come in one write(): a short one that finds no room for the
 * whole of it leaves the rest of the pipe empty. */
void unit_wait_full(int fd);

/* Reads until count(text) is n or more. The caller owns the text. */
char *unit_read_until(int fd, size_t n, size_t (*count)(const char *text));

/* Reads to the end, which comes when nobody has the pipe open for writing any
 * more. The caller owns the text. */
char *unit_read_end(int fd);

/* The same on a thread of its own; the second call waits for its end. */
void unit_reader_start(pthread_t *thread, const int *fd);
char *unit_reader_join(pthread_t thread);

/* The server's own log goes to FOLDER/log from here on. */
void unit_log_open(const char *folder, enum config_log_level level);

/* How often these words are in the log so far. */
size_t unit_log_count(const char *words);

/* Fails with the whole log where the words are not in it exactly once. */
void unit_log_expect(const char *words);

void unit_log_close(void);

#endif
