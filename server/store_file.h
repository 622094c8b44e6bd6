/* store_file.h - the database as a file: found or made, ours alone, and set
 * aside where it is damaged.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STORE_FILE_H
#define STORE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_ERROR_MAX 1024u /* a line, without line end, and its NUL */

/* Opens the file, or makes an empty one (mode 0640) and has the folder's entry
 * on the disk, and locks it: no second server gets it. Returns the descriptor,
 * which must stay open for as long as the database is (closing it would drop
 * SQLite's own locks), or -1 with a line in error: "PATH: what is wrong: what
 * to do". */
int store_file_open(const char *path, char error[STORE_ERROR_MAX]);

/* Whether store_file_open() could do so, as far as it can be told without
 * changing anything. Returns 0, or -1 with a line in error. *size: what is in
 * it, or 0 where it would be made. */
int store_file_check(const char *path, int64_t *size,
                     char error[STORE_ERROR_MAX]);

/* Whether its write-ahead log is there, and has something in it. */
bool store_file_has_log(const char *path);

/* Whether it is empty, and what is beside it is the log of one that was not. */
#define STORE_FILE_EMPTIED                                                \
    "it is empty or gone, but its log (-wal) is not: put the file there " \
    "that the log belongs to, or start wwepd once with --start-fresh, "   \
    "which keeps both under another name and begins with an empty one"
bool store_file_is_emptied(const char *path);

/* Renames the file, its write-ahead log and its journal, to "PATH.corrupt-" and
 * the time; aside gets that name. Returns 0, or -1 with a line in error. */
int store_file_set_aside(const char *path, char *aside, size_t cap,
                         char error[STORE_ERROR_MAX]);

/* Has the entry of the file in its folder on the disk, so that a power cut does
 * not take the name of one that is new. Returns 0 or -1, by errno. */
int store_file_sync_folder(const char *path);

#endif
