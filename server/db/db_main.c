/* db_main.c - wwep-db, which looks into wwepd's database, and has it reset and
 * restored.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "db_options.h"
#include "db_verbs.h"
#include "log.h"
#include "streams.h"
#include "wwep_near.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct verb {
    const char *name;
    int (*run)(struct db_options *o, int argc, char **argv);
} verbs[] = {{"registers", db_registers}, {"messages", db_messages},
             {"history", db_history},     {"export", db_export},
             {"reset", db_reset},         {"restore", db_restore}};

#define VERBS (sizeof verbs / sizeof verbs[0])

bool db_count_words(int argc, char **argv, int min, int max, const char *what)
{
    if (argc - 1 >= min && argc - 1 <= max)
        return true;
    if (max == 0)
        db_complain("%s: no word is expected behind %s", argv[1], argv[0]);
    else
        db_complain("%s wants %s behind it: see wwep-db -h", argv[0], what);
    return false;
}

static int complain_verb(const char *word)
{
    struct wwep_near near;

    wwep_near_start(&near, word);
    for (size_t i = 0; i < VERBS; i++)
        wwep_near_offer(&near, verbs[i].name);
    if (near.best != NULL)
        db_complain("there is no verb %s: did you mean %s?", word, near.best);
    else
        db_complain("there is no verb %s: wwep-db -h lists those that there "
                    "are",
                    word);
    return DB_EXIT_USAGE;
}

static int run(struct db_options *o, int argc, char **argv)
{
    if (argc == 0) {
        db_complain("say what to do: registers, messages, history, export, "
                    "reset or restore; wwep-db -h tells more");
        return DB_EXIT_USAGE;
    }
    for (size_t i = 0; i < VERBS; i++)
        if (strcmp(argv[0], verbs[i].name) == 0)
            return verbs[i].run(o, argc, argv);
    return complain_verb(argv[0]);
}

/* Who has closed the pipe has read enough. */
static bool is_written(void)
{
    struct pollfd p = {.fd = STDOUT_FILENO, .events = 0};

    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    return poll(&p, 1, 0) == 1 && (p.revents & POLLERR) != 0;
}

int main(int argc, char **argv)
{
    struct db_options options;

    if (!streams_open())
        return DB_EXIT_FAILURE;
    signal(SIGPIPE, SIG_IGN);
    (void)log_open(CONFIG_LOG_ERROR, "stderr"); /* what we do is no event */
    int status = db_options_parse(&options, &argc, argv);
    if (status == DB_GO_ON)
        status = run(&options, argc, argv);
    db_options_free(&options);
    if (!is_written() && status == DB_EXIT_OK) {
        db_complain("standard output can not be written: see where it goes");
        status = DB_EXIT_FAILURE;
    }
    return status;
}
