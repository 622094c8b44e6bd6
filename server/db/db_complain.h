/* db_complain.h - a line for a person, on standard error; and how wwep-db
 * ends.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DB_COMPLAIN_H
#define DB_COMPLAIN_H

/* The exit codes of wwep-db(1). */
enum db_exit {
    DB_EXIT_OK = 0,
    DB_EXIT_REFUSED = 1,  /* by the server, or by who was asked */
    DB_EXIT_USAGE = 2,    /* the command line, or the configuration */
    DB_EXIT_DATABASE = 3, /* it can not be used */
    DB_EXIT_CONTROL = 4,  /* the server can not be asked */
    DB_EXIT_FAILURE = 5   /* no memory, output not written */
};

/* Writes "wwep-db: ", the text and a line end. Control characters show as
 * \xNN, whoever they came from. */
void db_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
