/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"
#include "wwep_near.h"

static const char *const words[] = {
    "write", "read", "board", "check",
    "a_word_that_is_as_long_as_can_be_and_more"};

static const char *near_to(const char *word)
{
    struct wwep_near near;

    wwep_near_start(&near, word);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        wwep_near_offer(&near, words[i]);
    return near.best;
}

static const struct {
    const char *word;
    const char *best;
} rows[] = {
    {"write", "write"},
    {"wirte", "write"},
    {"WRITE", "write"},
    {"wrte", "write"},
    {"chekc", "check"},
    {"boa", "board"},
    {"BOA", "board"},
    {"bo", NULL},
    {"", NULL},
    {"xyz", NULL},
    {"reed", "read"},
    {"dear", NULL},
    {"a_word_that_is_as_long_as_can_be_and_more", NULL},
};

START_TEST(near_words)
{
    ck_assert_pstr_eq(near_to(rows[_i].word), rows[_i].best);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("near");
    TCase *tc = tcase_create("near");

    tcase_add_loop_test(tc, near_words, 0, sizeof rows / sizeof rows[0]);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
