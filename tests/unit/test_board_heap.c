/* A board's malloc(), under other names, in a region of this test's.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define malloc  heap_malloc
#define calloc  heap_calloc
#define realloc heap_realloc
#define free    heap_free
void *heap_malloc(size_t len);
void *heap_calloc(size_t count, size_t len);
void *heap_realloc(void *content, size_t len);
void heap_free(void *content);
#include "heap.c"

/* What a linker script would say. */
__asm__(".pushsection .bss\n"
        ".balign 8\n"
        ".globl board_heap, board_heap_end\n"
        "board_heap: .skip 8192\n"
        "board_heap_end:\n"
        ".popsection\n");

#define BLOCKS 64

static struct {
    uint8_t *at;
    size_t len;
    uint8_t mark;
} blocks[BLOCKS];

static uint32_t seed = 6;

static uint32_t dice(uint32_t sides)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % sides;
}

static size_t in_use(void)
{
    struct heap_figures figures;

    heap_measure(&figures);
    return figures.used;
}

/* Not by an assertion a byte: each of them is a system call. */
static bool is_filled(const uint8_t *at, size_t len, uint8_t mark)
{
    while (len > 0 && at[len - 1] == mark)
        len--;
    return len == 0;
}

static void check_block(unsigned i)
{
    ck_assert(is_filled(blocks[i].at, blocks[i].len, blocks[i].mark));
}

static void give_back(unsigned i)
{
    check_block(i);
    heap_free(blocks[i].at);
    blocks[i].at = NULL;
    blocks[i].len = 0;
}

static void take_block(unsigned i, uint8_t mark)
{
    size_t len = 1 + dice(dice(8) == 0 ? 2000 : 100);

    if (dice(4) == 0 && blocks[i].at != NULL) {
        uint8_t *moved = heap_realloc(blocks[i].at, len);
        size_t kept = len < blocks[i].len ? len : blocks[i].len;
        if (moved == NULL)
            return; /* what was there, is */
        ck_assert(is_filled(moved, kept, blocks[i].mark));
        blocks[i].at = moved;
    } else {
        if (blocks[i].at != NULL)
            give_back(i);
        blocks[i].at = heap_malloc(len);
        if (blocks[i].at == NULL)
            return;
    }
    ck_assert_uint_eq((uintptr_t)blocks[i].at % 8, 0);
    blocks[i].len = len;
    blocks[i].mark = mark;
    memset(blocks[i].at, mark, len);
}

START_TEST(nobody_gets_what_is_anothers)
{
    unsigned refused = 0;

    for (unsigned turn = 0; turn < 200000; turn++) {
        unsigned i = dice(BLOCKS);
        if (dice(2) == 0) {
            take_block(i, (uint8_t)turn);
            refused += blocks[i].at == NULL ? 1 : 0;
        } else if (blocks[i].at != NULL) {
            give_back(i);
        }
    }
    ck_assert_uint_gt(refused, 0); /* it was full at times */
    for (unsigned i = 0; i < BLOCKS; i++)
        if (blocks[i].at != NULL)
            give_back(i);
    ck_assert_uint_eq(in_use(), 0);
}
END_TEST

START_TEST(what_is_free_is_one_again)
{
    struct heap_figures figures;
    uint8_t *parts[8];

    for (unsigned i = 0; i < 8; i++)
        parts[i] = heap_malloc(500);
    for (unsigned i = 0; i < 8; i++)
        heap_free(parts[(i * 5) % 8]);
    heap_measure(&figures);
    void *all = heap_malloc(figures.len - 8);
    ck_assert_ptr_nonnull(all);
    ck_assert_ptr_null(heap_malloc(1));
    heap_free(all);
    heap_free(NULL);
}
END_TEST

START_TEST(what_can_not_be_is_refused)
{
    volatile size_t most = SIZE_MAX; /* the compiler must not see it */

    ck_assert_ptr_null(heap_malloc(0));
    ck_assert_ptr_null(heap_malloc(8192));
    ck_assert_ptr_null(heap_malloc(most));
    ck_assert_ptr_null(heap_calloc(most / 2, 3));
    uint8_t *zeros = heap_calloc(3, 5);
    ck_assert_ptr_nonnull(zeros);
    for (unsigned i = 0; i < 15; i++)
        ck_assert_uint_eq(zeros[i], 0);
    heap_free(zeros);
    ck_assert_uint_eq(in_use(), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("board_heap");
    TCase *tc = tcase_create("board_heap");

    tcase_set_timeout(tc, 60); /* other programs may take the processor */
    tcase_add_test(tc, nobody_gets_what_is_anothers);
    tcase_add_test(tc, what_is_free_is_one_again);
    tcase_add_test(tc, what_can_not_be_is_refused);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
