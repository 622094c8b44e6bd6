/* store_reader.h - a database that is only looked into: beside a running
 * server, of one that has stopped, or a copy.
 *
 * Nothing is changed, and no file is made. Rows come in pieces, each of which
 * is one transaction, so that a reader that is slow to use them does not keep
 * the server's log from being tidied.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STORE_READER_H
#define STORE_READER_H

#include "msglog.h"
#include "store_file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store_reader;

/* NULL: a line in error, "PATH: what is wrong: what to do". The path must
 * stay. */
struct store_reader *store_reader_open(const char *path,
                                       char error[STORE_ERROR_MAX]);
void store_reader_close(struct store_reader *r); /* NULL is fine */

/* Why the last call failed, in words, behind the path. */
const char *store_reader_why(const struct store_reader *r);

/* Whether what is in the registers can be believed: reads all of them. */
bool store_reader_check(struct store_reader *r);

struct store_register {
    uint32_t key; /* device * 256 + register */
    uint16_t value;
    int64_t time_us; /* since 1970, UTC */
    char who[MSGLOG_IDENTITY_TEXT_MAX];
};

/* The registers from one key to another, in their order, at most n of them.
 * *n: how many. False: it fails. */
bool store_reader_registers(struct store_reader *r, uint32_t from, uint32_t to,
                            struct store_register *rows, size_t *n);

/* Which exchanges. */
struct store_filter {
    int64_t since_us; /* INT64_MIN: all */
    int64_t until_us; /* and not at it; INT64_MAX: all */
    int32_t from_key; /* -1: all, also what names no register */
    int32_t to_key;
    const char *address; /* NULL: all */
    const char *like;    /* of the request, as "W%"; NULL: all */
    bool failed;         /* an X alone */
    bool accepted;       /* an A alone */
};

/* A column that has no value is NULL. */
struct store_message {
    int64_t id;
    int64_t time_us;
    int64_t connection;
    int64_t resumed;
    int64_t port;
    int64_t key; /* -1: none */
    int64_t us;
    char *listener;
    char *tls;
    char *cipher;
    char *address;
    char *identity;
    char *request;
    char *reply;
    char *reason;
};

/* The exchanges behind this id, in their order, at most n of them. The caller
 * gives the texts back, also of none. */
bool store_reader_messages(struct store_reader *r,
                           const struct store_filter *filter, int64_t after,
                           struct store_message *rows, size_t *n);
void store_reader_free(struct store_message *rows, size_t n);

/* The id behind which the last n of them are. */
bool store_reader_before_last(struct store_reader *r,
                              const struct store_filter *filter, size_t n,
                              int64_t *after);

/* Whether there may be more than at the last call: cheap. */
bool store_reader_changed(struct store_reader *r, bool *changed);

#endif
