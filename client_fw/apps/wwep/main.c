/* main.c - wwep, the WWEP client at a desk.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"
#include "verbs.h"
#include "wwep_near.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int verb_help(struct wwep_options *options, int argc, char **argv)
{
    (void)options;
    (void)argc;
    (void)argv;
    usage_print();
    return WWEP_EXIT_OK;
}

static const struct verb {
    const char *name;
    int (*run)(struct wwep_options *options, int argc, char **argv);
} verbs[] = {{"write", verb_write}, {"read", verb_read},
             {"board", verb_board}, {"check", verb_check},
             {"bench", verb_bench}, {"demo", verb_demo},
             {"help", verb_help}};

#define VERBS (sizeof verbs / sizeof verbs[0])

static int complain_verb(const char *word)
{
    struct wwep_near near;

    wwep_near_start(&near, word);
    for (size_t i = 0; i < VERBS; i++)
        wwep_near_offer(&near, verbs[i].name);
    if (near.best != NULL)
        complain("there is no verb %s: did you mean %s?", word, near.best);
    else
        complain("there is no verb %s: wwep -h lists those that there are",
                 word);
    return WWEP_EXIT_USAGE;
}

static int run(struct wwep_options *options, int argc, char **argv)
{
    if (argc == 0) {
        complain("say what to do: write, read, board, check, bench or demo; "
                 "wwep -h tells more");
        return WWEP_EXIT_USAGE;
    }
    for (size_t i = 0; i < VERBS; i++)
        if (strcmp(argv[0], verbs[i].name) == 0)
            return verbs[i].run(options, argc, argv);
    return complain_verb(argv[0]);
}

/* A standard stream that is closed would be the next socket that is opened,
 * and our lines would go there. What goes to a standard output that is closed
 * is lost, which must not pass for success: so it can not be written. */
static bool open_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        int flags = fd == STDOUT_FILENO ? O_RDONLY : O_RDWR;

        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", flags) != fd)
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct wwep_options options;

    if (!open_standard_streams())
        return WWEP_EXIT_FAILURE;
    signal(SIGPIPE, SIG_IGN);
    int status = options_parse(&options, &argc, argv);
    if (status < 0)
        status = run(&options, argc, argv);
    options_free(&options);
    /* A reply that nobody gets to read is no success. */
    if (fflush(stdout) != 0 || ferror(stdout)) {
        complain("standard output can not be written: see where it goes");
        if (status == WWEP_EXIT_OK)
            status = WWEP_EXIT_FAILURE;
    }
    return status;
}
