/* db_read.c - the verbs that only look: registers, messages, history, export.
 *
 * Rows are read in pieces and printed between them: who is slow to take them,
 * as a pager is, does not keep the server's log from being tidied.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "db_print.h"
#include "db_verbs.h"
#include "db_words.h"
#include "store_reader.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MESSAGES_EACH  500u
#define REGISTERS_EACH 2000u
#define LAST_MESSAGES  10u /* that --follow begins with */
#define FOLLOW_MS      200
#define KEY_MAX        0xffffff

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

/* --- the database --- */

/* NULL: it has been said why, and *status is the exit code. */
static struct store_reader *open_reader(struct db_options *o, int *status)
{
    char error[STORE_ERROR_MAX];
    struct store_reader *r = NULL;

    *status = db_options_find(o, true);
    if (*status != DB_GO_ON)
        return NULL;
    r = store_reader_open(o->db, error);
    if (r == NULL) {
        db_complain("%s", error);
        *status = DB_EXIT_DATABASE;
    }
    return r;
}

static int complain_reader(const struct db_options *o,
                           const struct store_reader *r)
{
    db_complain("%s: %s", o->db, store_reader_why(r));
    return DB_EXIT_DATABASE;
}

/* Whether what has been printed has got where it should. */
static bool is_taken(void)
{
    return fflush(stdout) == 0 && !ferror(stdout);
}

/* --- registers --- */

static int print_registers(struct db_options *o, enum db_format format)
{
    int status;
    uint32_t next = o->device >= 0 ? (uint32_t)o->device << 8 : 0;
    uint32_t last = o->device >= 0 ? next | 0xff : KEY_MAX;
    size_t n = REGISTERS_EACH;
    struct store_reader *r = open_reader(o, &status);

    if (r == NULL)
        return status;
    struct store_register *rows = calloc(n, sizeof *rows);
    status = rows != NULL ? DB_EXIT_OK : DB_EXIT_FAILURE;
    db_print_register_names(format);
    while (status == DB_EXIT_OK && n == REGISTERS_EACH && next <= last) {
        if (!store_reader_registers(r, next, last, rows, &n)) {
            status = complain_reader(o, r);
            break;
        }
        for (size_t i = 0; i < n; i++)
            db_print_register(format, &rows[i]);
        if (n > 0)
            next = rows[n - 1].key + 1;
        if (!is_taken())
            break;
    }
    free(rows);
    store_reader_close(r);
    return status;
}

int db_registers(struct db_options *o, int argc, char **argv)
{
    if (!db_options_allow(o, argv[0], DB_DEVICE) ||
        !db_count_words(argc, argv, 0, 1, "a device, or nothing"))
        return DB_EXIT_USAGE;
    if (argc > 1 && (o->given & DB_DEVICE) != 0) {
        db_complain("registers %s: --device names one, too: leave out one of "
                    "them",
                    argv[1]);
        return DB_EXIT_USAGE;
    }
    if (argc > 1 && !db_options_device(argv[1], &o->device))
        return DB_EXIT_USAGE;
    return print_registers(o, DB_TABLE);
}

/* --- messages --- */

struct view {
    struct db_options *options;
    struct store_reader *reader;
    struct store_filter filter;
    enum db_format format;
    int64_t after; /* the id of the last row that was printed */
};

static struct store_filter filter_of(const struct db_options *o)
{
    struct store_filter f = {.since_us = o->since_us,
                             .until_us = o->until_us,
                             .from_key = -1,
                             .address = o->address,
                             .failed = o->only_failed};

    if (o->device >= 0) {
        f.from_key = o->device << 8;
        f.to_key = f.from_key | 0xff;
    }
    return f;
}

/* Prints all that there are. Returns DB_GO_ON or the exit code. */
static int print_all(struct view *v)
{
    static struct store_message rows[MESSAGES_EACH];
    size_t n = MESSAGES_EACH;

    while (n == MESSAGES_EACH && !interrupted) {
        bool good =
            store_reader_messages(v->reader, &v->filter, v->after, rows, &n);
        for (size_t i = 0; i < n && good; i++)
            db_print_message(v->format, &rows[i]);
        if (n > 0 && good)
            v->after = rows[n - 1].id;
        store_reader_free(rows, n);
        if (!good)
            return complain_reader(v->options, v->reader);
        if (!is_taken())
            return DB_EXIT_OK; /* main() looks why */
    }
    return DB_GO_ON;
}

/* A database that was begun anew counts from 1 again. */
static bool look_again(struct view *v)
{
    static const struct store_filter all = {
        .since_us = INT64_MIN, .until_us = INT64_MAX, .from_key = -1};
    int64_t before_last;

    if (!store_reader_before_last(v->reader, &all, 1, &before_last))
        return false;
    if (before_last + 1 < v->after)
        v->after = 0;
    return true;
}

/* Waits; false: nobody reads any more. */
static bool wait_a_while(void)
{
    struct pollfd p = {.fd = STDOUT_FILENO, .events = 0};

    return poll(&p, 1, FOLLOW_MS) <= 0;
}

static int follow(struct view *v)
{
    const struct sigaction action = {.sa_handler = on_signal};
    int status = DB_GO_ON;

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    while (status == DB_GO_ON && !interrupted) {
        bool changed = false;
        if (!store_reader_changed(v->reader, &changed) ||
            (changed && !look_again(v)))
            return complain_reader(v->options, v->reader);
        if (changed)
            status = print_all(v);
        if (status == DB_GO_ON && !interrupted && !wait_a_while())
            status = DB_EXIT_OK;
    }
    return status;
}

static int print_messages(struct db_options *o, enum db_format format,
                          const struct store_filter *filter)
{
    int status;
    struct view v = {.options = o, .filter = *filter, .format = format};

    if ((o->given & DB_SINCE) != 0 && o->since_us >= o->until_us) {
        db_complain("--since is not before --until: there is nothing between "
                    "them");
        return DB_EXIT_USAGE;
    }
    v.reader = open_reader(o, &status);
    if (v.reader == NULL)
        return status;
    db_print_message_names(format);
    if (o->follow && (o->given & DB_SINCE) == 0 &&
        !store_reader_before_last(v.reader, filter, LAST_MESSAGES, &v.after))
        status = complain_reader(o, v.reader);
    if (status == DB_GO_ON)
        status = o->follow ? follow(&v) : print_all(&v);
    store_reader_close(v.reader);
    return status == DB_GO_ON ? DB_EXIT_OK : status;
}

int db_messages(struct db_options *o, int argc, char **argv)
{
    const struct store_filter f = filter_of(o);

    if (!db_options_allow(o, argv[0], DB_FILTER | DB_FOLLOW) ||
        !db_count_words(argc, argv, 0, 0, ""))
        return DB_EXIT_USAGE;
    if (o->follow && (o->given & DB_UNTIL) != 0) {
        db_complain("--follow has no end: leave out --until, or --follow");
        return DB_EXIT_USAGE;
    }
    return print_messages(o, DB_TABLE, &f);
}

int db_history(struct db_options *o, int argc, char **argv)
{
    int32_t reg;

    if (!db_options_allow(o, argv[0], DB_SINCE | DB_UNTIL) ||
        !db_count_words(argc, argv, 2, 2, "a device and a register") ||
        !db_options_device(argv[1], &o->device))
        return DB_EXIT_USAGE;
    if (!db_words_register(argv[2], &reg)) {
        db_complain("%s is no register: write two hex digits, such as 05",
                    argv[2]);
        return DB_EXIT_USAGE;
    }
    struct store_filter f = filter_of(o);
    f.from_key = f.to_key = o->device << 8 | reg;
    f.like = "W%";
    f.accepted = true;
    return print_messages(o, DB_WRITES, &f);
}

int db_export(struct db_options *o, int argc, char **argv)
{
    const struct store_filter f = filter_of(o);
    const char *what = argc > 1 ? argv[1] : "messages";
    enum db_format format = o->csv ? DB_CSV_ROWS : DB_JSON_ROWS;

    if (!db_count_words(argc, argv, 0, 1, "messages or registers"))
        return DB_EXIT_USAGE;
    if (o->csv == o->json) {
        db_complain("export wants --csv or --json");
        return DB_EXIT_USAGE;
    }
    if (strcmp(what, "registers") == 0)
        return db_options_allow(o, "export of registers",
                                DB_DEVICE | DB_CSV | DB_JSON)
                   ? print_registers(o, format)
                   : DB_EXIT_USAGE;
    if (strcmp(what, "messages") == 0)
        return db_options_allow(o, argv[0], DB_FILTER | DB_CSV | DB_JSON)
                   ? print_messages(o, format, &f)
                   : DB_EXIT_USAGE;
    db_complain("%s can not be exported: write messages or registers", what);
    return DB_EXIT_USAGE;
}
