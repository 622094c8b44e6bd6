/* The region is a row of blocks, each a header and its content, and is walked
 * from its beginning: there are some dozens of them. A block that is free takes
 * in the free ones behind it when it is passed.
 *
 * Source: ISO C11, 7.22.3.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "heap.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ALIGN  8u
#define HEADER sizeof(struct block)

/* len: with the header, a multiple of ALIGN; bit 0: it is used. Headers stand
 * at 4 modulo 8, so that what is behind them is aligned. */
struct block {
    uint32_t len;
};

/* The linker script's, aligned. */
extern uint8_t board_heap[], board_heap_end[];

static size_t used, peak, extent;
static struct block *lowest; /* below it, all is used; NULL: nothing was yet */

static struct block *first(void)
{
    return (struct block *)(void *)(board_heap + ALIGN - HEADER);
}

static struct block *behind(struct block *b)
{
    return (struct block *)(void *)((uint8_t *)b + (b->len & ~1u));
}

/* What is left over at both ends is one unit. */
static size_t whole(void)
{
    return ((size_t)(board_heap_end - board_heap) - ALIGN) & ~(ALIGN - 1u);
}

static struct block *end(void)
{
    return (struct block *)(void *)((uint8_t *)first() + whole());
}

static bool is_used(const struct block *b)
{
    return (b->len & 1u) != 0;
}

static void take_in(struct block *b)
{
    for (struct block *next = behind(b); next < end() && !is_used(next);
         next = behind(b))
        b->len += next->len;
}

static struct block *find(size_t len)
{
    while (lowest < end() && is_used(lowest))
        lowest = behind(lowest);
    for (struct block *b = lowest; b < end(); b = behind(b)) {
        if (is_used(b))
            continue;
        if (b->len < len)
            take_in(b);
        if (b->len >= len)
            return b;
    }
    return NULL;
}

static void split(struct block *b, size_t len)
{
    size_t rest = b->len - len;

    if (rest < 2 * ALIGN)
        return;
    b->len = (uint32_t)len;
    behind(b)->len = (uint32_t)rest;
}

static void count(const struct block *b)
{
    size_t top = (size_t)((const uint8_t *)b - board_heap) + b->len;

    used += b->len;
    if (used > peak)
        peak = used;
    if (top > extent)
        extent = top;
}

void *malloc(size_t len)
{
    if (lowest == NULL) {
        lowest = first();
        lowest->len = (uint32_t)whole();
    }
    if (len == 0 || len > whole())
        return NULL;
    len = (len + HEADER + ALIGN - 1u) & ~(ALIGN - 1u);
    struct block *b = find(len);
    if (b == NULL)
        return NULL;
    split(b, len);
    count(b);
    b->len |= 1u;
    return b + 1;
}

void free(void *content)
{
    struct block *b = content;

    if (content == NULL)
        return;
    b--;
    b->len &= ~1u;
    used -= b->len;
    if (b < lowest)
        lowest = b;
}

void *realloc(void *content, size_t len)
{
    struct block *b = content;
    void *moved = malloc(len);

    if (moved == NULL || content == NULL)
        return moved;
    b--;
    size_t old = (b->len & ~1u) - HEADER;
    memcpy(moved, content, old < len ? old : len);
    free(content);
    return moved;
}

void *calloc(size_t count_of, size_t len)
{
    void *content =
        len > 0 && count_of > SIZE_MAX / len ? NULL : malloc(count_of * len);

    if (content != NULL)
        memset(content, 0, count_of * len);
    return content;
}

void heap_measure(struct heap_figures *figures)
{
    *figures = (struct heap_figures){used, peak, extent, whole()};
}
