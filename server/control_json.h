/* control_json.h - orders and what is said to them, as lines of JSON. They are
 * described in wwepd(8).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONTROL_JSON_H
#define CONTROL_JSON_H

#include "changes.h"
#include "counters.h"
#include "store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONTROL_LINE_MAX  8192u /* of a request, with its LF */
#define CONTROL_WORDS_MAX 1024u
#define CONTROL_PATH_MAX  4096u

enum control_command {
    CONTROL_STATS,
    CONTROL_RESET,
    CONTROL_RESTORE,
    CONTROL_RELOAD
};

struct control_request {
    enum control_command command;
    int32_t device;              /* CONTROL_RESET; -1: all */
    char path[CONTROL_PATH_MAX]; /* CONTROL_RESTORE */
};

struct control_stats {
    uint64_t uptime_s;
    unsigned open; /* connections: now, since the start, over a limit */
    uint64_t accepted;
    uint64_t turned_away;
    uint64_t accept_failed;
    unsigned handshakes; /* under way */
    uint64_t counts[COUNTERS];
    uint64_t bytes_in;
    uint64_t bytes_out;
    uint64_t messages_lost; /* lines of the message log */
    const char *durability;
    const char *path;  /* NULL: nothing is kept */
    int64_t file_size; /* bytes */
    int64_t log_size;
    struct store_stats store;
};

/* Reads one line, without its end. False: words say what is wrong with it, and
 * what to write. */
bool control_json_parse(const char *line, size_t len,
                        struct control_request *request,
                        char words[CONTROL_WORDS_MAX]);

/* Each makes a line, with its LF, which the caller frees. NULL: no memory. */
char *control_json_error(const char *words);
char *control_json_stats(const struct control_stats *stats);

/* A change that has been done. copy: "" where there was nothing to be
 * copied. */
char *control_json_change(enum control_command command, uint64_t registers,
                          const char *copy);

/* A reload that has been done. */
char *control_json_reload(const struct changes *changed,
                          const struct changes *restart);

#endif
