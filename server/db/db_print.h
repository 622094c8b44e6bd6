/* db_print.h - rows on standard output: to be read, as CSV, as JSON.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DB_PRINT_H
#define DB_PRINT_H

#include "store_reader.h"

enum db_format {
    DB_TABLE,
    DB_WRITES, /* of one register: what, when and by whom */
    DB_CSV_ROWS,
    DB_JSON_ROWS
};

/* The names of the columns: always in CSV, never in JSON, and where the table
 * is on a terminal. */
void db_print_message_names(enum db_format format);
void db_print_register_names(enum db_format format);

void db_print_message(enum db_format format, const struct store_message *m);
void db_print_register(enum db_format format, const struct store_register *r);

#endif
