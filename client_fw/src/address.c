/* Source: RFC 5952, sections 4 and 5; RFC 4007, section 11 (scopes).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include <wwep/port.h>

#include "wwep_text.h"

#include <stdbool.h>
#include <string.h>

#define GROUPS 8u

/* The groups from first to behind last that "::" stands for. */
struct gap {
    unsigned first;
    unsigned last;
};

static void add_ipv4(struct wwep_text *text, const uint8_t *bytes)
{
    for (unsigned i = 0; i < 4; i++) {
        if (i > 0)
            wwep_text_add(text, ".");
        wwep_text_add_number(text, bytes[i]);
    }
}

/* In lower case and without leading zeros (4.1, 4.3). */
static void add_group(struct wwep_text *text, unsigned group)
{
    static const char hex[] = "0123456789abcdef";
    char digits[5] = "";
    unsigned n = 0;

    for (unsigned shift = 16; shift > 0; shift -= 4) {
        unsigned digit = group >> (shift - 4) & 0xFu;

        if (n > 0 || digit != 0 || shift == 4)
            digits[n++] = hex[digit];
    }
    wwep_text_add(text, digits);
}

static unsigned group_at(const uint8_t bytes[16], unsigned i)
{
    return (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
}

/* The longest run of zeros, the first of several; a single one stays (4.2). */
static struct gap find_gap(const uint8_t bytes[16])
{
    struct gap best = {GROUPS, GROUPS};
    unsigned i = 0;

    while (i < GROUPS) {
        unsigned first = i;

        while (i < GROUPS && group_at(bytes, i) == 0)
            i++;
        if (i - first > 1 && i - first > best.last - best.first)
            best = (struct gap){first, i};
        if (i == first)
            i++;
    }
    return best;
}

static void add_ipv6(struct wwep_text *text, const uint8_t bytes[16])
{
    const struct gap gap = find_gap(bytes);

    for (unsigned i = 0; i < GROUPS; i++) {
        if (i == gap.first) {
            wwep_text_add(text, "::");
            i = gap.last - 1;
            continue;
        }
        if (i > 0 && i != gap.last)
            wwep_text_add(text, ":");
        add_group(text, group_at(bytes, i));
    }
}

/* An IPv4 address in the clothes of IPv6 (5). */
static bool is_mapped(const uint8_t bytes[16])
{
    static const uint8_t prefix[12] = {[10] = 0xFF, [11] = 0xFF};

    return memcmp(bytes, prefix, sizeof prefix) == 0;
}

size_t wwep_address_text(const struct wwep_address *address,
                         char out[WWEP_ADDRESS_TEXT_MAX])
{
    struct wwep_text text;

    wwep_text_start(&text, out, WWEP_ADDRESS_TEXT_MAX);
    if (address->len == 4) {
        add_ipv4(&text, address->bytes);
    } else if (address->len == 16) {
        if (is_mapped(address->bytes)) {
            wwep_text_add(&text, "::ffff:");
            add_ipv4(&text, address->bytes + 12);
        } else {
            add_ipv6(&text, address->bytes);
        }
        if (address->scope != 0) {
            wwep_text_add(&text, "%");
            wwep_text_add_number(&text, address->scope);
        }
    }
    return text.len;
}
