/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wwep_reason.h"

#include "wwep_text.h"

enum detail { DETAIL_PLAIN, DETAIL_BYTE, DETAIL_COUNT };

struct words {
    enum detail detail;
    const char *words;
};

#define WORDS(name, detail, words) [name] = {DETAIL_##detail, words},
static const struct words words_of[WWEP_REASON_KINDS] = {
    [WWEP_REASON_NONE] = {DETAIL_PLAIN, ""}, WWEP_REASON_MAP(WORDS)};
#undef WORDS

/* Nothing is ever cut: the longest detail is a number of 64 bits. */
#define FITS(name, detail, words)                                              \
    _Static_assert(sizeof(words " (18446744073709551615)") <= WWEP_REASON_MAX, \
                   "WWEP_REASON_MAX is too small for " #name);
WWEP_REASON_MAP(FITS)
#undef FITS

static void add_byte(struct wwep_text *text, uint8_t byte)
{
    char shown[WWEP_ESCAPED_MAX + 1] = {0};

    if (wwep_text_printable(byte))
        shown[0] = (char)byte;
    else
        wwep_text_escape(&byte, 1, shown, sizeof shown);
    wwep_text_add(text, shown);
}

size_t wwep_reason_format(const struct wwep_reason *why,
                          char out[WWEP_REASON_MAX])
{
    struct wwep_text text;

    wwep_text_start(&text, out, WWEP_REASON_MAX);
    if ((unsigned)why->kind >= WWEP_REASON_KINDS)
        return 0;

    const struct words *w = &words_of[why->kind];
    wwep_text_add(&text, w->words);
    if (w->detail != DETAIL_PLAIN) {
        wwep_text_add(&text, " (");
        if (w->detail == DETAIL_BYTE)
            add_byte(&text, (uint8_t)why->detail);
        else
            wwep_text_add_number(&text, why->detail);
        wwep_text_add(&text, ")");
    }
    return text.len;
}

bool wwep_reason_is_malformed(const struct wwep_reason *why)
{
    return why->kind == WWEP_REASON_COMMAND ||
           why->kind == WWEP_REASON_CHARACTER ||
           why->kind == WWEP_REASON_LENGTH;
}
