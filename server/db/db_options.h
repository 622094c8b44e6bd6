/* db_options.h - what a call of wwep-db was asked to do, and which database
 * and server that is about.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DB_OPTIONS_H
#define DB_OPTIONS_H

#include "address.h"
#include "config.h"
#include "db_complain.h"

#include <stdbool.h>
#include <stdint.h>

struct db_options {
    const char *config_file; /* NULL: the installed one */
    const char *db;          /* NULL: the configuration's */
    const char *control;
    int32_t device; /* -1: all */
    int64_t since_us;
    int64_t until_us;
    const char *address; /* NULL: all */
    char address_text[ADDRESS_IP_MAX];
    bool only_failed;
    bool follow;
    bool csv;
    bool json;
    bool yes;
    unsigned given;        /* bits of enum db_option */
    struct config *config; /* what config_file had; NULL: not read */
};

/* What a verb may be given besides -c, --db and --control. */
enum db_option {
    DB_DEVICE = 1,
    DB_SINCE = 2,
    DB_UNTIL = 4,
    DB_ADDRESS = 8,
    DB_ONLY_FAILED = 16,
    DB_FOLLOW = 32,
    DB_CSV = 64,
    DB_JSON = 128,
    DB_YES = 256,
    DB_FILTER = DB_DEVICE | DB_SINCE | DB_UNTIL | DB_ADDRESS | DB_ONLY_FAILED
};

#define DB_GO_ON (-1)

/* Reads the command line. Returns DB_GO_ON, and then *argc and argv are the
 * verb and its words; else the exit code: the rest is said already. The caller
 * frees in either case. */
int db_options_parse(struct db_options *o, int *argc, char **argv);
void db_options_free(struct db_options *o);

/* Whether only these were given; if not, it is said. */
bool db_options_allow(const struct db_options *o, const char *verb,
                      unsigned allowed);

/* A device as people type it; if it is none, it is said. */
bool db_options_device(const char *word, int32_t *device);

/* Fills in db and control by the configuration, where the command line does
 * not say. needs_db: it is an error that there is none. Returns DB_GO_ON or the
 * exit code. */
int db_options_find(struct db_options *o, bool needs_db);

#endif
