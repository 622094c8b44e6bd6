/* bench_words.h - the words of `wwep bench`.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_BENCH_WORDS_H
#define WWEP_APP_BENCH_WORDS_H

#include "bench_run.h"
#include "options.h"

struct bench_words {
    struct bench_wish wish;
    bool yes; /* do not ask */
};

/* Fills what was not given, too. False: the message is out. */
bool bench_words_take(struct bench_words *words, struct wwep_options *options,
                      int argc, char **argv);

#endif
