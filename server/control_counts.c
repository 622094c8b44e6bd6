/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control_counts.h"

#include <jansson.h>

static json_int_t count_of(const struct control_stats *s, unsigned which)
{
    return (json_int_t)s->counts[which];
}

json_t *control_counts_connections(const struct control_stats *s)
{
    return json_pack(
        "{s:i s:I s:I s:I s:{s:I s:I s:I s:I s:I}}", "open", (int)s->open,
        "accept_failed", (json_int_t)s->accept_failed, "accepted",
        (json_int_t)s->accepted, "turned_away", (json_int_t)s->turned_away,
        "over", "connections", count_of(s, COUNTER_OVER_CONNECTIONS),
        "per_address", count_of(s, COUNTER_OVER_PER_ADDRESS), "handshakes",
        count_of(s, COUNTER_OVER_HANDSHAKES), "new_per_second",
        count_of(s, COUNTER_OVER_NEW_PER_SECOND), "memory",
        count_of(s, COUNTER_NO_MEMORY));
}

json_t *control_counts_exchanges(const struct control_stats *s)
{
    json_t *reasons = json_object();
    json_int_t refused = 0;
    char key[COUNTERS_KEY_MAX];

    for (unsigned i = WWEP_REASON_NONE + 1; i < WWEP_REASON_KINDS; i++) {
        json_int_t n = count_of(s, COUNTER_REASONS + i);
        counters_reason_key((enum wwep_reason_kind)i, key);
        (void)json_object_set_new(reasons, key, json_integer(n));
        refused += n;
    }
    return json_pack("{s:I s:I s:I s:o}", "plain", count_of(s, COUNTER_PLAIN),
                     "tls", count_of(s, COUNTER_TLS), "refused", refused,
                     "reasons", reasons);
}

json_t *control_counts_tls(const struct control_stats *s)
{
    json_t *faults = json_object();
    char key[COUNTERS_KEY_MAX];

    /* Of so many, those that there are. */
    for (unsigned i = WWEP_FAULT_NONE + 1; i < WWEP_FAULT_KINDS; i++) {
        json_int_t n = count_of(s, COUNTER_FAULTS + i);
        counters_fault_key((enum wwep_fault_kind)i, key);
        if (n > 0)
            (void)json_object_set_new(faults, key, json_integer(n));
    }
    return json_pack("{s:i s:{s:I s:I} s:{s:I s:I} s:o}", "handshaking",
                     (int)s->handshakes, "full", "1.2",
                     count_of(s, COUNTER_FULL_1_2), "1.3",
                     count_of(s, COUNTER_FULL_1_3), "resumed", "1.2",
                     count_of(s, COUNTER_RESUMED_1_2), "1.3",
                     count_of(s, COUNTER_RESUMED_1_3), "failed", faults);
}
