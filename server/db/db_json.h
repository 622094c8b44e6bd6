/* db_json.h - rows, orders and replies as JSON.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DB_JSON_H
#define DB_JSON_H

#include "store_reader.h"

#include <stdbool.h>
#include <stdint.h>

/* Each makes a text that the caller frees, without a line end. NULL: no
 * memory. All that is not ASCII, and all that drives a terminal, is escaped. */
char *db_json_message(const struct store_message *m);
char *db_json_register(const struct store_register *r);

/* device: -1: all. path: NULL: none. */
char *db_json_order(const char *command, int32_t device, const char *path);

/* Texts are on the heap, until db_json_free(). */
struct db_reply {
    bool ok;
    char *error; /* NULL: none */
    char *copy;
    int64_t registers;
};

/* False: that is no reply. */
bool db_json_reply(const char *line, struct db_reply *out);
void db_json_free(struct db_reply *r);

#endif
