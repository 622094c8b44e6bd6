/* db_words.h - devices, registers and times as people type them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DB_WORDS_H
#define DB_WORDS_H

#include <stdbool.h>
#include <stdint.h>

/* 0FAC, 0x0fac; 05, 0x05. False: it is none. */
bool db_words_device(const char *word, int32_t *device);
bool db_words_register(const char *word, int32_t *reg);

/* Microseconds since 1970 (UTC) of 2026-01-31, of 2026-01-31T10:00, with or
 * without :SS, with or without a fraction, with or without Z or +01:00, and of
 * 10m: that long before now_us, in s, m, h or d. False: it is none. */
bool db_words_time(const char *word, int64_t now_us, int64_t *time_us);

#define DB_TIME_MAX 32u /* 2026-01-31T10:00:00.123456Z and its NUL */

/* As in the database's views. */
void db_words_time_text(int64_t time_us, char out[DB_TIME_MAX]);

#endif
