/* verbs.h - what wwep can do: a function for each verb.
 *
 * argv[0] is the verb, the rest its own words (see options.h). Each returns
 * the exit code (enum wwep_exit), and has then said on standard error what was
 * wrong, if anything was.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_VERBS_H
#define WWEP_APP_VERBS_H

#include "options.h"

int verb_write(struct wwep_options *options, int argc, char **argv);
int verb_read(struct wwep_options *options, int argc, char **argv);
int verb_board(struct wwep_options *options, int argc, char **argv);
int verb_check(struct wwep_options *options, int argc, char **argv);
int verb_bench(struct wwep_options *options, int argc, char **argv);
int verb_demo(struct wwep_options *options, int argc, char **argv);

/* The verbs, their words and the common options, for -h and help. */
void usage_print(void);

#endif
