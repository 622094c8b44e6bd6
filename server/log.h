/* log.h - the server's own log: what it does, and what goes wrong.
 *
 * One line a message, with the time (UTC) and the level. Before log_start()
 * and after log_stop() a line is written at once; between them it goes through
 * a queue and a thread of its own, so that no worker waits for a terminal. A
 * full queue drops lines, and says how many.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LOG_H
#define LOG_H

#include "config.h"
#include "output.h"

#include <stdbool.h>
#include <stdint.h>

#define LOG_LINE_MAX 1024u /* a longer message is cut */

/* Opens the target; until then messages go to standard error, from level
 * info on. Returns 0 or a negative errno. */
int log_open(enum config_log_level level, const char *target);
void log_close(void);

/* While the thread runs: the lines from here on go to another target, which has
 * been opened and is taken. Any thread; so is the other. */
void log_switch(struct output target);
void log_set_level(enum config_log_level level);

/* The start has succeeded. Until then errors go to standard error as well,
 * where the target is a file: who starts the server must see why it ends. */
void log_ready(void);

/* Starts the thread. Returns 0 or a negative errno. */
int log_start(void);

/* Writes what is queued and ends the thread. False: the target is stuck; the
 * thread is left behind, and the log must not be closed. */
bool log_stop(void);

/* Any thread. Control characters show as \xNN, whoever they came from. */
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Whether the n-th time something happens is worth a line: the first, the
 * tenth, the hundredth ... So a flood is told, and makes none. */
bool log_is_milestone(uint64_t n);

/* Whether a debug message would be shown: saves making one. */
bool log_is_debug(void);

#endif
