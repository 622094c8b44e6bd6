/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store_schema.h"

#include <sqlite3.h>
#include <stddef.h>

#define TEXT(x)    #x
#define TEXT_OF(x) TEXT(x)
#define TIME_TEXT                                    \
    "strftime('%Y-%m-%dT%H:%M:%S', time / 1000000, " \
    "'unixepoch') || printf('.%06dZ', time % 1000000)"

/* steps[v] leads from version v to v + 1. Steps that have been released never
 * change. */
static const char *const steps[STORE_VERSION] = {
    "CREATE TABLE registers ("
    " key INTEGER PRIMARY KEY CHECK (key BETWEEN 0 AND 16777215),"
    " value INTEGER NOT NULL CHECK (value BETWEEN 0 AND 65535),"
    " time INTEGER NOT NULL,"
    " who TEXT NOT NULL"
    ") STRICT;"
    "CREATE TABLE messages ("
    " id INTEGER PRIMARY KEY,"
    " time INTEGER NOT NULL,"
    " connection INTEGER NOT NULL,"
    " listener TEXT NOT NULL,"
    " tls TEXT,"
    " cipher TEXT,"
    " resumed INTEGER NOT NULL,"
    " address TEXT NOT NULL,"
    " port INTEGER NOT NULL,"
    " identity TEXT,"
    " key INTEGER,"
    " request TEXT NOT NULL,"
    " reply TEXT NOT NULL,"
    " reason TEXT,"
    " us INTEGER NOT NULL"
    ") STRICT;"
    "CREATE VIEW registers_text AS SELECT"
    " printf('%04X', key / 256) AS device,"
    " printf('%02X', key % 256) AS register,"
    " printf('%04X', value) AS value,"
    " " TIME_TEXT " AS time,"
    " who FROM registers;"
    "CREATE VIEW messages_text AS SELECT"
    " id,"
    " " TIME_TEXT " AS time,"
    " connection, listener, tls, cipher, resumed, address, port, identity,"
    " CASE WHEN key NOTNULL THEN printf('%04X', key / 256) END AS device,"
    " CASE WHEN key NOTNULL THEN printf('%02X', key % 256) END AS register,"
    " request, reply, reason, us FROM messages;",
};

/* The first column of the first row of what sql selects. */
static bool number_of(sqlite3 *sqlite, const char *sql, int *number)
{
    sqlite3_stmt *statement = NULL;
    bool found =
        sqlite3_prepare_v2(sqlite, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW;

    if (found)
        *number = sqlite3_column_int(statement, 0);
    return sqlite3_finalize(statement) == SQLITE_OK && found;
}

static bool run(sqlite3 *sqlite, const char *sql)
{
    return sqlite3_exec(sqlite, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* An index may be there that has whole columns of all rows, and refuses none:
 * what it would compute could fail, and take the write with it. */
#define IS_LIKE                                                  \
    "SELECT total(type = 'table' AND sql IS ?2) = 1"             \
    " AND total(type NOT IN ('table', 'index')) = 0"             \
    " AND total(type = 'table') = 1"                             \
    " AND NOT EXISTS (SELECT 1 FROM pragma_index_list(?1) AS i," \
    " pragma_index_xinfo(i.name) AS c"                           \
    " WHERE i.\"unique\" OR i.partial OR c.cid = -2)"            \
    " FROM sqlite_schema WHERE lower(tbl_name) = ?1"

/* Compares it with the words that made it in ours. */
static enum store_schema judge_table(sqlite3 *sqlite, sqlite3 *ours,
                                     const char *table)
{
    enum store_schema result = STORE_SCHEMA_NO_MEMORY;
    sqlite3_stmt *want = NULL;
    sqlite3_stmt *is = NULL;

    if (sqlite3_prepare_v2(ours, "SELECT sql FROM sqlite_schema WHERE name = ?",
                           -1, &want, NULL) == SQLITE_OK &&
        sqlite3_bind_text(want, 1, table, -1, SQLITE_STATIC) == SQLITE_OK &&
        sqlite3_step(want) == SQLITE_ROW) {
        bool found =
            sqlite3_prepare_v2(sqlite, IS_LIKE, -1, &is, NULL) == SQLITE_OK &&
            sqlite3_bind_text(is, 1, table, -1, SQLITE_STATIC) == SQLITE_OK &&
            sqlite3_bind_value(is, 2, sqlite3_column_value(want, 0)) ==
                SQLITE_OK &&
            sqlite3_step(is) == SQLITE_ROW;
        result = !found                           ? STORE_SCHEMA_FAILED
                 : sqlite3_column_int(is, 0) == 1 ? STORE_SCHEMA_OK
                                                  : STORE_SCHEMA_CHANGED;
    }
    sqlite3_finalize(is);
    sqlite3_finalize(want);
    return result;
}

/* Whether its tables are those that store_schema_migrate() makes of this
 * version. */
static enum store_schema judge_tables(sqlite3 *sqlite, int version)
{
    static const char *const tables[] = {"registers", "messages"};
    enum store_schema result = STORE_SCHEMA_OK;
    sqlite3 *ours = NULL;
    bool made = sqlite3_open(":memory:", &ours) == SQLITE_OK;

    for (int v = 0; made && v < version; v++)
        made = run(ours, steps[v]);
    if (!made)
        result = STORE_SCHEMA_NO_MEMORY;
    for (size_t i = 0; i < 2 && result == STORE_SCHEMA_OK; i++)
        result = judge_table(sqlite, ours, tables[i]);
    sqlite3_close(ours);
    return result;
}

enum store_schema store_schema_judge(sqlite3 *sqlite, int *version)
{
    int application = 0;
    int objects = 0;

    *version = 0;
    if (!number_of(sqlite, "PRAGMA application_id", &application) ||
        !number_of(sqlite, "PRAGMA user_version", version) ||
        !number_of(sqlite, "SELECT count(*) FROM sqlite_schema", &objects))
        return STORE_SCHEMA_FAILED;
    if (objects == 0 && application == 0 && *version == 0)
        return STORE_SCHEMA_OK;
    if (application != STORE_APPLICATION_ID || *version < 1)
        return STORE_SCHEMA_FOREIGN;
    if (*version > STORE_VERSION)
        return STORE_SCHEMA_NEWER;
    return judge_tables(sqlite, *version);
}

bool store_schema_migrate(sqlite3 *sqlite, int version)
{
    if (version == STORE_VERSION)
        return true;
    if (!run(sqlite, "BEGIN IMMEDIATE"))
        return false;
    for (; version < STORE_VERSION; version++)
        if (!run(sqlite, steps[version]))
            return false;
    return run(sqlite,
               "PRAGMA application_id = " TEXT_OF(STORE_APPLICATION_ID)) &&
           run(sqlite, "PRAGMA user_version = " TEXT_OF(STORE_VERSION)) &&
           run(sqlite, "COMMIT");
}
