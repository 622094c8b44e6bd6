/* db_verbs.h - what wwep-db can do. Each takes the verb and its words, and
 * returns the exit code.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DB_VERBS_H
#define DB_VERBS_H

#include "db_options.h"

int db_registers(struct db_options *o, int argc, char **argv);
int db_messages(struct db_options *o, int argc, char **argv);
int db_history(struct db_options *o, int argc, char **argv);
int db_export(struct db_options *o, int argc, char **argv);
int db_reset(struct db_options *o, int argc, char **argv);
int db_restore(struct db_options *o, int argc, char **argv);

/* Whether the verb has at least min words and at most max; if not, it is said,
 * with what belongs there. */
bool db_count_words(int argc, char **argv, int min, int max, const char *what);

#endif
