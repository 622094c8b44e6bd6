/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "counters.h"

#include <string.h>

/* From the lists that have the words too, so that none can be forgotten. */
#define REASON_NAME(name, detail, words) [name] = #name,
static const char *const reasons[WWEP_REASON_KINDS] = {
    [WWEP_REASON_NONE] = "WWEP_REASON_NONE", WWEP_REASON_MAP(REASON_NAME)};
#undef REASON_NAME

#define FAULT_NAME(name, text, advice) [name] = #name,
static const char *const faults[WWEP_FAULT_KINDS] = {
    [WWEP_FAULT_NONE] = "WWEP_FAULT_NONE", WWEP_FAULT_MAP(FAULT_NAME)};
#undef FAULT_NAME

void counters_sum(const struct counters *c, uint64_t sum[COUNTERS])
{
    for (size_t i = 0; i < COUNTERS; i++)
        sum[i] += atomic_load_explicit(&c->n[i], memory_order_relaxed);
}

static void to_key(const char *name, size_t prefix, char out[COUNTERS_KEY_MAX])
{
    size_t i = 0;

    for (name += prefix; name[i] != '\0' && i < COUNTERS_KEY_MAX - 1; i++)
        out[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] - 'A' + 'a')
                                                  : name[i];
    out[i] = '\0';
}

void counters_reason_key(enum wwep_reason_kind kind, char out[COUNTERS_KEY_MAX])
{
    to_key(reasons[kind], strlen("WWEP_REASON_"), out);
}

void counters_fault_key(enum wwep_fault_kind kind, char out[COUNTERS_KEY_MAX])
{
    to_key(faults[kind], strlen("WWEP_FAULT_"), out);
}
