/* store_copy.h - a copy of the database beside it, made while it is in use.
 *
 * For the thread that has the database. What is written between two steps is
 * in the copy, too: it has what there is when the last step returns.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STORE_COPY_H
#define STORE_COPY_H

#include "store_db.h"
#include "store_file.h"

#define STORE_COPY_PATH_MAX (4096u + 64u)

struct store_copy;

enum store_copy_state { STORE_COPY_MORE, STORE_COPY_DONE, STORE_COPY_FAILED };

/* Begins "PATH.before-WHAT-" and the time (UTC): until it is done, its name
 * ends in .part. NULL: a line in error. */
struct store_copy *store_copy_begin(struct store_db *db, const char *what,
                                    char error[STORE_ERROR_MAX]);

/* One piece: some milliseconds. DONE: it is whole and on the disk; out has its
 * path. FAILED: a line in error, and nothing is left of it. */
enum store_copy_state store_copy_step(struct store_copy *c,
                                      char out[STORE_COPY_PATH_MAX],
                                      char error[STORE_ERROR_MAX]);

/* After any end; what is not done is removed. NULL is fine. */
void store_copy_free(struct store_copy *c);

#endif
