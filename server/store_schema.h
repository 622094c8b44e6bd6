/* store_schema.h - what is in the database, and how older ones become like it.
 * wwep-db(5) describes it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include <stdbool.h>

struct sqlite3;

#define STORE_APPLICATION_ID 0x57574550 /* "WWEP" */
#define STORE_VERSION        1

enum store_schema {
    STORE_SCHEMA_OK,
    STORE_SCHEMA_FOREIGN, /* the database of another program */
    STORE_SCHEMA_NEWER,   /* of a later wwepd */
    STORE_SCHEMA_CHANGED, /* its tables are not those of its version */
    STORE_SCHEMA_NO_MEMORY,
    STORE_SCHEMA_FAILED /* SQLite says why */
};

/* What the database is, as far as it can be told by reading; *version: 0 for
 * one that is empty. In one that somebody has sent the tables may be anything:
 * a view that never ends, columns that are computed, with triggers that write.
 */
enum store_schema store_schema_judge(struct sqlite3 *sqlite, int *version);

/* Brings a database that is OK from this version to STORE_VERSION, in one
 * transaction. Returns whether that succeeded; if not, SQLite says why. */
bool store_schema_migrate(struct sqlite3 *sqlite, int version);

#endif
