/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench_tally.h"

const char *bench_tally_error_key(enum bench_error error)
{
#define BENCH_ERROR_KEY(name, key) key,
    static const char *const keys[] = {BENCH_ERROR_MAP(BENCH_ERROR_KEY)};
#undef BENCH_ERROR_KEY

    return keys[error];
}

uint64_t bench_tally_errors(const struct bench_tally *tally)
{
    uint64_t all = 0;

    for (size_t i = 0; i < BENCH_ERRORS; i++)
        all += tally->errors[i];
    return all;
}

void bench_tally_fail(struct bench_tally *tally,
                      const struct bench_failure *failure)
{
    if (bench_tally_errors(tally) == 0)
        tally->first = *failure;
    tally->errors[failure->error]++;
}
